"""Donors: what each does with what it is told."""

from __future__ import annotations

import numpy as np
import pytest

from mores.actions import Columns
from mores.agent import Rule
from mores.errors import BadValue
from mores.institutions.generations import Generations
from mores.institutions.punishment import Punishment
from mores.institutions.reputation import Reputation
from mores.policies.donors import AllGive, AllKeep, EvolvingDonor, FixedDonor, ImageScorer, Standing
from mores.population import Population
from mores.testing import Move, Tables, check_policy, play
from mores.worlds.games.donor import DonorGame

SMALL = DonorGame(seats=6, rounds=4)
INSTEAD = DonorGame(seats=6, rounds=4, punish_instead=True)


@pytest.mark.parametrize(
    "rule", [FixedDonor(0.3), AllGive(), AllKeep(), ImageScorer(), Standing(), EvolvingDonor()]
)
def test_contract(rule: Rule) -> None:
    """Each acts legally and independently of the batch, alone and under all institutions."""
    worlds = [SMALL, INSTEAD, Generations(Punishment(Reputation(SMALL)), n=2)]
    assert len(check_policy(rule, worlds, tables=(0, 1, 2))) == 3


def test_fixed_donors_never_punish() -> None:
    """Those who give unconditionally pass when they may punish, whatever was given."""
    for rule in (FixedDonor(0.2), AllGive(), AllKeep()):
        kinds: list[str] = []

        def see(move: Move, kinds: list[str] = kinds) -> None:
            kinds.extend(e.kind for e in move.events if e.actor is None or len(e.actor))

        play(Punishment(SMALL), Population.all(rule), after=see)
        assert set(kinds) == {"give"}


def test_image_scorers_refuse_the_stingy() -> None:
    """Discriminators give to strangers and to those of good image, and stop giving to those who keep."""
    people = Population.by_seat(AllKeep(), AllKeep(), *[ImageScorer()] * 10)
    to_keepers: list[list[float]] = [[], []]

    def see(move: Move) -> None:
        (e,) = move.events
        assert e.actor is not None and e.target is not None and e.value is not None
        known = ~np.isnan(move.turn.observation["image"])
        for a, b, v, k in zip(e.actor, e.target, e.value, known, strict=True):
            if a >= 2 and b < 2:
                to_keepers[int(k)].append(float(v))

    play(Reputation(DonorGame()), people, after=see)
    assert set(to_keepers[1]) == {0.0} and set(to_keepers[0]) <= {1.0}


def test_standing_players_keep_their_own() -> None:
    """Refusing somebody in bad standing leaves those who give to the good in good standing, all of them."""
    people = Population.by_seat(AllKeep(), AllKeep(), *[Standing()] * 10)
    world = Reputation(DonorGame(mirrored=False), rule="standing")
    game = play(world, people)
    assert world.port(game.all.state, "image")[0].tolist() == [0, 0] + [1] * 10


def test_evolving_donor_formula() -> None:
    """The share is a + b * (image - 0.5), cut to 0..1; strangers count as 0.5."""
    game = Tables(Reputation(DonorGame()), Population.all(EvolvingDonor()), 0)
    for _ in range(6):
        memory = {k: v.copy().reshape(-1) for k, v in game.all.memory[0].items()}
        (move,) = game.move()
        image = np.nan_to_num(move.turn.observation["image"], nan=0.5)
        rows = move.turn.all_rows
        expected = np.clip(memory["a"][rows] + memory["b"][rows] * (image - 0.5), 0, 1)
        assert move.actions == pytest.approx(expected, abs=1e-6)


def test_evolving_donor_may_punish_instead() -> None:
    """Where one may punish instead of giving it does so to those whose image is below its number."""
    world = Reputation(INSTEAD)
    people = Population.all(EvolvingDonor())
    punished = 0

    def see(move: Move) -> None:
        nonlocal punished
        assert isinstance(move.actions, Columns) and move.actions.tag is not None
        limit = move.part.memory[0]["c"].reshape(-1)[move.turn.all_rows]
        image = np.nan_to_num(move.turn.observation["image"], nan=0.5)
        assert (move.actions.tag == (image < limit)).all()
        punished += int(move.actions.tag.sum())

    play(world, people, tables=range(10), after=see)
    assert punished > 0


def test_refused() -> None:
    """A share beyond 0 and 1 and a negative error are refused."""
    with pytest.raises(BadValue, match="share"):
        FixedDonor(1.5)
    with pytest.raises(BadValue, match="sd"):
        EvolvingDonor(sd=-1)
