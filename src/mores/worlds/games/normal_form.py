"""Two players choose at the same time, round after round: any k x l matrix game.

:class:`MatrixGame` is the machinery; :class:`NormalForm` takes the payoffs as they are, and the games with names are in
:mod:`mores.worlds.games.named`. The wording follows Akata et al. 2025, "Playing repeated games with large
language models" (arXiv 2305.16867): the matrix as plain sentences, options under neutral letters.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from mores.actions import Actions
from mores.chance import Chance
from mores.errors import BadValue
from mores.world import Array, Events, Outcome, Turn, World
from mores.worlds.games.moves import Moves

Payoffs = tuple[tuple[tuple[float, float], ...], ...]
"""payoffs[i][j] is what the first and the second player get when they choose options i and j."""

LETTERS = "JFQXRHKMVZPTNBGWDLSY"
"""Neutral names of options, in the order in which they are given out."""


def neutral(count: int) -> tuple[str, ...]:
    """Neutral names for `count` options: letters, or numbers when there are too many."""
    if count <= len(LETTERS):
        return tuple(LETTERS[:count])
    return tuple(f"option {k + 1}" for k in range(count))


def points(amount: float, unit: str = "point") -> str:
    """An amount in words: "1 point", "8 points"."""
    return f"{amount:g} {unit}{'' if amount == 1 else 's'}"


def listed(words: Sequence[str]) -> str:
    """Words joined as alternatives: "J or F", "rock, paper or scissors"."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


@dataclass
class MatrixState:
    """Where the tables of a matrix game are."""

    phase: NDArray[np.int8]
    """[T]: 0 while it is played, -1 when over."""
    played: NDArray[np.int32]
    """[T]: rounds played."""
    own: NDArray[np.int8]
    """[T, 2]: what each seat chose last, -1 before the first round."""
    other: NDArray[np.int8]
    """[T, 2]: what the other seat chose last."""
    score: NDArray[np.float32]
    """[T, 2]: points in all."""
    order: NDArray[np.int8]
    """[T, k]: in which order the options are mentioned; [T, 0] where that is not shuffled."""


@dataclass(frozen=True, kw_only=True)
class MatrixGame(World):
    """A simultaneous game of two players with known payoffs, played for some rounds.

    A missing choice counts as the seat's last one (drawn by chance in the first round); its event keeps the -1, so
    that no measure takes it for a choice.
    """

    name = "matrix-game"
    source = "Akata et al. 2025, arXiv 2305.16867"
    ports = ("score",)
    emits = ("choose",)
    missing: ClassVar[dict[str, str]] = {"player": "repeats its last choice; at first one is drawn"}
    seats = 2
    options: ClassVar[tuple[str, ...]] = ()
    """What the options mean; empty: neutral letters."""

    rounds: int = 10
    """How many rounds a play has."""
    labels: tuple[str, ...] = ()
    """What players are told the options are called; empty: neutral letters or the game's own names."""
    shuffle: bool = False
    """Whether each table is told of the options in an order of its own."""
    announced: bool = True
    """Whether players are told how many rounds there are."""
    unit: str = "point"
    """What is won, in the singular."""

    def __post_init__(self) -> None:
        if self.rounds < 1:
            raise BadValue("rounds", self.rounds, "at least 1")
        count = max(self.shape)
        if self.labels and len(self.labels) != count:
            raise BadValue("labels", self.labels, f"one name for each of the {count} options")
        if len(set(self.labels)) != len(self.labels):
            raise BadValue("labels", self.labels, "names that differ from each other")

    @property
    @abstractmethod
    def table(self) -> Payoffs:
        """The payoffs of both players."""

    # ---------------------------------------------------------------- what follows from the payoffs
    @cached_property
    def shape(self) -> tuple[int, int]:
        """How many options the first and the second player have."""
        return len(self.table), len(self.table[0])

    @cached_property
    def named(self) -> tuple[str, ...]:
        """The options as players are told of them."""
        return self.labels or self.options or neutral(max(self.shape))

    @cached_property
    def moves(self) -> Moves:
        """The action space."""
        first = tuple(tuple(float(cell[0]) for cell in row) for row in self.table)
        columns = zip(*self.table, strict=True)
        second = tuple(tuple(float(cell[1]) for cell in column) for column in columns)
        return Moves(*self.named, matrices=(first, second))

    @cached_property
    def _joint(self) -> NDArray[np.complex64]:
        """Both players' points by the two choices read as one 16-bit number, packed in one cell."""
        first, second = (np.arange(count) for count in self.shape)
        pair = np.stack(np.meshgrid(first, second, indexing="ij"), 2).astype(np.int8)
        code = pair.view(np.uint16)[..., 0]
        table = np.full(int(code.max()) + 1, np.nan, np.complex64)
        table[code] = np.array(self.table, np.float32).view(np.complex64)[..., 0]
        return table

    # ---------------------------------------------------------------- the game
    def reset(self, chance: Chance) -> MatrixState:
        tables, count = len(chance), max(self.shape)
        order = chance.permutation("order", count) if self.shuffle else np.zeros((tables, 0))
        return MatrixState(
            np.zeros(tables, np.int8),
            np.zeros(tables, np.int32),
            np.full((tables, 2), -1, np.int8),
            np.full((tables, 2), -1, np.int8),
            np.zeros((tables, 2), np.float32),
            order.astype(np.int8),
        )

    def turn(self, state: MatrixState) -> Turn:
        seen: dict[str, Array] = {
            "own_last": state.own.reshape(-1),
            "other_last": state.other.reshape(-1),
        }
        first, second = self.shape
        mask = None if first == second else _mask(first, second, len(state.phase))
        return Turn(2, len(state.phase), "player", self.moves, seen, None, mask, state.played)

    def step(self, state: MatrixState, turn: Turn, actions: Actions, chance: Chance) -> Outcome:
        own = actions
        if np.minimum.reduce(own) < 0:
            own = self._filled(state, own, chance)
        # both choices of a table are one 16-bit number: one look-up pays both, one byte swap shows each the other's
        pair = own.view(np.uint16)
        state.own = own.reshape(-1, 2).copy()
        state.other = pair.byteswap().view(np.int8).reshape(-1, 2)
        total = state.score.view(np.complex64)[:, 0]
        total += self._joint.take(pair)
        state.played = state.played + 1
        np.negative(state.played >= self.rounds, out=state.phase, dtype=np.int8)
        return Outcome(state, [Events("choose", value=actions)])

    def _filled(self, state: MatrixState, actions: Array, chance: Chance) -> Array:
        """The choices with missing ones filled by the declared default."""
        last = state.own.reshape(-1)
        drawn = chance.integers("missing", 2, np.array(self.shape)).reshape(-1)
        default = np.where(last < 0, drawn, last)
        return np.where(actions < 0, default, actions).astype(np.int8)

    # ---------------------------------------------------------------- in words
    def mentioned(self, state: MatrixState, table: int, seat: int) -> list[int]:
        """The options of a seat in the order in which its table is told of them."""
        order = state.order[table].tolist() or range(max(self.shape))
        return [k for k in order if k < self.shape[seat]]

    def brief(self, state: MatrixState, table: int, seat: int) -> str:
        mine, theirs = (self.mentioned(state, table, s) for s in (seat, 1 - seat))
        matrix = self.moves.payoffs
        lines = [
            f"You are player {seat + 1} and play with player {2 - seat}. {self._length()}",
            f"Both choose at the same time. You choose {listed([self.named[k] for k in mine])}; "
            f"the other player chooses {listed([self.named[k] for k in theirs])}.",
        ]
        lines += [
            f"If you choose {self.named[i]} and the other player chooses {self.named[j]}, you get "
            f"{points(matrix[seat][i, j], self.unit)} and the other player gets "
            f"{points(matrix[1 - seat][j, i], self.unit)}."
            for i in mine
            for j in theirs
        ]
        return "\n".join(lines)

    def _length(self) -> str:
        if not self.announced:
            return "The game has several rounds."
        return (
            "The game has one round." if self.rounds == 1 else f"The game has {self.rounds} rounds."
        )

    def describe(self, state: MatrixState, turn: Turn, j: int) -> str:
        table, seat = turn.row(j)
        played = int(state.played[table])
        of = f" of {self.rounds}" if self.announced else ""
        own, other = (float(state.score[table, s]) for s in (seat, 1 - seat))
        so_far = (
            f" So far you have {points(own, self.unit)} and the other player has {points(other, self.unit)}."
            if played
            else ""
        )
        options = listed([self.named[k] for k in self.mentioned(state, table, seat)])
        return f"Round {played + 1}{of}.{so_far} Do you choose {options}?"

    def narrate(self, state: MatrixState, turn: Turn, events: Events, j: int) -> str | None:
        table, seat = turn.row(j)
        if events.kind != "choose" or events.value is None or seat:
            return None  # one line tells both choices
        chosen = [int(events.value[j]), int(events.value[j + 1])]
        number = "" if turn.clock is None else f" {int(turn.clock[table]) + 1}"
        told = ", ".join(self._told(state, table, s, chosen[s]) for s in (0, 1))
        taken = [c if c >= 0 else int(state.own[table, s]) for s, c in enumerate(chosen)]
        if min(taken) < 0:
            return f"Round{number}: {told}."
        first, second = self.table[taken[0]][taken[1]]
        return f"Round{number}: {told}; they got {first:g} and {points(second, self.unit)}."

    def _told(self, state: MatrixState, table: int, seat: int, choice: int) -> str:
        if choice >= 0:
            return f"player {seat + 1} chose {self.named[choice]}"
        counted = int(state.own[table, seat])
        taken = f" ({self.named[counted]} was taken)" if counted >= 0 else ""
        return f"player {seat + 1} made no choice{taken}"


@lru_cache(maxsize=16)
def _mask(first: int, second: int, tables: int) -> NDArray[np.bool_]:
    """Which options the two seats have, for every row."""
    open_ = np.arange(max(first, second)) < np.array([[first], [second]])
    mask = np.tile(open_, (tables, 1))
    mask.flags.writeable = False
    return mask


@dataclass(frozen=True)
class NormalForm(MatrixGame):
    """Any game of two players in normal form, played once or repeatedly.

    `payoffs[i][j]` is the pair of points when the first player chooses option i and the second option j.
    """

    name = "normal-form"
    payoffs: Payoffs = (((3.0, 3.0), (0.0, 5.0)), ((5.0, 0.0), (1.0, 1.0)))

    def __post_init__(self) -> None:
        object.__setattr__(self, "payoffs", _checked(self.payoffs))
        super().__post_init__()

    @property
    def table(self) -> Payoffs:
        return self.payoffs


def _checked(payoffs: Payoffs) -> Payoffs:
    """The payoffs as nested tuples of finite numbers, or an error that says which cell is wrong."""
    rule = "a row for each option of the first player, in it a pair of numbers for each of the second's"
    try:
        table = tuple(tuple((float(a), float(b)) for a, b in row) for row in payoffs)
    except (TypeError, ValueError):
        raise BadValue("payoffs", payoffs, rule) from None
    if not table or not table[0] or any(len(row) != len(table[0]) for row in table):
        raise BadValue("payoffs", payoffs, f"{rule}; rows of equal length")
    if max(len(table), len(table[0])) > 127:
        raise BadValue("payoffs", f"{len(table)} x {len(table[0])}", "at most 127 options a player")
    for i, row in enumerate(table):
        for j, cell in enumerate(row):
            if not all(np.isfinite(x) for x in cell):
                raise BadValue(f"payoffs[{i}][{j}]", cell, "two finite numbers")
    return table
