"""Differences between conditions: paired on shared seeds, with interval, p-value, effect size and Holm's correction.

Conditions of one study share their chance, so the episode of replicate r and table t under one institution is the
twin of the same replicate and table under another: units with equal `unit_id` are paired, and what chance gives to
both cancels.
"""

from __future__ import annotations

import itertools
import math
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mores.errors import BadValue
from mores.metric import Comparison, Condition, Metric, Sample
from mores.metrics.permutation import benjamini_hochberg, holm, label_p, sign_flip_p
from mores.metrics.quantiles import normal_cdf, t_quantile
from mores.metrics.resampling import Floats, canonical, generator, resampled_totals
from mores.metrics.statistics import (
    SMALL,
    Interval,
    UnitMeans,
    all_equal,
    bootstrap_mean,
    rows_of_conditions,
    t_interval,
    unit_means,
)

__all__ = ["benjamini_hochberg", "compare", "compare_all", "holm", "pairs"]

CAP = 60
"""How many comparisons `compare_all` makes by default: more are not read, and cost the others their power."""


@dataclass(frozen=True)
class _Side:
    """One condition's units."""

    condition: Condition
    units: UnitMeans

    @property
    def values(self) -> Floats:
        return self.units.mean[self.units.used > 0]

    @property
    def missing(self) -> int:
        return int(np.count_nonzero(self.units.used == 0))


@dataclass(frozen=True)
class _Result:
    """What a comparison is made of, before it has names."""

    interval: Interval
    p: float
    effect_size: float
    n: int
    missing: int
    paired: bool


def _sides(sample: Sample) -> list[_Side]:
    """The units of every condition."""
    return [
        _Side(condition, unit_means(sample.value[rows], sample.unit_id[rows]))
        for condition, rows in zip(sample.condition, rows_of_conditions(sample), strict=True)
    ]


def _contains(condition: Condition, part: Mapping[str, Any]) -> bool:
    return dict(part).items() <= dict(condition).items()


def _pick(sides: list[_Side], wanted: Condition | None, name: str) -> _Side:
    """The one side whose condition is `wanted`, or else the only one that contains it."""
    part = dict(wanted or {})
    fitting = [s for s in sides if dict(s.condition) == part]
    fitting = fitting or [s for s in sides if _contains(s.condition, part)]
    if len(fitting) == 1:
        return fitting[0]
    listed = "; ".join(canonical(dict(s.condition)) for s in sides[:12])
    raise BadValue(name, part, f"it must fit one condition and fits {len(fitting)} of: {listed}")


def _shares_units(a: _Side, b: _Side) -> bool:
    shared = len(np.intersect1d(a.units.unit_id, b.units.unit_id, assume_unique=True))
    smaller = min(len(a.units.unit_id), len(b.units.unit_id))
    return shared > 0 and 2 * shared >= smaller


def _paired(a: _Side, b: _Side, rng: np.random.Generator, level: float) -> _Result:
    _, in_a, in_b = np.intersect1d(
        a.units.unit_id, b.units.unit_id, assume_unique=True, return_indices=True
    )
    differences = a.units.mean[in_a] - b.units.mean[in_b]
    differences = differences[~np.isnan(differences)]
    n, everyone = len(differences), len(np.union1d(a.units.unit_id, b.units.unit_id))
    interval = bootstrap_mean(differences, rng=rng, level=level)
    spread = math.nan
    if n > 1:
        spread = 0.0 if all_equal(differences) else float(differences.std(ddof=1))
    return _Result(
        interval=interval,
        p=sign_flip_p(differences, rng),
        effect_size=_over(interval.value, spread),
        n=n,
        missing=everyone - n,
        paired=True,
    )


def _over(difference: float, spread: float) -> float:
    """difference / spread; an effect without any spread is infinite, no effect without spread is 0."""
    if spread == 0 and not math.isnan(difference):
        return math.copysign(math.inf, difference) if difference else 0.0
    return difference / spread


def _hedges_g(a: Floats, b: Floats) -> float:
    """The difference over the pooled standard deviation, corrected for small samples (Hedges 1981)."""
    df = len(a) + len(b) - 2
    if min(len(a), len(b)) < 2:
        return math.nan
    squares = sum(0.0 if all_equal(x) else float(x.var() * len(x)) for x in (a, b))
    return _over(float(a.mean() - b.mean()), math.sqrt(squares / df)) * (1.0 - 3.0 / (4 * df - 1))


def _difference_of_means(a: Floats, b: Floats, rng: np.random.Generator, level: float) -> Interval:
    """mean(a) - mean(b) of independent units: Welch's t below 15 units a side, else the bootstrap of both.

    As for a mean, bootstrap levels are widened for small samples (Hesterberg 2015). Welch's degrees of freedom are
    rounded down.
    """
    if min(len(a), len(b)) == 0:
        return Interval(math.nan, math.nan, math.nan, "none")
    gap = float(a.mean() - b.mean())
    if min(len(a), len(b)) < 2:
        return Interval(gap, math.nan, math.nan, "none")
    if all_equal(a) and all_equal(b):
        return Interval(gap, gap, gap, "bootstrap")
    sizes = np.array([len(a), len(b)], dtype=np.float64)
    parts = np.array([0.0 if all_equal(x) else x.var(ddof=1) for x in (a, b)]) / sizes
    error = math.sqrt(parts.sum())
    df = max(1, int(parts.sum() ** 2 / (parts**2 / (sizes - 1)).sum()))
    if min(len(a), len(b)) < SMALL:
        return t_interval(gap, error, df, level)
    narrow = math.sqrt((parts * (sizes - 1) / sizes).sum())
    tail = normal_cdf(t_quantile((1.0 - level) / 2.0, df) * error / narrow)
    draws = [resampled_totals(x[:, None], rng)[:, 0] / len(x) for x in (a, b)]
    low, high = np.quantile(draws[0] - draws[1], [tail, 1.0 - tail])
    return Interval(gap, float(low), float(high), "bootstrap")


def _unpaired(a: _Side, b: _Side, rng: np.random.Generator, level: float) -> _Result:
    left, right = a.values, b.values
    return _Result(
        interval=_difference_of_means(left, right, rng, level),
        p=label_p(left, right, rng),
        effect_size=_hedges_g(left, right),
        n=len(left) + len(right),
        missing=a.missing + b.missing,
        paired=False,
    )


def _compare_sides(
    metric: Metric, a: _Side, b: _Side, paired: bool | None, seed: int, level: float
) -> Comparison:
    names = [canonical(dict(side.condition)) for side in (a, b)]
    if names[0] > names[1]:
        # Always computed in one order, so that a - b is exactly the negative of b - a.
        turned = _compare_sides(metric, b, a, paired, seed, level)
        return replace(
            turned,
            a=turned.b,
            b=turned.a,
            difference=-turned.difference,
            low=-turned.high,
            high=-turned.low,
            effect_size=-turned.effect_size,
        )
    rng = generator(seed, metric.name, *names)
    pairing = _shares_units(a, b) if paired is None else paired
    result = (_paired if pairing else _unpaired)(a, b, rng, level)
    return Comparison(
        metric=metric.name,
        a=a.condition,
        b=b.condition,
        difference=result.interval.value,
        low=result.interval.low,
        high=result.interval.high,
        p=result.p,
        p_adjusted=result.p,
        effect_size=result.effect_size,
        n=result.n,
        missing=result.missing,
        paired=result.paired,
        unit=metric.unit,
    )


def compare(
    metric: Metric,
    sample_a: Sample,
    sample_b: Sample | None = None,
    *,
    a: Condition | None = None,
    b: Condition | None = None,
    paired: bool | None = None,
    seed: int = 0,
    level: float = 0.95,
) -> Comparison:
    """The difference a - b of a metric, from two samples or from two conditions of one.

    `a` and `b` name conditions (a part that fits just one is enough); they can be left out where a sample has
    one condition, or one sample has two. `paired=None` pairs where at least half of the smaller side's units occur
    in both. `n` counts pairs (paired) or units of both sides; `missing` counts units without a value, or without a
    partner that has one. The p-value is from sign flips (paired) or relabelling (unpaired). `effect_size`: paired, the
    mean difference over the standard deviation of differences (infinite if every pair differs by the same); unpaired,
    Hedges' g. Fewer than 2 pairs, or units a side, give a NaN interval and p.
    """
    sides = _sides(sample_a)
    if sample_b is None and a is None and b is None:
        if len(sides) != 2:
            raise BadValue(
                "sample_a", f"{len(sides)} conditions", "two; else name them as a=... and b=..."
            )
        return _compare_sides(metric, sides[0], sides[1], paired, seed, level)
    side_a = _pick(sides, a, "a")
    side_b = _pick(sides if sample_b is None else _sides(sample_b), b, "b")
    return _compare_sides(metric, side_a, side_b, paired, seed, level)


def _differing(a: Condition, b: Condition) -> list[str]:
    absent = object()
    return [k for k in {**a, **b} if a.get(k, absent) != b.get(k, absent)]


def pairs(
    conditions: Sequence[Condition], baseline: Condition | None = None, over: str | None = None
) -> list[tuple[int, int]]:
    """Indices (a, b) of the conditions that differ in exactly one key, the later one first: a - b is "new - old".

    `over`: only where that key differs. `baseline` (a part of a condition, such as {"institution": "none"}): only
    against the conditions that contain it, which then are b.
    """
    if over is not None and not any(over in c for c in conditions):
        known = ", ".join(sorted({k for c in conditions for k in c}))
        raise BadValue("over", over, f"one of the keys of the conditions: {known}")
    if baseline is not None and not any(_contains(c, baseline) for c in conditions):
        raise BadValue("baseline", dict(baseline), "a part of at least one condition")
    found = []
    for old, new in itertools.combinations(range(len(conditions)), 2):
        keys = _differing(conditions[old], conditions[new])
        if len(keys) != 1 or over not in (None, keys[0]):
            continue
        if baseline is None or _contains(conditions[old], baseline):
            base = (old, new)
        elif _contains(conditions[new], baseline):
            base = (new, old)
        else:
            continue
        if baseline is not None and all(_contains(conditions[i], baseline) for i in base):
            continue
        found.append((base[1], base[0]))
    return found


def compare_all(
    metric: Metric,
    sample: Sample,
    baseline: Condition | None = None,
    over: str | None = None,
    *,
    cap: int = CAP,
    paired: bool | None = None,
    seed: int = 0,
    level: float = 0.95,
) -> list[Comparison]:
    """All comparisons between conditions that differ in exactly one key, Holm-adjusted as one family.

    `baseline` and `over` narrow them (see :func:`pairs`). At most `cap` are made, the first in the order of the
    conditions (not by what they show, so the correction stays valid), and a warning says how many were left out.
    """
    if cap < 1:
        raise BadValue("cap", cap, "at least 1")
    chosen = pairs(sample.condition, baseline, over)
    if len(chosen) > cap:
        warnings.warn(
            f"{metric.name}: {cap} of {len(chosen)} comparisons were made; "
            "name a baseline=, an over= key, or a larger cap=",
            stacklevel=2,
        )
        chosen = chosen[:cap]
    sides = _sides(sample)
    made = [_compare_sides(metric, sides[a], sides[b], paired, seed, level) for a, b in chosen]
    adjusted = holm([c.p for c in made])
    return [replace(c, p_adjusted=float(p)) for c, p in zip(made, adjusted, strict=True)]
