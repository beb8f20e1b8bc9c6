"""Power: textbook sample sizes, the noncentral t of scipy, and a round trip."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mores.errors import BadValue
from mores.metrics.power import minimum_detectable_effect, power_of, replicates_needed


@pytest.mark.parametrize(
    ("effect", "paired", "expected"),
    [
        (0.2, True, 199),
        (0.5, True, 34),
        (0.8, True, 15),
        (0.2, False, 394),
        (0.5, False, 64),
        (0.8, False, 26),
    ],
)
def test_textbook_sizes(effect: float, paired: bool, expected: int) -> None:
    """The sizes that every table of the t test gives for 80 % power at 5 % (Cohen 1988; G*Power)."""
    assert replicates_needed(effect, paired=paired) == expected


def test_units_and_sign_do_not_matter() -> None:
    """An effect of -2 points with a standard deviation of 4 is an effect of half a deviation."""
    assert replicates_needed(-2, sd=4) == replicates_needed(0.5)
    assert minimum_detectable_effect(30, sd=4) == pytest.approx(4 * minimum_detectable_effect(30))


@pytest.mark.parametrize("n", [2, 3, 10, 200])
def test_power_agrees_with_the_noncentral_t(n: int) -> None:
    """Against scipy's distribution, two-sided."""
    stats = pytest.importorskip("scipy.stats")
    for shift in (0.3, 1.0, 2.8):
        critical = stats.t.ppf(0.975, n - 1)
        with np.errstate(divide="ignore"):  # scipy 1.13 divides by zero on its way with one degree
            exact = stats.nct.sf(critical, n - 1, shift) + stats.nct.cdf(-critical, n - 1, shift)
        assert power_of(n, shift / np.sqrt(n)) == pytest.approx(float(exact), abs=1e-5)


def test_power_without_effect_is_alpha() -> None:
    """With nothing to find, what is found is error."""
    assert power_of(12, 0.0, alpha=0.05) == pytest.approx(0.05, abs=1e-4)


@settings(max_examples=25, deadline=None)
@given(st.floats(0.15, 2.5), st.booleans())
def test_the_size_is_the_smallest(effect: float, paired: bool) -> None:
    """n suffices and n - 1 does not; the effect that n can detect is at most the one asked for."""
    n = replicates_needed(effect, paired=paired)
    assert power_of(n, effect, paired=paired) >= 0.8
    assert n == 2 or power_of(n - 1, effect, paired=paired) < 0.8
    assert minimum_detectable_effect(n, paired=paired) <= effect + 1e-6


def test_a_family_needs_more() -> None:
    """Ten comparisons share alpha."""
    assert replicates_needed(0.5, comparisons=10) > replicates_needed(0.5)


def test_impossible_plans_are_refused() -> None:
    """No effect, an invisible one, no spread, no power, one replicate."""
    with pytest.raises(BadValue, match="effect"):
        replicates_needed(0)
    with pytest.raises(BadValue, match="replicates would be needed"):
        replicates_needed(1e-6)
    with pytest.raises(BadValue, match="sd"):
        replicates_needed(1, sd=0)
    with pytest.raises(BadValue, match="power"):
        replicates_needed(1, power=1.0)
    with pytest.raises(BadValue, match="n=1"):
        power_of(1, 0.5)
