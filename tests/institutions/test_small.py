"""Random stopping, noise and announcements."""

from __future__ import annotations

import numpy as np
import pytest

from mores.errors import BadValue
from mores.institutions.announcement import Announcement
from mores.institutions.noise import Noise
from mores.institutions.punishment import Punishment
from mores.institutions.stopping import RandomStopping
from mores.policies.donors import AllKeep, FixedDonor
from mores.policies.strategies.classic import AllCooperate
from mores.policies.strategies.patterns import AlwaysFirst
from mores.population import Population
from mores.testing import Move, Sampler, Silent, Tables, check_world, play, record
from mores.world import World
from mores.worlds.games.donor import DonorGame
from mores.worlds.games.named import PrisonersDilemma, RockPaperScissors
from mores.worlds.games.public_goods import PublicGoods
from mores.worlds.games.trust import Trust

LONG = PrisonersDilemma(rounds=1000)


def lengths(world: World, tables: int) -> np.ndarray:
    """How many rounds each table played."""
    facts = record(world, Population.all(Sampler()), 0, range(tables))
    return np.array([sum(f[1] == "choose" for f in facts[t]) // 2 for t in range(tables)])


def test_length_is_geometric() -> None:
    """The mean and the share of games of one round are those of the continuation probability."""
    rounds = lengths(RandomStopping(LONG, delta=0.75), 2000)
    assert rounds.mean() == pytest.approx(4, abs=0.3) and rounds.min() == 1
    assert (rounds == 1).mean() == pytest.approx(0.25, abs=0.04)
    assert (rounds == 2).mean() == pytest.approx(0.1875, abs=0.04)


def test_ends_of_the_range() -> None:
    """Probability 0 is one round; 1 leaves the end to the world."""
    assert (lengths(RandomStopping(LONG, delta=0), 5) == 1).all()
    assert (lengths(RandomStopping(PrisonersDilemma(rounds=7), delta=1), 3) == 7).all()


def test_same_length_whatever_is_inside() -> None:
    """A table stops after the same round with and without punishment, and punishments of the last round are made."""
    game = DonorGame(seats=4, rounds=400, matching="random", mirrored=False)
    seen = []
    for inside in (game, Punishment(game)):
        kinds: list[str] = []
        play(
            RandomStopping(inside, delta=0.9),
            Population.all(FixedDonor(0.1)),
            after=lambda m, kinds=kinds: kinds.append(m.turn.role),  # type: ignore[misc]
        )
        seen.append(kinds)
    assert seen[1].count("donor") == len(seen[0]) and seen[1][-1] == "punisher"


def test_rounds_of_several_steps_are_counted_whole() -> None:
    """A round in which two people move one after the other is never cut in the middle."""
    roles: list[str] = []
    world = RandomStopping(Trust(rounds=50), delta=0.5)
    play(world, Population.all(Sampler()), tables=[4], after=lambda m: roles.append(m.turn.role))
    assert len(roles) % 2 == 0 and roles[-1] == "trustee"


def test_noise_flips_at_its_rate() -> None:
    """Choices are replaced by another option at the stated rate, and by each of the others equally often."""
    world = Noise(RockPaperScissors(rounds=200), p=0.3)
    done: list[np.ndarray] = []

    def see(move: Move) -> None:
        assert move.events[0].value is not None
        done.append(move.events[0].value.copy())

    play(world, Population.all(AlwaysFirst()), tables=range(10), after=see)
    shares = np.bincount(np.concatenate(done), minlength=3) / 4000
    assert shares == pytest.approx([0.7, 0.15, 0.15], abs=0.03)


def test_two_noises_do_not_cancel() -> None:
    """A noise around a noise draws chance of its own."""
    world = Noise(Noise(PrisonersDilemma(rounds=200), p=0.5), p=0.5)
    facts = record(world, Population.all(AllCooperate()), 0, (0,))[0]
    assert 0.3 < np.mean([f[4] for f in facts]) < 0.7


def test_noise_of_amounts() -> None:
    """Amounts get a normal error and stay within their bounds; missing ones stay missing."""
    world = Noise(DonorGame(seats=200, rounds=2, mirrored=False), sd=0.1)
    game = Tables(world, Population.all(FixedDonor(0.5)), 0)
    (event,) = game.move()[0].events
    assert event.value is not None and event.value.std() == pytest.approx(0.1, abs=0.02)
    (event,) = Tables(world, Population.all(AllKeep()), 0).move()[0].events
    assert (
        event.value is not None and event.value.min() >= 0 and 0.3 < (event.value > 0).mean() < 0.7
    )
    (event,) = Tables(world, Population.all(Silent()), 0).move()[0].events
    assert event.value is not None and np.isnan(event.value).all()


def test_noise_of_some_roles() -> None:
    """Noise restricted to another role changes nothing."""
    plain = record(PrisonersDilemma(rounds=5), Population.all(Sampler()), 0, (0,))
    assert plain == record(
        Noise(PrisonersDilemma(rounds=5), p=1, roles=("punisher",)),
        Population.all(Sampler()),
        0,
        (0,),
    )


def test_announcement_changes_words_alone() -> None:
    """What is announced is said to those it is for, and play is as before."""
    world = Announcement(
        PrisonersDilemma(rounds=3), text="There are 3 rounds.", cue="Listen.", to=(1,)
    )
    game = Tables(world, Population.all(Sampler()), 0)
    state = game.all.state
    turn = world.turn(state)
    assert (
        world.brief(state, 0, 1).endswith("There are 3 rounds.")
        and "3 rounds." not in world.brief(state, 0, 0)[-14:]
    )
    assert world.describe(state, turn, 1).startswith("Listen. ") and "Listen" not in world.describe(
        state, turn, 0
    )
    people = Population.all(Sampler())
    assert record(world, people, 0, (0,)) == record(PrisonersDilemma(rounds=3), people, 0, (0,))


@pytest.mark.parametrize(
    "world",
    [
        RandomStopping(LONG, delta=0.8),
        RandomStopping(Punishment(DonorGame(seats=4, rounds=4)), delta=0.6),
        Noise(PublicGoods(rounds=2), p=0.2, sd=1.0),
        Announcement(DonorGame(seats=4, rounds=2), text="Hello."),
    ],
)
def test_contract(world: World) -> None:
    """Each keeps the contract of worlds."""
    check_world(world, tables=(0, 1, 2))


def test_refused() -> None:
    """Probabilities beyond 0 and 1 and negative errors are refused."""
    for make in (
        lambda: RandomStopping(LONG, delta=1.1),
        lambda: Noise(LONG, p=-0.1),
        lambda: Noise(LONG, sd=-1),
    ):
        with pytest.raises(BadValue):
            make()
