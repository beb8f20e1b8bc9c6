"""Estimates: hand-worked values, coverage by simulation, what is missing, what is deterministic."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mores.errors import BadValue
from mores.metric import Metric, Sample
from mores.metrics.statistics import (
    bootstrap_mean,
    cluster_mean,
    estimate,
    unit_means,
    wilson,
)

Draw = Callable[[np.random.Generator, int], Any]


def nothing(record: object) -> Sample:
    """A measure that is never called: these tests begin at the sample."""
    raise NotImplementedError


def metric(**fields: Any) -> Metric:
    """A metric of the given fields."""
    return Metric(**{"name": "x", "measure": nothing, **fields})


def sample(groups: dict[str, list[float]]) -> Sample:
    """One condition a name, units 0, 1, 2, ... in each."""
    return Sample(
        value=np.array([v for values in groups.values() for v in values], dtype=np.float64),
        unit_id=np.array([i for values in groups.values() for i in range(len(values))]),
        condition=tuple({"c": name} for name in groups),
        which=np.repeat(np.arange(len(groups)), [len(v) for v in groups.values()]).astype(np.int32),
    )


def test_rows_are_averaged_within_their_unit() -> None:
    """Unit 7 has 1 and 3 and a missing row, unit 2 only missing rows: the rows are counted."""
    units = unit_means([1, np.nan, 3, np.nan, 5], [7, 2, 7, 7, 9])
    assert units.unit_id.tolist() == [2, 7, 9]
    assert units.mean == pytest.approx([np.nan, 2.0, 5.0], nan_ok=True)
    assert units.used.tolist() == [0, 2, 1]
    assert units.missing.tolist() == [1, 1, 0]


def test_a_small_sample_gets_the_t_interval() -> None:
    """1, 2, 3, 4, 5: mean 3, standard error sqrt(.5), t(4) = 2.776."""
    found = bootstrap_mean([1, 2, 3, 4, 5], rng=np.random.default_rng(0))
    assert found.method == "t"
    assert (found.low, found.high) == pytest.approx((3 - 1.9632, 3 + 1.9632), abs=1e-4)
    cut = bootstrap_mean([1, 2, 3, 4, 5], rng=np.random.default_rng(0), bounds=(2, 4))
    assert (cut.low, cut.high) == (2, 4)


@pytest.mark.parametrize("n", [16, 300, 5000])
def test_the_bootstrap_of_normal_values_agrees_with_theory(n: int) -> None:
    """For normal values the widened bootstrap is Student's interval, within the noise of 4,000 resamples."""
    values = np.random.default_rng(n).normal(size=n)
    found = bootstrap_mean(values, rng=np.random.default_rng(1), resamples=4000)
    half = (found.high - found.low) / 2
    student = {16: 2.131, 300: 1.968, 5000: 1.960}[n] * values.std(ddof=1) / np.sqrt(n)
    assert found.method == "bootstrap"
    assert half == pytest.approx(student, rel=0.12)


COVERAGE: list[tuple[str, int, Draw, float, float]] = [
    ("normal", 5, lambda rng, n: rng.normal(size=n), 0.0, 0.93),
    ("normal", 20, lambda rng, n: rng.normal(size=n), 0.0, 0.92),
    ("normal", 60, lambda rng, n: rng.normal(size=n), 0.0, 0.92),
    ("exponential", 20, lambda rng, n: rng.exponential(size=n), 1.0, 0.90),
    ("exponential", 60, lambda rng, n: rng.exponential(size=n), 1.0, 0.90),
    ("u-shaped", 15, lambda rng, n: rng.beta(0.5, 0.5, n), 0.5, 0.92),
    ("coin", 30, lambda rng, n: rng.random(n) < 0.3, 0.3, 0.91),
]


@pytest.mark.parametrize(
    ("name", "n", "draw", "truth", "least"), COVERAGE, ids=[f"{c[0]}-{c[1]}" for c in COVERAGE]
)
def test_coverage(name: str, n: int, draw: Draw, truth: float, least: float) -> None:
    """A nominal 95 % interval holds the truth in at least the stated share of 500 samples (noise: 1 point)."""
    rng = np.random.default_rng(11)
    held = 0
    for _ in range(500):
        found = bootstrap_mean(draw(rng, n), rng=rng, resamples=800)
        held += found.low <= truth <= found.high
    assert least <= held / 500 <= 0.985


def test_units_and_not_rows_are_independent() -> None:
    """Ten copies of each row change nothing when they belong to one unit; taken for units they halve the interval."""
    values = np.random.default_rng(3).normal(size=40)
    wide = bootstrap_mean(values, rng=np.random.default_rng(0))
    rows, ids = np.repeat(values, 10), np.repeat(np.arange(40), 10)
    ways: tuple[Literal["average", "together"], ...] = ("average", "together")
    for within in ways:
        found = cluster_mean(rows, ids, within=within, rng=np.random.default_rng(0))
        assert (found.low, found.high) == pytest.approx((wide.low, wide.high), abs=1e-9)
    naive = bootstrap_mean(rows, rng=np.random.default_rng(0))
    assert naive.high - naive.low < 0.5 * (wide.high - wide.low)


def test_rows_together_weigh_units_by_their_rows() -> None:
    """One unit with three rows of 1 and one with one row of 0: 0.75 over rows, 0.5 over units."""
    rng = np.random.default_rng(0)
    rows, ids = [1.0, 1.0, 1.0, 0.0], [0, 0, 0, 1]
    assert cluster_mean(rows, ids, within="together", rng=rng).value == 0.75
    assert cluster_mean(rows, ids, rng=rng).value == 0.5


def test_the_cluster_ratio_covers() -> None:
    """Units of unequal size whose rows agree: the interval over rows together still holds the truth."""
    rng = np.random.default_rng(5)
    held = 0
    for _ in range(300):
        sizes = rng.integers(1, 12, size=30)
        ids = np.repeat(np.arange(30), sizes)
        rows = rng.normal(size=30)[ids] + 0.3 * rng.normal(size=len(ids))
        found = cluster_mean(rows, ids, within="together", rng=rng, resamples=600)
        held += found.low <= 0 <= found.high
    assert 0.90 <= held / 300 <= 0.99


def test_wilson_by_hand() -> None:
    """The published figures for 81 of 263, 15 of 148, 0 of 20 and 1 of 29 (Newcombe 1998)."""
    low, high = wilson([81, 15, 0, 1], [263, 148, 20, 29])
    assert low == pytest.approx([0.2553, 0.0624, 0.0, 0.0061], abs=1e-4)
    assert high == pytest.approx([0.3662, 0.1605, 0.1611, 0.1718], abs=1e-4)
    none = wilson(0, 0)
    assert np.isnan(none[0])
    assert np.isnan(none[1])


@given(st.integers(0, 400), st.integers(1, 400))
def test_wilson_holds_the_share_and_mirrors(k: int, n: int) -> None:
    """The interval lies in [0, 1], holds k / n, and that of the failures is its mirror image."""
    k = min(k, n)
    low, high = wilson(k, n)
    assert 0 <= low <= k / n <= high <= 1
    other_low, other_high = wilson(n - k, n)
    assert (float(1 - other_high), float(1 - other_low)) == pytest.approx((float(low), float(high)))


def test_missing_is_counted_and_not_averaged() -> None:
    """Two of five units gave nothing: the mean is over three and the estimate says so."""
    found = estimate(metric(unit="points"), sample({"a": [1, np.nan, 2, np.nan, 3]}))[0]
    assert (found.value, found.n, found.missing, found.unit) == (2.0, 3, 2, "points")


def test_too_few_units_have_no_interval() -> None:
    """One unit, none, or an empty condition: the ends are NaN and the method says none."""
    groups = {"one": [0.5], "gone": [np.nan, np.nan], "empty": []}
    for kind in ("bootstrap", "wilson"):
        one, gone, empty = estimate(metric(interval=kind), sample(groups))
        assert (one.value, one.n, one.method) == (0.5, 1, "none")
        assert np.isnan([one.low, one.high, gone.value, empty.value]).all()
        assert (gone.n, gone.missing, empty.n, empty.missing) == (0, 2, 0, 0)


@pytest.mark.parametrize("n", [2, 30, 3000])
def test_constant_values_have_zero_width(n: int) -> None:
    """Units that agree leave nothing to resample; as shares, Wilson still leaves doubt."""
    found = estimate(metric(), sample({"a": [0.1] * n}))[0]
    assert found.low == found.value == found.high
    share = estimate(metric(interval="wilson"), sample({"a": [1.0] * n}))[0]
    assert (share.high, share.method) == (1.0, "wilson")
    assert share.low < 1.0


def test_wilson_estimates_shares() -> None:
    """Three of four units: the estimate's interval is Wilson's of 3 in 4."""
    found = estimate(metric(interval="wilson"), sample({"a": [1, 1, 1, 0]}))[0]
    low, high = wilson(3, 4)
    assert (found.value, found.low, found.high) == (0.75, float(low), float(high))
    with pytest.raises(BadValue, match=r"value=1\.5"):
        estimate(metric(interval="wilson"), sample({"a": [1.5, 0]}))


def test_an_estimate_depends_on_its_own_condition_alone() -> None:
    """The same seed repeats it; other conditions beside it change nothing; another seed moves the interval."""
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=50).tolist(), rng.normal(size=70).tolist()
    alone = estimate(metric(), sample({"b": b}))[0]
    beside = estimate(metric(), sample({"a": a, "b": b}))[1]
    assert alone == beside == estimate(metric(), sample({"b": b}))[0]
    assert estimate(metric(), sample({"b": b}), seed=1)[0].low != alone.low


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=60), st.randoms(use_true_random=False))
def test_the_interval_holds_the_value_and_ignores_row_order(
    values: list[float], random: Any
) -> None:
    """low <= value <= high, and rows may come in any order."""
    first = estimate(metric(), sample({"a": values}))[0]
    assert first.low <= first.value <= first.high
    order = list(range(len(values)))
    random.shuffle(order)
    rows = Sample(
        value=np.array(values)[order],
        unit_id=np.array(order, dtype=np.int64),
        condition=({"c": "a"},),
        which=np.zeros(len(values), dtype=np.int32),
    )
    again = estimate(metric(), rows)[0]
    assert (again.value, again.low, again.high) == pytest.approx(
        (first.value, first.low, first.high), rel=1e-9
    )


def test_a_million_units_need_no_large_matrix() -> None:
    """The interval of 10^6 uniform values is that of theory, within the noise of the blocks."""
    values = np.random.default_rng(0).random(1_000_000)
    found = bootstrap_mean(values, rng=np.random.default_rng(1))
    assert (found.high - found.low) / 2 == pytest.approx(1.96 * 0.288675 / 1000, rel=0.15)


def test_bad_samples_are_explained() -> None:
    """Infinite values, ragged arrays, unknown conditions, NaN where none may be, impossible levels."""
    whole = sample({"a": [1.0, 2.0]})
    with pytest.raises(BadValue, match="infinite"):
        estimate(metric(), sample({"a": [np.inf, 1.0]}))
    with pytest.raises(BadValue, match="one length"):
        estimate(metric(), Sample(whole.value, whole.unit_id[:1], whole.condition, whole.which))
    with pytest.raises(BadValue, match="which"):
        estimate(metric(), Sample(whole.value, whole.unit_id, whole.condition, whole.which + 1))
    with pytest.raises(BadValue, match="NaN"):
        bootstrap_mean([1.0, np.nan], rng=np.random.default_rng(0))
    with pytest.raises(BadValue, match="level"):
        estimate(metric(), whole, level=95)
    with pytest.raises(BadValue, match="successes"):
        wilson(5, 4)
    with pytest.raises(BadValue, match="within"):
        cluster_mean([1.0], [0], within="rows", rng=np.random.default_rng(0))  # type: ignore[arg-type]
