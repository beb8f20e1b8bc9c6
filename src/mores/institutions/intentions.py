"""Intentions: what somebody meant to do is recorded beside what was done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from mores.actions import Actions
from mores.chance import Chance
from mores.institution import Institution
from mores.world import Events, Outcome, State, Turn


@dataclass(frozen=True)
class Intentions(Institution):
    """Writes an event `intend` for every choice or amount, as it was before anything inside changed it.

    Put it around noise: `Intentions(Noise(game))`. The value is the action as the policy gave it (an option, or units),
    where the events of the world are what was carried out. Nobody is told. Texts, rankings and forms are left out.

    Fudenberg, Rand and Dreber 2012, "Slow to anger and fast to forgive": choices are counted as they were meant.
    """

    name: ClassVar[str] = "intentions"
    source: ClassVar[str] = "Fudenberg, Rand and Dreber 2012, American Economic Review 102"
    emits: ClassVar[tuple[str, ...]] = ("intend",)

    def step(self, state: State, turn: Turn, actions: Actions, chance: Chance) -> Outcome:
        plain = isinstance(actions, np.ndarray) and actions.ndim == 1
        meant = actions.copy() if plain else None
        outcome = self.pass_on(state, turn, actions, chance)
        if meant is not None:
            outcome.events.insert(0, Events("intend", turn.rows, None, meant, audience=None))
        return outcome
