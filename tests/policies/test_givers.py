"""Givers: what they give, what they accept, and what they say of themselves."""

from __future__ import annotations

import numpy as np
import pytest

from mores.actions import Allocation, Amount, Choice, Ranking
from mores.agent import Rule
from mores.chance import Chance
from mores.errors import BadValue, DoesNotFit
from mores.instrument import Item
from mores.policies.givers import Fair, FixedGiver, ThresholdResponder, TraitGiver, give
from mores.population import Population
from mores.testing import record
from mores.worlds.games.dictator import Dictator


def test_shares_become_actions() -> None:
    """A share is that part of a range, on the space's steps; half or more of it is the first option."""
    share = np.array([0.0, 0.333, 0.5, 1.0, np.nan], np.float32)
    assert np.array_equal(give(Amount(0, 10, step=1), share), [0, 3, 5, 10, np.nan], equal_nan=True)
    assert give(Amount(0, 10, step=1), share[1:2] + np.float32(0.05), down=True).tolist() == [3]
    assert np.allclose(give(Amount(-1, 1), share[:4]), [-1, -0.334, 0, 1])
    assert give(Choice("contribute", "keep"), share).tolist() == [1, 1, 0, 0, -1]
    with pytest.raises(DoesNotFit):
        give(Ranking(("a", "b")), share)


def test_traits_decide() -> None:
    """Without noise a trait giver gives exactly its trait; without a trait, nothing."""
    people = Population.all(TraitGiver(noise=0)).with_traits(
        giving=np.array([0.25, 0.5], np.float32)
    )
    events = record(Dictator(pairs=3, unit=None), people)[0]
    assert [e[4] for e in events] == [0.25, 0.5, 0.0]


def test_noise_is_keyed_and_clipped() -> None:
    """Noise has its standard deviation, differs between replicates, repeats with the seed, and stays in range."""
    people = Population.all(TraitGiver(noise=0.05)).with_traits(giving=np.full(50, 0.5, np.float32))
    world = Dictator(pairs=50, unit=None)
    gave = {
        t: np.array([e[4] for e in facts])
        for t, facts in record(world, people, 1, range(20)).items()
    }
    everything = np.concatenate(list(gave.values()))
    assert abs(float(everything.std()) - 0.05) < 0.005
    assert not np.array_equal(gave[0], gave[1])
    wild = record(world, Population.all(TraitGiver(noise=5)), 1)[0]
    assert {e[4] for e in wild} >= {0.0, 1.0}
    assert all(0 <= e[4] <= 1 for e in wild)


@pytest.mark.parametrize("rule", [FixedGiver(0.25), TraitGiver()], ids=str)
def test_answers_about_giving(rule: Rule) -> None:
    """Asked about giving, a giver answers with its share in every format; about else it has nothing to say."""
    memory = {"giving": np.full((2, 3), 0.25, np.float32)}
    chance = Chance(1, np.arange(2))

    def ask(
        space: Amount | Choice | Allocation | Ranking, construct: str = "giving"
    ) -> list[object]:
        item = Item("x", "How much?", space, {"construct": construct})
        answer = rule.answer(item, memory, chance, 3)
        assert len(answer) == 6
        first: list[object] = np.atleast_1d(answer[0]).tolist()
        return first

    assert ask(Amount(0, 100, step=1)) == [25]
    assert ask(Choice("nothing", "a little", "half", "most", "all")) == [1]
    assert ask(Allocation(("me", "you"), 10)) == [7.5, 2.5]
    assert ask(Choice("yes", "no"), "trust") == [-1]
    assert ask(Ranking(("a", "b"))) == [-1, -1]


def test_labels_tell_them_apart() -> None:
    """Two givers of different shares have different labels; named ones are called by their names."""
    assert FixedGiver(0.25).label == "fixed-giver:0.25"
    assert Fair().label == "fair"
    assert ThresholdResponder(0.4).label == "threshold-responder:0.4"


def test_impossible_shares() -> None:
    """A share beyond everything is refused."""
    with pytest.raises(BadValue, match="share"):
        FixedGiver(1.5)
    with pytest.raises(BadValue, match="noise"):
        TraitGiver(noise=-1)
