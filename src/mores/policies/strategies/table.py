"""Strategies that are a table: the probability to cooperate by a short history.

Most classic strategies look at the last few moves, at whether the other ever defected, or at how often. Each is one row
of 128 probabilities; all of a population act in one look-up, so that dozens of strategies cost what one does.
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
from mores.policies.strategies.base import Choices, Strategy, rounds_played, two_options
from mores.world import Turn

Bits = NDArray[np.bool_]
STATES = 128
"""Four bits of last moves, and above them how far the other's share of defections has come: 0 to 4."""


@dataclass(frozen=True)
class History:
    """Every history that a table tells apart, as arrays over the states; True is defect."""

    own: Bits
    """What it played last."""
    other: Bits
    """What the other played last."""
    other2: Bits
    """... the move before that."""
    other3: Bits
    """... and before that."""
    ever: Bits
    """Whether the other ever defected."""
    tenth: Bits
    """... in more than a tenth of the rounds."""
    half: Bits
    """... in at least half of them."""
    most: Bits
    """... in more than half of them."""

    @classmethod
    def all(cls) -> History:
        """The states in order; the first field is the lowest bit."""
        states = np.arange(STATES)
        moves = ((states >> k & 1).astype(bool) for k in range(4))
        # each of the four shares holds wherever the next one does, so that they are one number
        shares = (states >> 4 >= level for level in range(1, 5))
        return cls(*moves, *shares)


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
    def _levels(self) -> tuple[int, ...]:
        """Which shares of defections some member looks at: 0 ever, 1 tenth, 2 half, 3 most."""
        by_level = self._rows.reshape(len(self.members), -1, 16)
        return tuple(k for k in range(4) if (by_level[:, k] != by_level[:, k + 1]).any())

    @cached_property
    def _weights(self) -> NDArray[np.uint8]:
        """What reaching each of these adds to the state; those that nobody looks at come with the next one."""
        return np.diff(np.array(self._levels) + 1, prepend=0).astype(np.uint8)[:, None] << np.uint8(
            4
        )

    def act(self, turn: Turn, memory: Memory, chance: Chance) -> Choices:
        two_options(self, turn)
        rows, played = turn.rows, rounds_played(turn)
        mine = {k: v.reshape(-1) for k, v in memory.items()}
        member = mine["member"] if rows is None else mine["member"].take(rows)
        if isinstance(played, int) and played == 0:
            self._forget(mine, rows)
            return self._play(self._first.take(member), turn, chance)
        begins = None if isinstance(played, int) else played == 0
        state = self._state(turn, mine, played, begins)
        if len(self.members) > 1:
            index = member << np.int32(7)
            index |= state
            bounds = self._bounds.take(index)
        else:
            bounds = self._bounds.take(state)
        if begins is not None:
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
        self, turn: Turn, mine: Memory, played: Any, begins: NDArray[np.bool_] | None
    ) -> NDArray[np.uint8]:
        """The state of every row after the last round; the memory is brought up to date."""
        own = turn.observation["own_last"].view(np.uint8)
        other = turn.observation["other_last"].view(np.uint8)
        if begins is not None:
            own, other = own & np.uint8(1), np.where(begins, np.uint8(0), other)
        rows = turn.rows
        recent = mine["recent"] if rows is None else mine["recent"].take(rows)
        recent <<= 1
        recent |= other
        recent &= 7
        state: NDArray[np.uint8] = recent << np.uint8(1)
        state |= own
        if self._levels:
            count = mine["defections"] if rows is None else mine["defections"].take(rows)
            count += other
            if begins is not None:
                count[begins] = 0
            state |= self._share(count, played)
            if rows is not None:
                mine["defections"][rows] = count
        if begins is not None:
            recent[begins] = 0
        if rows is not None:
            mine["recent"][rows] = recent
        return state

    def _share(self, count: NDArray[np.int32], played: Any) -> NDArray[np.uint8]:
        """How far the other's share of defections has come, shifted to its place."""
        least = (1, played // 10 + 1, (played + 1) // 2, played // 2 + 1)
        used = self._levels
        if isinstance(played, int):
            enough = count >= np.array([[least[k]] for k in used], np.int32)
        else:
            enough = np.stack([count >= least[k] for k in used])
        steps = enough.view(np.uint8)
        steps *= self._weights
        level: NDArray[np.uint8] = np.add.reduce(steps, axis=0, dtype=np.uint8)
        return level
