"""The study kairos: anchors that are exact, ratios over tables, published rows, and what a cache could serve."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import mores
from mores.catalogue.kairos import PUBLISHED, kairos
from mores.catalogue.kairos_measures import change, difference, f1
from mores.design import resolve
from mores.engine.asking import Request
from mores.models.prefix import cacheable_share
from mores.models.scripted import SCRIPTS, Scripted, scripted
from mores.record import Record
from mores.thread import Thread


def value(record: Record, metric: str, **condition: object) -> float:
    """The one estimate of a metric under a condition, published rows left out."""
    found = [
        e.value
        for e in record.estimates
        if e.metric == metric
        and e.method != "published"
        and condition.items() <= dict(e.condition).items()
    ]
    assert len(found) == 1, found
    return found[0]


def test_the_stubborn() -> None:
    """Accuracy with peers as alone, utility 0, resistance 1, F1 0, no change."""
    record = mores.run(kairos(population=("quiz-stubborn",), rapport=(50,), replicates=36))
    assert value(record, "kairos_accuracy") == value(record, "original_accuracy")
    assert [value(record, m) for m in ("utility", "resistance", "f1")] == [0, 1, 0]
    assert value(record, "ok_change") == value(record, "ok_difference") == 0
    assert value(record, "followed") == 0


def test_the_copier_act_by_act() -> None:
    """Support leaves accuracy as it was, hard opposition gives 0, easy opposition 1 less it; the mean is one third."""
    record = mores.run(
        kairos(
            population=("quiz-copier",),
            rapport=(50,),
            act=("support", "oppose-hard", "oppose-easy"),
            replicates=40,
        )
    )
    alone = value(record, "original_accuracy", act="support")
    with_peers = [
        value(record, "kairos_accuracy", act=a) for a in ("support", "oppose-hard", "oppose-easy")
    ]
    assert 0 < alone < 1
    assert with_peers == pytest.approx([alone, 0, 1 - alone])
    assert sum(with_peers) / 3 == pytest.approx(1 / 3)
    assert value(record, "utility", act="oppose-easy") == 1
    assert value(record, "resistance", act="oppose-hard") == 0


@pytest.mark.parametrize("accuracy", [0.2, 0.6, 0.9])
def test_the_copier_under_mixed_acts(accuracy: float) -> None:
    """Accuracy, utility, resistance and F1 are one third whatever it knows (in the mean over many questions)."""
    study = resolve(
        "kairos",
        {
            "population": f"quiz-copier:accuracy={accuracy}",
            "rapport": "0",
            "replicates": "3000",
            "samples": "1",
        },
    )
    record = mores.run(study, record="decisions")
    for metric in ("kairos_accuracy", "utility", "resistance", "f1"):
        assert value(record, metric) == pytest.approx(1 / 3, abs=0.06), metric


def test_the_bayesian_depends_on_rapport() -> None:
    """With accuracy .6 it follows peers only where all four rounds agreed (5/6 > .6), else it stays."""
    record = mores.run(kairos(population=("quiz-bayesian",), replicates=36))
    assert [value(record, "followed", rapport=r) for r in (0, 50, 100)] == [0, 0, 1]


def test_the_ratios_by_hand() -> None:
    """Ten right alone of 20, 8 with peers, 6 in both: utility .2, resistance .6, F1 .3; change -20 %, or -.1."""
    total = np.array([[20.0, 10, 8, 6]])
    assert float(f1(total)[0]) == pytest.approx(0.3)
    assert float(change(total)[0]) == pytest.approx(-0.2)
    assert float(difference(total)[0]) == pytest.approx(-0.1)
    assert float(f1(np.array([[4.0, 2, 0, 0]]))[0]) == 0
    assert np.isnan(f1(np.array([[4.0, 4, 4, 4]]))).all()  # nobody was wrong alone


def test_transitions_sum_to_one() -> None:
    """Every table with both answers makes one of the four."""
    record = mores.run(kairos(population=("quiz-copier",), rapport=(0,), replicates=30))
    rows = [e for e in record.estimates if e.metric == "transitions"]
    assert len(rows) == 4 and sum(e.value for e in rows) == pytest.approx(1)


def test_published_rows_stand_beside() -> None:
    """Two figures a model, marked as published, never as a reference."""
    study = kairos(population=("quiz-stubborn",), rapport=(0,), replicates=3)
    rows = [e for e in mores.run(study).estimates if e.method == "published"]
    assert len(rows) == 2 * len(PUBLISHED)
    assert all("(published)" in str(e.condition["population"]) and e.n == 3000 for e in rows)
    assert not study.references


def test_a_model_that_says_nothing_is_missing() -> None:
    """No own answer, no answer with peers, nothing averaged."""
    study = kairos(population=("mind",), rapport=(0,), samples=2, replicates=3)
    record = mores.run(study, models={"players": scripted("silent")})
    assert value(record, "original_accuracy") != value(record, "original_accuracy")
    missing = {e.metric: e.missing for e in record.estimates if e.method != "published"}
    assert missing["original_accuracy"] == missing["f1"] == 3


def test_a_prefix_cache_could_serve_most_of_what_is_sent() -> None:
    """Samples are asked alike and histories shared: at least 70 % of the prompts' characters."""
    threads: list[Thread] = []

    def script(request: Request) -> str:
        threads.append(request.thread)
        return SCRIPTS["random"](request)

    mores.run(kairos(population=("mind",), replicates=24), models={"players": Scripted(script)})
    share = cacheable_share(threads)
    print(f"kairos: {share:.0%} of prompt characters were sent before")
    assert share >= 0.7


def test_published_questions(data: Path) -> None:
    """TruthfulQA instead of the samples; the note that they are samples is gone."""
    study = kairos(population=("quiz-copier",), rapport=(50,), items="truthfulqa", replicates=30)
    assert not any("our own" in note for note in study.notes)
    assert value(mores.run(study), "followed") == 1
    assert any("our own" in note for note in kairos().notes)
