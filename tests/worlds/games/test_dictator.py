"""The dictator game."""

from __future__ import annotations

import numpy as np
import pytest

from mores.agent import Rule
from mores.errors import BadValue
from mores.policies.givers import FixedGiver, Selfish, SubgamePerfect
from mores.population import Population
from mores.testing import Silent, play, record, transcript
from mores.worlds.games.dictator import Dictator


@pytest.mark.parametrize(
    ("rule", "kept"), [(Selfish(), 100), (FixedGiver(0.3), 70), (SubgamePerfect(), 100)]
)
def test_what_is_given_changes_hands(rule: Rule, kept: float) -> None:
    """Nothing is made or lost: both have the endowment together, split as the dictator says."""
    game = play(Dictator(pairs=2), Population.all(rule), tables=range(3))
    expected = np.array([kept, kept, 100 - kept, 100 - kept], np.float32)
    assert np.allclose(game.all.state.score, expected)


def test_missing_is_not_nothing() -> None:
    """A missing decision gives nothing, and the event says that it is missing."""
    people = Population.all(Silent())
    assert record(Dictator(), people) == {0: [(1, "give", 0, 1, "missing", None)]}
    assert play(Dictator(), people).all.state.score.tolist() == [[100.0, 0.0]]
    assert "made no decision" in transcript(Dictator(), people)


def test_rounds_add_up() -> None:
    """The same pair plays as often as it is told to."""
    game = play(Dictator(rounds=3, unit=None), Population.all(FixedGiver(0.25)))
    assert game.all.state.score.tolist() == [[225.0, 75.0]]
    assert game.all.step.tolist() == [3]


def test_the_other_has_no_decision() -> None:
    """Recipients are told so, and are never asked."""
    world = Dictator(pairs=2)
    state = play(world, Population.all(Selfish())).all.state
    assert "You have no decision to make" in world.brief(state, 0, 3)
    assert all(fact[2] < 2 for fact in record(world, Population.all(Selfish()))[0])


@pytest.mark.parametrize("settings", [{"pairs": 0}, {"endowment": 0.0}, {"rounds": 0}])
def test_impossible_settings(settings: dict[str, float]) -> None:
    """No pair, no money, no round: refused, naming the field."""
    with pytest.raises(BadValue, match=next(iter(settings))):
        Dictator(**settings)  # type: ignore[arg-type]
