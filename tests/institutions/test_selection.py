"""Partner selection: who is chosen is played with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest

from mores.actions import Actions
from mores.agent import Memory
from mores.chance import Chance
from mores.errors import BadValue, DoesNotFit
from mores.institutions.punishment import Punishment
from mores.institutions.reputation import Reputation
from mores.institutions.selection import PartnerSelection
from mores.policies.citizens import Citizen
from mores.population import Population
from mores.testing import Move, Silent, Tables, check_world, play, record
from mores.world import Turn, World
from mores.worlds.games.donor import DonorGame
from mores.worlds.games.society import PairwiseDilemma


@dataclass(frozen=True)
class Neighbour(Citizen):
    """Chooses the next seat."""

    name: ClassVar[str] = "neighbour"

    def act(self, turn: Turn, memory: Memory, chance: Chance) -> Actions:
        """The next seat, then what a citizen does."""
        if turn.role == "selector":
            return ((np.arange(len(turn)) + 1) % turn.seats).astype(np.int8)
        return super().act(turn, memory, chance)


def partners(world: World, tables: tuple[int, ...] = (0,)) -> list[tuple[int, int]]:
    """Mover and partner of each match."""
    met: list[tuple[int, int]] = []

    def see(move: Move) -> None:
        if move.turn.role == "player":
            met.extend((int(a) % 5, int(b) % 5) for a, b in move.turn.all_rows.reshape(-1, 2))

    play(world, Population.all(Neighbour()), tables=tables, after=see)
    return met


@pytest.mark.parametrize("every", ["game", "round"])
def test_the_chosen_are_played_with(every: str) -> None:
    """For the whole game, or chosen anew each round, matches are with the chosen."""
    world = PartnerSelection(PairwiseDilemma(rounds=3), every=every)  # type: ignore[arg-type]
    assert partners(world) == [(i, (i + 1) % 5) for i in range(5)] * 3
    roles: list[str] = []
    play(world, Population.all(Neighbour()), after=lambda m: roles.append(m.turn.role))
    assert roles.count("selector") == (1 if every == "game" else 3)


def test_without_a_choice_chance_decides() -> None:
    """Who chooses nobody plays with whom the world has drawn."""
    drawn: list[np.ndarray] = []
    for world in (PairwiseDilemma(rounds=1), PartnerSelection(PairwiseDilemma(rounds=1))):
        game = Tables(world, Population.all(Silent()), 3)
        if isinstance(world, PartnerSelection):
            game.move()
        drawn.append(world.port(game.all.state, "partner").copy())
    assert (drawn[0] == drawn[1]).all()


def test_reputations_are_told() -> None:
    """Those who choose see everyone's reputation, and cannot choose themselves."""
    world = PartnerSelection(Reputation(PairwiseDilemma(rounds=2), rule="points"), every="round")
    people = Population.by_seat(*[Citizen(i < 3) for i in range(5)])
    shown: list[np.ndarray] = []

    def see(move: Move) -> None:
        if move.turn.role == "selector":
            assert move.turn.mask is not None and (move.turn.mask == ~np.eye(5, dtype=bool)).all()
            shown.append(move.turn.observation["images"])

    play(world, people, after=see)
    assert shown[0].shape == (5, 5) and (shown[0] == 0).all()
    assert (
        (shown[1] == shown[1][0]).all()
        and (shown[1][0, :3] > 0).all()
        and (shown[1][0, 3:] < 0).all()
    )


def test_events_name_both() -> None:
    """The record says who chose whom."""
    facts = record(
        PartnerSelection(PairwiseDilemma(rounds=1)), Population.all(Neighbour()), 0, (4,)
    )[4]
    assert [(f[2], f[3]) for f in facts if f[1] == "select"] == [(i, (i + 1) % 5) for i in range(5)]


def test_all_institutions_together() -> None:
    """Selection, reputation, direct and third-party punishment compose and keep the contract of worlds."""
    game = Punishment(PairwiseDilemma(rounds=2), cost=-2, fine=3, unjust_cost=10, floor=None)
    game = Punishment(game, cost=-2, fine=3, unjust_cost=10, floor=None, by="bystander")
    check_world(PartnerSelection(Reputation(game, rule="points")), tables=(0, 1, 2))
    check_world(PartnerSelection(Reputation(game), every="round"), tables=(0, 1, 2))


def test_what_does_not_fit() -> None:
    """A world without partners to choose, and more people than there are options, are refused."""
    with pytest.raises(
        DoesNotFit, match="partner-selection around donor-game needs the port partner"
    ):
        PartnerSelection(DonorGame())
    with pytest.raises(BadValue, match="seats"):
        PartnerSelection(PairwiseDilemma(seats=101))
