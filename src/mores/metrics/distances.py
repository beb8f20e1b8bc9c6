"""Distances between distributions over the same classes, and between a sample's conduct and a reference.

The distances take shares or counts `[..., k]`, normalise the last axis themselves, and work over the leading axes.
A row that sums to 0, or holds NaN, has no distribution: NaN. Divergences are in nats unless said otherwise.

Read KL beside total variation or Jensen-Shannon: KL is ruled by empty classes (with smoothing e, a class of share
q that the other never shows costs q ln(q / e)), the other two are bounded.

A distance cannot be below 0, so chance only ever adds to it: two samples of the same distribution are apart, and
more so the smaller they are. Two things follow.

- Beside a distance belongs its :func:`noise_floor`: what chance alone gives to samples of that size.
- The percentile bootstrap is useless here: a resample has the chance of the sample and its own once more, and in
  simulation (six classes, 30 to 400 people, total variation) its 95 % interval held the truth in 0-80 % of cases.
  The interval used turns the bootstrap around (basic bootstrap: 2 d - d*), and its lower end is 0 where d is within
  what resampling moves the sample itself (the `level` quantile of the distance from the sample to its resamples).
  That held the truth in 83-95 % for total variation and 82-97 % for Hellinger (worst at 30 people), 91-100 % for
  Jensen-Shannon and Wasserstein. The value is the plain one, not corrected for its bias.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mores.errors import BadValue
from mores.metric import Estimate
from mores.metrics.resampling import RESAMPLES, Floats, resampled_totals

Unit = Literal["nats", "bits"]


def shares(weights: ArrayLike, smoothing: float = 0.0, name: str = "weights") -> Floats:
    """Counts or shares [..., k] as shares that sum to 1; `smoothing` is added to every share, then normalised again."""
    array = np.asarray(weights, dtype=np.float64)
    if array.ndim == 0 or array.shape[-1] == 0:
        raise BadValue(name, f"array of shape {array.shape}", "an array [..., k] of k >= 1 classes")
    if bool((array < 0).any()) or bool(np.isinf(array).any()):
        raise BadValue(name, "negative or infinite weights", "counts or shares of at least 0")
    if smoothing < 0:
        raise BadValue("smoothing", smoothing, "at least 0")
    total = array.sum(axis=-1, keepdims=True)
    share: Floats = np.divide(array, total, out=np.full(array.shape, np.nan), where=total > 0)
    return (share + smoothing) / (1.0 + smoothing * array.shape[-1]) if smoothing else share


def _both(p: ArrayLike, q: ArrayLike, smoothing: float = 0.0) -> tuple[Floats, Floats]:
    left, right = shares(p, smoothing, "p"), shares(q, smoothing, "q")
    if left.shape[-1] != right.shape[-1]:
        raise BadValue("q", f"{right.shape[-1]} classes", f"as many classes as p: {left.shape[-1]}")
    return left, right


def _log_ratio_sum(p: Floats, q: Floats) -> Floats:
    """sum p ln(p / q) over the last axis, with 0 ln 0 = 0 and infinity where q is 0 and p is not."""
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.where(p == 0, 0.0 * q, p * np.log(p / q))
    total: Floats = terms.sum(axis=-1)
    return total


def _in_unit(nats: Floats, unit: Unit) -> Floats:
    if unit not in ("nats", "bits"):
        raise BadValue("unit", unit, "'nats' or 'bits'")
    return nats if unit == "nats" else nats / math.log(2.0)


def total_variation(p: ArrayLike, q: ArrayLike) -> Floats:
    """Half the summed absolute difference, 0 to 1: the share of people who would have to act otherwise."""
    left, right = _both(p, q)
    distance: Floats = 0.5 * np.abs(left - right).sum(axis=-1)
    return distance


def kl(p: ArrayLike, q: ArrayLike, smoothing: float = 0.0, unit: Unit = "nats") -> Floats:
    """Kullback-Leibler divergence KL(p || q), from 0; infinite where q lacks a class of p and nothing is smoothed.

    `smoothing` is added to both sides' shares, which are normalised again.
    """
    left, right = _both(p, q, smoothing)
    return _in_unit(np.maximum(_log_ratio_sum(left, right), 0.0), unit)


def reverse_kl(p: ArrayLike, q: ArrayLike, smoothing: float = 0.0, unit: Unit = "nats") -> Floats:
    """KL(q || p): the same with the sides exchanged."""
    return kl(q, p, smoothing, unit)


def jensen_shannon(
    p: ArrayLike, q: ArrayLike, smoothing: float = 0.0, unit: Unit = "nats"
) -> Floats:
    """Jensen-Shannon divergence (not its root): 0 to ln 2 in nats, 0 to 1 in bits; symmetric, always finite."""
    left, right = _both(p, q, smoothing)
    middle = (left + right) / 2
    nats = (_log_ratio_sum(left, middle) + _log_ratio_sum(right, middle)) / 2
    return _in_unit(np.maximum(nats, 0.0), unit)


def hellinger(p: ArrayLike, q: ArrayLike) -> Floats:
    """Hellinger distance, 0 to 1: sqrt(1 - sum sqrt(p q)), computed from the differences of roots."""
    left, right = _both(p, q)
    distance: Floats = np.sqrt(0.5 * ((np.sqrt(left) - np.sqrt(right)) ** 2).sum(axis=-1))
    return distance


def entropy(p: ArrayLike, smoothing: float = 0.0, unit: Unit = "nats") -> Floats:
    """Shannon entropy, 0 to ln k nats."""
    share = shares(p, smoothing, "p")
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.where(share == 0, 0.0, -share * np.log(share))
    return _in_unit(terms.sum(axis=-1), unit)


def entropy_gap(p: ArrayLike, q: ArrayLike, smoothing: float = 0.0, unit: Unit = "nats") -> Floats:
    """H(p) - H(q): above 0 where p, the target, is more varied than q."""
    return entropy(p, smoothing, unit) - entropy(q, smoothing, unit)


def wasserstein(p: ArrayLike, q: ArrayLike, support: ArrayLike) -> Floats:
    """Wasserstein-1 between distributions on numbers `support` [k], in their unit: how far conduct must be moved."""
    left, right = _both(p, q)
    points = np.asarray(support, dtype=np.float64)
    if points.shape != left.shape[-1:] or not np.isfinite(points).all():
        raise BadValue("support", support, f"{left.shape[-1]} finite numbers, one a class")
    order = np.argsort(points)
    ahead = np.cumsum((left - right)[..., order], axis=-1)[..., :-1]
    distance: Floats = (np.abs(ahead) * np.diff(points[order])).sum(axis=-1)
    lost = np.isnan(left).any(axis=-1) | np.isnan(right).any(axis=-1)
    return np.where(lost, np.nan, distance)


def histogram(values: ArrayLike, edges: ArrayLike) -> NDArray[np.int64]:
    """Counts [..., k] of values [..., n] between rising edges [k + 1]; bins are [low, high), the top one is closed.

    NaN is counted nowhere (the counts then sum to less than n); a value outside the edges is an error.
    """
    array, bounds = np.asarray(values, dtype=np.float64), np.asarray(edges, dtype=np.float64)
    if bounds.ndim != 1 or len(bounds) < 2 or not bool((np.diff(bounds) > 0).all()):
        raise BadValue("edges", edges, "at least two numbers in rising order")
    if array.ndim == 0:
        raise BadValue("values", values, "an array [..., n]")
    outside = array[(array < bounds[0]) | (array > bounds[-1])]
    if outside.size:
        raise BadValue("values", float(outside[0]), f"within the edges {bounds[0]}..{bounds[-1]}")
    k, rows = len(bounds) - 1, math.prod(array.shape[:-1])
    there = ~np.isnan(array)
    bins = np.minimum(np.searchsorted(bounds, array, side="right") - 1, k - 1)
    row = np.broadcast_to(np.arange(rows).reshape(*array.shape[:-1], 1), array.shape)
    counts = np.bincount((row * k + bins)[there], minlength=rows * k)
    return counts.astype(np.int64).reshape(*array.shape[:-1], k)


Distance = Callable[[Floats, Floats], Floats]
"""Of distributions [..., k] and [k] or [..., k]; `functools.partial(wasserstein, support=...)` makes one."""


def distance_estimate(
    counts: ArrayLike,
    reference: ArrayLike,
    *,
    rng: np.random.Generator,
    distance: Distance = total_variation,
    reference_n: int | None = None,
    equal_units: bool = False,
    metric: str = "distance_tv",
    condition: Mapping[str, Any] | None = None,
    unit: str = "",
    top: float | None = None,
    level: float = 0.95,
    resamples: int = RESAMPLES,
) -> Estimate:
    """The distance from what units did to a reference distribution, resampling units.

    `counts` [n, k]: how often each unit (episode, person) did each of k things; a unit with no count, or NaN, is
    missing. `reference` [k]: counts or shares. Every action counts once, unless `equal_units` makes every unit
    count once. `reference_n`: how many people the reference rests on; they are then resampled too (multinomial). `top`:
    the largest value the distance can have. Upward bias and the interval: see the module.
    """
    rows = np.asarray(counts, dtype=np.float64)
    if rows.ndim != 2:
        raise BadValue("counts", f"array of shape {rows.shape}", "an array [units, classes]")
    target = shares(reference, name="reference")
    total = rows.sum(axis=1)
    there = total > 0
    used = rows[there] / total[there, None] if equal_units else rows[there]
    n = len(used)
    value, low, high, method = math.nan, math.nan, math.nan, "none"
    if n:
        mine = shares(used.sum(axis=0))
        value = float(distance(mine, target))
    if n > 1 and math.isfinite(value):
        redrawn = shares(resampled_totals(used, rng, resamples))
        low, high = _interval(mine, target, redrawn, value, distance, reference_n, rng, level)
        high, method = min(high, math.inf if top is None else top), "bootstrap"
    return Estimate(
        metric=metric,
        condition=dict(condition or {}),
        value=value,
        low=low,
        high=high,
        n=n,
        missing=len(rows) - n,
        unit=unit,
        level=level,
        method=method,
        better="lower",
        range=(0.0, top),
    )


def _interval(
    mine: Floats,
    target: Floats,
    redrawn: Floats,
    value: float,
    distance: Distance,
    reference_n: int | None,
    rng: np.random.Generator,
    level: float,
) -> tuple[float, float]:
    """The basic bootstrap interval with the noise rule of the module; it always holds the value."""
    others, same = target, mine
    if reference_n is not None:
        others = rng.multinomial(reference_n, target, size=len(redrawn)) / reference_n
        same = rng.multinomial(reference_n, mine, size=len(redrawn)) / reference_n
    draws = distance(redrawn, others)
    tail = (1.0 - level) / 2.0
    # Not interpolated: an infinite draw (KL of a resample that lacks a class) must not make NaN.
    least, most = np.quantile(draws, [tail, 1.0 - tail], method="inverted_cdf")
    noise = float(np.quantile(distance(redrawn, same), level, method="inverted_cdf"))
    low = 0.0 if value <= noise else max(0.0, min(2 * value - float(most), value))
    return low, max(2 * value - float(least), value)


def noise_floor(
    p: ArrayLike,
    n: int,
    m: int | None = None,
    *,
    rng: np.random.Generator,
    distance: Distance = total_variation,
    quantile: float | None = None,
    resamples: int = RESAMPLES,
) -> float:
    """The distance that chance alone gives: of n draws from `p` [k] to `p` itself, or to m other draws from it.

    The expected one, or its `quantile` (0.95: what one sample in twenty exceeds). Draws are independent; where a
    unit acts many times alike, count units. For total variation, k classes and m=None it is at most about
    0.4 sqrt((k - 1) / n).
    """
    share = shares(p, name="p")
    if share.ndim != 1 or np.isnan(share).any():
        raise BadValue("p", p, "one distribution [k]")
    if n < 1 or (m is not None and m < 1):
        raise BadValue("n, m", (n, m), "at least 1 draw each")
    drawn = rng.multinomial(n, share, size=resamples) / n
    other = share if m is None else rng.multinomial(m, share, size=resamples) / m
    apart = distance(drawn, other)
    return float(apart.mean() if quantile is None else np.quantile(apart, quantile))
