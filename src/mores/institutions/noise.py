"""Noise: what is done is not always what was meant."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from mores.actions import Actions, Amount, Choice
from mores.agent import draws
from mores.chance import Chance, below, threshold
from mores.errors import BadValue
from mores.institution import Institution
from mores.world import Array, Outcome, State, Turn


@dataclass(frozen=True)
class Noise(Institution):
    """A choice is replaced by another with probability `p`; an amount is moved by a normal error of `sd`.

    Amounts stay within their bounds. `roles`: the turns it applies to; empty: all. `sd` is in the unit of the
    amount. Of several other options (those that are open to the seat) one is drawn. Missing actions stay missing,
    and texts, rankings and forms are left as they are.

    Selten 1975, "Reexamination of the perfectness concept" (the trembling hand).
    """

    p: float = 0.01
    sd: float = 0.0
    roles: tuple[str, ...] = ()

    name: ClassVar[str] = "noise"
    source: ClassVar[str] = "Selten 1975, International Journal of Game Theory 4"

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 <= self.p <= 1:
            raise BadValue("p", self.p, "a probability from 0 to 1")
        if not self.sd >= 0:
            raise BadValue("sd", self.sd, "at least 0")

    def step(self, state: State, turn: Turn, actions: Actions, chance: Chance) -> Outcome:
        if not self.roles or turn.role in self.roles:
            if isinstance(turn.spaces, Choice) and self.p > 0:
                actions = self._flipped(turn, turn.spaces, actions, chance)
            elif isinstance(turn.spaces, Amount) and self.sd > 0:
                actions = self._moved(turn, turn.spaces, actions, chance)
        return self.pass_on(state, turn, actions, chance)

    def _flipped(self, turn: Turn, space: Choice, actions: Array, chance: Chance) -> Array:
        y = np.flatnonzero((draws(chance, "flip", turn) < threshold(self.p)) & (actions >= 0))
        if len(y) == 0:
            return actions
        k = len(space.options)
        actions, now = actions.copy(), actions[y].astype(np.int64)
        word = draws(chance, "other", turn)[y]
        if turn.mask is None:
            actions[y] = (now + 1 + below(word, k - 1)) % k if k > 1 else now
            return actions
        mask = turn.mask[y].copy()
        mask[np.arange(len(y)), now] = False
        nth = below(word, np.maximum(mask.sum(1), 1))
        other = (np.cumsum(mask, axis=1) <= nth[:, None]).sum(1)
        actions[y] = np.where(mask.any(1), other, now)
        return actions

    def _moved(self, turn: Turn, space: Amount, actions: Array, chance: Chance) -> Array:
        error = chance.normal("error", turn.seats).reshape(-1)
        error = error if turn.rows is None else error[turn.rows]
        moved = actions + error * np.float32(self.sd)
        if space.step is not None:
            moved = space.low + np.rint((moved - space.low) / space.step) * space.step
        out: Array = np.clip(moved, space.low, space.high).astype(np.float32)
        return out

    def brief(self, state: State, table: int, seat: int) -> str:
        text = self.inner.brief(state.inner, table, seat)
        choice = f" with a probability of {100 * self.p:g}% another option than the chosen one is carried out"
        amount = f" amounts are carried out with a random error (standard deviation {self.sd:g})"
        said = [s for s, on in ((choice, self.p > 0), (amount, self.sd > 0)) if on]
        return f"{text} Mistakes happen:{' and'.join(said)}." if said else text
