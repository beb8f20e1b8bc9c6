"""Reputation: what is known of somebody, by every rule, in numbers and in words."""

from __future__ import annotations

import numpy as np
import pytest

from mores.chance import Chance
from mores.errors import BadValue, DoesNotFit
from mores.institutions.generations import Generations
from mores.institutions.reputation import Reputation, Rule
from mores.institutions.trace import links
from mores.policies.donors import AllGive, EvolvingDonor, FixedDonor
from mores.policies.strategies.classic import AllCooperate, AllDefect
from mores.population import Population
from mores.testing import Move, Tables, check_world, play
from mores.testing.institutions import Bare
from mores.world import World
from mores.worlds.games.donor import DonorGame
from mores.worlds.games.named import PrisonersDilemma
from mores.worlds.games.public_goods import PublicGoods
from mores.worlds.games.society import PairwiseDilemma

SMALL = DonorGame(seats=6, rounds=6, mirrored=False)


def told(world: World, shares: list[list[float]]) -> list[tuple[list[int], list[float], list[int]]]:
    """Play the donor game by given shares; (givers, image of their partners, partners) of each round."""
    chance = Chance(5, np.arange(1))
    state = world.begin(chance)
    seen = []
    for share in shares:
        turn = world.turn(state)
        image = turn.observation["image"]
        seen.append((turn.all_rows.tolist(), image.tolist(), turn.observation["partner"].tolist()))
        world.advance(state, turn, np.array(share, np.float32), chance)
    return seen


@pytest.mark.parametrize("length", [1, 2, 3, 5])
def test_image_is_the_mean_of_the_last_acts(length: int) -> None:
    """The reputation is the plain mean of the last shares, as many as there are, and unknown before the first."""
    shares = np.random.default_rng(1).random((6, 3)).round(2).tolist()
    done: dict[int, list[float]] = {}
    for (givers, image, partners), share in zip(
        told(Reputation(SMALL, length=length), shares), shares, strict=True
    ):
        for seen, partner in zip(image, partners, strict=True):
            past = done.get(partner, [])[-length:]
            assert np.isnan(seen) if not past else seen == pytest.approx(np.mean(past), abs=1e-6)
        for giver, x in zip(givers, share, strict=True):
            done.setdefault(giver, []).append(x)


def test_missing_acts_leave_the_image() -> None:
    """Who makes no decision keeps the reputation that was there."""
    world = Reputation(DonorGame(seats=2, rounds=2, matching="random", mirrored=False))
    chance = Chance(0, np.arange(1))
    state = world.begin(chance)
    world.advance(state, world.turn(state), np.array([np.nan], np.float32), chance)
    assert np.isnan(world.port(state, "image")).all()


def test_standing() -> None:
    """Refusing somebody in good standing costs one's own; refusing somebody in bad standing does not."""
    world = Reputation(DonorGame(seats=2, rounds=2, mirrored=False), rule="standing")
    chance = Chance(0, np.arange(1))
    state = world.begin(chance)
    first = world.turn(state)
    world.advance(state, first, np.array([0], np.float32), chance)
    second = world.turn(state)
    assert second.observation["image"].tolist() == [0]
    world.advance(state, second, np.array([0], np.float32), chance)
    image = world.port(state, "image")[0]
    assert image[first.all_rows[0]] == 0 and image[second.all_rows[0]] == 1


def test_image_score_is_bounded() -> None:
    """The image score moves by one and stays within -5 and 5."""
    for share, end in ((1.0, 5), (0.0, -5)):
        world = Reputation(DonorGame(seats=16, rounds=16, mirrored=False), rule="score")
        game = play(world, Population.all(FixedDonor(share)))
        assert (world.port(game.all.state, "image") == end).all()


def test_points_judge_punishers() -> None:
    """Punishing somebody whose last act was bad brings 2 points, whose act was good costs 3."""
    from mores.institutions.punishment import Punishment
    from mores.policies.citizens import Citizen

    world = Reputation(Punishment(PairwiseDilemma(seats=2, rounds=1), floor=None), rule="points")
    people = Population.by_seat(Citizen(True, "everybody"), Citizen(False, "everybody"))
    game = Tables(world, people, 0)
    game.move()
    game.move()
    assert world.port(game.all.state, "image")[0].tolist() == [1 + 2, -1 - 3]


def test_runs_begin_without_reputation() -> None:
    """In the second run of a mirrored game nothing of the first is known, in numbers or in words."""
    world = Reputation(DonorGame(seats=4, rounds=4), rule="trace")
    game = Tables(world, Population.all(AllGive()), 0)
    for _ in range(4):
        game.move()
    turn = world.turn(game.all.state)
    assert np.isnan(turn.observation["image"]).all()
    assert "Nothing is known yet" in world.describe(game.all.state, turn, 0)
    game.move()
    assert np.isfinite(world.turn(game.all.state).observation["image"]).all()
    assert len(links(game.all.state.trace, 0, int(turn.all_rows[0]), 3)) == 1


def test_trace_has_the_links_of_the_card() -> None:
    """The chain has 0, 1, 2, then 3 links, each one round before the other, each about whom the one before gave to."""
    world = Reputation(DonorGame(mirrored=False), rule="trace")
    given: list[dict[int, tuple[int, float]]] = []
    counts = []

    def see(move: Move) -> None:
        (e,) = move.events
        assert e.actor is not None and e.target is not None and e.value is not None
        rows = zip(e.actor.tolist(), e.target.tolist(), e.value.tolist(), strict=True)
        given.append({a: (b, v) for a, b, v in rows})

    game = Tables(world, Population.all(EvolvingDonor()), 0)
    for played in range(12):
        turn = world.turn(game.all.state)
        partner = int(turn.observation["partner"][0])
        chain = links(game.all.state.trace, 0, partner, 3)
        counts.append(len(chain))
        for back, (giver, share, target) in enumerate(chain):
            assert given[played - 1 - back][giver] == (target, share)
        words = world.describe(game.all.state, turn, 0)
        assert words.count("The last time they gave") == (len(chain) > 0)
        assert words.count("Before that") == max(0, len(chain) - 1)
        game.move(after=see)
    assert counts == [0, 1, 2] + [3] * 9


def test_pairs_and_groups_without_partners() -> None:
    """Of two the other is meant; in a group the mean reputation of all others is told."""
    pair = Reputation(PrisonersDilemma(rounds=3))
    game = Tables(pair, Population.by_seat(AllCooperate(), AllDefect()), 0)
    game.move()
    assert pair.turn(game.all.state).observation["image"].tolist() == [0, 1]
    group = Reputation(PublicGoods(seats=4, rounds=3))
    chance = Chance(0, np.arange(1))
    state = group.begin(chance)
    turn = group.turn(state)
    high = turn.spaces.high  # type: ignore[attr-defined]
    group.advance(state, turn, np.array([0, 0, high, high], np.float32), chance)
    seen = group.turn(state).observation["image"]
    assert seen.tolist() == pytest.approx([2 / 3, 2 / 3, 1 / 3, 1 / 3])


@pytest.mark.parametrize("rule", ["image", "trace", "standing", "score", "points"])
def test_contract(rule: Rule) -> None:
    """By every rule the institution keeps the contract, also where generations begin it anew."""
    check_world(
        Generations(Reputation(DonorGame(seats=4, rounds=4), rule=rule), n=2), tables=(0, 1, 2)
    )


def test_refused() -> None:
    """A world without acts, an unknown rule and a length of zero are refused."""
    with pytest.raises(DoesNotFit, match="needs events of kind"):
        Reputation(Bare())
    with pytest.raises(BadValue, match="rule"):
        Reputation(SMALL, rule="gossip")  # type: ignore[arg-type]
    with pytest.raises(BadValue, match="length"):
        Reputation(SMALL, length=0)
