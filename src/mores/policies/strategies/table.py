"""Strategies that are a table: the probability to cooperate by eight bits of history.

Most classic strategies look at the last few moves, at whether the other ever defected, or at how often. Each is one row
of 256 probabilities; all of a population act in one look-up, so that dozens of strategies cost what one does.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, ClassVar

import numpy as np
from numpy.typing import DTypeLike, NDArray

from mores.agent import Memory, Rule, draws
from mores.chance import Chance
from mores.policies.strategies.base import Choices, Strategy, fresh, two_options
from mores.world import Turn

Bits = NDArray[np.bool_]
STATES = 256


@dataclass(frozen=True)
class History:
    """Every history that a table tells apart, as arrays over the 256 states; True is defect."""

    own: Bits
    """What it played last."""
    other: Bits
    """What the other played last, and the two moves before that."""
    other2: Bits
    other3: Bits
    ever: Bits
    """Whether the other ever defected."""
    half: Bits
    """Whether the other defected in at least half of the rounds."""
    tenth: Bits
    """... in more than a tenth of them."""
    most: Bits
    """... in more than half of them."""

    @classmethod
    def all(cls) -> History:
        """The states in order; the first field is the lowest bit."""
        states = np.arange(STATES)
        return cls(*((states >> k & 1).astype(bool) for k in range(8)))


@dataclass(frozen=True)
class TableStrategy(Strategy):
    """A strategy given by its first move and the probability to cooperate in every state of :class:`History`."""

    first: ClassVar[float] = 1.0
    """The probability to cooperate in the first round."""
    fields: ClassVar[dict[str, tuple[DTypeLike, tuple[int, ...]]]] = {
        "member": (np.int32, ()),
        "recent": (np.uint8, ()),
        "defections": (np.int32, ()),
    }

    @abstractmethod
    def cooperate(self, past: History) -> NDArray[Any]:
        """The probability to cooperate after each history (bools will do)."""

    def begin(self) -> float:
        """The probability to cooperate in the first round."""
        return self.first

    def family(self) -> Hashable:
        return TableStrategy

    @staticmethod
    def unite(members: Sequence[Rule]) -> Rule:
        return Tables(tuple(m for m in members if isinstance(m, TableStrategy)))

    def act(self, turn: Turn, memory: Memory, chance: Chance) -> Choices:
        return _alone(self).act(turn, memory, chance)


@lru_cache(maxsize=256)
def _alone(rule: TableStrategy) -> Tables:
    return Tables((rule,))


def _threshold(p: NDArray[Any]) -> NDArray[np.uint32]:
    """Probabilities as bounds for 31-bit words: 1 is certain, 0 impossible."""
    bounds: NDArray[np.uint32] = (np.asarray(p, np.float64) * 2.0**31).astype(np.uint32)
    return bounds


@dataclass(frozen=True)
class Tables(Strategy):
    """Several table strategies as one rule; `member` in its memory says which one a seat plays."""

    name = "strategy-table"
    fields = TableStrategy.fields

    members: tuple[TableStrategy, ...] = ()

    @cached_property
    def _rows(self) -> NDArray[np.float64]:
        past = History.all()
        return np.stack([np.asarray(m.cooperate(past), np.float64) for m in self.members])

    @cached_property
    def _bounds(self) -> NDArray[np.uint32]:
        return _threshold(self._rows).reshape(-1)

    @cached_property
    def _first(self) -> NDArray[np.uint32]:
        return _threshold(np.array([m.begin() for m in self.members]))

    @cached_property
    def _certain(self) -> bool:
        """Whether no member ever needs chance."""
        both = np.concatenate([self._rows.reshape(-1), [m.begin() for m in self.members]])
        return bool(((both == 0) | (both == 1)).all())

    @cached_property
    def _used(self) -> tuple[bool, ...]:
        """Which bits of the history some member looks at."""
        cube = self._rows.reshape(len(self.members), *(2,) * 8)
        return tuple(bool((np.diff(cube, axis=8 - k) != 0).any()) for k in range(8))

    def act(self, turn: Turn, memory: Memory, chance: Chance) -> Choices:
        two_options(self, turn)
        rows, begins = turn.rows, fresh(turn)
        mine = {k: v.reshape(-1) for k, v in memory.items()}
        member = mine["member"] if rows is None else mine["member"].take(rows)
        if begins is True:
            self._forget(mine, rows)
            return self._play(self._first.take(member), turn, chance)
        state = self._state(turn, mine, begins)
        if len(self.members) > 1:
            index = member << np.int32(8)
            index |= state
            bounds = self._bounds.take(index)
        else:
            bounds = self._bounds.take(state)
        if begins is not False:
            bounds = np.where(begins, self._first.take(member), bounds)
        return self._play(bounds, turn, chance)

    def _play(self, bounds: NDArray[np.uint32], turn: Turn, chance: Chance) -> Choices:
        if self._certain:
            certain: Choices = (bounds == 0).view(np.int8)
            return certain
        words = draws(chance, "move", turn)
        words >>= np.uint32(1)  # 31 bits, so that a bound above all of them exists
        drawn: Choices = (words >= bounds).view(np.int8)
        return drawn

    def _forget(self, mine: Memory, rows: NDArray[np.int32] | None) -> None:
        at = slice(None) if rows is None else rows
        mine["recent"][at] = 0
        mine["defections"][at] = 0

    def _state(
        self, turn: Turn, mine: Memory, begins: bool | NDArray[np.bool_]
    ) -> NDArray[np.uint8]:
        """The state of every row after the last round; the memory is brought up to date."""
        own = turn.observation["own_last"].view(np.uint8)
        other = turn.observation["other_last"].view(np.uint8)
        if begins is not False:
            own, other = own & np.uint8(1), np.where(begins, np.uint8(0), other)
        rows = turn.rows
        recent = mine["recent"] if rows is None else mine["recent"].take(rows)
        recent <<= 1
        recent |= other
        recent &= 7
        state: NDArray[np.uint8] = recent << np.uint8(1)
        state |= own
        if any(self._used[4:]):
            count = mine["defections"] if rows is None else mine["defections"].take(rows)
            count += other
            if begins is not False:
                count[begins] = 0
            self._count(turn, count, state)
            if rows is not None:
                mine["defections"][rows] = count
        if begins is not False:
            recent[begins] = 0
        if rows is not None:
            mine["recent"][rows] = recent
        return state

    def _count(self, turn: Turn, count: NDArray[np.int32], state: NDArray[np.uint8]) -> None:
        """Add the bits that need a count of the other's defections."""
        played = _played(turn)
        for bit, least in (
            (4, 1),
            (5, (played + 1) // 2),
            (6, played // 10 + 1),
            (7, played // 2 + 1),
        ):
            if self._used[bit]:
                enough = (count >= least).view(np.uint8)
                enough <<= bit
                state |= enough


def _played(turn: Turn) -> Any:
    """How many rounds were played: one number where all tables agree, else one a row."""
    clock = turn.clock
    if clock is None or len(clock) == 0:
        return 0
    if len(clock) == 1 or (clock == clock[0]).all():
        return int(clock[0])
    return clock.take(turn.all_rows // turn.seats)
