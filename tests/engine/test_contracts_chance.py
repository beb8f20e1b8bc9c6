"""Draws are as good as they must be: uniform, normal, and unrelated across tables, seats, clocks and purposes.

Every test has a fixed seed and a stated tolerance: five standard errors, or the 99.99% point of chi-square.
"""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from mores.chance import Chance

SEED = 20_251


def chance(tables: int = 4000, owner: str = "game", seed: int = SEED, branch: int = 0) -> Chance:
    """The draws of one owner."""
    return Chance(seed, np.arange(tables), branch=branch).at(owner)


def correlation(a: NDArray[np.float32], b: NDArray[np.float32]) -> float:
    """Pearson's correlation in standard errors of independent draws."""
    r = float(np.corrcoef(a.ravel().astype(float), b.ravel().astype(float))[0, 1])
    return abs(r) * math.sqrt(a.size)


def chi_square(counts: NDArray[np.int64], expected: float) -> float:
    """The statistic of equal expected counts."""
    return float(((counts - expected) ** 2 / expected).sum())


def test_neighbours_are_unrelated() -> None:
    """Adjacent tables, seats, clocks, purposes, owners, seeds and branches are unrelated to five standard errors."""
    x = chance().uniform("a", 25)
    ticked = chance()
    ticked.tick()
    others = {
        "seats": (x[:, :-1], x[:, 1:]),
        "tables": (x[:-1], x[1:]),
        "every other table": (x[:-2], x[2:]),
        "clocks": (x, ticked.uniform("a", 25)),
        "purposes": (x, chance().uniform("b", 25)),
        "owners": (x, chance(owner="game#2").uniform("a", 25)),
        "seeds": (x, chance(seed=SEED + 1).uniform("a", 25)),
        "branches": (x, chance(branch=1).uniform("a", 25)),
        "squares": ((x[:-1] - 0.5) ** 2, (x[1:] - 0.5) ** 2),
    }
    far = {name: correlation(a, b) for name, (a, b) in others.items() if correlation(a, b) > 5}
    assert not far


@pytest.mark.parametrize("shift", range(0, 32, 4))
def test_all_bits_are_fair(shift: int) -> None:
    """Each run of four bits of a word takes its 16 values equally often (chi-square, 15 degrees of freedom)."""
    words = chance().words("bits", 25).ravel()
    counts = np.bincount((words >> np.uint32(shift)) & np.uint32(15), minlength=16)
    assert chi_square(counts, words.size / 16) < 47  # 99.99%: 44.3


def test_pairs_of_neighbours_fill_the_square() -> None:
    """Two neighbouring draws together are uniform on the unit square (chi-square, 255 degrees of freedom)."""
    cells = (chance(20_000).uniform("pair", 2) * 16).astype(int)
    counts = np.bincount(cells[:, 0] * 16 + cells[:, 1], minlength=256)
    assert chi_square(counts, 20_000 / 256) < 350  # 99.99%: 347


def test_orders_of_four_are_equally_likely() -> None:
    """All 24 orders come up alike (chi-square, 23 degrees of freedom), and those of adjacent tables are unrelated."""
    dealt = chance(24_000).permutation("deal", 4)
    codes = {p: k for k, p in enumerate(itertools.permutations(range(4)))}
    which = np.array([codes[tuple(row)] for row in dealt.tolist()])
    assert chi_square(np.bincount(which, minlength=24), 1000) < 60  # 99.99%: 57.0
    both = np.bincount(which[:-1:2] * 24 + which[1::2], minlength=576)
    assert chi_square(both, 12_000 / 576) < 720  # 575 degrees of freedom, 99.99%: 706


def test_everyone_is_as_likely_in_every_place() -> None:
    """In long permutations each item is in each place equally often (chi-square, 49 x 49 degrees of freedom)."""
    dealt = chance(20_000).permutation("deal", 50)
    counts = np.zeros((50, 50), np.int64)
    for place in range(50):
        counts[place] = np.bincount(dealt[:, place], minlength=50)
    assert chi_square(counts, 400) < 2401 + 4 * math.sqrt(2 * 2401)


def test_neighbours_in_a_permutation_are_anybody() -> None:
    """Who sits beside whom is uniform over all ordered pairs (chi-square, 89 degrees of freedom)."""
    dealt = chance(9000).permutation("deal", 10)
    pairs = np.bincount(dealt[:, 0] * 10 + dealt[:, 1], minlength=100)
    off = pairs[[k for k in range(100) if k // 10 != k % 10]]
    assert pairs.sum() == off.sum()
    assert chi_square(off, 100) < 149  # 99.99%: 146


def test_normals_are_normal() -> None:
    """Deciles are equally filled, the third and fourth moments fit, neighbours are unrelated."""
    from statistics import NormalDist

    x = chance().normal("n", 25)
    cuts = [NormalDist().inv_cdf(k / 10) for k in range(1, 10)]
    counts = np.bincount(np.searchsorted(cuts, x.ravel()), minlength=10)
    assert chi_square(counts, x.size / 10) < 34  # 9 degrees of freedom, 99.99%: 33.7
    z = x.astype(float)
    assert abs((z**3).mean()) < 5 * math.sqrt(15 / x.size)
    assert abs((z**4).mean() - 3) < 5 * math.sqrt(96 / x.size)
    assert correlation(x[:-1], x[1:]) < 5


def test_tables_beyond_any_batch_are_as_good() -> None:
    """Replicates numbered in the millions draw as evenly as the first, and unlike them."""
    far = Chance(SEED, np.arange(4000) + 3_000_000_000).at("game").uniform("a", 25)
    assert abs(float(far.mean()) - 0.5) < 5 / math.sqrt(12 * far.size)
    assert correlation(far, chance().uniform("a", 25)) < 5


@given(
    st.lists(st.integers(0, 10**12), min_size=1, max_size=6, unique=True),
    st.integers(1, 5),
    st.integers(0, 3),
)
def test_a_fork_draws_at_every_table_what_it_draws_alone(
    tables: list[int], n: int, branch: int
) -> None:
    """Under a branch number too, a table's draws depend neither on the batch nor on gaps between tables."""
    numbers = np.array(sorted(tables))
    together = Chance(1, numbers, branch=branch).at("x").words("p", n)
    for k, table in enumerate(numbers):
        alone = Chance(1, np.array([table]), branch=branch).at("x").words("p", n)
        assert (together[k] == alone[0]).all()
