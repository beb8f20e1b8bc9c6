"""Resampling: right totals, right spread, the same for the same seed."""

from __future__ import annotations

import numpy as np
import pytest

from mores.errors import BadValue
from mores.metrics.resampling import bootstrap, canonical, deal, generator, resampled_totals


def test_generator_depends_on_the_key_and_not_on_its_order() -> None:
    """Two orders of one condition share a stream; another seed, name or condition has its own."""

    def draw(seed: int, *key: object) -> int:
        return int(generator(seed, *key).integers(1 << 62))

    assert draw(0, "x", {"a": 1, "b": 2}) == draw(0, "x", {"b": 2, "a": 1})
    assert draw(0, "x", {"a": np.int64(1)}) == draw(0, "x", {"a": 1})
    different = {draw(0, "x", {"a": 1}), draw(1, "x", {"a": 1}), draw(0, "y", {"a": 1})}
    assert len(different | {draw(0, "x", {"a": 2})}) == 4
    assert canonical({"b": 1, "a": "x"}) == '{"a": "x", "b": 1}'


@pytest.mark.parametrize("k", [1, 5, 40])
def test_every_resample_has_n_units(k: int) -> None:
    """Few columns and many columns take different ways and both draw exactly n units."""
    units = np.zeros((30, k))
    units[:, 0] = 1
    totals = resampled_totals(units, np.random.default_rng(0), 50)
    assert totals.shape == (50, k)
    assert (totals[:, 0] == 30).all()


@pytest.mark.parametrize(("n", "k"), [(50, 1), (50, 20), (3001, 1), (3001, 3)])
def test_the_spread_is_that_of_a_sum(n: int, k: int) -> None:
    """The bootstrap's standard deviation is sqrt(n) times that of the units, also when they are dealt into blocks."""
    units = np.random.default_rng(1).normal(size=(n, k)) + 5
    totals = resampled_totals(units, np.random.default_rng(2), 2000)
    expected = units.std(axis=0) * np.sqrt(n)
    # 2,000 resamples know it to 1.6 %, 1,024 blocks to 2.2 %: four standard errors of both together.
    assert totals.std(axis=0) == pytest.approx(expected, rel=0.11)
    assert totals.mean(axis=0) == pytest.approx(units.sum(axis=0), abs=4 * expected.max() / 40)


def test_dealing_keeps_everyone() -> None:
    """Blocks hold each unit once and differ in size by at most one."""
    sums, sizes = deal(np.arange(1000.0)[:, None], 64, np.random.default_rng(0))
    assert sums.sum() == 499_500
    assert sizes.sum() == 1000
    assert np.ptp(sizes) <= 1


def test_a_statistic_that_is_no_mean() -> None:
    """The share of the second of two columns of counts, a ratio, is resampled with its spread."""
    units = np.repeat([[1.0, 0.0], [0.0, 1.0]], [60, 40], axis=0)
    draws = bootstrap(lambda t: t[:, 1] / t.sum(axis=1), units, np.random.default_rng(0))
    assert draws.mean() == pytest.approx(0.4, abs=0.005)
    assert draws.std() == pytest.approx(np.sqrt(0.24 / 100), rel=0.08)


def test_a_statistic_of_the_wrong_shape_is_named() -> None:
    """One number a resample is needed; no units is an error too."""
    with pytest.raises(BadValue, match="statistic"):
        bootstrap(lambda t: t, np.ones((5, 2)), np.random.default_rng(0))
    with pytest.raises(BadValue, match="units"):
        resampled_totals(np.ones((0, 2)), np.random.default_rng(0))
