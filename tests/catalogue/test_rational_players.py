"""The study rational-players: the rational reach every optimum, the naive the level of chance."""

from __future__ import annotations

import pytest

import mores
from mores.catalogue.rational_players import PATTERNS, rational_players, swapped
from mores.models.scripted import scripted
from mores.record import Record
from mores.worlds.dilemmas.belief_ring import BeliefRing


def rows(record: Record, metric: str, **condition: object) -> dict[str, float]:
    """The estimates of a metric under a condition, by what else their condition says."""
    return {
        ", ".join(str(v) for k, v in e.condition.items() if k not in condition): e.value
        for e in record.estimates
        if e.metric == metric and condition.items() <= dict(e.condition).items()
    }


@pytest.fixture(scope="module")
def record() -> Record:
    """Both anchors over 80 rounds."""
    return mores.run(rational_players(rounds=80, replicates=40))


def test_desire(record: Record) -> None:
    """Told preferences are kept, or only self-interest is."""
    kept = rows(record, "optimal_choices", population="rational", part="desire")
    assert set(kept.values()) == {1.0} and len(kept) == 4
    selfish = rows(record, "optimal_choices", population="naive", part="desire")
    assert {k for k, v in selfish.items() if v == 1} == {"self-interest"}
    assert sum(selfish.values()) == 1


def test_belief(record: Record) -> None:
    """A learner comes near the ceiling of every pattern, chance stays at 1; nobody passes the ceiling by much."""
    ceiling = rows(record, "points_per_round", population="best answer (computed)", part="belief")
    learnt = rows(record, "points_per_round", population="rational", part="belief")
    chance = rows(record, "points_per_round", population="naive", part="belief")
    assert ceiling == {name: best for name, (_, best) in PATTERNS.items()}
    for name in PATTERNS:
        assert chance[name] == pytest.approx(1, abs=0.12), name
        assert ceiling[name] * 0.88 < learnt[name] <= ceiling[name] + 0.05, name


def test_action(record: Record) -> None:
    """One step of reasoning finds the solution however the belief is put and the options are ordered."""
    solved = rows(record, "optimal_choices", population="rational", part="action")
    assert len(solved) == 6 and set(solved.values()) == {1.0}
    drawn = rows(record, "optimal_choices", population="naive", part="action")
    assert sum(drawn.values()) / 6 == pytest.approx(0.5, abs=0.12)


def test_the_swapped_ring_is_the_same_game() -> None:
    """The other option is the best one, for the same points."""
    world = BeliefRing()
    other = BeliefRing(matrices=swapped(world.matrices))  # type: ignore[arg-type]
    assert world.best == (1, 1) and other.best == (0, 0)


def test_a_model_sits_in_the_first_seat_only() -> None:
    """Opponents stay scripted: an endpoint is asked for one player."""
    study = rational_players(population=("mind",), rounds=3, replicates=1)
    record = mores.run(study, models={"players": scripted("random")})
    seats = {draw.split("/")[2] for draw in record.calls.arrow["draw"].to_pylist()}
    assert seats == {"0"}
    assert len(rows(record, "optimal_choices")) == 10
