"""Laboratory treatments as worlds: rules as published, the same as in the data."""

from __future__ import annotations

import os

import pytest

from mores.errors import UnknownName
from mores.people.engine_play import game, laboratory
from mores.people.repeated_pd import load_all

needs_data = pytest.mark.skipif(not os.environ.get("MORES_DATA"), reason="MORES_DATA is not set")


@needs_data
def test_published_rules_are_those_of_the_data() -> None:
    """All twelve treatments."""
    for play in load_all():
        rules = play.treatment
        assert laboratory(rules.data, rules.name) == rules


def test_payoffs_are_those_of_the_papers() -> None:
    """df2011: T=50, P=25, S=12 and R; frd2012 with b/c = 2.5: give 2 to bring 5."""
    one, other = game(laboratory("df2011", "D5R40")), game(laboratory("frd2012", "3"))
    assert (one.t, one.r, one.p, one.s) == (50, 40, 25, 12)
    assert (other.t, other.r, other.p, other.s) == (5, 3, 0, -2)


@pytest.mark.parametrize("name", ["D5R41", "7", "D9R32"])
def test_unknown_treatments_are_refused(name: str) -> None:
    """The error names what there is."""
    with pytest.raises(UnknownName, match="D5R32"):
        laboratory("df2011", name)
