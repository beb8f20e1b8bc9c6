"""Strategies that learn within a game of any matrix: fictitious play and a tabular Q-learner."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from mores.agent import Memory
from mores.chance import Chance, below, threshold
from mores.errors import BadValue, DoesNotFit
from mores.policies.strategies.base import (
    Choices,
    Fields,
    PlainStrategy,
    Strategy,
    known_payoffs,
    probability,
    seat_of,
)
from mores.world import Turn
from mores.worlds.games.moves import Moves

MOST = 8
"""The most options that learners keep count of."""


def _matrices(rule: Strategy, turn: Turn, most: int) -> NDArray[np.float32]:
    """Payoffs [seat, own, other] filled up to the common size with -inf (own) and 0 (other)."""
    moves: Moves = known_payoffs(rule, turn)
    if len(moves.options) > most:
        raise DoesNotFit(
            f"{rule.name} learns games of at most {most} options, not {len(moves.options)}"
        )
    full = np.zeros((len(moves.payoffs), most, most), np.float32)
    for seat, matrix in enumerate(moves.payoffs):
        mine, theirs = matrix.shape
        full[seat, :mine, :theirs] = matrix
        full[seat, mine:] = -np.inf
    return full


@dataclass(frozen=True)
class FictitiousPlay(PlainStrategy):
    """The best reply to how often the other has chosen each option; the first option first and at ties."""

    name = "fictitious-play"
    source = "Brown 1951, Iterative solution of games by fictitious play"
    uses_payoffs = True
    any_game = True
    fields: ClassVar[Fields] = {"counts": (np.float32, (MOST,))}

    def move(
        self, own: Choices, other: Choices, memory: Memory, turn: Turn, chance: Chance
    ) -> Choices:
        counts = memory["counts"]
        counts[np.arange(len(other)), other] += 1
        worth = np.empty((len(other), MOST), np.float32)
        seats = seat_of(turn)
        for seat, matrix in enumerate(_matrices(self, turn, MOST)):
            mine = seats == seat
            payoffs = np.where(np.isfinite(matrix), matrix, np.float32(0))
            worth[mine] = counts[mine] @ payoffs.T
            worth[np.ix_(mine, ~np.isfinite(matrix[:, 0]))] = -np.inf
        best: Choices = worth.argmax(1).astype(np.int8)
        return best


@dataclass(frozen=True)
class QLearner(Strategy):
    """Learns by trial how much each option is worth after each pair of last moves (Watkins 1989; epsilon-greedy).

    The reward is the game's payoff. What was learnt outlives a match: a later match goes on from it.
    """

    name = "q-learner"
    source = "Sandholm and Crites 1996, doi:10.1016/0303-2647(95)01551-5"
    stochastic = True
    uses_payoffs = True
    any_game = True

    rate: float = 0.1
    """How far a value moves towards what was found, 0 to 1."""
    discount: float = 0.9
    """What the next round counts for, 0 to less than 1."""
    explore: float = 0.1
    """The probability to draw an option instead of the best one."""
    start_value: float = 0.0
    options: int = 3
    """The most options that the game may have."""

    def __post_init__(self) -> None:
        probability(self, "rate", "discount", "explore")
        if self.discount == 1:
            raise BadValue(f"{self.name}.discount", self.discount, "less than 1")
        if not 2 <= self.options <= MOST:
            raise BadValue(f"{self.name}.options", self.options, f"2 to {MOST}")

    @property
    def fields(self) -> Fields:  # type: ignore[override]
        """Values [situation, option], and the situation it was in: 0 at the start, then 1 + own * k + other."""
        k = self.options
        return {"values": (np.float32, (1 + k * k, k)), "situation": (np.int16, ())}

    def start(self, memory: Memory, chance: Chance) -> None:
        memory["values"][...] = self.start_value

    def act(self, turn: Turn, memory: Memory, chance: Chance) -> Choices:
        rows = turn.all_rows
        mine = {k: v.reshape(-1, *v.shape[2:]) for k, v in memory.items()}
        values, before = mine["values"], mine["situation"]
        own = turn.observation["own_last"].astype(np.intp)
        other = turn.observation["other_last"].astype(np.intp)
        now = np.where(own < 0, 0, 1 + own * self.options + other)
        payoffs = _matrices(self, turn, self.options)
        seats = seat_of(turn)
        open_ = np.isfinite(payoffs[:, :, 0])[seats]
        worth = np.where(open_, values[rows, now], -np.inf)
        went = own >= 0
        at = rows[went]
        found = payoffs[seats[went], own[went], other[went]] + self.discount * worth[went].max(1)
        cell = (at, before[at], own[went])
        values[cell] += np.float32(self.rate) * (found - values[cell])
        before[rows] = now
        worth = np.where(open_, values[rows, now], -np.inf)
        return self._choose(worth, open_.sum(1), turn, chance)

    def _choose(
        self, worth: NDArray[np.float32], count: NDArray[np.intp], turn: Turn, chance: Chance
    ) -> Choices:
        n = 3  # whether to explore, what then, and who wins a tie
        words = chance.words("move", turn.seats * n).reshape(-1, n)
        if turn.rows is not None:
            words = words[turn.rows]
        best = worth == worth.max(1, keepdims=True)
        nth = below(words[:, 2], best.sum(1))
        greedy = (np.cumsum(best, axis=1) <= nth[:, None]).sum(1)
        tries = words[:, 0] < threshold(self.explore)
        return np.where(tries, below(words[:, 1], count), greedy).astype(np.int8)
