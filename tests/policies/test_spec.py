"""Policies by their names and parameters."""

from __future__ import annotations

import pytest

from mores import registry
from mores.errors import BadValue, UnknownName
from mores.policies.spec import policy, written
from mores.policies.strategies.classic import TitForTat
from mores.policies.strategies.memory_one import GenerousTitForTat, MemoryOne
from mores.policies.strategies.patterns import Biased, Loop


@pytest.mark.parametrize(
    ("spec", "meant"),
    [
        ("tit-for-tat", TitForTat()),
        ("generous-tit-for-tat:p=0.1", GenerousTitForTat(0.1)),
        ("generous-tit-for-tat:1/3", GenerousTitForTat(1 / 3)),
        ("memory-one:0.9,0.1,0.9,0.1", MemoryOne(0.9, 0.1, 0.9, 0.1)),
        ("memory-one:0.9,start-with=0", MemoryOne(cc=0.9, start_with=0.0)),
        ("loop:0,1,2", Loop((0, 1, 2))),
        ("loop:pattern=2/1", Loop((2, 1))),
        ("biased:weights=0.5/0.5", Biased((0.5, 0.5))),
    ],
)
def test_specs(spec: str, meant: object) -> None:
    """Values are read by place or by name, tuples too."""
    assert policy(spec) == meant


@pytest.mark.parametrize(
    ("spec", "error", "says"),
    [
        ("tit-for-tta", UnknownName, "tit-for-tat"),
        ("generous-tit-for-tat:q=1", UnknownName, "'q'"),
        ("generous-tit-for-tat:p=often", BadValue, "generous-tit-for-tat.p='often'"),
        ("generous-tit-for-tat:p=1.5", BadValue, "probability"),
        ("generous-tit-for-tat:0.1,0.2", BadValue, "at most 1"),
        ("tit-for-tat:1", BadValue, "no fields"),
        ("cycler:cycle=CXD", BadValue, "CXD"),
        ("always:option=one", BadValue, "whole number"),
    ],
)
def test_errors_name_field_and_value(spec: str, error: type[Exception], says: str) -> None:
    """What cannot be meant is refused with the field, the value and what is allowed."""
    with pytest.raises(error, match=says):
        policy(spec)


def test_written_is_read_again() -> None:
    """The shortest spec of every strategy means the same strategy."""
    for name in registry.names("policy"):
        if registry.table("policy")[name].startswith("mores.policies.strategies"):
            made = policy(name)
            assert policy(written(made)) == made
    assert written(Loop((2, 1))) == "loop:pattern=2/1"
