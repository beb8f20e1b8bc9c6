"""Strategies that are finite automata: a state, and what moves it on.

An automaton cooperates in each of its states with some probability and moves to the next state by what it meant to
play, what it did play (noise may have changed it) and what the other played. All automata of a population act in
two look-ups (Rubinstein 1986, "Finite automata play the repeated prisoner's dilemma",
doi:10.1016/0022-0531(86)90021-9).
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import ClassVar

import numpy as np
from numpy.typing import DTypeLike, NDArray

from mores.agent import Memory, Rule, draws
from mores.chance import Chance
from mores.errors import BadValue
from mores.policies.strategies.base import Choices, Strategy, fresh, two_options
from mores.world import Turn

SIZE = 64
"""The most states that an automaton may have."""

Next = int | Callable[[int, int, int], int]
"""The next state, or how it follows from (meant, own, other); 0 is cooperate, 1 defect."""


@dataclass(frozen=True)
class AutomatonStrategy(Strategy):
    """A strategy given by its states: the probability to cooperate in each, and where it leads; state 0 is first."""

    fields: ClassVar[dict[str, tuple[DTypeLike, tuple[int, ...]]]] = {
        "member": (np.int32, ()),
        "state": (np.uint8, ()),
        "meant": (np.uint8, ()),
    }

    @abstractmethod
    def states(self) -> Sequence[tuple[float, Next]]:
        """For each state the probability to cooperate and the next state."""

    def family(self) -> Hashable:
        return AutomatonStrategy

    @staticmethod
    def unite(members: Sequence[Rule]) -> Rule:
        return Automata(tuple(m for m in members if isinstance(m, AutomatonStrategy)))

    def act(self, turn: Turn, memory: Memory, chance: Chance) -> Choices:
        return _alone(self).act(turn, memory, chance)


@lru_cache(maxsize=256)
def _alone(rule: AutomatonStrategy) -> Automata:
    return Automata((rule,))


@dataclass(frozen=True)
class Automata(Strategy):
    """Several automata as one rule; `member` in its memory says which one a seat plays."""

    name = "automata"
    fields = AutomatonStrategy.fields

    members: tuple[AutomatonStrategy, ...] = ()

    @cached_property
    def _tables(self) -> tuple[NDArray[np.uint8], NDArray[np.uint32]]:
        """Next states by (member, state, meant, own, other), and bounds for 31-bit words by (member, state)."""
        after = np.zeros((len(self.members), SIZE, 2, 2, 2), np.uint8)
        bound = np.zeros((len(self.members), SIZE), np.uint32)
        for i, member in enumerate(self.members):
            states = member.states()
            if len(states) > SIZE:
                raise BadValue(member.name, f"{len(states)} states", f"at most {SIZE}")
            for k, (p, follows) in enumerate(states):
                bound[i, k] = int(p * 2**31)
                for cell in np.ndindex(2, 2, 2):
                    after[(i, k, *cell)] = follows(*cell) if callable(follows) else follows
        return after.reshape(-1), bound.reshape(-1)

    @cached_property
    def _certain(self) -> bool:
        return all(p in (0, 1) for m in self.members for p, _ in m.states())

    def act(self, turn: Turn, memory: Memory, chance: Chance) -> Choices:
        two_options(self, turn)
        rows, begins = turn.rows, fresh(turn)
        mine = {k: v.reshape(-1) for k, v in memory.items()}
        member, state, meant = (
            mine[k] if rows is None else mine[k].take(rows) for k in ("member", "state", "meant")
        )
        if begins is True:
            state[:] = 0
        else:
            self._follow(turn, member, state, meant)
            if begins is not False:
                state[begins] = 0
        bounds = self._tables[1].take(member * np.int32(SIZE) + state)
        if self._certain:
            chosen = bounds == 0
        else:
            words = draws(chance, "move", turn)
            words >>= np.uint32(1)  # 31 bits, so that a bound above all of them exists
            chosen = words >= bounds
        meant[:] = chosen
        if rows is not None:
            mine["state"][rows], mine["meant"][rows] = state, meant
        moves: Choices = chosen.view(np.int8)
        return moves

    def _follow(
        self,
        turn: Turn,
        member: NDArray[np.int32],
        state: NDArray[np.uint8],
        meant: NDArray[np.uint8],
    ) -> None:
        """Move every row's state on by the last round."""
        index = member * np.int32(SIZE) + state
        for bit in (meant, turn.observation["own_last"], turn.observation["other_last"]):
            index <<= 1
            index |= bit & 1
        state[:] = self._tables[0].take(index)
