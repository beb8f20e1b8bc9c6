"""A small society of pairs: in every round each person in turn plays a dilemma with a partner."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from mores.actions import Choice
from mores.chance import Chance
from mores.errors import BadValue
from mores.world import OVER, PUBLIC, Array, Events, Outcome, Turn, World, cells
from mores.worlds.games.pairs import number


@dataclass
class SocietyState:
    """Tables of the society. `phase` int8, `clock` int32 (rounds played), `mover` int32 (whose turn it is) are [T]."""

    phase: NDArray[np.int8]
    clock: NDArray[np.int32]
    mover: NDArray[np.int32]
    partner: NDArray[np.int32]
    """[T, N]: the seat with whom each plays when it is its turn."""
    last: NDArray[np.int8]
    """[T, N]: what each did in its last match (0 cooperate, 1 defect, -1 none yet)."""
    score: NDArray[np.float32]
    """[T, N]: points in all."""


@dataclass(frozen=True)
class PairwiseDilemma(World):
    """In each of `rounds` every one of `seats` people in turn plays a two-person dilemma with its partner.

    Points for (own, other): `reward` for mutual cooperation, `punishment` for mutual defection, `temptation` for
    defecting against a cooperator, `sucker` for cooperating against a defector. One step is one match: the mover
    and its partner choose at the same time. Partners (port `partner`, seats, [T, N]) are drawn anew before each
    round, nobody is refused, and an institution may write others into the port. Observations: `partner`,
    `own_last`, `other_last` (the last choice of each in any match), `wealth` (one's own score). Event `choose`: 0
    cooperate, 1 defect. A match in which a choice is missing brings nothing.

    Dasgupta and Musolesi 2023, "Investigating the impact of direct punishment on the emergence of cooperation in
    multi-agent reinforcement learning systems" (arXiv 2301.08278): 5 seats, 10 rounds, 3 / 0 / 4 / 1 points.
    """

    seats: int = 5
    rounds: int = 10
    reward: float = 3.0
    sucker: float = 0.0
    temptation: float = 4.0
    punishment: float = 1.0

    name: ClassVar[str] = "pairwise-dilemma"
    source: ClassVar[str] = "Dasgupta and Musolesi 2023, arXiv 2301.08278"
    ports: ClassVar[tuple[str, ...]] = ("score", "partner", "clock")
    emits: ClassVar[tuple[str, ...]] = ("choose",)
    missing: ClassVar[Mapping[str, str]] = {"player": "the match brings nothing"}

    def __post_init__(self) -> None:
        if self.seats < 2:
            raise BadValue("seats", self.seats, "at least 2")
        if self.rounds < 1:
            raise BadValue("rounds", self.rounds, "at least 1")

    @cached_property
    def space(self) -> Choice:
        """What a player may do."""
        return Choice("cooperate", "defect")

    @cached_property
    def payoffs(self) -> NDArray[np.float32]:
        """Points by 2 * own choice + the other's."""
        return np.array([self.reward, self.sucker, self.temptation, self.punishment], np.float32)

    # ---------------------------------------------------------------- the game
    def reset(self, chance: Chance) -> SocietyState:
        t, n = len(chance), self.seats
        return SocietyState(
            np.zeros(t, np.int8),
            np.zeros(t, np.int32),
            np.zeros(t, np.int32),
            self._partners(chance),
            np.full((t, n), -1, np.int8),
            np.zeros((t, n), np.float32),
        )

    def _partners(self, chance: Chance) -> NDArray[np.int32]:
        """Somebody else for everyone."""
        other = chance.integers("partner", self.seats, self.seats - 1)
        other += other >= np.arange(self.seats, dtype=np.int32)
        return other

    def turn(self, state: SocietyState) -> Turn:
        t = len(state.phase)
        start = np.arange(0, t * self.seats, self.seats, dtype=np.int32)
        first = start + state.mover
        rows = np.empty(2 * t, np.int32)
        rows[::2] = first
        rows[1::2] = cells(state.partner).take(first) + start
        last = cells(state.last).take(rows)
        seen: dict[str, Array] = {
            "partner": _swapped(rows),
            "own_last": last,
            "other_last": _swapped(last),
            "wealth": cells(state.score).take(rows),
        }
        return Turn(self.seats, t, "player", self.space, seen, rows, clock=state.clock)

    def step(self, state: SocietyState, turn: Turn, actions: Array, chance: Chance) -> Outcome:
        rows, partner = turn.all_rows, turn.observation["partner"]
        other = _swapped(actions)
        played = (actions >= 0) & (other >= 0)
        gained = self.payoffs.take(np.where(played, 2 * actions + other, 0))
        cells(state.score)[rows] += np.where(played, gained, np.float32(0))
        last = cells(state.last)
        last[rows] = np.where(played, actions, last.take(rows))
        state.mover = state.mover + 1
        closing = state.mover >= self.seats
        if closing.any():
            state.mover[closing] = 0
            state.clock = state.clock + closing
            state.phase[state.clock >= self.rounds] = OVER
            np.copyto(state.partner, self._partners(chance), where=closing[:, None])
        return Outcome(state, [Events("choose", rows, partner, actions, audience=PUBLIC)])

    # ---------------------------------------------------------------- in words
    def brief(self, state: SocietyState, table: int, seat: int) -> str:
        return (
            f"You are person {seat + 1} of {self.seats}. There are several rounds. In every round each person in "
            "turn plays with a partner. Both choose at the same time to cooperate or to defect. If both cooperate, "
            f"both get {number(self.reward)} points; if both defect, both get {number(self.punishment)}. If one "
            f"defects and the other cooperates, the one who defects gets {number(self.temptation)} and the other "
            f"gets {number(self.sucker)}."
        )

    def describe(self, state: SocietyState, turn: Turn, j: int) -> str:
        seen = turn.observation
        other, last = int(seen["partner"][j]) % self.seats + 1, int(seen["other_last"][j])
        did = (
            "has not played yet"
            if last < 0
            else f"chose to {self.space.options[last]} in their last match"
        )
        return (
            f"Round {int(state.clock[turn.row(j)[0]]) + 1}. You have {number(float(seen['wealth'][j]))} points. "
            f"You play with person {other}, who {did}. Do you cooperate or defect?"
        )

    def narrate(self, state: SocietyState, turn: Turn, events: Events, j: int) -> str | None:
        if events.actor is None or events.target is None or events.value is None:
            return None
        actor, target = (int(x[j]) % self.seats + 1 for x in (events.actor, events.target))
        choice = int(events.value[j])
        if choice < 0:
            return f"Person {actor} made no choice with person {target}."
        return f"Person {actor} chose to {self.space.options[choice]} with person {target}."


def _swapped(rows: Array) -> Array:
    """What belongs to the other of each pair of neighbours."""
    return np.ascontiguousarray(rows.reshape(-1, 2)[:, ::-1]).reshape(-1)
