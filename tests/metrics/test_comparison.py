"""Comparisons: pairing, effect sizes, families, and what happens at the edges."""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np
import pytest

from mores.errors import BadValue
from mores.metric import Condition, Metric, Sample
from mores.metrics.comparison import compare, compare_all, pairs


def nothing(record: object) -> Sample:
    """A measure that is never called."""
    raise NotImplementedError


METRIC = Metric(name="x", measure=nothing, unit="points")


def sample(*groups: tuple[Condition, Any, Any]) -> Sample:
    """A sample of (condition, values, unit ids) groups."""
    sizes = [len(values) for _, values, _ in groups]
    return Sample(
        value=np.concatenate([np.asarray(v, dtype=np.float64) for _, v, _ in groups]),
        unit_id=np.concatenate([np.asarray(u, dtype=np.int64) for _, _, u in groups]),
        condition=tuple(c for c, _, _ in groups),
        which=np.repeat(np.arange(len(groups)), sizes).astype(np.int32),
    )


def test_a_paired_comparison_by_hand() -> None:
    """Differences 1, 2, 3: mean 2, dz 2, exact p .25; units come in any order."""
    both = sample(({"c": "a"}, [3, 1, 2], [3, 1, 2]), ({"c": "b"}, [0, 0, 0], [1, 2, 3]))
    found = compare(METRIC, both)
    assert (found.difference, found.effect_size, found.p) == pytest.approx((2, 2, 0.25))
    assert (found.n, found.missing, found.paired, found.unit) == (3, 0, True, "points")
    assert found.low == pytest.approx(2 - 4.3027 / math.sqrt(3), abs=1e-4)


def test_a_pair_needs_both_values() -> None:
    """A unit whose value or whose partner is missing is counted as missing."""
    both = sample(
        ({"c": "a"}, [1, 2, 3, np.nan], [1, 2, 3, 4]), ({"c": "b"}, [0, 0, 0, 0], [2, 3, 4, 5])
    )
    found = compare(METRIC, both)
    assert (found.n, found.missing, found.difference) == (2, 3, 2.5)


def test_pairing_cancels_shared_chance() -> None:
    """With shared noise ten times the effect, pairing sees it and the unpaired comparison does not."""
    rng = np.random.default_rng(0)
    shared, units = 10 * rng.normal(size=60), np.arange(60)
    both = sample(
        ({"c": "a"}, shared + 1 + rng.normal(size=60), units),
        ({"c": "b"}, shared + rng.normal(size=60), units),
    )
    paired, unpaired = compare(METRIC, both), compare(METRIC, both, paired=False)
    assert paired.p < 0.001
    assert paired.low > 0
    assert unpaired.p > 0.2
    assert unpaired.low < 0 < unpaired.high
    assert not unpaired.paired


def test_units_without_partners_are_compared_unpaired() -> None:
    """No shared units: Welch's interval and Hedges' g, here (3 - 1) / 1 * (1 - 3 / 15)."""
    both = sample(({"c": "a"}, [2, 3, 4], [1, 2, 3]), ({"c": "b"}, [0, 1, 2], [4, 5, 6]))
    found = compare(METRIC, both)
    assert (found.paired, found.n) == (False, 6)
    assert found.effect_size == pytest.approx(2 * (1 - 3 / 15))
    assert found.low == pytest.approx(2 - 2.7764 * math.sqrt(2 / 3), abs=1e-3)


@pytest.mark.parametrize(("n", "m"), [(8, 12), (20, 40)])
def test_the_unpaired_interval_covers(n: int, m: int) -> None:
    """One normal and one skewed sample, spreads 1 and 2: the 95 % interval holds in 89-99 % of 200."""
    rng = np.random.default_rng(2)
    held = 0
    for _ in range(200):
        both = sample(
            ({"c": "a"}, 1 + rng.normal(size=n), np.arange(n)),
            ({"c": "b"}, rng.exponential(2.0, size=m), np.arange(m) + 1000),
        )
        found = compare(METRIC, both, paired=False, seed=int(rng.integers(1 << 30)))
        held += found.low <= -1 <= found.high
    assert 0.89 <= held / 200 <= 0.99


@pytest.mark.parametrize("paired", [True, False])
def test_a_minus_b_is_the_negative_of_b_minus_a(paired: bool) -> None:
    """Exactly, interval and all, for the same seed."""
    rng = np.random.default_rng(1)
    both = sample(
        ({"c": "a"}, rng.normal(size=40), np.arange(40)),
        ({"c": "b"}, rng.normal(size=40), np.arange(40)),
    )
    one = compare(METRIC, both, a={"c": "a"}, b={"c": "b"}, paired=paired)
    other = compare(METRIC, both, a={"c": "b"}, b={"c": "a"}, paired=paired)
    assert (one.difference, one.low, one.high) == (-other.difference, -other.high, -other.low)
    assert (one.p, one.effect_size) == (other.p, -other.effect_size)


def test_before_and_after_are_two_samples_of_one_condition() -> None:
    """The same condition in two samples is compared across them."""
    units = np.arange(20)
    before = sample(({"c": "a"}, units / 10, units))
    after = sample(({"c": "a"}, units / 10 + 0.3, units))
    found = compare(METRIC, after, before)
    assert found.difference == pytest.approx(0.3)
    assert found.effect_size == math.inf
    assert found.low == found.high
    assert compare(METRIC, after, after).effect_size == 0


def test_too_few_units_leave_nan() -> None:
    """One pair has a difference and nothing else; none has not even that."""
    one = compare(METRIC, sample(({"c": "a"}, [1.0], [1]), ({"c": "b"}, [0.0], [1])))
    assert one.difference == 1
    assert np.isnan([one.low, one.high, one.p, one.effect_size]).all()
    none = compare(METRIC, sample(({"c": "a"}, [np.nan], [1]), ({"c": "b"}, [0.0], [1])))
    assert (none.n, none.missing) == (0, 1)
    assert math.isnan(none.difference)
    lone = compare(METRIC, sample(({"c": "a"}, [2.0], [1]), ({"c": "b"}, [0.0, 1.0], [2, 3])))
    assert lone.difference == 1.5
    assert np.isnan([lone.low, lone.p, lone.effect_size]).all()


GRID = [{"rule": r, "model": m} for r in ("none", "fine", "vote") for m in ("x", "y")]


def test_pairs_differ_in_one_key() -> None:
    """A 3 x 2 grid has 2 * 3 + 3 = 9 such pairs; over one key 6 or 3; against a baseline 4."""
    assert len(pairs(GRID)) == 9
    assert len(pairs(GRID, over="rule")) == 6
    assert len(pairs(GRID, over="model")) == 3
    against = pairs(GRID, baseline={"rule": "none"})
    assert len(against) == 4
    assert all(GRID[b]["rule"] == "none" != GRID[a]["rule"] for a, b in against)
    assert pairs([{}, {"tax": 1}]) == [(1, 0)]


def test_a_family_is_corrected() -> None:
    """Three strong effects and three absent ones: adjusted p is never below p, and only the effects stay."""
    rng = np.random.default_rng(3)
    units = np.arange(30)
    groups = [(c, rng.normal(size=30) + (3.0 if c["rule"] == "vote" else 0.0), units) for c in GRID]
    found = compare_all(METRIC, sample(*groups), over="rule")
    assert len(found) == 6
    for c in found:
        assert c.p_adjusted >= c.p
        assert (c.p_adjusted < 0.01) == ("vote" in (c.a["rule"], c.b["rule"]))


def test_too_large_a_family_is_cut_and_says_so() -> None:
    """Nine comparisons under a cap of 4: a warning names both numbers."""
    groups = [(c, [0.0, 1.0], [0, 1]) for c in GRID]
    with pytest.warns(UserWarning, match="4 of 9 comparisons"):
        assert len(compare_all(METRIC, sample(*groups), cap=4)) == 4
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(compare_all(METRIC, sample(*groups))) == 9


def test_unclear_requests_are_explained() -> None:
    """A condition that fits none or several, a key that no condition has, a baseline that is nowhere."""
    three = sample(*((c, [0.0, 1.0], [0, 1]) for c in GRID[:3]))
    with pytest.raises(BadValue, match="3 conditions"):
        compare(METRIC, three)
    with pytest.raises(BadValue, match="fits 2 of"):
        compare(METRIC, three, a={"rule": "none"}, b={"rule": "fine"})
    with pytest.raises(BadValue, match="over='colour'"):
        compare_all(METRIC, three, over="colour")
    with pytest.raises(BadValue, match="baseline"):
        compare_all(METRIC, three, baseline={"rule": "tax"})
