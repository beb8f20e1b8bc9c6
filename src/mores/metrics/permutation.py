"""Permutation tests of a difference, and the correction of p-values for how many were made.

Exact where all rearrangements can be listed (at most `MOST_EXACT`), else `DRAWS` random ones, with the observed one
counted among them: p = (1 + as extreme) / (1 + draws), never 0 (Phipson & Smyth 2010).
"""

from __future__ import annotations

import itertools
import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mores.errors import BadValue
from mores.metrics.quantiles import normal_cdf
from mores.metrics.resampling import BLOCKS, Floats, deal

DRAWS = 10_000
MOST_EXACT = 10_000
MOST_LABELS = 500
_CHUNK = 1 << 18
_SLACK = 1e-9
"""Relative difference below which a rearrangement counts as extreme as what was observed: rounding."""


def _signs(n: int, rows: int, rng: np.random.Generator) -> Floats:
    """Independent fair signs [rows, n], one bit each."""
    raw = rng.integers(0, 256, size=(rows, -(-n // 8)), dtype=np.uint8)
    signs: Floats = 1.0 - 2.0 * np.unpackbits(raw, axis=1, count=n).astype(np.float64)
    return signs


def sign_flip_p(differences: ArrayLike, rng: np.random.Generator) -> float:
    """Two-sided p-value of paired differences [n] under chance signs: is their mean 0?

    Exact up to n = 13. Above 1,024 pairs, random blocks of pairs are flipped together, which is a smaller group of
    flips and so as valid a test. NaN for fewer than 2 pairs; 1 if all differences are 0.
    """
    values = np.asarray(differences, dtype=np.float64)
    if len(values) < 2:
        return math.nan
    if len(values) > BLOCKS:
        values = deal(values[:, None], BLOCKS, rng)[0][:, 0]
    n = len(values)
    threshold = abs(float(values.sum())) - _SLACK * float(np.abs(values).sum())
    if 2**n <= MOST_EXACT:
        bits = np.arange(2**n)[:, None] >> np.arange(n) & 1
        return float(np.mean(np.abs((1.0 - 2.0 * bits) @ values) >= threshold))
    extreme, step = 0, max(1, _CHUNK // n)
    for start in range(0, DRAWS, step):
        signs = _signs(n, min(step, DRAWS - start), rng)
        extreme += int(np.count_nonzero(np.abs(signs @ values) >= threshold))
    return (1 + extreme) / (1 + DRAWS)


def _welch(first: Floats, squares: Floats, values: Floats, n_a: int) -> Floats:
    """|Welch's t| from the sums and sums of squares of group a among `values`."""
    n_b = len(values) - n_a
    mean_a, mean_b = first / n_a, (values.sum() - first) / n_b
    var_a = np.maximum(squares / n_a - mean_a**2, 0.0) / (n_a - 1)
    var_b = np.maximum(((values**2).sum() - squares) / n_b - mean_b**2, 0.0) / (n_b - 1)
    gap, error = np.abs(mean_a - mean_b), np.sqrt(var_a + var_b)
    gap = np.where(gap <= _SLACK * np.abs(values).max(), 0.0, gap)
    error = np.where(error <= _SLACK * np.abs(values).max(), 0.0, error)
    surely = np.where(gap > 0, np.inf, 0.0)
    return np.divide(gap, error, out=surely, where=error > 0)


def label_p(a: ArrayLike, b: ArrayLike, rng: np.random.Generator) -> float:
    """Two-sided p-value of independent samples a [n], b [m] under chance labels: are their means equal?

    The statistic is Welch's t, so that unequal spreads do not pass for unequal means (Janssen 1997; Chung & Romano
    2013). Above 500 values, at least 50 of them on each side, the normal limit is used: it then differs from
    relabelling by less than relabelling's own noise. Above 20,000 values it is always used. NaN if either has fewer
    than 2.
    """
    left, right = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    n_a, n = len(left), len(left) + len(right)
    if min(n_a, n - n_a) < 2:
        return math.nan
    both = np.concatenate([left, right])
    both = both - both.mean()  # sums of squares of values far from 0 would lose digits
    observed = _welch(both[:n_a].sum(), (both[:n_a] ** 2).sum(), both, n_a)
    if n > MOST_LABELS and (min(n_a, n - n_a) >= 50 or n > 40 * MOST_LABELS):
        return 2.0 * normal_cdf(-float(observed))
    threshold = float(observed) * (1.0 - _SLACK)
    if math.comb(n, n_a) <= MOST_EXACT:
        chosen = np.array(list(itertools.combinations(range(n), n_a)))
        return float(np.mean(_t_of(both, chosen, n_a) >= threshold))
    extreme, step = 0, max(1, _CHUNK // n)
    for start in range(0, DRAWS, step):
        order = np.argsort(rng.random((min(step, DRAWS - start), n)), axis=1)[:, :n_a]
        extreme += int(np.count_nonzero(_t_of(both, order, n_a) >= threshold))
    return (1 + extreme) / (1 + DRAWS)


def _t_of(both: Floats, chosen: NDArray[np.int64], n_a: int) -> Floats:
    return _welch(both[chosen].sum(axis=1), (both**2)[chosen].sum(axis=1), both, n_a)


def _family(pvalues: ArrayLike) -> tuple[Floats, NDArray[np.int64]]:
    p = np.asarray(pvalues, dtype=np.float64)
    if p.ndim != 1:
        raise BadValue("pvalues", f"array of shape {p.shape}", "a vector")
    wrong = p[(p < 0) | (p > 1)]
    if len(wrong):
        raise BadValue("pvalues", float(wrong[0]), "within [0, 1]")
    order = np.argsort(p, kind="stable")
    return p, order[: len(p) - int(np.isnan(p).sum())]


def holm(pvalues: ArrayLike) -> Floats:
    """Holm's (1979) adjusted p-values: the chance of any false find in the family stays below alpha.

    NaN (no test could be made) stays NaN and does not count in the family.
    """
    p, order = _family(pvalues)
    adjusted = np.full(len(p), np.nan)
    scaled = p[order] * np.arange(len(order), 0, -1)
    adjusted[order] = np.minimum(np.maximum.accumulate(scaled), 1.0)
    return adjusted


def benjamini_hochberg(pvalues: ArrayLike) -> Floats:
    """Benjamini & Hochberg's (1995) adjusted p-values: the expected share of false finds stays below alpha.

    NaN stays NaN and does not count in the family.
    """
    p, order = _family(pvalues)
    adjusted = np.full(len(p), np.nan)
    scaled = p[order] * len(order) / np.arange(1, len(order) + 1)
    adjusted[order] = np.minimum(np.minimum.accumulate(scaled[::-1])[::-1], 1.0)
    return adjusted
