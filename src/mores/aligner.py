"""Aligner: turns a record into something better aligned, and never changes its input.

Up to four steps, each replaceable, with a table between them: judge (scores, ranks, critiques),
build (rows), fit (a new agent or a new world), and needs (said before anything is spent). What
can be aligned are weights, activations, words and institutions.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Literal, TypeVar

from mores.chance import Chance

if TYPE_CHECKING:
    from mores.record import Record
    from mores.study import Study

Lever = Literal["weights", "activations", "words", "institution"]
F = TypeVar("F")
R = TypeVar("R")


@dataclass(frozen=True, kw_only=True)
class Needs:
    """What an aligner takes, said before anything is spent."""

    judge: bool = False
    log_probabilities: bool = False
    hooks: bool = False
    gpu: bool = False
    runs_a_round: int = 1
    """How many times the study is played a round."""


@dataclass(frozen=True, kw_only=True)
class Change:
    """What an aligner did: the new study, and how it got there as plain data."""

    study: Study
    log: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Aligner(ABC, Generic[F, R]):
    """A method of alignment: judge -> build -> fit, each a table for the next. Frozen; fields are
    its parameters."""

    name: ClassVar[str]
    lever: ClassVar[Lever]
    source: ClassVar[str] = ""

    def needs(self) -> Needs:
        """What it takes."""
        return Needs()

    @abstractmethod
    def judge(self, record: Record, study: Study) -> F:
        """Feedback from the record: labels, scores, gaps to a target."""

    @abstractmethod
    def build(self, feedback: F, study: Study, chance: Chance) -> R:
        """Rows to fit: which agent (or rule) should change, and to what."""

    @abstractmethod
    def fit(self, rows: R, study: Study, chance: Chance) -> Change:
        """The study with a new agent or a new world; the old one is untouched."""

    def align(self, record: Record, study: Study, chance: Chance) -> Change:
        """All steps in a row."""
        return self.fit(self.build(self.judge(record, study), study, chance), study, chance)
