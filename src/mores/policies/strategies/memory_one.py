"""Memory-one strategies: four probabilities to cooperate, by the last round's pair of moves.

In the order (own, other): both cooperated, only I did, only the other did, neither. Zero-determinant strategies
(Press and Dyson 2012, doi:10.1073/pnas.1206569109) hold the two mean payoffs on a line, whatever the other does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from mores.errors import BadValue
from mores.policies.strategies.base import AXELROD_1980A, STEWART_2012, probability
from mores.policies.strategies.table import History, TableStrategy

Four = tuple[float, float, float, float]


@dataclass(frozen=True)
class FourNumbers(TableStrategy):
    """A strategy of four probabilities, fixed or computed from its parameters."""

    memory: ClassVar[float] = 1
    stochastic = True

    def four(self) -> Four:
        """P(cooperate) after CC, CD, DC and DD, the own move first."""
        raise NotImplementedError

    def cooperate(self, past: History) -> NDArray[Any]:
        cc, cd, dc, dd = self.four()
        return np.where(past.own, np.where(past.other, dd, dc), np.where(past.other, cd, cc))


@dataclass(frozen=True)
class MemoryOne(FourNumbers):
    """Any memory-one strategy: probabilities to cooperate after CC, CD, DC, DD and in the first round."""

    name = "memory-one"
    source = "Nowak and Sigmund 1990, doi:10.1007/BF00049570"
    cc: float = 1.0
    cd: float = 0.0
    dc: float = 0.0
    dd: float = 1.0
    start_with: float = 1.0

    def __post_init__(self) -> None:
        probability(self, "cc", "cd", "dc", "dd", "start_with")

    def begin(self) -> float:
        return self.start_with

    def four(self) -> Four:
        return self.cc, self.cd, self.dc, self.dd


@dataclass(frozen=True)
class GenerousTitForTat(FourNumbers):
    """Tit for tat that forgives a defection with probability p (GTFT; 1/3 is the most that the usual payoffs bear)."""

    name = "generous-tit-for-tat"
    source = "Nowak and Sigmund 1992, doi:10.1038/355250a0"
    p: float = 1 / 3

    def __post_init__(self) -> None:
        probability(self, "p")

    def four(self) -> Four:
        return 1.0, self.p, 1.0, self.p


@dataclass(frozen=True)
class Joss(FourNumbers):
    """Tit for tat that cooperates after a cooperation only with probability p (Johann Joss's entry)."""

    name = "joss"
    source = AXELROD_1980A
    p: float = 0.9

    def __post_init__(self) -> None:
        probability(self, "p")

    def four(self) -> Four:
        return self.p, 0.0, self.p, 0.0


@dataclass(frozen=True)
class FirmButFair(FourNumbers):
    """Cooperates except after being exploited; after mutual defection with probability 2/3."""

    name = "firm-but-fair"
    source = "Frean 1994, doi:10.1098/rspb.1994.0096"

    def four(self) -> Four:
        return 1.0, 0.0, 1.0, 2 / 3


@dataclass(frozen=True)
class StochasticCooperator(FourNumbers):
    """The memory-one strategy that evolves towards cooperation under noise: (.935, .229, .266, .42)."""

    name = "stochastic-cooperator"
    source = "Adami and Hintze 2013, doi:10.1038/ncomms3193"

    def four(self) -> Four:
        return 0.935, 0.229, 0.266, 0.42


@dataclass(frozen=True)
class Grofman(FourNumbers):
    """Cooperates after equal moves, with probability 2/7 after different ones (Bernard Grofman's entry)."""

    name = "grofman"
    source = AXELROD_1980A

    def four(self) -> Four:
        return 1.0, 2 / 7, 2 / 7, 1.0


@dataclass(frozen=True)
class ZeroDeterminant(FourNumbers):
    """Holds the payoffs on a line: own - base = chi * (other's - base), for chi > 0.

    `base` is P for extortion, R for generosity, between them for a set payoff; `chi` the slope (above 1: extortion),
    `phi` how fast it acts. r, s, t, p are the payoffs that it plays for. Raises BadValue where no probabilities do it.
    """

    name = "zero-determinant"
    source = "Press and Dyson 2012, doi:10.1073/pnas.1206569109"
    chi: float = 2.0
    phi: float = 1 / 9
    base: float = 1.0
    r: float = 3.0
    s: float = 0.0
    t: float = 5.0
    p: float = 1.0

    def __post_init__(self) -> None:
        if self.chi == 0:
            raise BadValue(f"{self.name}.chi", self.chi, "not 0")
        self.four()

    def slope(self) -> float:
        """What the other gains for each point of the own, above the base."""
        return 1 / self.chi

    def four(self) -> Four:
        slope, base = self.slope(), self.base
        found = (
            1 - self.phi * (1 - slope) * (self.r - base),
            1 - self.phi * (slope * (base - self.s) + self.t - base),
            self.phi * (base - self.s + slope * (self.t - base)),
            self.phi * (1 - slope) * (base - self.p),
        )
        if not all(-1e-12 <= x <= 1 + 1e-12 for x in found):
            shown = ", ".join(f"{x:.3g}" for x in found)
            raise BadValue(
                f"{self.name}.phi", self.phi, f"a value that makes ({shown}) probabilities"
            )
        cc, cd, dc, dd = (min(max(x, 0.0), 1.0) for x in found)
        return cc, cd, dc, dd


@dataclass(frozen=True)
class ZDExtort2(ZeroDeterminant):
    """Extortioner: takes twice as much above mutual defection as it leaves to the other (ZD-Extort-2)."""

    name = "zd-extort-2"
    source = STEWART_2012


@dataclass(frozen=True)
class ZDGTFT2(ZeroDeterminant):
    """Generous zero-determinant strategy: loses twice as much below mutual cooperation as the other (ZD-GTFT-2)."""

    name = "zd-gtft-2"
    source = STEWART_2012
    phi: float = 1 / 4
    base: float = 3.0


@dataclass(frozen=True)
class ZDSet2(ZeroDeterminant):
    """Sets the other's mean payoff to `base`, whatever the other does (equalizer, ZD-SET-2); chi plays no part."""

    name = "zd-set-2"
    source = "Kuhn 2017, Stanford Encyclopedia of Philosophy, Prisoner's Dilemma"
    phi: float = 1 / 4
    base: float = 2.0

    def slope(self) -> float:
        return 0.0
