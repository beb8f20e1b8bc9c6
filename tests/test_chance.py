"""Keyed chance: what a draw depends on, and what it does not."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mores.actions import Choice
from mores.agent import draws
from mores.chance import Chance, below, threshold, unit
from mores.world import Turn

SEEDS = st.integers(0, 2**63 - 1)


def _chance(seed: int = 1, tables: int = 4, owner: str = "game") -> Chance:
    return Chance(seed, np.arange(tables)).at(owner)


@given(
    SEEDS, st.lists(st.integers(0, 10_000), min_size=1, max_size=8, unique=True), st.integers(1, 9)
)
def test_a_table_draws_the_same_alone(seed: int, tables: list[int], n: int) -> None:
    """What a replicate draws depends neither on which others are in the batch nor on their order."""
    together = Chance(seed, np.array(tables)).at("game").words("deal", n)
    for k, table in enumerate(tables):
        alone = Chance(seed, np.array([table])).at("game").words("deal", n)
        assert (together[k] == alone[0]).all()


@given(SEEDS, st.data())
def test_pick_equals_words(seed: int, data: st.DataObject) -> None:
    """Reading some seats alone gives the words that filling all would, also at clocks that differ."""
    tables, n = data.draw(st.integers(1, 6)), data.draw(st.integers(1, 40))
    chance = _chance(seed, tables)
    chance.clock()[:] = data.draw(st.lists(st.integers(0, 3), min_size=tables, max_size=tables))
    rows = data.draw(st.lists(st.integers(0, tables * n - 1), max_size=8, unique=True))
    index = np.array(rows, np.int32)
    assert (chance.pick("deal", n, index) == chance.words("deal", n).ravel()[index]).all()


@given(st.data())
def test_scattered_clocks_equal_each_alone(data: st.DataObject) -> None:
    """Tables of different clocks and gaps in their numbers draw what each would draw by itself."""
    tables = data.draw(st.lists(st.integers(0, 50), min_size=1, max_size=8, unique=True))
    clocks = data.draw(st.lists(st.integers(0, 4), min_size=len(tables), max_size=len(tables)))
    together = Chance(5, np.array(tables)).at("game")
    together.clock()[:] = clocks
    drawn = together.words("deal", 3)
    for k, (table, clock) in enumerate(zip(tables, clocks, strict=True)):
        alone = Chance(5, np.array([table])).at("game")
        for _ in range(clock):
            alone.tick()
        assert (drawn[k] == alone.words("deal", 3)[0]).all()


@pytest.mark.parametrize("other", ["seed", "owner", "purpose", "clock", "branch"])
def test_every_part_of_the_key_matters(other: str) -> None:
    """Another seed, owner, purpose, clock or branch is another stream."""
    one = _chance().words("deal", 8)
    chance = _chance(seed=2 if other == "seed" else 1, owner="x" if other == "owner" else "game")
    if other == "clock":
        chance.tick()
    if other == "branch":
        chance = chance.fork(1)
    two = chance.words("shuffle" if other == "purpose" else "deal", 8)
    assert not (one == two).any()


def test_clocks_belong_to_owners() -> None:
    """One owner's steps leave another's draws alone, and both share one set of clocks."""
    chance = _chance()
    other = chance.at("noise")
    before = other.words("coin", 3)
    chance.tick()
    assert (other.words("coin", 3) == before).all()
    assert chance.at("game").clock().tolist() == [1, 1, 1, 1]


def test_take_and_put() -> None:
    """Tables that were taken out, moved on and put back are at the clocks they reached."""
    chance = _chance()
    part = chance.take(np.array([1, 3])).at("game")
    part.tick()
    part.at("late").tick()
    chance.put(np.array([1, 3]), part)
    assert chance.clock().tolist() == [0, 1, 0, 1]
    assert chance.at("late").clock().tolist() == [0, 1, 0, 1]


def test_fork_is_a_copy() -> None:
    """A twin meets the same chance and goes its own way; a numbered branch meets fresh chance."""
    chance = _chance()
    twin, branch = chance.fork(), chance.fork(2)
    assert (twin.words("deal", 5) == chance.words("deal", 5)).all()
    assert not (branch.words("deal", 5) == chance.words("deal", 5)).any()
    twin.tick()
    assert chance.clock().tolist() == [0, 0, 0, 0]


@given(SEEDS, st.integers(1, 200))
def test_permutation(seed: int, n: int) -> None:
    """Every table is dealt each of 0..n-1 once."""
    dealt = _chance(seed).permutation("deal", n)
    assert (np.sort(dealt, axis=1) == np.arange(n)).all()


def test_permutations_are_uniform() -> None:
    """All six orders of three are equally likely (chi-square with 5 degrees of freedom below its 99.9% point)."""
    dealt = Chance(3, np.arange(6000)).at("game").permutation("deal", 3)
    counts = np.unique(dealt @ np.array([9, 3, 1]), return_counts=True)[1]
    assert len(counts) == 6
    assert ((counts - 1000) ** 2 / 1000).sum() < 20.5


def test_normal() -> None:
    """Normal draws have the moments and the tails of a standard normal, in single precision."""
    x = Chance(2, np.arange(100)).at("game").normal("noise", 2000)
    assert x.dtype == np.float32
    assert abs(float(x.mean())) < 0.01
    assert abs(float(x.std()) - 1) < 0.01
    assert abs(float((x > 1.96).mean()) - 0.025) < 0.0015
    assert float(np.abs(x).max()) <= 4.2


def test_uniform() -> None:
    """Uniform draws are single-precision numbers in [0, 1), whatever the words."""
    assert unit(np.array([0, 2**32 - 1], np.uint32)).tolist() == [0.0, 1 - 2**-24]
    x = _chance(tables=200).uniform("x", 500)
    assert x.dtype == np.float32
    assert abs(float(x.mean()) - 0.5) < 0.005


@given(st.integers(0, 2**32 - 1), st.integers(1, 1000))
def test_below(word: int, high: int) -> None:
    """Whole numbers stay below their bound and rise with the word."""
    low, mid = below(np.array([0, word], np.uint32), high).tolist()
    assert 0 == low <= mid < high


def test_coins() -> None:
    """A coin of 0 never falls, one of 1 always, and others about as often as they should."""
    chance = _chance(tables=100)
    assert not chance.coin("a", 100, 0.0).any()
    assert chance.coin("a", 100, 1.0).all()
    assert abs(float(chance.coin("a", 1000, 0.3).mean()) - 0.3) < 0.006
    mixed = chance.coin("a", 2, np.array([0.0, 1.0]))
    assert not mixed[:, 0].any()
    assert mixed[:, 1].all()
    assert int(threshold(2.0)) == 2**32


def test_categorical() -> None:
    """Categories come up in proportion to their weights, and those of weight zero never."""
    drawn = _chance(tables=100).categorical("x", 1000, np.array([1.0, 0.0, 3.0]))
    assert abs(float((drawn == 2).mean()) - 0.75) < 0.006
    assert not (drawn == 1).any()


def test_draws_for_rows() -> None:
    """A row of a turn draws the same word whoever else acts."""
    everyone = Turn(5, 4, "player", Choice("a", "b"), {})
    some = np.array([0, 7, 19])
    all_words = draws(_chance(), "x", everyone)
    assert (draws(_chance(), "x", everyone.pick(some)) == all_words[some]).all()
