"""Quiz takers: rules of known accuracy that answer alone and keep, drop or weigh their answer in company."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import DTypeLike, NDArray

from mores.actions import Actions, Choice, Form
from mores.agent import Memory, Rule
from mores.chance import Chance
from mores.errors import BadValue, DoesNotFit
from mores.world import Turn, cells

Options = NDArray[np.int8]


def options_in(rule: Rule, turn: Turn) -> int:
    """How many options a quiz turn has; refuses other turns."""
    space = dict(turn.spaces.fields).get("answer") if isinstance(turn.spaces, Form) else turn.spaces
    if not isinstance(space, Choice) or "key" not in turn.observation:
        raise DoesNotFit(f"{rule.name} takes quizzes, but here one answers {turn.spaces.words()}")
    return len(space.options)


@dataclass(frozen=True)
class QuizTaker(Rule):
    """Knows the answer with probability `accuracy`, else believes a drawn wrong one; alone it always says the same.

    In company it follows what the peers state "never", "always", or by "weight": where the peers' reliability, judged
    by how often they agreed with it before, (agreed + 1) of (rounds + 2), is above its own accuracy. That is the
    posterior of one witness against oneself with equal chances for all wrong options (Bayes); they state one thing
    together, so they count once. `rounds` is how many earlier rounds it takes the record for.
    """

    accuracy: float = 0.6
    follows: Literal["never", "always", "weight"] = "never"
    rounds: int = 4

    name: ClassVar[str] = "quiz-taker"
    source: ClassVar[str] = "KAIROS, arXiv 2508.18321 (anchors)"
    roles: ClassVar[tuple[str, ...]] = ("alone", "company", "again")
    stochastic: ClassVar[bool] = True
    fields: ClassVar[Mapping[str, tuple[DTypeLike, tuple[int, ...]]]] = {
        "luck": (np.float32, ()),
        "pick": (np.float32, ()),
    }

    def __post_init__(self) -> None:
        if not 0 <= self.accuracy <= 1:
            raise BadValue(f"{self.name}.accuracy", self.accuracy, "a probability, 0 to 1")
        if self.rounds < 0:
            raise BadValue(f"{self.name}.rounds", self.rounds, "at least 0")

    def start(self, memory: Memory, chance: Chance) -> None:
        seats = memory["luck"].shape[1]
        memory["luck"][...] = chance.uniform("luck", seats)
        memory["pick"][...] = chance.uniform("pick", seats)

    def believes(self, turn: Turn, memory: Memory, options: int) -> Options:
        """What it takes for the answer, before it hears others."""
        rows, key = turn.all_rows, turn.observation["key"]
        luck, pick = cells(memory["luck"])[rows], cells(memory["pick"])[rows]
        off = 1 + np.minimum((pick * (options - 1)).astype(np.int8), options - 2)
        found: Options = np.where(luck < self.accuracy, key, (key + off) % options).astype(np.int8)
        return found

    def act(self, turn: Turn, memory: Memory, chance: Chance) -> Actions:
        options = options_in(self, turn)
        if turn.role == "alone":
            return self.believes(turn, memory, options)
        own, stated = turn.observation["own"], turn.observation["stated"]
        if self.follows == "weight":
            agreed = np.nan_to_num(turn.observation["agreed"], nan=0.5)
            follows = (agreed * self.rounds + 1) / (self.rounds + 2) > self.accuracy
        else:
            follows = np.full(len(turn), self.follows == "always")
        chosen: Options = np.where(follows, stated, own).astype(np.int8)
        return chosen


@dataclass(frozen=True)
class QuizStubborn(QuizTaker):
    """Answers in company as it answered alone."""

    name: ClassVar[str] = "quiz-stubborn"


@dataclass(frozen=True)
class QuizCopier(QuizTaker):
    """Answers in company what the peers state."""

    follows: Literal["never", "always", "weight"] = "always"

    name: ClassVar[str] = "quiz-copier"


@dataclass(frozen=True)
class QuizBayesian(QuizTaker):
    """Weighs the peers' reliability, as far as it could see it, against its own."""

    follows: Literal["never", "always", "weight"] = "weight"

    name: ClassVar[str] = "quiz-bayesian"
