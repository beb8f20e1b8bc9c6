"""What strategies of repeated games have in common: declared traits, and how a fresh match is noticed.

A strategy declares what it uses (how many past rounds, chance, the round number, the payoffs); the tests hold every
registered strategy to what it declares. In games of two options option 0 is to cooperate and option 1 to defect.
"""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import DTypeLike, NDArray

from mores.actions import Choice
from mores.agent import Memory, Rule
from mores.chance import Chance
from mores.errors import BadValue, DoesNotFit
from mores.world import Turn
from mores.worlds.games.moves import Moves

Choices = NDArray[np.int8]
Fields = Mapping[str, tuple[DTypeLike, tuple[int, ...]]]
INFINITE = math.inf

AXELROD_1980A = (
    "Axelrod 1980, Effective Choice in the Prisoner's Dilemma, doi:10.1177/002200278002400101"
)
AXELROD_1980B = "Axelrod 1980, More Effective Choice, doi:10.1177/002200278002400301"
AXELROD_1984 = "Axelrod 1984, The Evolution of Cooperation"
STEWART_2012 = "Stewart and Plotkin 2012, doi:10.1073/pnas.1208087109"
LI_2011 = "Li, Hingston and Kendall 2011, doi:10.1109/TCIAIG.2011.2166268"
PRISON_1998 = "LIFL 1998, PRISON (catalogue of strategies)"


@dataclass(frozen=True)
class Strategy(Rule):
    """A rule for repeated simultaneous games."""

    roles = ("player",)

    memory: ClassVar[float] = INFINITE
    """How many past rounds (of both players) its next move depends on, inf where there is no bound."""
    stochastic: ClassVar[bool] = False
    """Whether it ever draws."""
    uses_clock: ClassVar[bool] = False
    """Whether its move depends on the number of the round."""
    uses_length: ClassVar[bool] = False
    """Whether its move depends on how many rounds there will be."""
    uses_payoffs: ClassVar[bool] = False
    """Whether its move depends on the payoffs."""
    any_game: ClassVar[bool] = False
    """Whether it plays games of any number of options; else of exactly two."""


def probability(rule: Rule, *names: str) -> None:
    """Refuse fields that are no probabilities."""
    for name in names:
        value = getattr(rule, name)
        if not isinstance(value, int | float) or not 0 <= value <= 1:
            raise BadValue(f"{rule.name}.{name}", value, "a probability, 0 to 1")


def two_options(rule: Rule, turn: Turn) -> None:
    """Refuse games in which cooperate and defect mean nothing."""
    space = turn.spaces
    if not isinstance(space, Choice) or len(space.options) != 2:
        raise DoesNotFit(
            f"{rule.name} plays games of two options (cooperate, defect), but here one may answer {space.words()}; "
            "choose a strategy for any game, such as uniform, fictitious-play or q-learner"
        )


def known_payoffs(rule: Rule, turn: Turn) -> Moves:
    """The options with their payoffs, or an error where the world does not tell them."""
    if not isinstance(turn.spaces, Moves):
        raise DoesNotFit(f"{rule.name} needs a game whose payoffs are known, such as normal-form")
    return turn.spaces


def rounds_played(turn: Turn) -> int | NDArray[np.int32]:
    """How many rounds of the match were played: one number where all tables agree, else one for each row."""
    clock = turn.clock
    if clock is None:
        raise DoesNotFit(
            f"strategies need to be told the round in a turn of {turn.role!r}; the world does not tell it"
        )
    if len(clock) == 0:
        return 0
    played = clock[0]
    if len(clock) == 1 or np.count_nonzero(clock == played) == len(clock):
        return int(played)
    by_row: NDArray[np.int32] = clock.take(turn.all_rows // np.int32(turn.seats))
    return by_row


def fresh(turn: Turn) -> bool | NDArray[np.bool_]:
    """Which rows begin a match: all (True), none (False), or some, as a mask over the rows."""
    played = rounds_played(turn)
    if isinstance(played, int):
        return played == 0
    begins: NDArray[np.bool_] = played == 0
    return begins if begins.any() else False


def seat_of(turn: Turn) -> NDArray[np.int32]:
    """The seat of every row."""
    return turn.all_rows % np.int32(turn.seats)


@dataclass(frozen=True)
class PlainStrategy(Strategy):
    """A strategy written as one function of the last round and its own columns.

    `opening` gives the first move; :meth:`move` every other one. What it remembers is zero when a match begins
    (unless `lasting`), and holds [m] rows while `move` runs.
    """

    lasting: ClassVar[tuple[str, ...]] = ()
    """Columns that outlive a match: what was learnt."""

    def opening(self, turn: Turn, chance: Chance) -> Choices:
        """The first move of every row; by default to cooperate."""
        return np.zeros(len(turn), np.int8)

    @abstractmethod
    def move(
        self, own: Choices, other: Choices, memory: Memory, turn: Turn, chance: Chance
    ) -> Choices:
        """The move after a round in which `own` and `other` were chosen; may write into the columns."""

    def act(self, turn: Turn, memory: Memory, chance: Chance) -> Choices:
        if not self.any_game:
            two_options(self, turn)
        rows, begins = turn.rows, fresh(turn)
        mine = {k: v.reshape(-1, *v.shape[2:]) for k, v in memory.items()}
        columns = mine if rows is None else {k: v[rows] for k, v in mine.items()}
        if begins is True:
            chosen = self.opening(turn, chance)
            self._forget(columns, slice(None))
        else:
            chosen = self._moved(turn, columns, begins, chance)
        if rows is not None:
            for name, column in mine.items():
                column[rows] = columns[name]
        return chosen

    def _moved(
        self, turn: Turn, columns: Memory, begins: bool | NDArray[np.bool_], chance: Chance
    ) -> Choices:
        own, other = turn.observation["own_last"], turn.observation["other_last"]
        if isinstance(begins, bool):
            return self.move(own, other, columns, turn, chance)
        kept = {k: columns[k][begins] for k in self.lasting}
        zero = np.int8(0)
        later = self.move(np.maximum(own, zero), np.maximum(other, zero), columns, turn, chance)
        self._forget(columns, begins)
        for name, value in kept.items():
            columns[name][begins] = value  # no round was played there, so nothing was learnt
        return np.where(begins, self.opening(turn, chance), later).astype(np.int8)

    def _forget(self, columns: Memory, rows: Any) -> None:
        for name, column in columns.items():
            if name not in self.lasting:
                column[rows] = 0
