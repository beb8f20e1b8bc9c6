"""Shares of decisions with people as the independent unit."""

from __future__ import annotations

import numpy as np
import pytest

from mores.people.clustered_share import clustered_share


def test_one_decision_each_is_the_plain_proportion() -> None:
    """With one decision a person the interval is the normal one of a proportion."""
    hits = np.repeat([1, 0], [30, 70])
    got = clustered_share("cooperation", hits, np.ones(100), {})
    half = 1.959964 * np.sqrt(0.3 * 0.7 / 99)
    assert got.n == 100
    assert [got.value, got.low, got.high] == pytest.approx([0.3, 0.3 - half, 0.3 + half])


def test_repeating_oneself_adds_no_evidence() -> None:
    """People who do the same ten times give the interval of one decision each."""
    hits = np.repeat([1, 0], [30, 70])
    once = clustered_share("cooperation", hits, np.ones(100), {})
    ten = clustered_share("cooperation", hits * 10, np.full(100, 10), {})
    assert [ten.low, ten.high] == pytest.approx([once.low, once.high])


def test_nobody_and_one_person_have_no_interval() -> None:
    """Missing is NaN, not zero."""
    assert np.isnan(clustered_share("cooperation", [], [], {}).value)
    one = clustered_share("cooperation", [3], [4], {})
    assert one.value == 0.75 and np.isnan(one.low) and np.isnan(one.high)
