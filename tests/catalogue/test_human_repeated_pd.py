"""Human repeated prisoner's dilemma: published mixtures, and predictions of treatments left out."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("scipy")

import mores
from mores.catalogue.human_repeated_pd import PUBLISHED, fitted, human_repeated_pd
from mores.data import folder
from mores.errors import DataMissing
from mores.metric import Estimate
from mores.people.automata import DAL_BO_FRECHETTE
from mores.people.automaton_play import expected_cooperation
from mores.record import Record

needs_data = pytest.mark.skipif(not os.environ.get("MORES_DATA"), reason="MORES_DATA is not set")


@pytest.fixture(scope="module")
def record() -> Record:
    """A small run of the study."""
    return mores.run("human-repeated-pd", replicates=1000, draws=20)


def of(record: Record, metric: str, **condition: Any) -> list[Estimate]:
    """The estimates of a metric whose condition has these."""
    return [
        e
        for e in record.estimates
        if e.metric == metric and condition.items() <= dict(e.condition).items()
    ]


@needs_data
def test_observed_and_predicted_meet_in_every_treatment(record: Record) -> None:
    """Twelve of each, under the same conditions, with intervals; observed are the data's check numbers."""
    observed, predicted = (of(record, f"cooperation_{word}") for word in ("observed", "predicted"))
    assert [e.condition for e in observed] == [e.condition for e in predicted]
    assert len(observed) == 12
    assert all(e.low < e.value < e.high and e.missing == 0 for e in (*observed, *predicted))
    (late,) = of(record, "cooperation_observed", data="df2011", treatment="D75R40")
    assert late.value == pytest.approx(0.694, abs=0.0005) and late.n == 38


@needs_data
def test_left_out_treatments_are_predicted_better_than_by_one_population(record: Record) -> None:
    """RMSE below .15 over df2011; pooled, as in the literature, about .36."""
    for data, goal in (("df2011", 0.15), ("frd2012", 0.15)):
        (apart,), (pooled,) = of(record, "rmse", data=data), of(record, "rmse_pooled", data=data)
        assert apart.value < goal < pooled.value
        assert apart.low <= apart.value <= apart.high
    assert pooled.n == 6


@needs_data
def test_the_engine_plays_what_the_fitted_mixture_means(record: Record) -> None:
    """Each simulated share is within .05 of the exact cooperation of its population, error included."""
    for each in fitted(str(folder()), "rules", "six", 1.0):
        rules = each.treatment
        exact = expected_cooperation(
            each.weights, each.tremble, rules.delta, rules.error, DAL_BO_FRECHETTE
        )
        (found,) = of(record, "cooperation_predicted", **rules.condition)
        assert found.value == pytest.approx(exact, abs=0.05)


@needs_data
def test_published_shares_of_strategies_come_out(record: Record) -> None:
    """Dal Bo & Frechette 2011, table 7, within .005, and beside each the reference."""
    for treatment, shares in PUBLISHED.items():
        found = of(record, "strategy_share", data="df2011", treatment=treatment)
        assert {e.condition["strategy"] for e in found} == set(DAL_BO_FRECHETTE)
        for each in found:
            expected = shares.get(each.condition["strategy"], 0.0)
            assert each.value == pytest.approx(expected, abs=0.005)
    study = human_repeated_pd(replicates=1, draws=2)
    assert sum(r.metric == "strategy_share" for r in study.references) == 20


@needs_data
def test_nine_strategies_have_no_published_shares() -> None:
    """Another set of strategies is another fit: the references to six are left out."""
    study = human_repeated_pd(strategies="nine", replicates=1, draws=2)
    assert all(r.metric == "cooperation_predicted" for r in study.references)
    assert len(study.cases) == 12


def test_without_the_data_it_says_how_to_get_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DataMissing names the source, though another folder was read before."""
    monkeypatch.setenv("MORES_DATA", str(tmp_path))
    with pytest.raises(DataMissing, match="stratEst"):
        human_repeated_pd()
