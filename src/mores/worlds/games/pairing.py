"""Pairing: who gives to whom, round by round, as two halves of a shuffled table.

Seats are shuffled once a reset; the first half of the order is A, the second B. In every round A_i meets B_(i+offset),
and one of the halves gives. Rows are computed from the order when they are needed, so that a state holds no rows.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from mores.world import Rows

Order = NDArray[np.int32]
"""Seats of every table in shuffled order, [T, N]."""


def plan(played: int, rounds: int) -> tuple[bool, int]:
    """Whether half A gives, and how far B is turned, in the round after `played` of them.

    A gives in odd rounds t. The offset is t - 1 in the first half of the rounds; in the second half it is so shifted
    that pairs which met meet again the other way round: with 12 rounds it is t - 1 for t <= 6 and t mod 6 after.
    """
    half = rounds // 2
    t = played + 1
    offset = played if t <= half else (t % half if half % 2 == 0 else played % half)
    return played % 2 == 0, offset


def turned(order: Order, offset: int, first: bool) -> tuple[Rows, Rows]:
    """Givers and receivers as flat rows, when all tables are at the same offset."""
    tables, seats = order.shape
    half = seats // 2
    a, b = order[:, :half], order[:, half:]
    if tables == 1:
        mine = a[0]
        theirs = b[0] if offset == 0 else np.concatenate((b[0, offset:], b[0, :offset]))
    else:
        start = _starts(tables, seats)
        mine = (a + start).reshape(-1)
        shifted = np.empty((tables, half), np.int32)
        np.add(b[:, offset:], start, out=shifted[:, : half - offset])
        np.add(b[:, :offset], start, out=shifted[:, half - offset :])
        theirs = shifted.reshape(-1)
    return (mine, theirs) if first else (theirs, mine)


def turned_apart(
    order: Order, offset: NDArray[np.int64], first: NDArray[np.bool_]
) -> tuple[Rows, Rows]:
    """The same when tables differ: `offset` and `first` are [T]."""
    tables, seats = order.shape
    half = seats // 2
    at = (np.arange(half) + offset[:, None]) % half + half
    a = order[:, :half]
    b = np.take_along_axis(order, at, axis=1)
    start = _starts(tables, seats)
    giver = np.where(first[:, None], a, b) + start
    receiver = np.where(first[:, None], b, a) + start
    return giver.reshape(-1), receiver.reshape(-1)


@lru_cache(maxsize=32)
def _starts(tables: int, seats: int) -> NDArray[np.int32]:
    start = (np.arange(tables, dtype=np.int32) * np.int32(seats))[:, None]
    start.flags.writeable = False
    return start
