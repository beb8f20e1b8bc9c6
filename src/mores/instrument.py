"""Instrument: something that asks. Items, their answer spaces, and how answers become scores.

A survey, a benchmark, an interview, a judge's rubric: all put items to agents and write
`answers`. Rules answer as arrays, minds in words, people at a terminal; nothing else asks and
nothing else answers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

from mores.actions import Space
from mores.metric import Metric


@dataclass(frozen=True)
class Item:
    """One question: what is put, and what an answer must be."""

    id: str
    text: str
    space: Space
    attributes: Mapping[str, Any] = field(default_factory=dict, hash=False)
    """Group, construct, pole, key...: what scoring needs to know."""

    def prompt(self) -> str:
        """The item in words, with what may be answered."""
        return f"{self.text}\n\nAnswer with {self.space.words()}."


@dataclass(frozen=True, kw_only=True)
class Instrument:
    """A set of items; subclass it or make one from data."""

    name: ClassVar[str]
    source: ClassVar[str] = ""
    sample_only: ClassVar[bool] = False
    """True where only a few items of our own stand for a larger published set."""

    def items(self) -> Sequence[Item]:
        """The items in their published order."""
        raise NotImplementedError

    def metrics(self) -> Sequence[Metric]:
        """What is computed from the answers."""
        raise NotImplementedError
