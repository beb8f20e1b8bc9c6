"""What a run came to: comparisons, references, cost, and what it lacks of its design."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import numpy as np
import pytest

import mores
from mores.design import resolve
from mores.metric import Metric, Reference, Sample
from mores.record import Record
from mores.study import Study
from mores.summary import beside, shortfall, summarise, within


@pytest.fixture(scope="module")
def study() -> Study:
    """Two institutions of the donor game, two generations."""
    settings = {"institution": "none,reputation", "generations": "3", "replicates": "4"}
    return resolve("donor-game", settings)


@pytest.fixture(scope="module")
def record(study: Study) -> Record:
    """It, played once."""
    return mores.run(study)


def test_the_summary_is_plain_data(study: Study, record: Record) -> None:
    """What `--json` prints holds no NaN and has all that scripts rely on."""
    text = json.dumps(summarise(record, study).as_dict(), allow_nan=False)
    assert {"study", "out", "estimates", "comparisons", "references", "hashes", "cost"} <= set(
        json.loads(text)
    )


def test_moments_of_one_course_are_not_compared_with_each_other(
    study: Study, record: Record
) -> None:
    """Series over generations are compared across institutions, generation by generation."""
    made = [
        c for c in summarise(record, study).comparisons if c.metric == "share_given_by_generation"
    ]
    assert len(made) == 3
    assert all(c.a["generation"] == c.b["generation"] for c in made)
    assert all(c.p_adjusted >= c.p for c in made if not math.isnan(c.p))


def test_a_metric_that_fails_is_a_note(study: Study, record: Record) -> None:
    """One metric that cannot be computed takes no other down."""

    def fails(record: Record) -> Sample:
        raise ValueError("not today")

    broken = replace(study, metrics=(Metric(name="broken", measure=fails), *study.metrics))
    found = summarise(record, broken)
    assert (
        found.comparisons and "broken could not be compared: ValueError: not today" in found.notes
    )


def test_references_stand_beside_the_estimates_they_belong_to(study: Study, record: Record) -> None:
    """Same metric, a condition that contains the reference's; the distance is that of the two values."""
    one = Reference(metric="gini", source="A", value=0.5, condition={"institution": "none"})
    nowhere = Reference(metric="gini", source="B", value=0.5, condition={"institution": "x"})
    spread = Reference(metric="gini", source="C")
    found = beside(record.estimates, [one, nowhere, spread])
    assert [b.reference.source for b in found] == ["A", "B", "C", "C"]
    assert found[0].estimate is not None
    assert found[0].distance == pytest.approx(abs(found[0].estimate.value - 0.5))
    assert math.isnan(found[1].distance) and found[1].as_dict()["distance"] is None
    assert math.isnan(found[2].distance)


def test_a_distance_is_its_own_distance() -> None:
    """An estimate that is a distance to people is what stands beside their figure."""
    estimate = mores.Estimate(metric="distance_tv", value=0.25, low=0.2, high=0.3, n=5)
    found = beside([estimate], [Reference(metric="distance_tv", source="A", n=100)])
    assert found[0].distance == 0.25


def test_conditions_contain_others() -> None:
    """A condition contains another when it agrees in all of its keys."""
    assert within({}, {"a": 1}) and within({"a": 1}, {"a": 1, "b": 2})
    assert not within({"a": 1}, {"b": 2}) and not within({"a": 2}, {"a": 1})


@pytest.mark.parametrize("level", ["full", "decisions", "aggregate", "none"])
def test_a_whole_run_lacks_nothing(study: Study, level: str) -> None:
    """At no level of record does a whole run lack a part of its design."""
    assert shortfall(mores.run(study, record=level), study) == []


def test_what_a_run_lacks_is_counted(study: Study, record: Record) -> None:
    """Fewer episodes than planned, and no events where some should be."""
    more = replace(study, replicates=10)
    assert shortfall(record, more) == ["8 of 20 episodes came to their end"]
    empty = Record(record.manifest, None, {n: record.table(n) for n in ("episodes", "arms")})
    assert "0 events" in shortfall(empty, study)[0]
    assert shortfall(empty, replace(study, expect="nothing")) == []
    assert np.isfinite(summarise(record, study).estimates[0].value)
