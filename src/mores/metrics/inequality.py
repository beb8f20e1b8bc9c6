"""Who gets how much: welfare, efficiency, Gini, minimum, worst-off group, and the slope of a trajectory.

All functions take arrays whose last axis is the members (seats, people, rounds) and work over the leading axes at once.
NaN is a member without a value (dead, left): it is left out, and a row of nothing but NaN gives NaN.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mores.errors import BadValue

Floats = NDArray[np.float64]


def _members(values: ArrayLike, name: str = "payoffs") -> tuple[Floats, NDArray[np.bool_]]:
    array = np.asarray(values, dtype=np.float64)
    if array.ndim == 0:
        raise BadValue(name, values, "an array [..., members]")
    return array, ~np.isnan(array)


def _where_any(values: Floats, there: NDArray[np.bool_]) -> Floats:
    return np.where(there.any(axis=-1), values, np.nan)


def welfare(payoffs: ArrayLike, how: Literal["sum", "mean"] = "sum") -> Floats:
    """The sum or the mean of payoffs [..., members] -> [...]."""
    values, there = _members(payoffs)
    total = np.where(there, values, 0.0).sum(axis=-1)
    if how == "mean":
        total = total / np.maximum(there.sum(axis=-1), 1)
    elif how != "sum":
        raise BadValue("how", how, "'sum' or 'mean'")
    return _where_any(total, there)


def efficiency(payoffs: ArrayLike, optimum: ArrayLike) -> Floats:
    """Total payoff over the largest total that could be had: 1 is the social optimum; NaN where the optimum is 0."""
    total, best = np.broadcast_arrays(welfare(payoffs), np.asarray(optimum, dtype=np.float64))
    share: Floats = np.divide(total, best, out=np.full(total.shape, np.nan), where=best != 0)
    return share


def minimum(payoffs: ArrayLike) -> Floats:
    """What the worst-off member gets, [..., members] -> [...]."""
    values, there = _members(payoffs)
    lowest = np.where(there, values, np.inf).min(axis=-1, initial=np.inf)
    return _where_any(lowest, there)


def gini(values: ArrayLike, *, unbiased: bool = False) -> Floats:
    """Gini's coefficient of [..., members] -> [...]: half the mean absolute difference over the mean.

    From 0 (all equal) to (n - 1) / n (one has everything); `unbiased` multiplies by n / (n - 1), so that the top is 1.
    Zeros are ordinary values; all zero is all equal: 0. With debts (negative values) and a positive total it is
    computed and can exceed 1 (Chen, Tsaur & Rhai 1982); where the total is not positive and members differ it
    has no meaning: NaN. One member alone: 0 (NaN if unbiased).
    """
    array, there = _members(values, "values")
    n = there.sum(axis=-1)
    ranked = np.sort(array, axis=-1)  # NaN goes last, where the weights below are 0
    rank = np.arange(1, array.shape[-1] + 1)
    weight = np.where(rank <= n[..., None], 2 * rank - n[..., None] - 1, 0)
    spread = (weight * np.where(np.isnan(ranked), 0.0, ranked)).sum(axis=-1)
    total = np.where(there, array, 0.0).sum(axis=-1)
    top = np.where(there, array, -np.inf).max(axis=-1, initial=-np.inf)
    equal = (n > 0) & (minimum(array) == top)
    found = np.full(total.shape, np.nan)
    np.divide(spread, n * total, out=found, where=(total > 0) & (n > 0))
    found = np.where(equal, 0.0, found)
    if unbiased:
        found = np.where(n > 1, found * n / np.maximum(n - 1, 1), np.nan)
    return found


def group_means(values: ArrayLike, groups: ArrayLike) -> tuple[NDArray[np.generic], Floats]:
    """Labels [g] and the mean of each group, [..., members] -> [..., g]; NaN for a group without any value."""
    array, there = _members(values, "values")
    labels, member_of = np.unique(np.asarray(groups), return_inverse=True)
    if member_of.shape != array.shape[-1:]:
        raise BadValue(
            "groups",
            f"{member_of.shape} labels",
            f"one label for each of {array.shape[-1]} members",
        )
    belongs = (member_of[:, None] == np.arange(len(labels))).astype(np.float64)
    counts = there.astype(np.float64) @ belongs
    sums = np.where(there, array, 0.0) @ belongs
    means = np.divide(sums, counts, out=np.full(sums.shape, np.nan), where=counts > 0)
    return labels, means


def worst_group_mean(values: ArrayLike, groups: ArrayLike) -> Floats:
    """The mean of the worst-off group, [..., members] with labels [members] -> [...].

    NaN if any group has no value at all: which one is worst is then unknown (:func:`group_means` shows the others).
    """
    _, means = group_means(values, groups)
    if means.shape[-1] == 0:
        return np.full(means.shape[:-1], np.nan)
    lowest: Floats = means.min(axis=-1)
    return lowest


def slope(series: ArrayLike, at: ArrayLike | None = None) -> Floats:
    """Least-squares change a step of a trajectory [..., steps] -> [...] (per round, per generation).

    `at` [steps]: when each value was taken; by default 0, 1, 2, ... NaN steps are left out; fewer than two distinct
    times with a value give NaN.
    """
    values, there = _members(series, "series")
    times = np.arange(values.shape[-1]) if at is None else np.asarray(at, dtype=np.float64)
    if times.shape != values.shape[-1:]:
        raise BadValue("at", f"{times.shape} times", f"one for each of {values.shape[-1]} steps")
    n = np.maximum(there.sum(axis=-1, keepdims=True), 1)
    x = np.where(there, times, 0.0)
    y = np.where(there, values, 0.0)
    dx = np.where(there, x - x.sum(axis=-1, keepdims=True) / n, 0.0)
    dy = np.where(there, y - y.sum(axis=-1, keepdims=True) / n, 0.0)
    spread = (dx**2).sum(axis=-1)
    moved = (dx * dy).sum(axis=-1)
    scale = (x**2).max(axis=-1, initial=0.0)
    rate: Floats = np.divide(
        moved, spread, out=np.full(moved.shape, np.nan), where=spread > 1e-20 * scale
    )
    return rate
