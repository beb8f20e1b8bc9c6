"""Worlds as PettingZoo environments."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("pettingzoo")

from pettingzoo.test import parallel_api_test, parallel_seed_test

from mores.adapters.pettingzoo import parallel_env
from mores.registry import load, names
from mores.world import World
from mores.worlds.dilemmas.preferences import StatedPreference
from mores.worlds.games.dictator import Dictator
from mores.worlds.games.public_goods import PublicGoods
from mores.worlds.games.ultimatum import Ultimatum

SMALL = [n for n in names("world") if load("world", n)().seats <= 20]
OTHERS = [
    Ultimatum(method="strategy"),
    Ultimatum(pairs=2, rounds=3),
    PublicGoods.conditional_pair(2),
]


@pytest.mark.parametrize(
    "world", [*(load("world", n)() for n in SMALL), *OTHERS], ids=lambda w: w.name
)
def test_pettingzoo_accepts_it(world: World) -> None:
    """PettingZoo's own tests of the parallel interface and of seeding pass."""
    parallel_api_test(parallel_env(world), num_cycles=60)
    parallel_seed_test(lambda: parallel_env(world), num_cycles=20)


def test_a_missing_score_adds_nothing_and_is_told() -> None:
    """Who gives no answer where only answers are scored is rewarded with 0, and the info says why."""
    env = parallel_env(StatedPreference())
    env.reset(seed=1)
    _, rewards, over, _, infos = env.step({"seat_0": None})
    assert rewards == {"seat_0": 0.0} and over == {"seat_0": True}
    assert infos["seat_0"]["unscored"]


def test_rewards_are_what_scores_rose_by() -> None:
    """Who gives 30 of 100 keeps 70; the other, who is not on turn, is given 30 whatever it does."""
    env = parallel_env(Dictator())
    seen, infos = env.reset(seed=1)
    assert seen["seat_0"]["turn"] == 1
    assert seen["seat_1"]["turn"] == 0
    assert "How many units" in infos["seat_0"]["text"]
    assert infos["seat_1"] == {}
    _, rewards, over, cut, _ = env.step({"seat_0": np.float32(30), "seat_1": 0})
    assert rewards == {"seat_0": 70.0, "seat_1": 30.0}
    assert over == {"seat_0": True, "seat_1": True}
    assert not any(cut.values())
    assert env.agents == []
    assert env.render() == "Player 1 gave 30 of 100 units to player 2."


def test_unknown_is_not_zero() -> None:
    """Before the first round what the others gave is unknown; afterwards it is known, also where it is nothing."""
    env = parallel_env(PublicGoods(seats=2, rounds=2))
    seen, _ = env.reset(seed=1)
    assert seen["seat_0"]["others_last"].tolist() == [0.0, 0.0]
    seen, *_ = env.step({"seat_0": np.float32(20), "seat_1": np.float32(0)})
    assert seen["seat_0"]["others_last"].tolist() == [0.0, 1.0]
    assert seen["seat_1"]["others_last"].tolist() == [1.0, 1.0]


def test_what_is_illegal_is_missing() -> None:
    """An amount beyond the endowment, and no action at all, have the effect that the world declares."""
    for actions in ({"seat_0": np.float32(1000)}, {}):
        env = parallel_env(Dictator())
        env.reset(seed=1)
        _, rewards, *_ = env.step(actions)
        assert rewards == {"seat_0": 100.0, "seat_1": 0.0}


def test_episodes_of_one_seed_differ_and_repeat() -> None:
    """A second reset goes on to the next replicate; resetting with the seed begins again."""
    env = parallel_env(Dictator(), seed=3)
    env.reset()
    assert env.episode == 0
    env.reset()
    assert env.episode == 1
    env.reset(seed=3)
    assert env.episode == 0
