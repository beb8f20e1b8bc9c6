"""Trajectories: series and slopes over rounds and generations; selection between generations."""

from __future__ import annotations

import numpy as np
import pytest

from mores.engine.run import run
from mores.institutions.generations import Generations
from mores.metrics import conduct, selection, trajectories, welfare
from mores.metrics.readings import acts
from mores.policies.spec import policy
from mores.population import Population
from mores.record import Record
from mores.study import Study
from mores.worlds.games.donor import DonorGame
from mores.worlds.games.named import game

GAVE = acts("give")


def evolved(name: str = "evolving-donor", n: int = 4, replicates: int = 6) -> Record:
    """A donor game over some generations."""
    world = Generations(inner=DonorGame(), n=n)
    return run(Study.of(world, Population.all(policy(name)), replicates=replicates))


def test_a_series_has_one_value_a_table_and_round() -> None:
    """An alternator's cooperation by round is 1, 0, 1, 0."""
    record = run(
        Study.of(game("prisoners-dilemma", 4), Population.all(policy("alternator")), replicates=2)
    )
    found = trajectories.series(conduct.cooperation, acts("choose"), "round").measure(record)
    assert [c["round"] for c in found.condition] == [1, 2, 3, 4]
    assert [float(found.value[found.which == k].mean()) for k in range(4)] == [1, 0, 1, 0]


def test_rounds_begin_anew_in_every_generation() -> None:
    """By round there are as many steps as one generation has, and each generation is in all of them."""
    found = trajectories.series(conduct.share_given, GAVE, "round").measure(evolved(n=3))
    assert [c["round"] for c in found.condition] == list(range(1, 25))


def test_generations_match_sql() -> None:
    """The series by generation is the mean that SQL gives, generation by generation."""
    record = evolved()
    found = trajectories.series(conduct.share_given, GAVE).measure(record)
    rows = record.sql(
        "select season, avg(value) as mean from events where kind = 'give' group by season order by season"
    ).rows()
    means = [float(found.value[found.which == k].mean()) for k in range(len(found.condition))]
    assert means == pytest.approx([r["mean"] for r in rows])


def test_the_slope_is_that_of_the_series() -> None:
    """The mean of slopes over tables is the slope of the mean."""
    record = evolved()
    slope = trajectories.slope(conduct.share_given, GAVE).measure(record).value.mean()
    series = trajectories.series(conduct.share_given, GAVE).measure(record)
    means = [series.value[series.which == k].mean() for k in range(4)]
    assert slope == pytest.approx(np.polyfit(range(4), means, 1)[0])
    assert (
        trajectories.slope(conduct.share_given, GAVE).measure(evolved("all-keep")).value.max() == 0
    )


def test_resources_by_generation() -> None:
    """All giving everything: 30,720 in each generation."""
    record = evolved("all-give", n=2, replicates=1)
    found = trajectories.series(
        welfare.final_resources_mean, trajectories.read_scores_by_generation
    )
    assert found.measure(record).value.tolist() == [30_720, 30_720]
    assert found.name == "final_resources_mean_by_generation"


def test_survivors_give_less_where_nothing_is_known_of_anyone() -> None:
    """Without institutions givers are selected against: the differential is below 0 in every table."""
    record = evolved(n=3, replicates=20)
    found = selection.survivor_differential.measure(record)
    assert (found.value < 0).all()


def test_selection_by_hand() -> None:
    """The differentials equal those computed seat by seat from the events."""
    record = evolved(n=3, replicates=1)
    given, born = record.column("give"), record.column("born")
    mean = np.array(
        [
            [given.value[(given.season == g) & (given.seat == s)].mean() for s in range(12)]
            for g in range(3)
        ]
    )
    new = np.zeros((3, 12), bool)
    new[born.season, born.seat] = True
    apart = [(mean[g][~new[g]].mean() - mean[g][new[g]].mean()) / mean[g].mean() for g in (0, 1)]
    assert selection.survivor_differential.measure(record).value[0] == pytest.approx(np.mean(apart))
    later = [mean[g + 1][new[g]].mean() - mean[g + 1][~new[g]].mean() for g in (0, 1)]
    assert selection.newcomer_differential.measure(record).value[0] == pytest.approx(np.mean(later))


def test_one_generation_selects_nobody() -> None:
    """With one generation, or when nobody gives, the differential is missing."""
    assert np.isnan(selection.survivor_differential.measure(evolved(n=1)).value).all()
    assert np.isnan(selection.survivor_differential.measure(evolved("all-keep")).value).all()
