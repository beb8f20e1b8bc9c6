"""Rules that play any world: at random, or not at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from mores.actions import Actions, Choice, Columns, Space, Utterance
from mores.agent import Memory, Rule
from mores.chance import Chance
from mores.world import Turn


@dataclass(frozen=True)
class Sampler(Rule):
    """Does anything that is legal, uniformly; where text is asked for, it says a short sentence."""

    name: ClassVar[str] = "sampler"
    stochastic: ClassVar[bool] = True

    def act(self, turn: Turn, memory: Memory, chance: Chance) -> Actions:
        width = turn.spaces.width
        words = chance.words("sample", turn.seats * width).reshape(-1, width)
        actions = turn.spaces.sample(words[turn.all_rows], turn.mask)
        _speak(turn.spaces, actions, turn)
        return actions


@dataclass(frozen=True)
class Silent(Rule):
    """Never does anything: every action is missing."""

    name: ClassVar[str] = "silent"
    stochastic: ClassVar[bool] = False

    def act(self, turn: Turn, memory: Memory, chance: Chance) -> Actions:
        return turn.spaces.empty(len(turn))


def _speak(space: Space, actions: Actions, turn: Turn) -> None:
    """Put a sentence into every text column; chance alone can only be silent."""
    if turn.texts is None:
        return
    if isinstance(space, Utterance):
        for j, row in enumerate(turn.all_rows.tolist()):
            table, seat = divmod(row, turn.seats)
            actions[j] = turn.texts.add(table, f"Seat {seat} says something.")
    elif isinstance(actions, Columns):
        parts: dict[str, Space | None] = dict(getattr(space, "fields", ()))
        for name, part in parts.items():
            if part is not None:
                _speak(part, actions.fields[name], turn)


def shown(values: Actions, space: Space, j: int, turn: Turn) -> object:
    """Action j as one would say it (options by name, texts looked up); None where missing."""
    if isinstance(values, np.ndarray) and len(values) == 0:
        return None
    table, _ = turn.row(j)
    heap = turn.texts
    if isinstance(space, Choice):
        return space.options[values[j]] if values[j] >= 0 else None
    return space.read(values, j, (lambda n: heap.get(table, n)) if heap is not None else str)
