"""Punishment learning: every subset of four institutions, and the paper's orderings beside ours."""

from __future__ import annotations

import pytest

from mores.catalogue.punishment_learning import punishment_learning
from mores.design import resolve
from mores.engine.run import run
from mores.errors import BadValue
from mores.metric import Estimate
from mores.record import Record


def find(record: Record, metric: str, **condition: object) -> list[Estimate]:
    """The estimates of a metric under a condition."""
    wanted = condition.items()
    return [
        e for e in record.estimates if e.metric == metric and wanted <= dict(e.condition).items()
    ]


@pytest.fixture(scope="module")
def small() -> Record:
    """Direct and third-party punishment, alone and together, without the rest; a short training."""
    settings = {"selection": "false", "reputation": "false", "episodes": "24", "replicates": "8"}
    return run(resolve("punishment-learning", settings))


def test_sixteen_conditions() -> None:
    """Every subset of the four institutions is a condition, and each composes."""
    study = punishment_learning(episodes=4, replicates=1)
    assert len(study.cases) == 16
    layers = {tuple(w.name for w in c.world.layers) for c in study.cases}
    assert (
        len(layers) == 12
    )  # direct and third-party punishment are one institution with another `by`
    assert len(run(punishment_learning(episodes=4, replicates=1, rounds=1)).estimates) > 16


def test_defection_without_and_cooperation_with_punishment(small: Record) -> None:
    """The analytic check: without punishment defection dominates, with paid punishment cooperation does."""
    without = find(small, "cooperation", direct=False, third_party=False)[0]
    both = find(small, "cooperation", direct=True, third_party=True)[0]
    assert without.value < 0.4 < 0.8 < both.value
    windows = find(small, "cooperation_by_window", direct=False, third_party=False)
    assert windows[0].value > windows[-1].value
    assert windows[-1].value == pytest.approx(without.value)


def test_reward_is_what_a_person_earns_a_round(small: Record) -> None:
    """Nobody earns more than two matches of mutual cooperation and one paid punishment bring, or less than nothing."""
    rewards = find(small, "societal_reward")
    assert len(rewards) == 4 and all(0 < e.value < 7 for e in rewards)
    assert find(small, "societal_reward", direct=True, third_party=True)[0].value > 4


def test_punishments_where_they_are_possible(small: Record) -> None:
    """Learners punish defectors more than cooperators, and each kind is shown only where there is one."""
    for kind, key in (("direct", "direct"), ("third_party", "third_party")):
        just = find(small, f"just_punishments_{kind}")
        unjust = find(small, f"unjust_punishments_{kind}")
        assert len(just) == len(unjust) == 2 and all(e.condition[key] for e in just)
        assert all(a.value > b.value for a, b in zip(just, unjust, strict=True))


def test_the_orderings_are_printed(small: Record) -> None:
    """Each claim whose conditions were run has a difference with an interval; the notes say how to read it."""
    claims = [e.condition["claim"] for e in find(small, "ordering")]
    assert claims == [
        "third-party punishment cooperates more than direct",
        "direct punishment earns more than third-party",
    ]
    assert all(e.low <= e.value <= e.high and e.n == 8 for e in find(small, "ordering"))
    study = punishment_learning(episodes=4, replicates=3, rounds=2)
    assert any("reproduces" in n for n in study.notes)
    assert len(find(run(study), "ordering")) >= 9


def test_what_cannot_be_meant() -> None:
    """Too few episodes or people are refused with what is allowed."""
    with pytest.raises(BadValue, match="at least 4"):
        resolve("punishment-learning", {"episodes": "1"})
    with pytest.raises(BadValue, match="at least 3"):
        resolve("punishment-learning", {"seats": "2"})
