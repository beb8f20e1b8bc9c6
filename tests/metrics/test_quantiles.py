"""Quantiles against closed forms, and against scipy where it is installed."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mores.errors import BadValue
from mores.metrics.quantiles import normal_cdf, normal_quantile, t_quantile


def test_t_has_its_closed_forms() -> None:
    """With 1 and 2 degrees of freedom the quantile has a formula."""
    assert t_quantile(0.75, 1) == pytest.approx(1.0, rel=1e-12)
    assert t_quantile(0.975, 1) == pytest.approx(math.tan(math.pi * 0.475), rel=1e-9)
    a = 2 * 0.975 - 1
    assert t_quantile(0.975, 2) == pytest.approx(a * math.sqrt(2 / (1 - a * a)), rel=1e-9)


def test_normal_has_its_textbook_value() -> None:
    """The most used number of statistics."""
    assert normal_quantile(0.975) == pytest.approx(1.959963985, abs=1e-9)
    assert normal_cdf(1.959963985) == pytest.approx(0.975, abs=1e-9)


@pytest.mark.parametrize("df", [1, 2, 3, 4, 14, 99, 500, 501, 5000])
def test_t_agrees_with_scipy(df: int) -> None:
    """Series and expansion agree with the reference library to 1e-8, also where one takes over from the other."""
    stats = pytest.importorskip("scipy.stats")
    for p in (0.001, 0.3, 0.6, 0.9, 0.975, 0.9995):
        assert t_quantile(p, df) == pytest.approx(float(stats.t.ppf(p, df)), rel=1e-8)


@given(st.floats(0.001, 0.999), st.integers(1, 2000))
def test_t_is_symmetric_and_wider_than_normal(p: float, df: int) -> None:
    """The tails mirror each other and are never thinner than the normal's."""
    assert t_quantile(p, df) == pytest.approx(-t_quantile(1 - p, df), abs=1e-6)
    assert abs(t_quantile(p, df)) >= abs(normal_quantile(p)) - 1e-6


def test_impossible_probabilities_are_refused() -> None:
    """A probability of 1 and no degrees of freedom have no quantile."""
    with pytest.raises(BadValue, match="p=1"):
        normal_quantile(1.0)
    with pytest.raises(BadValue, match="p=0"):
        t_quantile(0.0, 3)
    with pytest.raises(BadValue, match="df=0"):
        t_quantile(0.9, 0)
