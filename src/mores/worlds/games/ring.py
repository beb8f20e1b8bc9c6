"""Ring: each player's points depend on its own choice and on that of one neighbour.

Ring-network games separate what players believe of others from what they want: who reasons well must ask what the
neighbour will do, and what the neighbour thinks of its own (Kneeland 2015, doi:10.3982/ECTA11983; put to language
models by Fan et al. 2023, arXiv 2312.05488).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from mores.actions import Actions
from mores.chance import Chance
from mores.errors import BadValue
from mores.world import Array, Events, Outcome, Turn, World
from mores.worlds.games.moves import Matrix, Moves
from mores.worlds.games.normal_form import listed, neutral, points


@dataclass
class RingState:
    """Where the tables of a ring are."""

    phase: NDArray[np.int8]
    played: NDArray[np.int32]
    own: NDArray[np.int8]
    """[T, N]: what each seat chose last, -1 before the first round."""
    other: NDArray[np.int8]
    """[T, N]: what its neighbour chose last."""
    score: NDArray[np.float32]


@dataclass(frozen=True)
class Ring(World):
    """Players in a ring; seat i plays against what seat i + 1 chooses, the last against the first.

    `matrices[i][a][b]` is what seat i gets for its own option a when its neighbour chooses b. In the default the
    neighbour's second option strictly dominates, and the best reply to it pays 15 where the other option pays 5. A
    missing choice counts as the seat's last one (drawn in the first round).
    """

    name = "ring"
    source = "Fan et al. 2023, arXiv 2312.05488"
    ports = ("score",)
    emits = ("choose",)
    missing: ClassVar[dict[str, str]] = {"player": "repeats its last choice; at first one is drawn"}

    matrices: tuple[Matrix, ...] = (((15.0, 5.0), (5.0, 15.0)), ((5.0, 5.0), (10.0, 10.0)))
    rounds: int = 1
    labels: tuple[str, ...] = ()
    """What players are told the options are called; empty: neutral letters."""
    unit: str = "point"

    def __post_init__(self) -> None:
        if self.rounds < 1:
            raise BadValue("rounds", self.rounds, "at least 1")
        if len(self.matrices) < 2:
            raise BadValue("matrices", self.matrices, "one matrix a seat, for at least 2 seats")
        k = len(self.matrices[0])
        for i, matrix in enumerate(self.matrices):
            if len(matrix) != k or any(len(row) != k for row in matrix):
                raise BadValue(f"matrices[{i}]", matrix, f"{k} rows of {k} numbers, as for seat 0")
        if self.labels and (len(self.labels) != k or len(set(self.labels)) != k):
            raise BadValue("labels", self.labels, f"{k} different names")

    @property
    def seats(self) -> int:  # type: ignore[override]
        """One a matrix."""
        return len(self.matrices)

    @cached_property
    def moves(self) -> Moves:
        """The action space."""
        names = self.labels or neutral(len(self.matrices[0]))
        return Moves(*names, matrices=self.matrices)

    @cached_property
    def _pay(self) -> NDArray[np.float32]:
        return np.stack(self.moves.payoffs)

    def solution(self) -> tuple[int, ...] | None:
        """The one profile that survives iterated strict dominance, or None if several do."""
        options = range(len(self.matrices[0]))
        left = [set(options) for _ in self.matrices]
        changed = True
        while changed:
            changed = False
            for i, matrix in enumerate(self._pay):
                against = sorted(left[(i + 1) % self.seats])
                for a in sorted(left[i]):
                    if any((matrix[b, against] > matrix[a, against]).all() for b in left[i] - {a}):
                        left[i].discard(a)
                        changed = True
        return tuple(s.pop() for s in left) if all(len(s) == 1 for s in left) else None

    # ---------------------------------------------------------------- the game
    def reset(self, chance: Chance) -> RingState:
        shape = (len(chance), self.seats)
        return RingState(
            np.zeros(shape[0], np.int8),
            np.zeros(shape[0], np.int32),
            np.full(shape, -1, np.int8),
            np.full(shape, -1, np.int8),
            np.zeros(shape, np.float32),
        )

    def turn(self, state: RingState) -> Turn:
        seen: dict[str, Array] = {
            "own_last": state.own.reshape(-1),
            "other_last": state.other.reshape(-1),
        }
        tables = len(state.phase)
        return Turn(self.seats, tables, "player", self.moves, seen, None, None, state.played)

    def step(self, state: RingState, turn: Turn, actions: Actions, chance: Chance) -> Outcome:
        own = actions.reshape(-1, self.seats)
        if own.min() < 0:
            drawn = chance.integers("missing", self.seats, len(self.moves.options))
            own = np.where(own < 0, np.where(state.own < 0, drawn, state.own), own)
        state.own = own.astype(np.int8)
        state.other = np.roll(state.own, -1, axis=1)
        state.score += self._pay[np.arange(self.seats), state.own, state.other]
        state.played = state.played + 1
        state.phase[state.played >= self.rounds] = -1
        return Outcome(state, [Events("choose", value=actions)])

    # ---------------------------------------------------------------- in words
    def brief(self, state: RingState, table: int, seat: int) -> str:
        names, n = self.moves.options, self.seats
        length = "one round" if self.rounds == 1 else f"{self.rounds} rounds"
        lines = [
            f"{n} players sit in a ring, numbered 1 to {n}; you are player {seat + 1}. The game has {length}. "
            f"All choose at the same time, each one of {listed(names)}.",
            "What each player gets depends on its own choice and on the choice of the next player in the ring "
            f"(after player {n} comes player 1).",
        ]
        for i in ((seat + k) % n for k in range(n)):
            who, gets = (
                ("you", "you get") if i == seat else (f"player {i + 1}", f"player {i + 1} gets")
            )
            verb = "choose" if i == seat else "chooses"
            follows = (i + 1) % n
            then = "you choose" if follows == seat else f"player {follows + 1} chooses"
            lines += [
                f"If {who} {verb} {names[a]} and {then} {names[b]}, {gets} {points(float(amount), self.unit)}."
                for (a, b), amount in np.ndenumerate(self._pay[i])
            ]
        return "\n".join(lines)

    def describe(self, state: RingState, turn: Turn, j: int) -> str:
        table, seat = turn.row(j)
        played = int(state.played[table])
        got = (
            f" So far you have {points(float(state.score[table, seat]), self.unit)}."
            if played
            else ""
        )
        return (
            f"Round {played + 1} of {self.rounds}.{got} Do you choose {listed(self.moves.options)}?"
        )

    def narrate(self, state: RingState, turn: Turn, events: Events, j: int) -> str | None:
        table, seat = turn.row(j)
        if events.kind != "choose" or events.value is None or seat:
            return None  # one line tells all choices
        names = self.moves.options
        chosen = [int(v) for v in events.value[j : j + self.seats]]
        told = ", ".join(
            f"player {i + 1} chose {names[c]}" if c >= 0 else f"player {i + 1} made no choice"
            for i, c in enumerate(chosen)
        )
        number = "" if turn.clock is None else f" {int(turn.clock[table]) + 1}"
        return f"Round{number}: {told}."
