"""Human games: populations beside people, without any data folder."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import mores
from mores import references
from mores.catalogue.human_games import human_games
from mores.catalogue.human_games_moves import BEFORE, averaged, previous
from mores.errors import BadValue, UnknownName
from mores.metric import Estimate
from mores.metrics.distances import total_variation
from mores.metrics.readings import read_events
from mores.policies.spec import policy
from mores.population import Population
from mores.study import Study
from mores.worlds.games.named import PrisonersDilemma


@pytest.fixture(scope="module")
def estimates() -> list[Estimate]:
    """A small run of all games, away from any data."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MORES_DATA", "/nowhere")
        return mores.run("human-games", replicates=300).estimates


def value(estimates: list[Estimate], metric: str, **condition: Any) -> float:
    """The value under exactly this condition."""
    (found,) = [e for e in estimates if e.metric == metric and dict(e.condition) == condition]
    return found.value


def test_a_population_of_one_act_is_as_far_as_people_who_do_otherwise(
    estimates: list[Estimate],
) -> None:
    """Dictators who give nothing: 1 less the share of people in the first bin; who leave a game: 1 less the leavers."""
    _, counts = references.distribution("dictator")
    apart = value(estimates, "distance_tv", game="dictator", population="selfish")
    assert apart == pytest.approx(1 - counts[0] / sum(counts))
    mean = value(estimates, "share_given", game="dictator", population="fair")
    assert mean == pytest.approx(0.5)
    cell = {"participation": "compulsory", "threshold": 4}
    where = {"game": "threshold-goods", "population": "altruist", **cell}
    assert value(estimates, "distance_tv", **where) == pytest.approx(1 - 0.706806, abs=1e-5)


def test_people_drawn_from_themselves_are_within_chance(estimates: list[Estimate]) -> None:
    """`empirical` is at most 1.5 times the upper end of the noise floor; selfish dictators are far above it."""
    drawn = [
        e
        for e in estimates
        if e.metric == "distance_tv"
        and e.condition["population"] == "empirical"
        and e.condition.get("data") != "ipd-human-pooled"
    ]
    assert len(drawn) == 1 + 2 + 4 + 6 + 2
    for each in drawn:
        where = {k: v for k, v in each.condition.items() if k != "population"}
        (floor,) = [
            e for e in estimates if e.metric == "noise_floor" and dict(e.condition) == where
        ]
        assert each.value <= 1.5 * floor.high, each
        assert each.low == 0.0 or each.low < floor.high


def test_defectors_are_apart_by_what_people_cooperate(estimates: list[Estimate]) -> None:
    """In df2011 the distance of all-defect is people's cooperation over all decisions."""
    made = [
        references.distribution("prisoners-dilemma", **dict(r.condition))[1]
        for r in references.load("prisoners-dilemma")
        if r.condition.get("data") == "df2011"
    ]
    apart = value(
        estimates, "distance_tv", game="prisoners-dilemma", population="all-defect", data="df2011"
    )
    assert apart == pytest.approx(sum(c for c, _ in made) / np.sum(made))


def test_of_trust_there_is_no_distance(estimates: list[Estimate]) -> None:
    """Only means are published: a difference of means, and no distribution."""
    metrics = {e.metric for e in estimates if e.condition["game"] == "trust"}
    assert metrics == {"share_sent", "share_returned", "difference_of_means"}
    where = {"game": "trust", "population": "altruist", "of": "share_sent"}
    assert value(estimates, "difference_of_means", **where) == pytest.approx(1 - 0.502)


def test_estimates_are_whole_and_bounded(estimates: list[Estimate]) -> None:
    """No two under one name and condition; distances between 0 and 1 inside their intervals; nothing missing."""
    names = {(e.metric, str(sorted(e.condition.items(), key=str))) for e in estimates}
    assert len(names) == len(estimates)
    for each in estimates:
        assert each.missing == 0
        if each.metric == "distance_tv":
            assert 0 <= each.low <= each.value <= each.high <= 1


def test_games_and_populations_are_chosen_by_name_or_spec() -> None:
    """A policy with values plays where it has a role, and a note says where it has none."""
    study = human_games(
        game=("dictator", "prisoners-dilemma"), population=("memory-one:0.9", "0.1", "0.9", "0.1")
    )
    assert {c.condition["game"] for c in study.cases} == {"prisoners-dilemma"}
    assert study.cases[0].population.policies == (policy("memory-one:0.9,0.1,0.9,0.1"),)
    assert "no role in dictator" in study.notes[-1]


def test_what_cannot_be_played_is_refused() -> None:
    """A population that does not exist, and one without a role in the only game."""
    with pytest.raises(UnknownName, match="selfish"):
        human_games(population=("selfsih",))
    with pytest.raises(BadValue, match="dictator"):
        human_games(game=("dictator",), population=("grim",))


def test_the_moves_before_are_found_for_both_seats() -> None:
    """Two tables of known play: alternators and defectors."""
    people = Population.by_seat(policy("alternator"), policy("all-defect"))
    study = Study.of(PrisonersDilemma(rounds=3), people, replicates=2)
    reading = read_events(mores.run(study), "choose")
    names = np.array(BEFORE)[previous(reading)]
    for seat, expected in ((0, ["--", "CD", "DD"]), (1, ["--", "DC", "DD"])):
        for table in (0, 1):
            here = (reading.seat == seat) & (reading.table == table)
            order = np.argsort(reading.round[here])
            assert names[here][order].tolist() == expected


def test_distances_within_contexts_are_weighted_as_people_were_in_them() -> None:
    """By hand: apart by .5 where people were three times in four, and by 1 elsewhere."""
    mine, people = np.array([2.0, 2.0, 9.0, 0.0]), np.array([3.0, 0.0, 0.0, 1.0])
    assert float(averaged(total_variation)(mine, people)) == pytest.approx(0.5 * 0.75 + 1 * 0.25)
