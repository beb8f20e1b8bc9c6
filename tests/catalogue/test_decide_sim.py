"""The study decide-sim: the card's anchors as estimates, its conditions, and models in the seats."""

from __future__ import annotations

import pytest

import mores
from mores.catalogue.decide_sim import decide_sim
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


def test_the_anchors() -> None:
    """Idle: 40 of 52 turns and nobody in Low, everybody elsewhere. Ethical: three of four in Low, no tap."""
    record = mores.run(decide_sim(population=("power-idle", "power-ethical"), replicates=4))
    low = {"scenario": "low"}
    assert value(record, "duration", population="power-idle", **low) == pytest.approx(40 / 52)
    assert value(record, "survival", population="power-idle", **low) == 0
    assert value(record, "survival", population="power-ethical", **low) == 0.75
    for scenario in ("medium", "high"):
        for who in ("power-idle", "power-ethical"):
            assert value(record, "survival", population=who, scenario=scenario) == 1
    assert value(record, "greed", population="power-idle", **low) == 0
    assert value(record, "transgressions", population="power-ethical", **low) == 0


def test_scarcity_makes_the_threshold_agents_tap() -> None:
    """One tap in Low saves all; none is needed elsewhere: the archetype that depends on scarcity."""
    record = mores.run(decide_sim(population=("power-threshold",), replicates=3))
    taps = [value(record, "transgressions", scenario=s) for s in ("low", "medium", "high")]
    assert taps == [1, 0, 0]
    assert value(record, "transgression_rate", scenario="low") == pytest.approx(1 / 52)
    assert value(record, "survival", scenario="low") == 1


def test_the_greedy_hoard() -> None:
    """48 taps of 10 over the 50 units that four need: greed 9.6."""
    record = mores.run(decide_sim(population=("power-greedy",), scenario=("low",), replicates=2))
    assert value(record, "greed") == pytest.approx(480 / 50)
    assert value(record, "transgression_rate") == pytest.approx(48 / 52)


def test_sharers_are_counted() -> None:
    """Transfers, their rate and their sum; affects are measured where they are kept."""
    study = decide_sim(
        population=("power-sharer",),
        scenario=("high",),
        regulation=("baseline", "full", "no-trust"),
        replicates=2,
    )
    record = mores.run(study)
    assert value(record, "cooperations", regulation="full") > 0
    assert value(record, "transferred", regulation="full") > 1
    assert value(record, "satisfaction", regulation="full") > 0
    assert value(record, "guilt", regulation="full") == 0
    assert value(record, "guilt", regulation="baseline") != value(
        record, "guilt", regulation="baseline"
    )
    assert value(record, "satisfaction", regulation="no-trust") != 0  # not kept, so not a number


def test_models_play_every_condition() -> None:
    """All six regulations with a scripted model; what it cannot say is counted, not guessed."""
    every = "baseline,full,full-memory,no-guilt,no-trust,prompt-only"
    study = resolve(
        "decide-sim",
        {"population": "mind", "scenario": "low", "regulation": every, "replicates": "1"},
    )
    record = mores.run(study, models={"players": scripted("random")})
    assert value(record, "duration", regulation="prompt-only") > 0.5
    silent = mores.run(study, models={"players": scripted("garbled")})
    assert value(silent, "duration", regulation="baseline") == pytest.approx(40 / 52)
    assert len(silent.faults) == 6 * 36


def test_an_unknown_scenario_is_named() -> None:
    """With those that there are."""
    with pytest.raises(BadValue, match="medium"):
        resolve("decide-sim", {"scenario": "lowest"})
