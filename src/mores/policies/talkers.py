"""Talkers: rules that speak, for conversations and rehearsals without a model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from mores.actions import Actions, Columns, OneOf
from mores.agent import Memory, Rule
from mores.chance import Chance
from mores.errors import BadValue, DoesNotFit
from mores.world import Turn


def uttered(turn: Turn, texts: list[str]) -> NDArray[np.int32]:
    """Texts [m], one a row of the turn, put into the heaps of their tables; their numbers.

    A line that a table has heard before keeps its number, so that a rule which repeats itself costs no memory.
    """
    if turn.texts is None:
        raise DoesNotFit("nobody keeps what is said in this turn: it has no text heap")
    tables = (turn.all_rows // np.int32(turn.seats)).tolist()
    found = []
    for table, text in zip(tables, texts, strict=True):
        heap = turn.texts.heaps.get(table, [])
        found.append(heap.index(text) if text in heap else turn.texts.add(table, text))
    return np.array(found, np.int32)


@dataclass(frozen=True)
class Talker(Rule):
    """Says its lines one after the other, over and over; leaves after `stay` utterances (0: never)."""

    lines: tuple[str, ...] = ("I see.", "Tell me more.", "That seems fair to me.")
    stay: int = 0

    name: ClassVar[str] = "talker"
    roles: ClassVar[tuple[str, ...]] = ("speaker",)
    stochastic: ClassVar[bool] = False

    def __post_init__(self) -> None:
        if not self.lines or not all(self.lines):
            raise BadValue("talker.lines", self.lines, "one line or more, none of them empty")
        if self.stay < 0:
            raise BadValue("talker.stay", self.stay, "a number of utterances, or 0 to stay")

    def act(self, turn: Turn, memory: Memory, chance: Chance) -> Actions:
        if not isinstance(turn.spaces, OneOf) or turn.spaces.kinds != ("say", "leave"):
            raise DoesNotFit(f"talker says or leaves, but here one answers {turn.spaces.words()}")
        said = turn.observation["said"]
        texts = [self.lines[k % len(self.lines)] for k in said.tolist()]
        leaves = said >= self.stay if self.stay else np.zeros(len(turn), bool)
        return Columns({"say": uttered(turn, texts)}, leaves.astype(np.int8))
