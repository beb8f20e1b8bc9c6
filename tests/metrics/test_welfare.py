"""Welfare: what people end up with, by seat, by policy, against the optimum."""

from __future__ import annotations

import numpy as np
import pytest

from mores.engine.run import run
from mores.institutions.generations import Generations, Seasons
from mores.metric import Metric
from mores.metrics import welfare
from mores.metrics.trajectories import read_scores_by_generation, series
from mores.policies.spec import policy
from mores.population import Population
from mores.record import Record
from mores.study import Study
from mores.worlds.games.dictator import Dictator
from mores.worlds.games.donor import DonorGame
from mores.worlds.games.named import game


def value(metric: Metric, record: Record) -> float:
    """The mean of a metric over tables."""
    return float(metric.measure(record).value.mean())


def pair(first: str, second: str, name: str = "prisoners-dilemma:8,0,10,5") -> Record:
    """Ten rounds of two policies."""
    return run(
        Study.of(game(name), Population.by_seat(policy(first), policy(second)), replicates=2)
    )


def test_payoffs_of_scripted_pairs() -> None:
    """The card's lines: grim gets 90 to 10 of one who defects once, alternators 8.5 a round."""
    grim = pair("grim", "defect-once")
    by_seat = welfare.payoff_by_seat.measure(grim)
    assert [c["player"] for c in by_seat.condition] == [1, 2]
    assert by_seat.value[by_seat.which == 0].tolist() == [9.0, 9.0]
    assert by_seat.value[by_seat.which == 1].tolist() == [1.0, 1.0]
    assert value(welfare.payoff, grim) == 50.0
    both = pair("alternator", "alternator", "battle-of-the-sexes")
    assert value(welfare.payoff_per_round, both) == 8.5


def test_spread() -> None:
    """Ninety to ten: welfare 100, minimum 10, Gini .4, the worse policy 10."""
    record = pair("grim", "defect-once")
    assert value(welfare.welfare, record) == 100
    assert value(welfare.minimum, record) == 10
    assert value(welfare.gini, record) == pytest.approx(0.4)
    assert value(welfare.worst_group, record) == 10


def test_efficiency_against_the_optimum() -> None:
    """Of 160 that two cooperators reach in ten rounds, grim and one who defects once get 100."""
    record = pair("grim", "defect-once")
    assert value(welfare.efficiency(160), record) == pytest.approx(100 / 160)
    assert value(welfare.efficiency(16, per="round"), record) == pytest.approx(100 / 160)
    assert value(welfare.efficiency(lambda record: [160.0]), record) == pytest.approx(100 / 160)


def test_the_last_generation_counts() -> None:
    """With generations the final resources are those of the last one; all giving everything reaches 30,720 in each."""
    world = Generations(inner=DonorGame(), n=3)
    record = run(Study.of(world, Population.all(policy("all-give")), replicates=2))
    assert len(record.column("score")) == 2 * 3 * 12
    assert value(welfare.final_resources_mean, record) == 30_720
    evolving = run(Study.of(world, Population.all(policy("evolving-donor")), replicates=2))
    events = evolving.column("score")
    last = events.value[events.season == 2].mean()
    assert value(welfare.final_resources_mean, evolving) == pytest.approx(last)


def test_payoffs_a_round_over_seasons() -> None:
    """Played twice over, the payoff a round is the same as once."""
    seated = Population.by_seat(policy("grim"), policy("defect-once"))
    twice = run(Study.of(Seasons(inner=game("prisoners-dilemma:8,0,10,5"), n=2), seated))
    assert value(welfare.payoff_per_round, twice) == 5.0


def test_without_events_the_last_generation_is_known() -> None:
    """A record without events still has what everyone had in the end, and says of which generation it is."""
    world = Generations(inner=DonorGame(), n=3)
    study = Study.of(world, Population.all(policy("all-give")), replicates=2)
    record = run(study, record="none")
    assert value(welfare.final_resources_mean, record) == 30_720
    by_generation = series(welfare.final_resources_mean, read_scores_by_generation).measure(record)
    assert by_generation.condition == ({"generation": 3},)
    assert value(welfare.payoff_per_round, record) == pytest.approx(30_720 / 24)


def test_score_per_turn_with_and_without_ones_like() -> None:
    """Two strategies: without their like one match each; with it the mean of both."""
    policies = [policy("all-cooperate"), policy("all-defect")]
    study = Study.of(game("prisoners-dilemma", 5), Population.round_robin(policies), replicates=2)
    record = run(study)
    others = welfare.score_per_turn().measure(record)
    assert [c["strategy"] for c in others.condition] == ["all-cooperate", "all-defect"]
    assert others.value.tolist() == [0.0, 5.0, 0.0, 5.0]
    every = welfare.score_per_turn(itself=True).measure(record)
    means = [every.value[every.which == k] for k in (0, 1)]
    assert sorted(np.unique(means[0]).tolist()) == [0.0, 3.0]
    assert sorted(np.unique(means[1]).tolist()) == [1.0, 5.0]


def test_a_failed_table_is_missing() -> None:
    """A table that failed has no welfare: it is counted as missing, not as zero."""
    record = run(Study.of(Dictator(), Population.all(policy("fair")), replicates=3))
    episodes = record.table("episodes")
    status = ["done", "failed", "done"]
    import pyarrow as pa

    place = episodes.schema.get_field_index("status")
    record.held["episodes"] = episodes.set_column(place, "status", pa.array(status))
    found = welfare.welfare.measure(record)
    assert np.isnan(found.value).tolist() == [False, True, False]
