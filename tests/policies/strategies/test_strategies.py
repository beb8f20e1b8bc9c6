"""Strategies against what can be worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from mores.errors import BadValue, DoesNotFit
from mores.policies.spec import policy
from mores.policies.strategies.memory_one import MemoryOne, ZDExtort2, ZeroDeterminant
from mores.worlds.games.named import (
    BattleOfTheSexes,
    MatchingPennies,
    PrisonersDilemma,
    RockPaperScissors,
)
from mores.worlds.games.ring import Ring
from tests.policies.strategies.play import pair, play

CARD = PrisonersDilemma(8, 0, 10, 5, rounds=10)


@pytest.mark.parametrize(
    ("first", "second", "scores"),
    [
        ("grim", "defect-once", (90, 10)),
        ("grim", "all-defect", (45, 55)),
        ("tit-for-tat", "defect-once", (74, 74)),
        ("tit-for-tat", "tit-for-tat", (80, 80)),
        ("all-cooperate", "all-defect", (0, 100)),
    ],
)
def test_published_payoffs(first: str, second: str, scores: tuple[float, float]) -> None:
    """Ten rounds of Akata et al.'s prisoner's dilemma pay what the paper's arithmetic says."""
    assert tuple(play([pair(first, second)], world=CARD).score[0]) == scores


def test_alternators_take_turns() -> None:
    """Two alternators in the battle of the sexes earn 8.5 a round each; a fixed player meets one half of the time."""
    world = BattleOfTheSexes(rounds=10)
    assert play([pair("alternator", "alternator")], world=world).score[0].tolist() == [85, 85]
    fixed = play([pair("always-first", "alternator-yielding")], world=world)
    assert fixed.moves[0, :, 1].tolist() == [0, 1] * 5
    assert (fixed.moves[0, :, 0] == fixed.moves[0, :, 1]).mean() == 0.5
    yielding = play([pair("alternator-yielding", "always-second")], world=world)
    assert yielding.moves[0, :, 0].tolist() == [1, 0] * 5


def test_extortion_holds_its_line() -> None:
    """What ZD-Extort-2 has above 1 is twice what any opponent has above 1, in the long run."""
    opponents = ("random", "all-cooperate", "joss", "pavlov")
    played = play([pair("zd-extort-2", o) for o in opponents], 4000, repetitions=8)
    score = played.score.reshape(8, len(opponents), 2).mean(0) / 4000
    assert score[:, 0] - 1 == pytest.approx(2 * (score[:, 1] - 1), abs=0.1)


def test_zero_determinant_numbers() -> None:
    """ZD-Extort-2 is (8/9, 1/2, 1/3, 0), as published; impossible lines are refused."""
    assert ZDExtort2().four() == pytest.approx((8 / 9, 1 / 2, 1 / 3, 0))
    with pytest.raises(BadValue, match="phi"):
        ZeroDeterminant(phi=3.0)


def test_memory_one_covers_the_classics() -> None:
    """Four numbers and a first move give tit for tat and pavlov."""
    for name, four in (("tit-for-tat", (1, 0, 1, 0)), ("pavlov", (1, 0, 0, 1))):
        same = play([(policy(name), policy("random")), (MemoryOne(*four), policy("random"))], 50)
        other = same.moves[:, :, 1]
        assert name and other.shape == (2, 50)
        rule = [0]
        for own, seen in zip(same.moves[1, :-1, 0], other[1, :-1], strict=True):
            rule.append(int(1 - four[2 * own + seen]))
        assert same.moves[1, :, 0].tolist() == rule


@pytest.mark.parametrize(
    ("first", "second", "wins"),
    [
        ("best-reply", "loop:1,0,2", None),
        ("best-reply", "always:0", 9),
        ("copy", "best-reply", None),
    ],
)
def test_patterns_in_rock_paper_scissors(first: str, second: str, wins: int | None) -> None:
    """Patterns play what their names say; the best reply beats a constant from round two on."""
    played = play([pair(first, second)], world=RockPaperScissors(rounds=10))
    own, other = played.moves[0, :, 0], played.moves[0, :, 1]
    if first == "best-reply":
        assert (own[1:] == (other[:-1] + 1) % 3).all()
    else:
        assert (own[1:] == other[:-1]).all()
    if wins is not None:
        assert ((own - other) % 3 == 1).sum() == wins


def test_biased_follows_its_weights() -> None:
    """Options are drawn in proportion to the weights."""
    played = play([pair("biased:0.6,0.2,0.2", "uniform")], world=RockPaperScissors(rounds=6000))
    shares = [np.bincount(played.moves[0, :, s], minlength=3) / 6000 for s in (0, 1)]
    assert shares[0] == pytest.approx([0.6, 0.2, 0.2], abs=0.03)
    assert shares[1] == pytest.approx([1 / 3] * 3, abs=0.03)


def test_fictitious_play_finds_the_equilibrium() -> None:
    """In matching pennies the frequencies of fictitious play go to one half (Robinson 1951)."""
    played = play([pair("fictitious-play", "fictitious-play")], world=MatchingPennies(rounds=3000))
    assert played.moves[0].mean(0) == pytest.approx([0.5, 0.5], abs=0.03)


def test_fictitious_play_knows_its_own_matrix() -> None:
    """Against rock fictitious play answers paper; in a ring it reaches the solution by dominance."""
    played = play([pair("fictitious-play", "always:0")], world=RockPaperScissors(rounds=5))
    assert played.moves[0, 1:, 0].tolist() == [1] * 4
    ring = Ring(rounds=8)
    assert play([pair("fictitious-play", "fictitious-play")], world=ring).moves[0, -1].tolist() == [
        1,
        1,
    ]
    assert ring.solution() == (1, 1)


def test_q_learner_learns() -> None:
    """The Q-learner comes to defect against defectors and cooperators, and to beat rock."""
    learner = "q-learner:rate=0.2,explore=0.05,discount=0.5"
    played = play([pair(learner, "all-defect"), pair(learner, "all-cooperate")], 2000)
    assert played.moves[:, -200:, 0].mean(1).min() > 0.9
    rock = play([pair(learner, "always:0")], world=RockPaperScissors(rounds=2000))
    assert (rock.moves[0, -200:, 0] == 1).mean() > 0.9


def test_games_that_do_not_fit_are_refused() -> None:
    """A strategy of two options says so in a game of three, as does a move beyond the options."""
    with pytest.raises(DoesNotFit, match="two options"):
        play([pair("tit-for-tat", "tit-for-tat")], world=RockPaperScissors(rounds=2))
    with pytest.raises(DoesNotFit, match="option 4"):
        play([pair("always:4", "uniform")], world=RockPaperScissors(rounds=2))
