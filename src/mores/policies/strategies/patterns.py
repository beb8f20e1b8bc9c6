"""Players of patterns, for games of any number of options: fixed, looping, copying, answering, drawing lots."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from mores.actions import Choice
from mores.agent import Memory, draws
from mores.chance import Chance, below
from mores.errors import BadValue, DoesNotFit
from mores.policies.strategies.base import (
    Choices,
    Fields,
    PlainStrategy,
    Strategy,
    known_payoffs,
    seat_of,
)
from mores.world import Turn

RATIONAL_PLAYERS = "Fan et al. 2023, arXiv 2312.05488"


def options_of(rule: Strategy, turn: Turn, largest: int = 0) -> int:
    """How many options there are; refuses worlds without options and moves beyond them."""
    if not isinstance(turn.spaces, Choice):
        raise DoesNotFit(
            f"{rule.name} chooses among options, but here one answers {turn.spaces.words()}"
        )
    count = len(turn.spaces.options)
    if largest >= count:
        raise DoesNotFit(
            f"{rule.name} plays option {largest}, but the options are 0 to {count - 1}"
        )
    return count


@dataclass(frozen=True)
class Always(PlainStrategy):
    """Always the same option, counted from 0."""

    name = "always"
    source = RATIONAL_PLAYERS
    memory: ClassVar[float] = 0
    any_game = True
    option: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.option < 127:
            raise BadValue(f"{self.name}.option", self.option, "0 to 126")

    def opening(self, turn: Turn, chance: Chance) -> Choices:
        options_of(self, turn, self.option)
        return np.full(len(turn), self.option, np.int8)

    def move(
        self, own: Choices, other: Choices, memory: Memory, turn: Turn, chance: Chance
    ) -> Choices:
        return self.opening(turn, chance)


@dataclass(frozen=True)
class AlwaysFirst(Always):
    """Always the first option."""

    name = "always-first"


@dataclass(frozen=True)
class AlwaysSecond(Always):
    """Always the second option."""

    name = "always-second"
    option: int = 1


@dataclass(frozen=True)
class Loop(PlainStrategy):
    """A pattern of options, over and over (1, 0, 2: paper, rock, scissors)."""

    name = "loop"
    source = RATIONAL_PLAYERS
    memory: ClassVar[float] = 0
    uses_clock = True
    any_game = True
    fields: ClassVar[Fields] = {"played": (np.int32, ())}
    pattern: tuple[int, ...] = (1, 0, 2)

    def __post_init__(self) -> None:
        if not self.pattern or not all(0 <= k < 127 for k in self.pattern):
            raise BadValue(
                f"{self.name}.pattern", self.pattern, "one or more option numbers, 0 to 126"
            )

    def opening(self, turn: Turn, chance: Chance) -> Choices:
        options_of(self, turn, max(self.pattern))
        return np.full(len(turn), self.pattern[0], np.int8)

    def move(
        self, own: Choices, other: Choices, memory: Memory, turn: Turn, chance: Chance
    ) -> Choices:
        memory["played"] += 1
        return np.array(self.pattern, np.int8).take(memory["played"] % len(self.pattern))


@dataclass(frozen=True)
class Copy(PlainStrategy):
    """What the other chose last; the first option first (tit for tat in games of any size)."""

    name = "copy"
    source = RATIONAL_PLAYERS
    memory: ClassVar[float] = 1
    any_game = True

    def move(
        self, own: Choices, other: Choices, memory: Memory, turn: Turn, chance: Chance
    ) -> Choices:
        return other.copy()


@dataclass(frozen=True)
class BestReply(PlainStrategy):
    """The best answer to what the other chose last; the first option first and at ties (counter, Cournot)."""

    name = "best-reply"
    source = "Cournot 1838, Recherches sur les principes mathématiques de la théorie des richesses"
    memory: ClassVar[float] = 1
    uses_payoffs = True
    any_game = True

    def move(
        self, own: Choices, other: Choices, memory: Memory, turn: Turn, chance: Chance
    ) -> Choices:
        replies = [m.argmax(0).astype(np.int8) for m in known_payoffs(self, turn).payoffs]
        width = max(len(r) for r in replies)
        table = np.stack([np.resize(r, width) for r in replies])
        return table[seat_of(turn), other]


@dataclass(frozen=True)
class AlternatorYielding(PlainStrategy):
    """Takes turns, beginning with the option at which the other can get most; then the next one, and so on."""

    name = "alternator-yielding"
    source = "Akata et al. 2025, arXiv 2305.16867"
    memory: ClassVar[float] = 1
    uses_payoffs = True
    any_game = True

    def opening(self, turn: Turn, chance: Chance) -> Choices:
        payoffs = known_payoffs(self, turn).payoffs
        # seat s yields at its option that holds the largest entry of the other's matrix
        wished = [payoffs[(s + 1) % len(payoffs)].max(0).argmax() for s in range(len(payoffs))]
        return np.array(wished, np.int8).take(seat_of(turn))

    def move(
        self, own: Choices, other: Choices, memory: Memory, turn: Turn, chance: Chance
    ) -> Choices:
        counts = np.array([len(m) for m in known_payoffs(self, turn).payoffs], np.int8)
        return (own + np.int8(1)) % counts.take(seat_of(turn))


@dataclass(frozen=True)
class Biased(PlainStrategy):
    """Draws an option with fixed weights, whatever happened."""

    name = "biased"
    source = RATIONAL_PLAYERS
    memory: ClassVar[float] = 0
    stochastic = True
    any_game = True
    weights: tuple[float, ...] = (0.6, 0.2, 0.2)

    def __post_init__(self) -> None:
        if not self.weights or min(self.weights) < 0 or sum(self.weights) <= 0:
            raise BadValue(f"{self.name}.weights", self.weights, "weights of at least 0, not all 0")

    def opening(self, turn: Turn, chance: Chance) -> Choices:
        options_of(self, turn, len(self.weights) - 1)
        share = np.cumsum(self.weights)[:-1] / sum(self.weights)
        cuts = (share * 2.0**32).astype(np.uint64)
        return np.searchsorted(cuts, draws(chance, "move", turn), side="right").astype(np.int8)

    def move(
        self, own: Choices, other: Choices, memory: Memory, turn: Turn, chance: Chance
    ) -> Choices:
        return self.opening(turn, chance)


@dataclass(frozen=True)
class Uniform(PlainStrategy):
    """Draws any open option with equal chance."""

    name = "uniform"
    source = "Axelrod 1980, doi:10.1177/002200278002400101"
    memory: ClassVar[float] = 0
    stochastic = True
    any_game = True

    def opening(self, turn: Turn, chance: Chance) -> Choices:
        count = options_of(self, turn)
        words = draws(chance, "move", turn)
        if turn.mask is None:
            return below(words, count).astype(np.int8)
        chosen: Choices = turn.spaces.sample(words[:, None], turn.mask)
        return chosen

    def move(
        self, own: Choices, other: Choices, memory: Memory, turn: Turn, chance: Chance
    ) -> Choices:
        return self.opening(turn, chance)
