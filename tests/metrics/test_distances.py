"""Distances: published figures, closed forms, invariances, and whether the intervals of distances hold."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mores.errors import BadValue
from mores.metrics.distances import (
    distance_estimate,
    entropy,
    entropy_gap,
    hellinger,
    histogram,
    jensen_shannon,
    kl,
    noise_floor,
    reverse_kl,
    shares,
    total_variation,
    wasserstein,
)

CROWD = [0.28, 0.26, 0.12, 0.12, 0.12, 0.10]
"""Experts' shares of six behaviours of a crowd in danger (arXiv 2509.16457)."""
FEW = 1e-10
counts = arrays(np.float64, 5, elements=st.integers(0, 50).map(float))


def distance_of(p: Any, q: Any) -> list[float]:
    """KL, reverse KL, Jensen-Shannon, total variation and entropy gap, smoothed as in the paper's code."""
    found = [f(p, q, FEW) for f in (kl, reverse_kl, jensen_shannon)]
    return [float(x) for x in (*found, total_variation(p, q), entropy_gap(p, q, FEW))]


def test_the_crowd_against_a_uniform_one() -> None:
    """The figures of the paper's divergences for a uniform crowd."""
    expected = [0.0915, 0.0888, 0.0223, 0.2067, -0.0915]
    assert distance_of(CROWD, [1] * 6) == pytest.approx(expected, abs=5e-5)
    assert entropy(CROWD) == pytest.approx(1.7002, abs=5e-5)


def test_the_crowd_against_everyone_alike() -> None:
    """If all do the same, KL is ruled by the empty classes while the bounded distances stay readable."""
    found = distance_of(CROWD, [1, 0, 0, 0, 0, 0])
    assert found == pytest.approx([14.88, 1.273, 0.3569, 0.72, 1.7002], abs=5e-3)


def test_closed_forms() -> None:
    """Disjoint distributions are at the top of every bounded scale; KL of halves and quarters is by hand."""
    a, b = [1, 0], [0, 1]
    assert total_variation(a, b) == hellinger(a, b) == 1
    assert jensen_shannon(a, b) == pytest.approx(math.log(2))
    assert jensen_shannon(a, b, unit="bits") == pytest.approx(1)
    assert kl(a, b) == math.inf
    assert kl([0.5, 0.5], [0.25, 0.75]) == pytest.approx(0.5 * math.log(2) + 0.5 * math.log(2 / 3))
    assert entropy([1, 1, 1, 1], unit="bits") == pytest.approx(2)
    assert wasserstein([1, 0, 0], [0, 0, 1], [0, 10, 25]) == 25
    assert wasserstein([0, 1], [1, 0], [25, 0]) == 25


def test_wasserstein_agrees_with_scipy() -> None:
    """On uneven support, against the reference library."""
    stats = pytest.importorskip("scipy.stats")
    p, q, x = [0.1, 0.5, 0.4], [0.3, 0.3, 0.4], [0.0, 1.5, 7.0]
    assert wasserstein(p, q, x) == pytest.approx(stats.wasserstein_distance(x, x, p, q))


@given(counts, counts)
def test_bounds_symmetry_and_scale(p: Any, q: Any) -> None:
    """Bounded, symmetric, 0 for itself, and the same for counts as for shares and under any order of classes."""
    assume(p.sum() > 0 and q.sum() > 0)
    spread = partial(wasserstein, support=[0, 1, 2, 3, 4])
    tops: list[tuple[Any, float]] = [
        (total_variation, 1.0),
        (jensen_shannon, math.log(2)),
        (hellinger, 1.0),
        (spread, 4.0),
    ]
    for distance, top in tops:
        d = float(distance(p, q))
        assert -1e-12 <= d <= top + 1e-12
        assert d == pytest.approx(float(distance(q, p)), abs=1e-12)
        assert d == pytest.approx(float(distance(3 * p, q / 7)), abs=1e-9)
        assert float(distance(p, p)) == pytest.approx(0, abs=1e-12)
        if distance is not spread:
            assert d == pytest.approx(float(distance(p[::-1], q[::-1])), abs=1e-12)
    assert float(kl(p, q)) >= 2 * float(total_variation(p, q)) ** 2 - 1e-9  # Pinsker
    assert float(hellinger(p, q)) ** 2 <= float(total_variation(p, q)) + 1e-12


def test_leading_axes_are_kept() -> None:
    """Many rows at once give what each gives alone; a row without counts gives NaN."""
    p = np.random.default_rng(0).random((4, 3, 6))
    p[1, 2] = 0
    for distance in (total_variation, kl, jensen_shannon, hellinger):
        together = distance(p, CROWD)
        assert together.shape == (4, 3)
        assert together[2, 1] == pytest.approx(float(distance(p[2, 1], CROWD)))
        assert np.isnan(together[1, 2])
    assert np.isnan(wasserstein(p, CROWD, np.arange(6))[1, 2])
    assert np.isnan(entropy(p)[1, 2])


def test_a_histogram_closes_its_top_bin() -> None:
    """1 falls in the top bin of [0, .5), [.5, 1]; NaN nowhere; leading axes stay."""
    assert histogram([0, 0.49, 0.5, 1.0, np.nan], [0, 0.5, 1]).tolist() == [2, 2]
    two = histogram([[0.0, 1.0, 2.0], [2.0, 2.0, np.nan]], [0, 1, 2])
    assert two.tolist() == [[1, 2], [0, 2]]
    with pytest.raises(BadValue, match=r"1\.5"):
        histogram([0.2, 1.5], [0, 1])
    with pytest.raises(BadValue, match="rising"):
        histogram([0.2], [1, 0])


def test_the_noise_floor_of_a_coin() -> None:
    """For two classes the expected distance is E|share - p|, about sqrt(2 p (1 - p) / (pi n))."""
    rng = np.random.default_rng(0)
    theory = math.sqrt(2 * 0.25 / (math.pi * 200))
    assert noise_floor([0.5, 0.5], 200, rng=rng) == pytest.approx(theory, rel=0.06)
    two = noise_floor([0.5, 0.5], 200, 200, rng=rng)
    assert two == pytest.approx(theory * math.sqrt(2), rel=0.06)
    assert noise_floor([0.5, 0.5], 200, rng=rng, quantile=0.95) > 2 * theory
    with pytest.raises(BadValue, match="n, m"):
        noise_floor([0.5, 0.5], 0, rng=rng)


def test_an_estimate_counts_units_and_what_is_missing() -> None:
    """Two units with counts, one without: distance of the pooled shares, or of the mean of the units' shares."""
    rng = np.random.default_rng(0)
    rows = [[9, 1], [0, 2], [0, 0]]
    found = distance_estimate(rows, [0.5, 0.5], rng=rng)
    assert (found.value, found.n, found.missing, found.better) == (0.25, 2, 1, "lower")
    assert found.low <= found.value <= found.high
    equal = distance_estimate(rows, [0.5, 0.5], rng=rng, equal_units=True)
    assert equal.value == pytest.approx(0.05)
    alone = distance_estimate([[1, 0]], [0.5, 0.5], rng=rng)
    assert (alone.value, alone.method) == (0.5, "none")
    assert math.isnan(alone.low)
    assert math.isnan(distance_estimate([[0, 0]], [1, 1], rng=rng).value)


def test_an_infinite_divergence_has_no_interval() -> None:
    """KL where the reference lacks a class: infinite, and said to be without interval."""
    found = distance_estimate([[1, 1]] * 5, [1, 0], rng=np.random.default_rng(0), distance=kl)
    assert (found.value, found.method) == (math.inf, "none")
    turned = distance_estimate(
        np.eye(3)[[0] * 30 + [1] * 30 + [2]],
        [1, 1, 1],
        rng=np.random.default_rng(0),
        distance=reverse_kl,
    )
    assert 0 <= turned.low <= turned.value <= turned.high < math.inf


@pytest.mark.parametrize("shift", [0.0, 0.08, 0.2])
@pytest.mark.parametrize("sampled", [False, True])
def test_the_interval_of_a_distance_holds(shift: float, sampled: bool) -> None:
    """200 people, true distance 0, .08 and .2: held in at least 86 % of 200 samples, the reference sampled or not."""
    rng = np.random.default_rng(8)
    p = np.array(CROWD) + shift * np.array([1, -0.6, -0.4, 0, 0, 0])
    held = 0
    for _ in range(200):
        people = np.eye(6)[rng.choice(6, size=200, p=p)]
        reference = rng.multinomial(300, CROWD) if sampled else CROWD
        found = distance_estimate(
            people, reference, rng=rng, reference_n=300 if sampled else None, resamples=400, top=1.0
        )
        held += found.low <= shift + 1e-12 <= found.high + 2e-12
    assert held / 200 >= 0.86


def test_actions_of_one_unit_are_not_independent() -> None:
    """Twenty like actions a unit leave the interval as wide as one action a unit does."""
    people = np.eye(6)[np.random.default_rng(0).choice(6, size=100)]
    one = distance_estimate(people, CROWD, rng=np.random.default_rng(1))
    many = distance_estimate(20 * people, CROWD, rng=np.random.default_rng(1))
    assert (many.low, many.high) == pytest.approx((one.low, one.high))


def test_bad_input_is_explained() -> None:
    """Negative counts, other classes, other units, a support that does not fit."""
    with pytest.raises(BadValue, match="negative"):
        shares([-1, 2])
    with pytest.raises(BadValue, match="3 classes"):
        total_variation([1, 1], [1, 1, 1])
    with pytest.raises(BadValue, match="unit='dits'"):
        kl([1, 1], [1, 1], unit="dits")  # type: ignore[arg-type]
    with pytest.raises(BadValue, match="support"):
        wasserstein([1, 1], [1, 1], [0])
    with pytest.raises(BadValue, match="counts"):
        distance_estimate([1, 2], [1, 1], rng=np.random.default_rng(0))
