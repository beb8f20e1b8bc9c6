"""Public goods, linear and with a threshold."""

from __future__ import annotations

import csv
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from mores.agent import Rule
from mores.errors import BadValue
from mores.policies.givers import (
    Altruist,
    ConditionalCooperator,
    FixedGiver,
    FreeRider,
    Humped,
    Selfish,
)
from mores.population import Population
from mores.testing import Silent, play, record
from mores.worlds.games.public_goods import PublicGoods
from mores.worlds.games.threshold_goods import ThresholdGoods


@pytest.mark.parametrize(
    ("rule", "each"), [(Altruist(), 32.0), (FreeRider(), 20.0), (FixedGiver(0.5), 26.0)]
)
def test_everyone_alike(rule: Rule, each: float) -> None:
    """With an mpcr of 0.4 and four seats, full contribution pays 32, none 20 (Fehr and Gächter 2000)."""
    score = play(PublicGoods(rounds=1), Population.all(rule)).all.state.score
    assert np.allclose(score, each)


def test_one_free_rider_earns_most() -> None:
    """Three contributors of 20 make 24 for each; the free rider keeps 20 beside it."""
    people = Population.by_seat(Altruist(), Altruist(), Altruist(), FreeRider())
    score = play(PublicGoods(mpcr=0.4, multiplier=99, rounds=1), people).all.state.score
    assert np.allclose(score, [[24, 24, 24, 44]])


def test_conditional_cooperators_follow() -> None:
    """Who matches the others contributes what they did last round; one free rider pulls everyone down."""
    people = Population.by_seat(*[ConditionalCooperator()] * 3, FreeRider())
    events = record(PublicGoods(rounds=6), people)[0]
    by_round = [np.mean([e[4] for e in events if e[0] == k and e[2] < 3]) for k in range(1, 7)]
    assert by_round[0] == 1.0
    assert all(a > b for a, b in pairwise(by_round))


@pytest.mark.parametrize(
    ("first", "second", "reply"),
    [
        (FixedGiver(0.5), ConditionalCooperator(), 0.5),
        (Altruist(), ConditionalCooperator(), 1.0),
        (FixedGiver(0.5), Humped(), 0.5),
        (Altruist(), Humped(), 0.0),
        (Altruist(), Selfish(), 0.0),
    ],
    ids=str,
)
def test_the_second_sees_the_first(first: Rule, second: Rule, reply: float) -> None:
    """In turn, the types of conditional contributors do what defines them."""
    people = Population.by_seat(first, second)
    events = record(PublicGoods.conditional_pair(), people)[0]
    assert [e[2] for e in events] == [0, 1]
    assert events[1][4] == pytest.approx(reply)


def test_the_pair_is_paid_as_people_were(data: Path) -> None:
    """For every two moves of the experiment of Andreozzi et al. the game pays what the people earned."""
    with (data / "conditional-cooperation-pgg" / "subjects.csv").open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    paid = {(int(r["action"]), int(r["opp_action"])): float(r["earning_game"]) for r in rows}
    assert len(paid) > 6
    for (own, other), earned in paid.items():
        people = Population.by_seat(FixedGiver(own / 100), FixedGiver(other / 100))
        score = play(PublicGoods.conditional_pair(), people).all.state.score
        assert score[0, 0] == pytest.approx(earned)


def test_levels_close_what_is_between() -> None:
    """With three levels 50 is legal and 30 is not; a giver of 0.3 gives the nearest level."""
    world = PublicGoods.conditional_pair()
    assert world.space.check(50) is None
    assert world.space.check(30) is not None
    assert record(world, Population.all(FixedGiver(0.3)))[0][0][4] == 0.5


def test_missing() -> None:
    """Who does not decide contributes nothing, and the record says that it is missing."""
    events = record(PublicGoods(rounds=1), Population.all(Silent()))[0]
    assert [e[4] for e in events] == ["missing"] * 4


@pytest.mark.parametrize(
    ("givers", "scores"), [(5, [30] * 5), (4, [30, 30, 30, 30, 40]), (3, [0, 0, 0, 10, 10])]
)
def test_threshold(givers: int, scores: list[float]) -> None:
    """From four contributors of five on everyone gets 30; below it contributions are lost."""
    people = Population.by_seat(*[Altruist()] * givers, *[Selfish()] * (5 - givers))
    assert play(ThresholdGoods(threshold=4), people).all.state.score[0].tolist() == scores


def test_leaving_is_safe() -> None:
    """Who leaves gets 20 whatever the others do; who does not decide keeps."""
    from mores.policies.empirical import Empirical

    leave = Empirical(edges=("C", "D", "L"), counts=(0, 0, 1))
    people = Population.by_seat(leave, *[Altruist()] * 3, Silent())
    events = record(ThresholdGoods(threshold=4, leaving=True), people)[0]
    assert [e[4] for e in events] == [2, 0, 0, 0, -1]
    score = play(ThresholdGoods(threshold=4, leaving=True), people).all.state.score
    assert score[0].tolist() == [20, 0, 0, 0, 10]


@pytest.mark.parametrize(
    "make",
    [
        lambda: PublicGoods(seats=1),
        lambda: PublicGoods(levels=1),
        lambda: PublicGoods(order="random"),  # type: ignore[arg-type]
        lambda: PublicGoods(benefit="none"),  # type: ignore[arg-type]
        lambda: ThresholdGoods(threshold=6),
        lambda: ThresholdGoods(cost=11),
    ],
)
def test_impossible_settings(make: type) -> None:
    """Settings with which no game can be played are refused."""
    with pytest.raises(BadValue):
        make()
