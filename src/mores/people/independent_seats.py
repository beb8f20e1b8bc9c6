"""A population whose seats are drawn one by one, as people meet in a laboratory."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mores.chance import Chance
from mores.errors import BadValue
from mores.population import Population


@dataclass(frozen=True)
class IndependentSeats(Population):
    """Every seat of every table holds policy k with probability `shares[k]`, whoever sits beside it.

    `Population.by_share` instead keeps the shares exact within every table, so that at a table of two a policy with
    half of the population always meets another one. Raises BadValue unless there is a share >= 0 for each policy and
    they sum to 1.
    """

    def __post_init__(self) -> None:
        shares = self.shares or ()
        if len(shares) != len(self.policies) or min(shares, default=-1) < 0:
            raise BadValue("shares", shares, f"{len(self.policies)} shares of at least 0")
        if abs(sum(shares) - 1) > 1e-6:
            raise BadValue("shares", shares, f"they sum to {sum(shares):g}, not 1")

    def _drawn(self, seats: int, chance: Chance) -> NDArray[np.int16]:
        weights = np.array(self.shares)
        return chance.at("population").categorical("seat", seats, weights).astype(np.int16)
