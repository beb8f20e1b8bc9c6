"""The study machinesom: societies by traits, conformity as the code counts it, and rounds."""

from __future__ import annotations

import numpy as np
import pytest

import mores
from mores.catalogue.machinesom import machinesom
from mores.catalogue.machinesom_measures import conforms
from mores.design import resolve
from mores.errors import BadValue
from mores.models.scripted import scripted
from mores.record import Record


def value(record: Record, metric: str, **condition: object) -> float:
    """The one estimate of a metric under a condition."""
    found = [
        e.value
        for e in record.estimates
        if e.metric == metric and condition.items() <= dict(e.condition).items()
    ]
    assert len(found) == 1, found
    return found[0]


def test_conformity_by_hand() -> None:
    """A, A, B: the third has two who agree; A, B, C: nobody has; no new answer: nothing to count."""
    before = np.array([[0.0, 0, 1], [0, 1, 2], [0, 0, 0], [0, np.nan, 0]])
    after = np.array([[0.0, 1, 0], [0, 1, 2], [0, 1, np.nan], [0, 0, 1]])
    found, agreed = conforms(before, after)
    assert agreed.tolist() == [[False, False, True], [False] * 3, [True] * 3, [False, True, False]]
    assert found[0].tolist() == [0, 0, 1] and found[1].tolist() == [0, 0, 0]
    assert found[2, :2].tolist() == [1, 0] and np.isnan(found[2, 2])
    assert found[3].tolist() == [0, 1, 0]


def test_two_leading_answers_both_count() -> None:
    """With five agents two answers of two each lead: who takes either conforms."""
    found, agreed = conforms(np.array([[3.0, 0, 0, 1, 1]]), np.array([[1.0, 0, 0, 1, 1]]))
    assert agreed.all() and found[0, 0] == 1


def test_copiers_conform_wherever_they_can() -> None:
    """All easy-going in debates: where two of the others agree everyone goes with them; the overconfident do not."""
    record = mores.run(machinesom(overconfident=(3, 0), pattern=("000", "111"), replicates=60))
    assert value(record, "conformity_where_agreed", overconfident=0, pattern="000") == 1
    still = value(record, "conformity_where_agreed", overconfident=3, pattern="000")
    assert still == value(record, "conformity_where_agreed", overconfident=3, pattern="111") < 0.6


def test_societies_that_only_copy_decide_what_they_would_have_anyway() -> None:
    """Debate brings agents to the majority and leaves what it decides as it was: equal to a society that reflects."""
    record = mores.run(machinesom(overconfident=(0,), pattern=("000", "111"), replicates=200))
    first = {p: value(record, "accuracy_by_round", pattern=p, round=0) for p in ("000", "111")}
    assert (
        first["000"] == first["111"] == value(record, "accuracy_by_round", pattern="111", round=3)
    )
    assert value(record, "accuracy_by_round", pattern="000", round=3) > first["000"]
    debate, reflect = (value(record, "accuracy", pattern=p) for p in ("000", "111"))
    assert debate == pytest.approx(reflect, abs=0.05)  # only ties can fall otherwise


def test_answers_become_fewer_in_debate() -> None:
    """Round by round, never more than before; in reflection as many as at first."""
    record = mores.run(machinesom(overconfident=(0,), pattern=("000", "111"), replicates=50))
    debate = [value(record, "distinct_by_round", pattern="000", round=r) for r in range(4)]
    reflect = [value(record, "distinct_by_round", pattern="111", round=r) for r in range(4)]
    assert debate[1] < debate[0] and debate[1:] == sorted(debate[1:], reverse=True)
    assert len(set(reflect)) == 1 and reflect[0] == debate[0]


def test_models_and_settings() -> None:
    """A scripted model in all seats; a pattern keeps its zeros; one that is none is refused."""
    study = resolve(
        "machinesom",
        {"population": "mind", "overconfident": "1", "pattern": "01", "replicates": "2"},
    )
    assert study.cases[0].condition["pattern"] == "01"
    record = mores.run(study, models={"players": scripted("random")})
    assert 0 <= value(record, "accuracy") <= 1
    with pytest.raises(BadValue, match="pattern"):
        resolve("machinesom", {"pattern": "02"})
