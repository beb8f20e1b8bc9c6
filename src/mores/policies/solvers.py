"""Solvers: quiz takers in a society, who keep their answer or go with the majority they see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from mores.actions import Actions, Columns, Form
from mores.agent import Memory
from mores.chance import Chance
from mores.policies.quizzes import Options, QuizTaker, options_in
from mores.policies.talkers import uttered
from mores.world import Turn


def _said(turn: Turn, answer: Options, reason: str) -> Actions:
    """Answers [m] as actions of the turn, with a reason where one is asked for."""
    if not isinstance(turn.spaces, Form):
        return answer
    return Columns({"solution": uttered(turn, [reason] * len(turn)), "answer": answer})


@dataclass(frozen=True)
class SolverStubborn(QuizTaker):
    """Answers with known accuracy and stays with it: the overconfident anchor."""

    name: ClassVar[str] = "solver-stubborn"
    source: ClassVar[str] = "MachineSoM, arXiv 2310.02124 (anchors)"
    roles: ClassVar[tuple[str, ...]] = ("solver",)
    reason: ClassVar[str] = "I am sure of it."

    def act(self, turn: Turn, memory: Memory, chance: Chance) -> Actions:
        options = options_in(self, turn)
        first = self.believes(turn, memory, options)
        own = turn.observation["own"]
        answer = np.where(own < 0, first, own).astype(np.int8)
        return _said(turn, self.moved(turn, answer, options), self.reason)

    def moved(self, turn: Turn, answer: Options, options: int) -> Options:
        """The answer after a look at the others'; by default it stays."""
        return answer


@dataclass(frozen=True)
class SolverConformist(SolverStubborn):
    """Copies the majority: what most agents answered, if at least two did and no other answer has as many."""

    name: ClassVar[str] = "solver-conformist"
    reason: ClassVar[str] = "It seems the most convincing answer."

    def moved(self, turn: Turn, answer: Options, options: int) -> Options:
        seen: NDArray[np.int8] = turn.observation["answers"]
        votes = (seen[:, :, None] == np.arange(options)).sum(1)
        most = votes.max(1, keepdims=True)
        clear = (most[:, 0] >= 2) & ((votes == most).sum(1) == 1)
        return np.where(clear, votes.argmax(1), answer).astype(np.int8)
