"""Conduct: shares of what was done, first within a table; what did not happen is missing, not zero."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from mores.engine.run import run
from mores.errors import BadValue
from mores.metric import Condition, Estimate, Metric
from mores.metrics import conduct
from mores.metrics.readings import Units, acts, by_policy, mean_by, only, read_acts
from mores.policies.spec import policy
from mores.population import Population
from mores.record import Record
from mores.study import Case, Study
from mores.worlds.games.dictator import Dictator
from mores.worlds.games.donor import DonorGame
from mores.worlds.games.named import game
from mores.worlds.games.ultimatum import Ultimatum


def played(first: str, second: str, name: str = "prisoners-dilemma", rounds: int = 10) -> Record:
    """Two policies at one table, three times."""
    seated = Population.by_seat(policy(first), policy(second))
    return run(Study.of(game(name, rounds), seated, replicates=3))


def value(metric: Metric, record: Record) -> float:
    """The mean of a metric over tables, NaN if every table is missing."""
    values = metric.measure(record).value
    there = values[~np.isnan(values)]
    return float(there.mean()) if len(there) else float("nan")


def test_cooperation_is_the_share_of_the_first_option() -> None:
    """Alternator against always-defect: five of twenty choices are to cooperate."""
    assert value(conduct.cooperation, played("alternator", "all-defect")) == pytest.approx(0.25)


def test_first_moves() -> None:
    """Suspicious tit for tat opens with defection, tit for tat with cooperation."""
    record = played("tit-for-tat", "suspicious-tit-for-tat")
    assert value(conduct.initial_cooperation, record) == 0.5


def test_reciprocity_by_hand() -> None:
    """Tit for tat answers an alternator in kind (1), the alternator does the opposite of what it answers (-1)."""
    record = played("tit-for-tat", "alternator", rounds=11)
    # both seats pooled: after C tit-for-tat always cooperates; the alternator's answers fall as they fall
    moves = [(0, 0)]
    for t in range(1, 11):
        moves.append((moves[-1][1], t % 2))
    good: list[bool] = []
    bad: list[bool] = []
    for (a, b), (c, d) in pairwise(moves):
        (good if b == 0 else bad).append(c == 0)
        (good if a == 0 else bad).append(d == 0)
    assert value(conduct.reciprocity, record) == pytest.approx(np.mean(good) - np.mean(bad))


def test_reciprocity_is_missing_where_nobody_ever_defects() -> None:
    """Without a defection there is nothing to compare: NaN, not 0."""
    assert np.isnan(value(conduct.reciprocity, played("all-cooperate", "tit-for-tat")))


def test_coordination_and_yielding() -> None:
    """Two alternators always meet and yield half the time; two stubborn players never meet and never yield."""
    together = played("alternator", "alternator", "battle-of-the-sexes")
    assert value(conduct.coordination, together) == 1.0
    assert value(conduct.yielding, together) == 0.5
    apart = played("always-first", "always-second", "battle-of-the-sexes")
    assert value(conduct.coordination, apart) == 0.0
    assert value(conduct.yielding, apart) == 0.0


def test_joint_cooperation() -> None:
    """Grim against one who defects once: round 1 is not joint, and grim never comes back."""
    assert value(conduct.joint_cooperation, played("grim", "defect-once")) == 0.0
    forgiving = played("tit-for-tat", "defect-once")
    assert value(conduct.joint_cooperation, forgiving) == pytest.approx(0.8)


def test_two_player_measures_refuse_other_tables() -> None:
    """A record without choices of exactly two seats a round says so."""
    from mores.worlds.games.society import PairwiseDilemma

    record = run(Study.of(PairwiseDilemma(rounds=2), Population.all(policy("citizen"))))
    with pytest.raises(BadValue, match="two-player"):
        conduct.coordination.measure(record)


def test_giving_in_single_precision() -> None:
    """0.7 of 100 comes back as a share of 0.7; half is found as half, nothing as nothing."""
    seats = Population.by_seat(
        policy("fixed-giver:0.7"), policy("fair"), policy("fair"), policy("fair")
    )
    record = run(Study.of(Dictator(pairs=2), seats))
    assert value(conduct.share_given, record) == pytest.approx(0.6)
    assert value(conduct.gave_half, record) == 0.5
    assert value(conduct.gave_nothing, record) == 0.0


def test_rejections() -> None:
    """A fair responder rejects an unfair offer."""
    seats = Population.by_seat(policy("selfish"), policy("fair"))
    record = run(Study.of(Ultimatum(), seats, replicates=2))
    assert value(conduct.rejection_rate, record) == 1.0
    assert value(conduct.share_offered, record) == 0.0


def test_punishment_that_takes_the_place_of_giving() -> None:
    """Evolving donors who may punish do so or give in every encounter; the frequency is of all encounters."""
    record = run(
        Study.of(
            DonorGame(punish_instead=True), Population.all(policy("evolving-donor")), replicates=5
        )
    )
    given, fines = len(record.column("give")), len(record.column("punish"))
    found = conduct.punishment_frequency(instead=True, kinds=("give",)).measure(record).value.mean()
    assert given + fines == 5 * 24 * 6
    assert found == pytest.approx(fines / (given + fines))
    assert conduct.punishment_frequency(kinds=("give",)).measure(record).value.mean() >= found


def test_what_does_not_happen_is_missing() -> None:
    """Nobody offers anything in a dictator game: the metric is missing in every table, and counted."""
    metrics = (conduct.share_offered, conduct.share_given)
    record = run(
        Study.of(Dictator(), Population.all(policy("fair")), replicates=4, metrics=metrics)
    )
    offered, given = record.estimates
    assert (offered.n, offered.missing) == (0, 4)
    assert (given.n, given.missing) == (4, 0)


def test_a_metric_can_be_kept_to_some_conditions() -> None:
    """`only` drops the conditions in which a metric has no meaning, and no rows of the others."""
    worlds = {"prisoners-dilemma": game("prisoners-dilemma"), "chicken": game("chicken")}
    cases = tuple(
        Case(world=w, population=Population.all(policy("tit-for-tat")), condition={"game": n})
        for n, w in worlds.items()
    )
    record = run(Study(name="two", cases=cases, replicates=3))
    kept = only(conduct.cooperation, "game", "chicken").measure(record)
    assert kept.condition == ({"game": "chicken"},)
    assert kept.which.tolist() == [0, 0, 0] and kept.value.tolist() == [1.0] * 3


def test_means_by_policy() -> None:
    """Each policy gets its own mean, in a condition of its own."""
    found = mean_by(played("all-cooperate", "all-defect"), acts("choose"), "strategy", by_policy)
    names: list[Condition] = [{"strategy": "all-cooperate"}, {"strategy": "all-defect"}]
    assert list(found.condition) == names
    assert [found.value[found.which == k].mean() for k in (0, 1)] == [1.0, 0.0]


def test_the_units_are_replicates() -> None:
    """Tables of one replicate (a round robin) count as one unit, and all of them are averaged."""
    policies = [policy(n) for n in ("all-cooperate", "all-defect", "tit-for-tat")]
    study = Study.of(
        game("prisoners-dilemma", 4),
        Population.round_robin(policies),
        replicates=5,
        metrics=(conduct.cooperation,),
    )
    record = run(study)
    found: Estimate = record.estimates[0]
    assert found.n == 5
    assert found.value == pytest.approx(read_acts(record, ("choose",)).value.mean())
    assert len(Units.of(record).arm) == 30
