"""Stated preferences and beliefs about a neighbour: what is best is known, and told as it should be."""

from __future__ import annotations

import pytest

import mores
from mores.errors import BadValue
from mores.policies.rational import LevelK, MarkovLearner, PreferenceKeeper, SelfInterested
from mores.policies.spec import policy
from mores.population import Population
from mores.study import Study
from mores.testing import check_world
from mores.worlds.dilemmas.belief_ring import BeliefRing
from mores.worlds.dilemmas.preferences import MENUS, PREFERENCES, StatedPreference
from mores.worlds.games.named import RockPaperScissors


def test_each_menu_has_a_best_of_its_own_for_each_preference() -> None:
    """The four preferences pick four different allocations, so that no bias passes for a preference."""
    for k in range(len(MENUS)):
        best = {int(StatedPreference(preference=p)._worth.argmax(1)[k]) for p in PREFERENCES}  # type: ignore[arg-type]
        assert len(best) == 4


def test_a_menu_that_tests_nothing_is_refused() -> None:
    """Equal totals show no common interest."""
    with pytest.raises(BadValue, match="common-interest"):
        StatedPreference(preference="common-interest", menus=(((300, 300), (100, 500)),))
    assert StatedPreference(preference="altruism", menus=(((300, 300), (100, 500)),)).seats == 1


@pytest.mark.parametrize("preference", PREFERENCES)
def test_who_keeps_the_preference_is_always_right(preference: str) -> None:
    """And who is selfish whatever it is told, only where that is asked for."""
    world = StatedPreference(preference=preference)  # type: ignore[arg-type]
    for who, right in (
        (PreferenceKeeper(), 1.0),
        (SelfInterested(), float(preference == "self-interest")),
    ):
        record = mores.run(Study.of(world, Population.all(who), replicates=12))
        assert record.array("seats", "score").tolist() == [right] * 12


@pytest.mark.parametrize("belief", ["implicit", "explicit", "given"])
def test_the_belief_ring_keeps_the_contract(belief: str) -> None:
    """In all three ways of putting the belief, over several rounds."""
    check_world(BeliefRing(belief=belief, rounds=2))  # type: ignore[arg-type]


def test_the_ring_is_solved_by_one_step_of_reasoning() -> None:
    """The neighbour's second option dominates; one step finds the best reply, and forecasts it."""
    world = BeliefRing(belief="explicit")
    assert world.best == (1, 1)
    events = mores.play(world, Population.all(LevelK(level=1))).run().events
    assert next(e["value"] for e in events if e["kind"] == "predict") == 1
    assert [e["value"] for e in events if e["kind"] == "optimal"] == [1, 1]


def test_a_given_belief_is_told_and_used() -> None:
    """The cue says what the other will choose, and nothing of it where the belief is implicit."""
    for belief, told in (("given", True), ("implicit", False)):
        world = BeliefRing(belief=belief)  # type: ignore[arg-type]
        episode = mores.play(world, Population.all(LevelK()))
        cue = world.describe(episode.state, world.turn(episode.state), 0)
        assert ("Player 2 will choose F." in cue) == told


def test_a_ring_without_solution_is_refused() -> None:
    """What is best must be known."""
    tie = ((1.0, 1.0), (1.0, 1.0))
    with pytest.raises(BadValue, match="matrices"):
        BeliefRing(matrices=(tie, tie))


@pytest.mark.parametrize(
    "pattern", ["always:0", "loop:pattern=0/1", "loop:pattern=1/0/2", "copy", "best-reply"]
)
def test_the_learner_loses_to_simple_patterns_a_few_times_only(pattern: str) -> None:
    """Each of nine pairs of moves surprises it once at most: in the last fifty of a hundred rounds it always wins."""
    people = Population.by_seat(MarkovLearner(), policy(pattern))
    episode = mores.play(RockPaperScissors(rounds=100), people)
    episode.run(50)
    half = float(episode.scores[0])
    assert float(episode.run().scores[0]) - half == 100.0
    assert half >= 2 * (50 - 10)


def test_the_learner_plays_against_a_bias() -> None:
    """Against 60 % rock its points approach 1.4 a round, what always answering rock brings."""
    people = Population.by_seat(MarkovLearner(), policy("biased:weights=0.6/0.2/0.2"))
    record = mores.run(Study.of(RockPaperScissors(rounds=400), people, replicates=20))
    score = record.array("seats", "score")[record.array("seats", "seat") == 0]
    assert score.mean() / 400 == pytest.approx(1.4, abs=0.08)
