"""Inequality and welfare: hand-worked values, invariances, and what missing members do."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mores.errors import BadValue
from mores.metrics.inequality import (
    efficiency,
    gini,
    group_means,
    minimum,
    slope,
    welfare,
    worst_group_mean,
)

wealth = arrays(np.float64, st.integers(1, 30), elements=st.floats(0, 1e6))


def test_gini_by_hand() -> None:
    """1, 2, 3, 4 gives 0.25; one of four with everything 0.75, unbiased 1; equals 0, penniless equals too."""
    assert gini([1, 2, 3, 4]) == pytest.approx(0.25)
    assert gini([0, 0, 0, 8]) == pytest.approx(0.75)
    assert gini([0, 0, 0, 8], unbiased=True) == pytest.approx(1)
    assert gini([5, 5, 5]) == gini([0, 0]) == gini([3]) == 0


def test_gini_of_debts() -> None:
    """With debts and a positive total it may pass 1; with no positive total it means nothing."""
    assert gini([-4, 1, 5]) == pytest.approx(3.0)
    assert np.isnan(gini([-1, 1]))
    assert np.isnan(gini([-3, -1]))
    assert gini([-2, -2]) == 0


def test_gini_leaves_missing_members_out() -> None:
    """NaN members do not count, rows stay apart, nobody gives NaN."""
    rows = [[4, np.nan, 1, 3, 2], [np.nan] * 5, [7, 7, 7, 7, np.nan]]
    assert gini(rows) == pytest.approx([0.25, np.nan, 0], nan_ok=True)
    assert np.isnan(gini([]))
    assert np.isnan(gini([3, np.nan], unbiased=True))


@given(wealth, st.floats(0.01, 100))
def test_gini_is_bounded_and_blind_to_scale_order_and_copies(x: Any, factor: float) -> None:
    """0 to (n - 1) / n; the unit of money, who is who, and two copies of the society do not matter."""
    assume(x.sum() > 1e-3)
    g = float(gini(x))
    assert -1e-9 <= g <= (len(x) - 1) / len(x) + 1e-9
    assert gini(x * factor) == pytest.approx(g, abs=1e-9)
    assert gini(x[::-1]) == pytest.approx(g, abs=1e-9)
    assert gini(np.tile(x, 2)) == pytest.approx(g, abs=1e-9)
    brute = np.abs(x[:, None] - x).mean() / 2 / x.mean()
    assert g == pytest.approx(brute, abs=1e-9)


def test_welfare_efficiency_and_minimum() -> None:
    """Sums, means, shares of the optimum and the worst-off, with members missing and rows of nobody."""
    rows: list[list[float]] = [[1, 2, 3], [4, np.nan, -2], [np.nan] * 3]
    assert welfare(rows) == pytest.approx([6, 2, np.nan], nan_ok=True)
    assert welfare(rows, "mean") == pytest.approx([2, 1, np.nan], nan_ok=True)
    assert minimum(rows) == pytest.approx([1, -2, np.nan], nan_ok=True)
    assert efficiency(rows, 12) == pytest.approx([0.5, 1 / 6, np.nan], nan_ok=True)
    assert np.isnan(efficiency([1, 2], 0))
    with pytest.raises(BadValue, match="how"):
        welfare(rows, "median")  # type: ignore[arg-type]


def test_the_worst_group() -> None:
    """Groups a (1, 3) and b (0, 2): b is worse; a group of which nothing is known makes the worst unknown."""
    rows: list[list[float]] = [[1, 0, 3, 2], [1, np.nan, 3, np.nan]]
    labels, means = group_means(rows, ["a", "b", "a", "b"])
    assert labels.tolist() == ["a", "b"]
    assert means == pytest.approx(np.array([[2, 1], [2, np.nan]]), nan_ok=True)
    worst = worst_group_mean(rows, ["a", "b", "a", "b"])
    assert worst == pytest.approx([1, np.nan], nan_ok=True)
    with pytest.raises(BadValue, match="groups"):
        group_means([1, 2, 3], ["a", "b"])


def test_slopes() -> None:
    """A line has its slope with steps missing or unevenly spaced; one point has none."""
    rows: list[list[float]] = [
        [0, 2, 4, 6],
        [5, np.nan, 3, 2],
        [1, np.nan, np.nan, np.nan],
        [4, 4, 4, 4],
    ]
    assert slope(rows) == pytest.approx([2, -1, np.nan, 0], nan_ok=True)
    assert slope([1, 3, 9], at=[0, 1, 4]) == pytest.approx(2)
    assert slope([0, 1, 0, 3]) == pytest.approx(np.polyfit([0, 1, 2, 3], [0, 1, 0, 3], 1)[0])
    with pytest.raises(BadValue, match="at"):
        slope([1, 2, 3], at=[0, 1])
