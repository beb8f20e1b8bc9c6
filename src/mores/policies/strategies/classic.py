"""The classic strategies of the repeated prisoner's dilemma that are a table of a short history."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mores.policies.strategies.base import (
    AXELROD_1980A,
    AXELROD_1980B,
    AXELROD_1984,
    INFINITE,
    LI_2011,
    STEWART_2012,
    probability,
)
from mores.policies.strategies.table import History, TableStrategy

Chances = NDArray[Any]


@dataclass(frozen=True)
class AllCooperate(TableStrategy):
    """Always cooperates (ALLC, Cooperator)."""

    name = "all-cooperate"
    source = AXELROD_1984
    memory = 0

    def cooperate(self, past: History) -> Chances:
        return np.ones(past.own.shape)


@dataclass(frozen=True)
class AllDefect(TableStrategy):
    """Always defects (ALLD, Defector)."""

    name = "all-defect"
    source = AXELROD_1984
    memory = 0
    first = 0.0

    def cooperate(self, past: History) -> Chances:
        return np.zeros(past.own.shape)


@dataclass(frozen=True)
class Random(TableStrategy):
    """Cooperates with probability p, whatever happened (RAND)."""

    name = "random"
    source = AXELROD_1980A
    memory = 0
    stochastic = True
    p: float = 0.5

    def __post_init__(self) -> None:
        probability(self, "p")

    def begin(self) -> float:
        return self.p

    def cooperate(self, past: History) -> Chances:
        return np.full(past.own.shape, self.p)


@dataclass(frozen=True)
class TitForTat(TableStrategy):
    """Cooperates first, then does what the other did last (TFT; Rapoport's entry, winner of both tournaments)."""

    name = "tit-for-tat"
    source = AXELROD_1980A
    memory = 1

    def cooperate(self, past: History) -> Chances:
        return ~past.other


@dataclass(frozen=True)
class TitForTwoTats(TableStrategy):
    """Defects only after two defections in a row (TF2T)."""

    name = "tit-for-two-tats"
    source = AXELROD_1984
    memory = 2

    def cooperate(self, past: History) -> Chances:
        return ~(past.other & past.other2)


@dataclass(frozen=True)
class TwoTitsForTat(TableStrategy):
    """Answers a defection with two (2TFT)."""

    name = "two-tits-for-tat"
    source = AXELROD_1984
    memory = 2

    def cooperate(self, past: History) -> Chances:
        return ~(past.other | past.other2)


@dataclass(frozen=True)
class SuspiciousTitForTat(TableStrategy):
    """Tit for tat that defects first (STFT)."""

    name = "suspicious-tit-for-tat"
    source = "Nowak and Sigmund 1992, doi:10.1038/355250a0"
    memory = 1
    first = 0.0

    def cooperate(self, past: History) -> Chances:
        return ~past.other


@dataclass(frozen=True)
class AntiTitForTat(TableStrategy):
    """Cooperates first, then does the opposite of what the other did last."""

    name = "anti-tit-for-tat"
    source = "Hilbe, Nowak and Sigmund 2013, doi:10.1073/pnas.1214834110"
    memory = 1

    def cooperate(self, past: History) -> Chances:
        return past.other


@dataclass(frozen=True)
class Bully(TableStrategy):
    """Defects first, then does the opposite of what the other did last (reverse tit for tat)."""

    name = "bully"
    source = "Nachbar 1992, doi:10.1016/0167-2681(92)90098-L"
    memory = 1
    first = 0.0

    def cooperate(self, past: History) -> Chances:
        return past.other


@dataclass(frozen=True)
class HardTitForTat(TableStrategy):
    """Defects if the other defected in any of the last three rounds."""

    name = "hard-tit-for-tat"
    source = "LIFL 1998, PRISON (catalogue of strategies)"
    memory = 3

    def cooperate(self, past: History) -> Chances:
        return ~(past.other | past.other2 | past.other3)


@dataclass(frozen=True)
class HardTitForTwoTats(TableStrategy):
    """Defects if the other defected twice in a row within the last three rounds."""

    name = "hard-tit-for-two-tats"
    source = STEWART_2012
    memory = 3

    def cooperate(self, past: History) -> Chances:
        return ~((past.other & past.other2) | (past.other2 & past.other3))


@dataclass(frozen=True)
class ForgivingTitForTat(TableStrategy):
    """Answers a defection only if the other has defected in more than a tenth of all rounds."""

    name = "forgiving-tit-for-tat"
    source = "Axelrod library"
    memory = INFINITE
    uses_clock = True

    def cooperate(self, past: History) -> Chances:
        return ~(past.other & past.tenth)


@dataclass(frozen=True)
class Grim(TableStrategy):
    """Cooperates until the other defects, then defects for good (grim trigger, Grudger, Friedman's entry, spite)."""

    name = "grim"
    source = AXELROD_1980A
    memory = INFINITE

    def cooperate(self, past: History) -> Chances:
        return ~past.ever


@dataclass(frozen=True)
class Pavlov(TableStrategy):
    """Repeats its move after the other cooperated, changes it otherwise (win-stay lose-shift, WSLS)."""

    name = "pavlov"
    source = "Nowak and Sigmund 1993, doi:10.1038/364056a0"
    memory = 1

    def cooperate(self, past: History) -> Chances:
        return np.equal(past.own, past.other)


@dataclass(frozen=True)
class WinShiftLoseStay(TableStrategy):
    """Changes its move after the other cooperated, repeats it otherwise; defects first (reverse Pavlov)."""

    name = "win-shift-lose-stay"
    source = LI_2011
    memory = 1
    first = 0.0

    def cooperate(self, past: History) -> Chances:
        return np.not_equal(past.own, past.other)


@dataclass(frozen=True)
class NaiveProber(TableStrategy):
    """Tit for tat that defects unprovoked with probability p."""

    name = "naive-prober"
    source = LI_2011
    memory = 1
    stochastic = True
    p: float = 0.1

    def __post_init__(self) -> None:
        probability(self, "p")

    def cooperate(self, past: History) -> Chances:
        return np.where(past.other, 0.0, 1 - self.p)


@dataclass(frozen=True)
class HardMajority(TableStrategy):
    """Defects if the other has defected at least as often as cooperated; defects first (hard go by majority)."""

    name = "hard-majority"
    source = AXELROD_1984
    memory = INFINITE
    uses_clock = True
    first = 0.0

    def cooperate(self, past: History) -> Chances:
        return ~past.half


@dataclass(frozen=True)
class SoftMajority(TableStrategy):
    """Defects if the other has defected more often than cooperated (go by majority, Grisell's entry)."""

    name = "soft-majority"
    source = AXELROD_1980B
    memory = INFINITE
    uses_clock = True

    def cooperate(self, past: History) -> Chances:
        return ~past.most


@dataclass(frozen=True)
class Alternator(TableStrategy):
    """The first option, then the second, and so on."""

    name = "alternator"
    source = AXELROD_1984
    memory = 1

    def cooperate(self, past: History) -> Chances:
        return past.own


@dataclass(frozen=True)
class Appeaser(TableStrategy):
    """Cooperates first and changes its move whenever the other defects."""

    name = "appeaser"
    source = "Axelrod library"
    memory = 1

    def cooperate(self, past: History) -> Chances:
        return np.equal(past.own, past.other)
