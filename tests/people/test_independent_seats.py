"""Populations whose seats are drawn one by one."""

from __future__ import annotations

import numpy as np
import pytest

from mores.chance import Chance
from mores.errors import BadValue
from mores.people.independent_seats import IndependentSeats
from mores.policies.spec import policy

BOTH = (policy("all-cooperate"), policy("all-defect"))


def test_who_sits_beside_whom_is_independent() -> None:
    """At tables of two, pairs of a kind come as often as the product of the shares says."""
    people = IndependentSeats(BOTH, shares=(0.3, 0.7))
    who = people.seating(2, Chance(1, np.arange(20_000)))
    pairs = np.bincount(2 * who[:, 0] + who[:, 1], minlength=4) / len(who)
    np.testing.assert_allclose(pairs, [0.09, 0.21, 0.21, 0.49], atol=0.012)


def test_seating_depends_on_seed_and_table_only() -> None:
    """Some of the tables alone are seated as among all."""
    people = IndependentSeats(BOTH, shares=(0.5, 0.5))
    whole = people.seating(2, Chance(1, np.arange(50)))
    np.testing.assert_array_equal(people.seating(2, Chance(1, np.arange(20, 30))), whole[20:30])


@pytest.mark.parametrize("shares", [None, (1.0,), (0.4, 0.4), (1.5, -0.5)])
def test_shares_have_to_be_a_distribution(shares: tuple[float, ...] | None) -> None:
    """None, too few, less than 1 in all, below 0."""
    with pytest.raises(BadValue, match="shares"):
        IndependentSeats(BOTH, shares=shares)
