"""Tests of the study dictator-humans: where it starts, and that ten rounds bring it to people."""

from __future__ import annotations

import pytest

import mores
from mores.aligners.loop import loop
from mores.catalogue.dictator_humans import dictator_humans
from mores.design import resolve


def test_it_starts_with_agents_that_keep_everything() -> None:
    """1,000 agents, all in the lowest bin: total variation to people is 1 less people's share there."""
    record = mores.run(resolve("dictator-humans"))
    found = {e.metric: e for e in record.estimates}
    people = resolve("dictator-humans").references[0]
    assert people.distribution is not None
    counts = people.distribution[1]
    assert found["distance_tv"].value == pytest.approx(1 - counts[0] / sum(counts))
    assert found["distance_tv"].n == 1000
    assert found["share_given"].value < 0.01


def test_without_noise_they_give_nothing_at_all() -> None:
    """The little that is given at first is the noise of doing, not of meaning."""
    record = mores.run(dictator_humans(agents=50, noise=0.0))
    assert {e.metric: e.value for e in record.estimates}["gave_nothing"] == 1.0


def test_any_number_of_replicates_is_a_number_of_agents() -> None:
    """`replicates` may be set over `agents`, up or down, whatever they give at first."""
    for many in (7, 80):
        record = mores.run(dictator_humans(agents=40, giving=0.5, noise=0.0), replicates=many)
        assert {e.metric: (e.value, e.n) for e in record.estimates}["share_given"] == (0.5, many)


def test_ten_rounds_bring_giving_to_people_on_held_out_agents() -> None:
    """Total variation falls to what chance alone gives; random rewriting leaves it where it was."""
    design = dictator_humans()
    floor = design.references[-1]
    assert floor.value == pytest.approx(0.031, abs=0.003)
    result = loop(design, "pevo", rounds=10)
    curve, control = (
        [e.value for r in rounds for e in r.estimates if e.metric == "distance_tv"]
        for rounds in (result.rounds, result.control)
    )
    assert len(curve) == 11
    assert floor.high is not None
    assert sum(curve[-3:]) / 3 < floor.high
    assert control == pytest.approx([curve[0]] * 11, abs=0.01)
    mean = next(e for e in result.rounds[-1].estimates if e.metric == "share_given")
    assert mean.value == pytest.approx(0.252, abs=0.04)
