"""Rational players and naive ones: told preferences, patterns of opponents, steps of reasoning about others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from mores.actions import Actions, Choice
from mores.agent import Memory, Rule
from mores.chance import Chance
from mores.errors import BadValue, DoesNotFit
from mores.policies.strategies.base import (
    Choices,
    Fields,
    PlainStrategy,
    Strategy,
    known_payoffs,
    seat_of,
)
from mores.policies.strategies.patterns import RATIONAL_PLAYERS
from mores.world import Turn
from mores.worlds.dilemmas.preferences import PREFERENCES, worth


@dataclass(frozen=True)
class PreferenceKeeper(Rule):
    """Picks the best allocation by the preference it was told."""

    name: ClassVar[str] = "preference-keeper"
    source: ClassVar[str] = RATIONAL_PLAYERS
    roles: ClassVar[tuple[str, ...]] = ("allocator",)
    stochastic: ClassVar[bool] = False

    def preference(self, turn: Turn) -> NDArray[np.int8]:
        """Which preference it follows, a row."""
        told: NDArray[np.int8] = turn.observation["preference"]
        return told

    def act(self, turn: Turn, memory: Memory, chance: Chance) -> Actions:
        if not isinstance(turn.spaces, Choice) or "menu" not in turn.observation:
            raise DoesNotFit(
                f"{self.name} picks allocations, but here one answers {turn.spaces.words()}"
            )
        value = worth(turn.observation["menu"])
        rows = np.arange(len(turn))
        return value[rows, self.preference(turn)].argmax(1).astype(np.int8)


@dataclass(frozen=True)
class SelfInterested(PreferenceKeeper):
    """Picks what is best for itself, whatever it was told to care about."""

    name: ClassVar[str] = "self-interested"

    def preference(self, turn: Turn) -> NDArray[np.int8]:
        return np.full(len(turn), PREFERENCES.index("self-interest"), np.int8)


@dataclass(frozen=True)
class MarkovLearner(PlainStrategy):
    """Counts what the other did after each pair of last moves, and answers best to the most frequent; else to the last.

    An opponent whose move is a function of the last pair of moves (constant, loops without repeats, copies, counters)
    beats it at most once for each of the pairs.
    """

    name = "markov-learner"
    source = RATIONAL_PLAYERS
    uses_payoffs = True
    any_game = True
    options: int = 3
    """The most options that the game may have."""

    def __post_init__(self) -> None:
        if not 2 <= self.options <= 8:
            raise BadValue(f"{self.name}.options", self.options, "2 to 8")

    @property
    def fields(self) -> Fields:  # type: ignore[override]
        """Counts [pair of last moves, other's next move], and the pair before: 0 none, then 1 + own * k + other."""
        k = self.options
        return {"counts": (np.int32, (k * k, k)), "before": (np.int16, ())}

    def move(
        self, own: Choices, other: Choices, memory: Memory, turn: Turn, chance: Chance
    ) -> Choices:
        k, rows = self.options, np.arange(len(own))
        replies = best_replies(self, turn, k)
        now = own.astype(np.intp) * k + other
        known = memory["before"] > 0
        np.add.at(memory["counts"], (rows[known], memory["before"][known] - 1, other[known]), 1)
        memory["before"][:] = now + 1
        seen = memory["counts"][rows, now]
        expected = np.where(seen.sum(1) > 0, seen.argmax(1), other)
        return replies[seat_of(turn), expected]


def best_replies(rule: Strategy, turn: Turn, most: int) -> NDArray[np.int8]:
    """The best answer of each seat to each move of the other [seat, other's option], the first of equal ones."""
    payoffs = known_payoffs(rule, turn).payoffs
    if max(max(m.shape) for m in payoffs) > most:
        raise DoesNotFit(f"{rule.name} plays games of at most {most} options; set options=")
    out = np.zeros((len(payoffs), most), np.int8)
    for seat, matrix in enumerate(payoffs):
        out[seat, : matrix.shape[1]] = matrix.argmax(0)
    return out


@dataclass(frozen=True)
class LevelK(Strategy):
    """Reasons `level` steps about others: at 0 the best choice if theirs are drawn, at k the best reply to level k - 1.

    What it was told of the other, or said that it expects, replaces its own belief. Asked for a forecast it names the
    choice of the other at the level below.
    """

    name = "level-k"
    source = "Stahl and Wilson 1995, Games and Economic Behavior 10; Kneeland 2015, doi:10.3982/ECTA11983"
    roles = ("player", "forecaster")  # type: ignore[assignment]
    memory: ClassVar[float] = 0
    uses_payoffs = True
    any_game = True
    level: int = 1

    def __post_init__(self) -> None:
        if not 0 <= self.level <= 100:
            raise BadValue(f"{self.name}.level", self.level, "0 to 100 steps")

    @property
    def label(self) -> str:
        return f"{self.name}:{self.level}"

    def act(self, turn: Turn, memory: Memory, chance: Chance) -> Actions:
        payoffs = known_payoffs(self, turn).payoffs
        n, seats = len(payoffs), seat_of(turn)
        choice = [int(m.mean(1).argmax()) for m in payoffs]
        below = choice
        for _ in range(self.level):
            below, choice = (
                choice,
                [int(m[:, choice[(i + 1) % n]].argmax()) for i, m in enumerate(payoffs)],
            )
        if turn.role == "forecaster":
            return np.roll(np.array(below, np.int8), -1)[seats]
        chosen: Choices = np.array(choice, np.int8)[seats]
        expected = turn.observation.get("expected")
        if expected is None or self.level == 0:
            return chosen
        replies = best_replies(self, turn, max(max(m.shape) for m in payoffs))
        known = replies[seats, np.maximum(expected, 0)]
        return np.where(expected >= 0, known, chosen).astype(np.int8)
