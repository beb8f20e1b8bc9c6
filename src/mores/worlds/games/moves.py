"""Moves: the options of a game whose payoffs are known, so that a rule can look up what they bring."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from mores.actions import Choice

Matrix = tuple[tuple[float, ...], ...]
"""What a seat gets: one row for each option of its own, one column for each option of the other."""


@dataclass(frozen=True, init=False)
class Moves(Choice):
    """A choice together with the payoff matrix of every seat, own option first."""

    matrices: tuple[Matrix, ...] = ()

    def __init__(self, *options: str, matrices: tuple[Matrix, ...]) -> None:
        super().__init__(*options)
        object.__setattr__(self, "matrices", matrices)

    @cached_property
    def payoffs(self) -> tuple[NDArray[np.float32], ...]:
        """For every seat the points [own option, other's option]."""
        return tuple(np.array(m, np.float32) for m in self.matrices)
