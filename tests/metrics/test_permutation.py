"""Permutation tests against enumeration by hand, their size by simulation, and corrections against worked families."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mores.errors import BadValue
from mores.metrics.permutation import benjamini_hochberg, holm, label_p, sign_flip_p


def rng() -> np.random.Generator:
    """A fresh generator of one seed."""
    return np.random.default_rng(0)


def test_sign_flips_by_hand() -> None:
    """1 + 2 + 3 is matched by 2 of 8 flips; 1 + 1 - 1 by all of them; without differences all are alike."""
    assert sign_flip_p([1, 2, 3], rng()) == 0.25
    assert sign_flip_p([1, 1, -1], rng()) == 1.0
    assert sign_flip_p([0, 0, 0], rng()) == 1.0
    assert np.isnan(sign_flip_p([1.0], rng()))


def test_random_flips_approach_the_exact_p() -> None:
    """Zeros added to 1..6 change no sum, so 20 differences by random flips repeat the exact p of 6."""
    exact = sign_flip_p([1, 2, 3, 4, 5, -6], rng())
    drawn = sign_flip_p([1, 2, 3, 4, 5, -6] + [0] * 14, rng())
    assert drawn == pytest.approx(exact, abs=0.02)


def test_relabelling_by_hand() -> None:
    """Two against two, wholly apart: 2 of the 6 divisions are as extreme."""
    assert label_p([1, 2], [8, 9], rng()) == pytest.approx(2 / 6)
    assert label_p([1, 1], [1, 1], rng()) == 1.0
    assert np.isnan(label_p([1], [1, 2], rng()))


@pytest.mark.parametrize("n", [8, 30, 1500])
def test_the_tests_keep_their_size(n: int) -> None:
    """Without an effect p falls below 0.1 in about a tenth of 150 tries (3 standard errors: 7 points)."""
    draw = np.random.default_rng(4)
    paired, labels = [], []
    tries = 150 if n < 1000 else 60
    for _ in range(tries):
        paired.append(sign_flip_p(draw.normal(size=n), draw))
        labels.append(label_p(draw.normal(size=n), 3 * draw.normal(size=n), draw))
    slack = 3 * np.sqrt(0.09 / tries)
    assert np.mean(np.array(paired) <= 0.1) <= 0.1 + slack
    assert np.mean(np.array(labels) <= 0.1) <= 0.1 + slack


def test_an_effect_is_found() -> None:
    """A shift of one standard deviation is found with 40 units by either test, and p is never 0."""
    draw = np.random.default_rng(6)
    a, b = draw.normal(1, 1, 40), draw.normal(0, 1, 40)
    assert 0 < sign_flip_p(a - b, draw) < 0.01
    assert 0 < label_p(a, b, draw) < 0.01
    assert label_p(np.ones(20), np.zeros(20), draw) == pytest.approx(1 / 10_001)


def test_corrections_by_hand() -> None:
    """Holm and Benjamini-Hochberg on .01 .04 .03 .005, with one test that could not be made."""
    family = [0.01, 0.04, np.nan, 0.03, 0.005]
    assert holm(family) == pytest.approx([0.03, 0.06, np.nan, 0.06, 0.02], nan_ok=True)
    assert benjamini_hochberg(family) == pytest.approx(
        [0.02, 0.04, np.nan, 0.04, 0.02], nan_ok=True
    )
    assert holm([]).size == 0
    with pytest.raises(BadValue, match=r"1\.2"):
        holm([0.1, 1.2])


@given(st.lists(st.floats(0, 1), max_size=30))
def test_corrections_only_raise_p(family: list[float]) -> None:
    """p <= BH <= Holm <= min(1, n p), and order is kept."""
    p = np.array(family)
    by_holm, by_bh = holm(p), benjamini_hochberg(p)
    assert (p <= by_bh + 1e-12).all()
    assert (by_bh <= by_holm + 1e-12).all()
    assert (by_holm <= 1).all()
    assert (np.diff(by_holm[np.argsort(p)]) >= 0).all()
