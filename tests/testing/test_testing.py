"""The contract checks find what they are for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mores.actions import Actions
from mores.agent import Memory, Rule
from mores.chance import Chance
from mores.institution import Institution
from mores.population import Population
from mores.testing import (
    ContractBroken,
    check_institution,
    check_policy,
    check_world,
    compare_golden,
    transcript,
)
from mores.world import Outcome, Turn
from mores.worlds.games.dictator import Dictator


@dataclass(frozen=True)
class Leaky(Dictator):
    """Shows arrays to agents."""

    def describe(self, state: Any, turn: Turn, j: int) -> str:
        return f"You have {turn.observation['endowment'][:1]!r}."


@dataclass(frozen=True)
class Undeclared(Dictator):
    """Declares an event that it never writes."""

    emits = ("give", "take")


@dataclass(frozen=True)
class Mixed(Dictator):
    """Lets one table touch the next."""

    def step(self, state: Any, turn: Turn, actions: Actions, chance: Chance) -> Outcome:
        outcome = super().step(state, turn, actions, chance)
        state.score[:] = state.score.mean(axis=0)
        return outcome


@dataclass(frozen=True)
class Endless(Dictator):
    """Never ends."""

    def step(self, state: Any, turn: Turn, actions: Actions, chance: Chance) -> Outcome:
        outcome = super().step(state, turn, actions, chance)
        state.phase[:] = 0
        return outcome


@dataclass(frozen=True)
class Shifting(Dictator):
    """Changes the type of a column."""

    def step(self, state: Any, turn: Turn, actions: Actions, chance: Chance) -> Outcome:
        outcome = super().step(state, turn, actions, chance)
        state.score = state.score.astype(np.float64)
        return outcome


@dataclass(frozen=True)
class Unsaid(Dictator):
    """Does not say what a missing action does."""

    missing = {}  # noqa: RUF012


@pytest.mark.parametrize(
    ("world", "says"),
    [
        (Leaky(), "shows internals"),
        (Undeclared(), "never writes it"),
        (Mixed(), "commute"),
        (Endless(), "has not ended"),
        (Shifting(), "changed type or shape"),
        (Unsaid(), "missing action"),
    ],
    ids=lambda x: type(x).__name__,
)
def test_broken_worlds(world: Dictator, says: str) -> None:
    """Each way to break the contract of worlds is found and named."""
    with pytest.raises(ContractBroken, match=says):
        check_world(world, limit=50)


@dataclass(frozen=True)
class Greedy(Rule):
    """Gives more than there is."""

    name = "greedy"
    roles = ("dictator",)

    def act(self, turn: Turn, memory: Memory, chance: Chance) -> Actions:
        return np.full(len(turn), 1000, np.float32)


@dataclass(frozen=True)
class Crowded(Rule):
    """Does what depends on who else acts."""

    name = "crowded"
    roles = ("dictator",)

    def act(self, turn: Turn, memory: Memory, chance: Chance) -> Actions:
        return np.full(len(turn), len(turn), np.float32)


@dataclass(frozen=True)
class Secret(Rule):
    """Draws, and says that it does not."""

    name = "secret"
    roles = ("dictator",)
    stochastic = False

    def act(self, turn: Turn, memory: Memory, chance: Chance) -> Actions:
        return np.floor(100 * chance.uniform("x", turn.seats).reshape(-1)[turn.all_rows])


@dataclass(frozen=True)
class Wide(Rule):
    """Acts in another type than the space's."""

    name = "wide"
    roles = ("dictator",)

    def act(self, turn: Turn, memory: Memory, chance: Chance) -> Actions:
        return np.zeros(len(turn), np.float64)


@pytest.mark.parametrize(
    ("rule", "says"),
    [(Greedy(), "not legal"), (Crowded(), "who else"), (Secret(), "it draws"), (Wide(), "float64")],
    ids=lambda x: type(x).__name__,
)
def test_broken_policies(rule: Rule, says: str) -> None:
    """Each way to break the contract of policies is found and named."""
    with pytest.raises(ContractBroken, match=says):
        check_policy(rule, [Dictator(pairs=4)])


def test_a_policy_without_a_place() -> None:
    """A rule whose roles no world has is named with them."""
    with pytest.raises(ContractBroken, match="dictator"):
        check_policy(Greedy(), [])


@dataclass(frozen=True)
class Careless(Institution):
    """Says that it needs a port, but takes any world."""

    name = "careless"
    needs = ("score",)

    def __post_init__(self) -> None:
        """Checks nothing."""


def test_broken_institutions() -> None:
    """An institution that composes with a world that lacks what it needs is found."""
    with pytest.raises(ContractBroken, match="has nothing"):
        check_institution(Careless, [Dictator()])


def test_golden_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A golden file is written when asked for, accepts what it holds, and names the first line that differs."""
    path, text = tmp_path / "new" / "game.txt", transcript(Dictator())
    monkeypatch.delenv("MORES_UPDATE_GOLDEN", raising=False)
    with pytest.raises(ContractBroken, match="there is no"):
        compare_golden(path, text)
    monkeypatch.setenv("MORES_UPDATE_GOLDEN", "1")
    compare_golden(path, text)
    monkeypatch.delenv("MORES_UPDATE_GOLDEN")
    compare_golden(path, text)
    with pytest.raises(ContractBroken, match="line 1"):
        compare_golden(path, text.replace("dictator", "tyrant", 1))
    with pytest.raises(ContractBroken, match="lines"):
        compare_golden(path, text + "more\n")


def test_transcripts_say_what_they_leave_out() -> None:
    """Steps beyond the limit are counted, seats beyond it are not shown."""
    text = transcript(Dictator(pairs=4, rounds=9), Population.all(Crowded()), seats=2, steps=3)
    assert "... 6 more steps" in text
    assert "seat 2 sees" not in text
