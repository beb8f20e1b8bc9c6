"""Resampling of units (episodes, people): vectorised, in bounded memory, with chance passed in.

Resamples are drawn as indices, in chunks that fit the processor's cache, so memory does not grow with them. Above
`DIRECT_UNITS` units they are first dealt at random into `BLOCKS` blocks of nearly equal size and the blocks are
resampled: with G blocks the spread of the bootstrap distribution is itself known to 1/sqrt(2 G), 2 % for 1,024
blocks, which is less than what 2,000 resamples leave open, and a million units cost as much as a thousand.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mores.errors import BadValue

Floats = NDArray[np.float64]

RESAMPLES = 2000
BLOCKS = 1024
DIRECT_UNITS = 2048
_CHUNK = 1 << 15
"""Indices drawn at once: they stay in the processor's cache, which makes it three times as fast as a million."""
_COLUMNS_BY_GATHER = 16
"""Up to this many columns, gathering each one costs less than counting indices for a matrix product."""


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else str(value)


def canonical(key: Any) -> str:
    """A text that is equal for equal conditions, whatever the order of their keys."""
    return json.dumps(key, sort_keys=True, default=_plain)


def generator(seed: int, *key: Any) -> np.random.Generator:
    """A generator that depends on `seed` and `key` alone (SHA-256), so estimates do not depend on each other."""
    digest = hashlib.sha256(canonical([int(seed), *key]).encode()).digest()
    return np.random.default_rng(int.from_bytes(digest[:16], "big"))


def deal(units: Floats, blocks: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Deal units [n, k] at random into blocks of nearly equal size: block sums [blocks, k], sizes [blocks]."""
    n = len(units)
    starts = np.arange(blocks) * n // blocks
    sums = np.add.reduceat(units[rng.permutation(n)], starts, axis=0)
    return sums, np.diff(np.append(starts, n)).astype(np.float64)


def _drawn_sums(units: Floats, resamples: int, rng: np.random.Generator) -> Floats:
    """Sums [resamples, k] of n rows drawn with replacement from `units` [n, k]."""
    n, k = units.shape
    columns = np.ascontiguousarray(units.T)
    sums = np.empty((resamples, k))
    step = max(1, _CHUNK // n)
    for start in range(0, resamples, step):
        rows = min(step, resamples - start)
        drawn = rng.integers(0, n, size=(rows, n))
        part = sums[start : start + rows]
        if k <= _COLUMNS_BY_GATHER:
            for j in range(k):
                part[:, j] = columns[j].take(drawn).sum(axis=1)
        else:
            drawn += np.arange(rows)[:, None] * n
            counts = np.bincount(drawn.ravel(), minlength=rows * n).reshape(rows, n)
            part[:] = counts.astype(np.float64) @ units
    return sums


def resampled_totals(
    units: ArrayLike, rng: np.random.Generator, resamples: int = RESAMPLES
) -> Floats:
    """Totals [resamples, k] of `units` [n, k] over n units drawn with replacement.

    Where blocks stand for units (see the module), totals are scaled to n units.
    """
    rows = np.asarray(units, dtype=np.float64)
    if rows.ndim != 2 or len(rows) == 0:
        raise BadValue("units", f"array of shape {rows.shape}", "an array [n, k] with n >= 1")
    if resamples < 1:
        raise BadValue("resamples", resamples, "at least 1 resample")
    n = len(rows)
    if n <= DIRECT_UNITS:
        return _drawn_sums(rows, resamples, rng)
    sums, sizes = deal(rows, BLOCKS, rng)
    drawn = _drawn_sums(np.column_stack([sums, sizes]), resamples, rng)
    return drawn[:, :-1] * (n / drawn[:, -1:])


def bootstrap(
    statistic: Callable[[Floats], Floats],
    units: ArrayLike,
    rng: np.random.Generator,
    resamples: int = RESAMPLES,
) -> Floats:
    """The bootstrap distribution [resamples] of a statistic of the totals of `units` [n, k].

    For statistics that are not means: each unit contributes a row of counts (a histogram of its actions, say);
    `statistic` gets the resampled totals [resamples, k] and returns one number each [resamples].
    """
    draws = np.asarray(statistic(resampled_totals(units, rng, resamples)), dtype=np.float64)
    if draws.shape != (resamples,):
        raise BadValue(
            "statistic",
            f"result of shape {draws.shape}",
            f"it gets totals [{resamples}, k] and must return [{resamples}]",
        )
    return draws
