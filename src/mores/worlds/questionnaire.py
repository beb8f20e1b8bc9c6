"""A questionnaire as a world: one respondent sits down, nothing happens, and an instrument is put."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NoReturn

import numpy as np
from numpy.typing import NDArray

from mores.actions import Actions
from mores.chance import Chance
from mores.world import OVER, Outcome, Turn, World


@dataclass
class Sitting:
    """Nothing but the phase [T]."""

    phase: NDArray[np.int8]


@dataclass(frozen=True)
class Questionnaire(World):
    """One seat, no moves: it is over at once, and what is asked at its end is all there is.

    Asking outside a society is thus a probe of a society in which nothing happens, so that answers to
    `mores ask` and answers in the middle of an episode come about by the same code. Every respondent
    is a table.
    """

    seats: int = 1

    name: ClassVar[str] = "questionnaire"

    def reset(self, chance: Chance) -> Sitting:
        return Sitting(np.full(len(chance), OVER, np.int8))

    def turn(self, state: Sitting) -> Turn:
        _never()

    def step(self, state: Sitting, turn: Turn, actions: Actions, chance: Chance) -> Outcome:
        _never()

    def brief(self, state: Sitting, table: int, seat: int) -> str:
        return "You are asked some questions, one at a time. Answer as you see it yourself."

    def describe(self, state: Sitting, turn: Turn, j: int) -> str:
        _never()


def _never() -> NoReturn:
    raise AssertionError("a questionnaire has no turns")
