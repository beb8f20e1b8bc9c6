"""Random stopping: after every round the game goes on with some probability."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from mores.actions import Actions
from mores.chance import Chance
from mores.errors import BadValue
from mores.institution import Around, Institution
from mores.institutions.pending import rounds_played
from mores.world import OVER, Outcome, Turn

_NEVER = np.int32(2**31 - 1)


@dataclass
class Stopping(Around):
    """How many rounds are left, and how many were played, [T]."""

    left: NDArray[np.int32]
    clock: NDArray[np.int32]


@dataclass(frozen=True)
class RandomStopping(Institution):
    """After each round the game goes on with probability `delta`, or the world inside ends by itself.

    The mean number of rounds is 1 / (1 - delta). The number is drawn when a game begins, which is the same as a draw
    after each round and keeps conditions paired: the same table stops after the same round whatever else differs.

    Roth and Murnighan 1978, "Equilibrium behavior and repeated play of the prisoner's dilemma".
    """

    delta: float = 0.9

    name: ClassVar[str] = "random-stopping"
    source: ClassVar[str] = "Roth and Murnighan 1978, Journal of Mathematical Psychology 17"

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 <= self.delta <= 1:
            raise BadValue("delta", self.delta, "a probability from 0 to 1")

    @cached_property
    def lengths(self) -> NDArray[np.uint64]:
        """Words below entry k last more than k + 1 rounds; descending."""
        out: list[int] = []
        alive = self.delta
        while alive * 2**32 >= 1 and len(out) < 1_000_000:
            out.append(int(alive * 2**32))
            alive *= self.delta
        return np.array(out, np.uint64)

    def reset(self, chance: Chance) -> Stopping:
        t = len(chance)
        left = np.full(t, _NEVER, np.int32)
        if self.delta < 1:
            word = chance.words("length", 1)[:, 0].astype(np.uint64)
            longer = np.searchsorted(self.lengths[::-1], word, side="right")
            left = (1 + len(self.lengths) - longer).astype(np.int32)
        return Stopping(self.inner.begin(chance), left, np.zeros(t, np.int32))

    def phase(self, state: Stopping) -> NDArray[np.int8]:
        inner = self.inner.phase(state.inner)
        stop = state.left <= 0
        return np.where(stop, np.int8(OVER), inner).astype(np.int8) if stop.any() else inner

    def step(self, state: Stopping, turn: Turn, actions: Actions, chance: Chance) -> Outcome:
        outcome = self.pass_on(state, turn, actions, chance)
        clock = rounds_played(self.inner, state.inner)
        state.left = state.left - (clock != state.clock).astype(np.int32)
        state.clock = np.array(clock, np.int32)
        return outcome

    def brief(self, state: Stopping, table: int, seat: int) -> str:
        text = self.inner.brief(state.inner, table, seat)
        return f"{text} After each round there is another one with a probability of {100 * self.delta:g}%."
