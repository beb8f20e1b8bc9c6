"""The tournament: scores as the Axelrod library's, ranks, and the published tournament beside them."""

from __future__ import annotations

import json
import math
import os
from pathlib import Path

import numpy as np
import pytest

from mores.catalogue.axelrod_names import LIBRARY
from mores.catalogue.axelrod_tournament import CLASSIC, axelrod_tournament, spearman
from mores.design import resolve
from mores.engine.run import run
from mores.errors import BadValue
from mores.metric import Estimate
from mores.policies.spec import policy
from mores.record import Record

GOLDEN = Path(__file__).parents[1] / "golden" / "axelrod" / "stochastic.json"
needs_data = pytest.mark.skipif(not os.environ.get("MORES_DATA"), reason="MORES_DATA is not set")
Z = 4.0
"""How many standard errors of the difference are tolerated: one in sixteen thousand if all is well."""


def scores(record: Record, metric: str = "score_per_turn") -> dict[str, Estimate]:
    """The estimates of a metric by strategy."""
    return {str(e.condition["strategy"]): e for e in record.estimates if e.metric == metric}


@pytest.mark.parametrize("itself", [False, True])
def test_scores_are_those_of_the_axelrod_library(itself: bool) -> None:
    """Sixteen strategies, 200 turns, 1% noise: every mean within 4 standard errors of the library's."""
    golden = json.loads(GOLDEN.read_text())["tournament"]
    settings = {
        "turns": golden["turns"],
        "repetitions": 40,
        "noise": golden["noise"],
        "itself": itself,
    }
    record = run(resolve("axelrod-tournament", {k: str(v) for k, v in settings.items()}))
    ours = scores(record)
    assert set(ours) == set(golden["strategies"]) == set(CLASSIC)
    for name, theirs in golden["strategies"].items():
        mean, error = theirs["score_with_self_play" if itself else "score"]
        # the library's error is over its repetitions, and ours by as many fewer larger
        both = error * math.sqrt(1 + golden["repetitions"] / 40)
        assert abs(ours[name].value - mean) < Z * both, name
        if not itself:
            assert scores(record, "cooperation")[name].value == pytest.approx(
                theirs["cooperation"], abs=0.08
            )


def test_without_noise_by_hand() -> None:
    """Three strategies, ten turns: scores and ranks that can be worked out."""
    record = run(
        axelrod_tournament(
            strategies=("all-cooperate", "all-defect", "tit-for-tat"),
            turns=10,
            repetitions=2,
            noise=0,
        )
    )
    found = {n: e.value for n, e in scores(record).items()}
    assert found["all-cooperate"] == pytest.approx((0 + 3) / 2)
    assert found["all-defect"] == pytest.approx((5 + (5 + 9) / 10) / 2)
    assert found["tit-for-tat"] == pytest.approx((3 + 9 / 10) / 2)
    ranks = {n: e.value for n, e in scores(record, "rank").items()}
    assert ranks == {"all-defect": 1, "tit-for-tat": 2, "all-cooperate": 3}


def test_ties_share_their_places() -> None:
    """Two who earn the same are both at 1.5."""
    record = run(
        axelrod_tournament(
            strategies=("all-cooperate", "tit-for-tat"), turns=5, repetitions=1, noise=0
        )
    )
    assert {e.value for e in scores(record, "rank").values()} == {1.5}


@needs_data
def test_rank_correlation_with_the_published_tournament() -> None:
    """All shared strategies without noise: ranks agree closely, and the note says that the fields differ."""
    study = axelrod_tournament(strategies=("all",), turns=100, repetitions=2, noise=0)
    found = [e for e in run(study).estimates if e.metric == "rank_correlation"]
    assert [e.condition["of"] for e in found] == ["score_per_turn", "cooperation"]
    assert all(e.n == len(LIBRARY) and e.missing == 0 and 0.85 < e.value <= 1 for e in found)
    assert all(e.low < e.value < e.high for e in found)
    assert "differ" in study.notes[0]


def test_without_data_the_correlation_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """A note says so, and the tournament runs."""
    monkeypatch.setenv("MORES_DATA", "/nowhere")
    study = axelrod_tournament(turns=2, repetitions=1)
    assert study.baseline == {"strategy": "tit-for-tat"}
    assert study.estimates is None and "left out" in study.notes[-1]
    assert scores(run(study))


def test_every_name_of_the_library_is_a_policy() -> None:
    """The table of names holds registered policies with labels that differ."""
    assert len({policy(name).label for name in LIBRARY}) == len(LIBRARY)


def test_spearman_by_hand() -> None:
    """Perfect and reversed order, a tie, and too few."""
    up = np.arange(5.0)
    assert spearman(up, up**3)[0] == pytest.approx(1)
    assert spearman(up, -up)[0] == pytest.approx(-1)
    value, low, high = spearman(np.array([1.0, 2, 3, 4, 5]), np.array([2.0, 1, 4, 3, 5]))
    assert value == pytest.approx(0.8) and low < value < high
    assert spearman(np.array([1.0, 2, 2, 3]), np.array([1.0, 2, 3, 4]))[0] == pytest.approx(
        0.9486833
    )
    assert math.isnan(spearman(up[:2], up[:2])[0]) and math.isnan(spearman(up, up * 0)[0])


def test_what_cannot_be_meant() -> None:
    """One strategy alone has nobody to play with."""
    with pytest.raises(BadValue, match="two different"):
        axelrod_tournament(strategies=("grim",))
