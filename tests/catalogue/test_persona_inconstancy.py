"""The study persona-inconstancy: each scripted panelist shows its own kind of inconstancy and no other."""

from __future__ import annotations

import json

import numpy as np
import pytest

import mores
from mores.catalogue.persona_inconstancy import persona_inconstancy
from mores.catalogue.persona_measures import entropy
from mores.engine.asking import Request
from mores.models.scripted import SCRIPTS, Scripted
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


@pytest.fixture(scope="module")
def record() -> Record:
    """Sixty panels of each kind."""
    return mores.run(persona_inconstancy(replicates=60))


def test_the_steady_show_nothing(record: Record) -> None:
    """No change, no conformity, no invention."""
    for metric in (
        "inconstancy",
        "inconstancy_in_chat",
        "conformity",
        "persuasion",
        "confabulation",
        "impersonation",
    ):
        assert value(record, metric, population="panel-steady") == 0, metric


def test_conformists_undo_what_the_persuaded_keep(record: Record) -> None:
    """Both voice others' opinions; only the persuaded still hold them in private."""
    undone, kept = ({"population": f"panel-{n}"} for n in ("conformist", "persuaded"))
    assert (
        value(record, "conformity", **undone)
        == value(record, "inconstancy_in_chat", **undone)
        > 0.4
    )
    assert value(record, "persuasion", **undone) == value(record, "inconstancy", **undone) == 0
    assert value(record, "persuasion", **kept) == value(record, "inconstancy", **kept) > 0.4
    assert value(record, "conformity", **kept) == 0
    for who in (undone, kept):
        assert value(record, "group_with_initiator", **who) == 1


def test_drifters_change_by_chance(record: Record) -> None:
    """Three of four redrawn opinions differ."""
    assert value(record, "inconstancy", population="panel-drifter") == pytest.approx(0.75, abs=0.06)
    assert value(record, "inconstancy_in_chat", population="panel-drifter") == pytest.approx(
        0.75, abs=0.04
    )


def test_confabulation_is_what_nobody_had() -> None:
    """Two who drift, one message: a final opinion is new with the chance that three draws of four options missed it."""
    study = persona_inconstancy(
        population=("panel-drifter",), nations=("French", "Greek"), messages=1, replicates=2000
    )
    found = value(mores.run(study), "confabulation")
    assert found == pytest.approx((3 / 4) ** 3, abs=0.03)


def test_entropy_by_hand() -> None:
    """The seven degrees of diversity of five agents that the paper names."""
    panels = [
        *([0] * 5, [0, 0, 0, 0, 1], [0, 0, 0, 1, 1], [0, 0, 0, 1, 2]),
        *([0, 0, 1, 1, 2], [0, 0, 1, 2, 3], [0, 1, 2, 3, 4]),
    ]
    found = entropy(np.array(panels, np.float64))
    assert found.tolist() == [0, 0.72, 0.97, 1.37, 1.52, 1.92, 2.32]
    assert np.isnan(entropy(np.full((1, 5), np.nan))).all()


def test_inconstancy_is_shown_by_entropy(record: Record) -> None:
    """Where all agreed before, the persuaded have nothing to change to."""
    rows = {
        e.condition["entropy"]: e.value
        for e in record.estimates
        if e.metric == "inconstancy_by_entropy" and e.condition["population"] == "panel-persuaded"
    }
    assert set(rows) <= {0, 0.72, 0.97, 1.37, 1.52, 1.92} and len(rows) > 2
    assert rows[max(rows)] > rows[min(rows)]


def test_impersonation_is_counted() -> None:
    """Speaking as somebody of another nation counts, speaking as one's own does not."""

    def script(request: Request) -> str:
        if "anonymous" in request.thread.messages()[-1]["content"]:
            return SCRIPTS["first"](request)
        return json.dumps({"message": "As a German agent I say so.", "answer": "A"})

    study = persona_inconstancy(population=("mind",), messages=5, replicates=2)
    record = mores.run(study, models={"players": Scripted(script)})
    assert value(record, "impersonation") == pytest.approx(4 / 5)
