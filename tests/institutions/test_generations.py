"""Generations and seasons: who survives, whose children come, and what begins anew."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mores.chance import Chance
from mores.errors import BadValue, DoesNotFit
from mores.institutions.generations import Generations, Seasons, best
from mores.institutions.punishment import Punishment
from mores.institutions.reputation import Reputation
from mores.institutions.stopping import RandomStopping
from mores.policies.donors import EvolvingDonor
from mores.population import Population
from mores.testing import Move, Tables, check_world, play, record
from mores.testing.institutions import Bare
from mores.world import World
from mores.worlds.games.donor import DonorGame
from mores.worlds.games.society import PairwiseDilemma

GAME = DonorGame(seats=12, rounds=4)


@given(
    arrays(
        np.float32,
        (3, 8),
        elements=st.floats(-100, 100, width=32) | st.sampled_from([0.0, -0.0, 1.0]),
    ),
    st.integers(1, 7),
    st.integers(0, 99),
)
def test_best_are_the_best(score: np.ndarray, keep: int, seed: int) -> None:
    """Exactly as many survive as asked for, none of them below one who does not."""
    words = Chance(seed, np.arange(3)).at("x").words("ties", 8)
    alive = best(score, keep, words)
    assert (alive.sum(1) == keep).all()
    for t in range(3):
        assert score[t, alive[t]].min() >= score[t, ~alive[t]].max()


def test_ties_are_broken_by_chance() -> None:
    """Among equals everyone survives equally often; even equal words leave the right number."""
    words = Chance(0, np.arange(2000)).at("x").words("ties", 4)
    share = best(np.ones((2000, 4), np.float32), 2, words).mean(0)
    assert np.abs(share - 0.5).max() < 0.06
    assert best(np.ones((1, 4), np.float32), 3, np.zeros((1, 4), np.uint32)).sum() == 3


def test_what_is_no_number_ranks_lowest() -> None:
    """A score that is NaN never displaces another."""
    score = np.array([[np.nan, -np.inf, 1.0, np.nan]], np.float32)
    assert best(score, 2, np.full((1, 4), 7, np.uint32)).tolist() == [[False, True, True, False]]


def test_children_of_survivors() -> None:
    """The poorer half is replaced, each by a child of somebody of the richer half of the same table."""
    world = Generations(GAME, n=3)
    closes = []

    def see(move: Move) -> None:
        kinds = {e.kind: e for e in move.events}
        if "score" in kinds:
            closes.append((kinds["score"], kinds.get("born"), move.outcome.born))

    play(world, Population.all(EvolvingDonor()), tables=range(4), after=see)
    assert len(closes) == 3 and closes[-1][1] is None
    for scores, event, born in closes[:-1]:
        assert event is not None and born is not None and scores.value is not None
        assert (born.child == event.actor).all() and (born.parent == event.target).all()
        assert (born.child // 12 == born.parent // 12).all() and len(born.child) == 24
        assert not set(born.child.tolist()) & set(born.parent.tolist())
        for t in range(4):
            mine = born.child // 12 == t
            dead = scores.value[born.child[mine]]
            alive = np.setdiff1d(np.arange(12 * t, 12 * t + 12), born.child[mine])
            assert scores.value[alive].min() >= dead.max()


def test_selection_spreads_what_pays() -> None:
    """Without reputation those who give less end richer, so giving shrinks from generation to generation."""
    world = Generations(DonorGame(), n=15)
    game = Tables(world, Population.all(EvolvingDonor(sd=0.02)), 0, range(20))
    start = game.all.memory[0]["a"].mean()
    while game.move():
        pass
    assert game.all.memory[0]["a"].mean() < 0.3 * start


def test_children_take_over_with_small_errors() -> None:
    """A child's numbers are its parent's with errors of the stated size; without errors they are equal."""
    for sd in (0.0, 0.05):
        rule = EvolvingDonor(sd=sd)
        world = Generations(DonorGame(seats=400, rounds=2), n=2)
        game = Tables(world, Population.all(rule), 0)
        before = game.all.memory[0]["a"].copy()
        born = None
        while born is None:
            born = game.move()[0].outcome.born
        after = game.all.memory[0]["a"][0]
        error = after[born.child] - before[0, born.parent]
        inside = (after[born.child] > 0) & (after[born.child] < 1)
        assert np.std(error[inside]) == pytest.approx(sd, abs=0.01)


def test_everything_inside_begins_anew() -> None:
    """Holdings, reputations and rounds are fresh in each generation, and turns tell which it is."""
    world = Generations(Punishment(Reputation(DonorGame(seats=4, rounds=2, mirrored=False))), n=2)
    firsts = []

    def see(move: Move) -> None:
        turn = move.turn
        if turn.role == "donor" and turn.clock is not None and turn.clock[0] == 0:
            firsts.append((turn.observation, set(turn.observation["generation"].tolist())))

    play(world, Population.all(EvolvingDonor()), after=see)
    assert [g for _, g in firsts] == [{0}, {1}]
    for seen, _ in firsts:
        assert (seen["wealth"] == 10).all() and np.isnan(seen["image"]).all()


def test_seasons_keep_the_people() -> None:
    """Seasons repeat the game, tell the score of each, and nobody is born."""
    facts = record(Seasons(GAME, n=3), Population.all(EvolvingDonor()), 0, (0,))[0]
    kinds = [f[1] for f in facts]
    assert (
        kinds.count("score") == 3 * 12 and kinds.count("give") == 3 * 8 * 6 and "born" not in kinds
    )


@pytest.mark.parametrize(
    "world",
    [
        Generations(Punishment(Reputation(DonorGame(seats=4, rounds=2))), n=3),
        Generations(RandomStopping(Reputation(DonorGame(seats=4, rounds=4)), delta=0.6), n=3),
        Seasons(RandomStopping(PairwiseDilemma(rounds=4), delta=0.5), n=3),
        RandomStopping(Generations(DonorGame(seats=4, rounds=2), n=4), delta=0.9),
    ],
)
def test_contract(world: World) -> None:
    """Also where tables are in different rounds and generations, the contract of worlds is kept."""
    check_world(world, tables=(0, 1, 2, 3))


def test_refused() -> None:
    """No generations, no survivors, and a world without a score are refused."""
    with pytest.raises(BadValue, match="n="):
        Generations(GAME, n=0)
    with pytest.raises(BadValue, match="survivors"):
        Generations(GAME, survivors=0)
    with pytest.raises(DoesNotFit, match="needs the port score"):
        Generations(Bare())
