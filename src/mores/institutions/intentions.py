"""Intentions: what somebody meant to do is recorded beside what was done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from mores.actions import Actions, Columns
from mores.chance import Chance
from mores.institution import Institution
from mores.world import Array, Events, Outcome, State, Turn


@dataclass(frozen=True)
class Intentions(Institution):
    """Writes an event `intend` for every choice or amount, as it was before anything inside changed it.

    Put it around noise: `Intentions(Noise(game))`. The value is the action as the policy gave it (an option, or units),
    where the events of the world are what was carried out. Of one of several kinds it is the number of the kind, of a
    form the first option or amount in it. Nobody is told. Texts and rankings are left out.

    Fudenberg, Rand and Dreber 2012, "Slow to anger and fast to forgive": choices are counted as they were meant.
    """

    name: ClassVar[str] = "intentions"
    source: ClassVar[str] = "Fudenberg, Rand and Dreber 2012, American Economic Review 102"
    emits: ClassVar[tuple[str, ...]] = ("intend",)

    def step(self, state: State, turn: Turn, actions: Actions, chance: Chance) -> Outcome:
        meant = _plain(actions)
        outcome = self.pass_on(state, turn, actions, chance)
        if meant is not None:
            outcome.events.insert(0, Events("intend", turn.rows, None, meant, audience=None))
        return outcome


def _plain(actions: Actions) -> Array | None:
    """A copy of options, amounts or kinds [m]; None where there are none."""
    if isinstance(actions, Columns):
        if actions.tag is not None:
            return actions.tag.copy()
        found = (_plain(part) for part in actions.fields.values())
        return next((column for column in found if column is not None), None)
    # text is an int32 into a heap
    return actions.copy() if actions.ndim == 1 and actions.dtype != np.int32 else None
