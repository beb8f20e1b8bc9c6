"""A world whose best rules are known: welfare falls with the square of what the rules are off by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from mores.actions import Actions, Choice
from mores.agent import Memory, Rule
from mores.chance import Chance
from mores.population import Population
from mores.study import Study
from mores.world import Events, Outcome, Turn, World


@dataclass
class Taxed:
    """Phase [T] and score [T, N]."""

    phase: NDArray[np.int8]
    score: NDArray[np.float32]


@dataclass(frozen=True)
class Taxes(World):
    """Two people do one thing; each gets 10 - (fine - 2)^2 - (cost - 1)^2 and noise."""

    fine: float = 0.0
    cost: float = 3.0
    noise: float = 1.0

    name: ClassVar[str] = "taxes"
    ports: ClassVar[tuple[str, ...]] = ("score",)
    emits: ClassVar[tuple[str, ...]] = ("choose",)
    missing: ClassVar[dict[str, str]] = {"player": "nothing"}
    seats: int = 2

    def reset(self, chance: Chance) -> Taxed:
        """Nothing earned."""
        return Taxed(np.zeros(len(chance), np.int8), np.zeros((len(chance), 2), np.float32))

    def turn(self, state: Taxed) -> Turn:
        """Both act."""
        tables = len(state.phase)
        return Turn(2, tables, "player", Choice("on"), {}, clock=np.zeros(tables, np.int32))

    def step(self, state: Taxed, turn: Turn, actions: Actions, chance: Chance) -> Outcome:
        """Pay what the rules are worth, and luck."""
        worth = 10 - (self.fine - 2) ** 2 - (self.cost - 1) ** 2
        state.score += np.float32(worth) + np.float32(self.noise) * chance.normal("luck", 2)
        state.phase[:] = -1
        return Outcome(state, [Events("choose", None, value=actions)])

    def brief(self, state: Taxed, table: int, seat: int) -> str:
        """The rules."""
        return "There is one thing to do."

    def describe(self, state: Taxed, turn: Turn, j: int) -> str:
        """The question."""
        return "Do it?"


@dataclass(frozen=True)
class Goes(Rule):
    """Goes on."""

    name: ClassVar[str] = "goes"

    def act(self, turn: Turn, memory: Memory, chance: Chance) -> Actions:
        """The only option."""
        return np.zeros(len(turn), np.int8)


def taxes(noise: float = 1.0, replicates: int = 40) -> Study:
    """The study of that world."""
    return Study.of(Taxes(noise=noise), Population.all(Goes()), name="taxes", replicates=replicates)
