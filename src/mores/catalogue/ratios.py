"""Ratios of totals over tables, with bootstrap intervals: for measures that are not the mean of one value a table."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Literal

import numpy as np

from mores.metric import Condition, Estimate
from mores.metrics.readings import Floats
from mores.metrics.resampling import bootstrap, generator

Statistic = Callable[[Floats], Floats]
"""From totals [resamples, k] to one number each [resamples]; NaN where it is not defined."""


def ratio(above: Floats, below: Floats) -> Floats:
    """Elementwise; NaN where nothing is divided by."""
    out = np.full(np.broadcast(above, below).shape, np.nan)
    np.divide(above, below, out=out, where=below > 0)
    return out


def estimated(
    metric: str,
    condition: Condition,
    units: Floats,
    statistic: Statistic,
    *,
    seed: int,
    missing: int = 0,
    unit: str = "share",
    better: Literal["higher", "lower", "neither"] = "neither",
    range: tuple[float | None, float | None] = (None, None),
) -> Estimate:
    """A statistic of the totals of `units` [n, k], a row a table, with its percentile interval (95 %).

    Resamples in which it is not defined are left out of the interval; with fewer than two tables there is none.
    """
    kwargs: dict[str, Any] = {"unit": unit, "better": better, "range": range, "missing": missing}
    n = len(units)
    value = float(statistic(units.sum(0, keepdims=True))[0]) if n else math.nan
    low = high = math.nan
    if n > 1 and value == value:
        draws = bootstrap(statistic, units, generator(seed, metric, dict(condition)))
        draws = draws[~np.isnan(draws)]
        if len(draws):
            low, high = (float(q) for q in np.quantile(draws, (0.025, 0.975)))
    method = "none" if math.isnan(low) else "bootstrap"
    return Estimate(
        metric=metric,
        condition=condition,
        value=value,
        low=low,
        high=high,
        n=n,
        method=method,
        **kwargs,
    )
