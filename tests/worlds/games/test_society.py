"""The society of pairs: who plays with whom, and what it brings."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from mores.agent import Rule
from mores.errors import BadValue
from mores.institution import Institution
from mores.institutions.punishment import Punishment
from mores.policies.citizens import Citizen
from mores.population import Population
from mores.testing import Move, Tables, check_world, play
from mores.world import World
from mores.worlds.games.society import PairwiseDilemma

PAID = {"cost": -2.0, "fine": 3.0, "unjust_cost": 10.0, "floor": None}
COSTLY = {**PAID, "cost": 3.0}
C, D = Citizen(True, "defectors"), Citizen(False, "defectors")


def one_match(first: Rule, second: Rule, around: Mapping[str, object]) -> tuple[float, float]:
    """What two people earn in one match, everyone else at the table being none."""
    world = Punishment(PairwiseDilemma(seats=2, rounds=1), **around)  # type: ignore[arg-type]
    game = Tables(world, Population.by_seat(first, second), 0)
    game.move()
    game.move()
    score = world.port(game.all.state, "score")[0]
    return float(score[0]), float(score[1])


@pytest.mark.parametrize(
    ("first", "second", "around", "earned"),
    [
        (C, C, PAID, (3, 3)),
        (C, D, PAID, (2, 1)),
        (D, D, PAID, (0, 0)),
        (C, C, COSTLY, (3, 3)),
        (C, D, COSTLY, (-3, 1)),
        (D, D, COSTLY, (-5, -5)),
    ],
)
def test_direct_punishment_payoffs(
    first: Rule, second: Rule, around: Mapping[str, object], earned: tuple[float, float]
) -> None:
    """If every defection is punished by the partner, a match brings what the card works out."""
    assert one_match(first, second, around) == earned


def test_unjust_punishment_costs() -> None:
    """Who punishes a cooperator pays the price of injustice."""
    assert one_match(Citizen(True, "cooperators"), Citizen(True), PAID) == (3 - 10, 3 - 3)


def test_everyone_moves_once_a_round() -> None:
    """A round has one match for each person, with somebody else, and two choices a match."""
    matches: list[tuple[int, int]] = []

    def see(move: Move) -> None:
        rows = move.turn.all_rows.reshape(-1, 2)[0].tolist()
        matches.append((rows[0], rows[1]))

    play(PairwiseDilemma(rounds=3), Population.all(Citizen()), after=see)
    assert [m for m, _ in matches] == [0, 1, 2, 3, 4] * 3
    assert all(a != b for a, b in matches)


def test_missing_choice_brings_nothing() -> None:
    """A match in which one choice is missing changes no score, and the event keeps it missing."""
    world: World = PairwiseDilemma(seats=2, rounds=1)
    game = Tables(world, Population.all(Citizen()), 0)
    turn = world.turn(game.all.state)
    outcome = world.advance(game.all.state, turn, np.array([0, -1], np.int8), game.all.chance)
    assert (world.port(game.all.state, "score") == 0).all()
    assert outcome.events[0].value is not None and outcome.events[0].value.tolist() == [0, -1]


@pytest.mark.parametrize(
    "world",
    [
        PairwiseDilemma(rounds=2),
        Punishment(PairwiseDilemma(rounds=2), **PAID),  # type: ignore[arg-type]
        Punishment(Punishment(PairwiseDilemma(rounds=2), **PAID), by="bystander", **PAID),  # type: ignore[arg-type]
    ],
)
def test_contract(world: World | Institution) -> None:
    """The society, alone and under both kinds of punishment, keeps the contract of worlds."""
    check_world(world, tables=(0, 1, 2))


def test_refused_settings() -> None:
    """One person is no society."""
    with pytest.raises(BadValue, match="seats"):
        PairwiseDilemma(seats=1)
