"""What the two-person games share: seats in pairs, and the rounds they play.

Seats 0..pairs-1 move first (dictator, proposer, investor); the partner of seat i is seat pairs + i. The pairs of a
table stay together for all rounds, so that a table of many pairs is a laboratory session in which nobody meets a
stranger's history.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from mores.errors import BadValue
from mores.world import OVER, Array, Rows


@dataclass
class PairState:
    """Tables of pairs. `phase` int8 and `round` int32 are [T]; `score` float32 is [T, 2 * pairs]."""

    phase: NDArray[np.int8]
    round: NDArray[np.int32]
    score: NDArray[np.float32]


@lru_cache(maxsize=256)
def rows(tables: int, pairs: int, first: bool) -> Rows:
    """Flat rows of all first (or all second) movers, [tables * pairs]; shared, so not writeable."""
    start = 0 if first else pairs
    local = np.arange(start, start + pairs, dtype=np.int32)
    offset = np.arange(tables, dtype=np.int32)[:, None] * np.int32(2 * pairs)
    out: Rows = (offset + local).reshape(-1)
    out.flags.writeable = False
    return out


def check(pairs: int, rounds: int, **positive: float) -> None:
    """Refuse parameters that no game can be played with."""
    for field, value in (("pairs", pairs), ("rounds", rounds)):
        if value < 1:
            raise BadValue(field, value, "at least 1")
    for field, number in positive.items():
        if not number > 0:
            raise BadValue(field, number, "more than 0")


def close_round(
    state: PairState, rounds: int, first_phase: int, who: NDArray[np.bool_] | None = None
) -> None:
    """End a round (at the tables `who`): the next begins in `first_phase`, or the game is over."""
    ended = np.ones(len(state.round), bool) if who is None else who
    state.round += ended
    following = np.where(state.round >= rounds, OVER, first_phase)
    state.phase[ended] = following[ended]


def player(row: int, seats: int) -> str:
    """How a seat is called at its table."""
    return f"player {row % seats + 1}"


def number(value: float | Array) -> str:
    """An amount in words: at most two decimals, no trailing zeros."""
    return f"{round(float(value), 2):g}" if abs(float(value)) < 1e6 else f"{float(value):.0f}"


def times(rounds: int) -> str:
    """How often the game is played, as a sentence."""
    return "The game is played once." if rounds == 1 else f"The game is played {rounds} times."
