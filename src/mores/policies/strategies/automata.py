"""The strategies that are small automata: probing openings, retaliation of fixed length, cycles, contrition."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mores.errors import BadValue
from mores.policies.strategies.automaton import SIZE, AutomatonStrategy, Next
from mores.policies.strategies.base import (
    AXELROD_1980A,
    AXELROD_1980B,
    LI_2011,
    PRISON_1998,
    probability,
)

States = Sequence[tuple[float, Next]]
C, D = 1.0, 0.0


def by_other(cooperated: int, defected: int) -> Next:
    """The next state by what the other did."""
    return lambda meant, own, other: defected if other else cooperated


def tit_for_tat(at: int) -> list[tuple[float, Next]]:
    """Two states, numbered from `at`, that play tit for tat: cooperating, defecting."""
    return [(C, by_other(at, at + 1)), (D, by_other(at, at + 1))]


@dataclass(frozen=True)
class Prober(AutomatonStrategy):
    """Plays D, C, C; defects for good if the other cooperated in rounds 2 and 3, else plays tit for tat."""

    name = "prober"
    source = LI_2011

    def states(self) -> States:
        return [
            (D, 1), (C, by_other(2, 3)), (C, by_other(4, 6)), (C, by_other(5, 6)), (D, 4), *tit_for_tat(5),
        ]  # fmt: skip


@dataclass(frozen=True)
class Prober2(AutomatonStrategy):
    """Plays D, C, C; cooperates for good if the other played D, C in rounds 2 and 3, else plays tit for tat."""

    name = "prober-2"
    source = PRISON_1998

    def states(self) -> States:
        return [
            (D, 1), (C, by_other(3, 2)), (C, by_other(4, 6)), (C, by_other(5, 6)), (C, 4), *tit_for_tat(5),
        ]  # fmt: skip


@dataclass(frozen=True)
class Prober3(AutomatonStrategy):
    """Plays D, C; defects for good if the other cooperated in round 2, else plays tit for tat."""

    name = "prober-3"
    source = PRISON_1998

    def states(self) -> States:
        return [(D, 1), (C, by_other(2, 4)), (D, 2), *tit_for_tat(3)]


@dataclass(frozen=True)
class HardProber(AutomatonStrategy):
    """Plays D, D, C, C; defects for good if the other cooperated in rounds 2 and 3, else plays tit for tat."""

    name = "hard-prober"
    source = PRISON_1998

    def states(self) -> States:
        return [
            (D, 1), (D, by_other(2, 3)), (C, by_other(4, 5)), (C, 5), (C, 6),
            (C, by_other(7, 8)), (D, 6), *tit_for_tat(7),
        ]  # fmt: skip


@dataclass(frozen=True)
class Tester(AutomatonStrategy):
    """Defects first; once the other defects it apologises and plays tit for tat, till then alternates (Gladstein)."""

    name = "tester"
    source = AXELROD_1980B

    def states(self) -> States:
        def provoked(cooperated: int) -> Next:
            return by_other(cooperated, 5)

        def turned(meant: int, own: int, other: int) -> int:
            return 5 if other else (3 if own else 4)

        return [
            (D, provoked(1)), (C, provoked(2)), (C, turned), (C, turned), (D, turned),
            (C, by_other(6, 7)), *tit_for_tat(6),
        ]  # fmt: skip


@dataclass(frozen=True)
class Handshake(AutomatonStrategy):
    """Plays C, D; cooperates for good with those who did the same, defects for good against others."""

    name = "handshake"
    source = "Robson 1990, doi:10.1016/S0022-5193(05)80082-7"

    def states(self) -> States:
        return [(C, by_other(1, 2)), (D, by_other(4, 3)), (D, 4), (C, 3), (D, 4)]


@dataclass(frozen=True)
class SoftGrudger(AutomatonStrategy):
    """Answers a defection with D, D, D, D, C, C (soft grim, SGRIM)."""

    name = "soft-grudger"
    source = LI_2011
    memory = 6

    def states(self) -> States:
        return [(C, by_other(0, 1)), (D, 2), (D, 3), (D, 4), (D, 5), (C, 6), (C, by_other(0, 1))]


@dataclass(frozen=True)
class SpitefulTitForTat(AutomatonStrategy):
    """Tit for tat until the other defects twice in a row, then defects for good."""

    name = "spiteful-tit-for-tat"
    source = PRISON_1998

    def states(self) -> States:
        return [(C, by_other(0, 1)), (D, by_other(0, 2)), (D, 2)]


@dataclass(frozen=True)
class ContriteTitForTat(AutomatonStrategy):
    """Tit for tat that, after defecting by mistake, bears the answer until it has cooperated (CTFT)."""

    name = "contrite-tit-for-tat"
    source = "Wu and Axelrod 1995, doi:10.1177/0022002795039001008"

    def states(self) -> States:
        def plain(meant: int, own: int, other: int) -> int:
            mistaken = own and not meant and not other
            return (2 if mistaken else 0) + other

        def contrite(meant: int, own: int, other: int) -> int:
            return 2 + other if own else 0

        return [(C, plain), (D, plain), (C, contrite), (D, contrite)]


@dataclass(frozen=True)
class RemorsefulProber(AutomatonStrategy):
    """Naive prober that lets the other's answer to its own probe pass unpunished."""

    name = "remorseful-prober"
    source = LI_2011
    stochastic = True
    p: float = 0.1

    def __post_init__(self) -> None:
        probability(self, "p")

    def states(self) -> States:
        def probing(meant: int, own: int, other: int) -> int:
            return (3 if meant else 2) if other else 1

        return [
            (C, by_other(1, 2)),
            (1 - self.p, probing),
            (D, by_other(1, 2)),
            (C, by_other(1, 2)),
        ]


@dataclass(frozen=True)
class DefectOnce(AutomatonStrategy):
    """Defects in the first round and cooperates ever after."""

    name = "defect-once"
    source = "Akata et al. 2025, arXiv 2305.16867"
    memory = 0
    uses_clock = True

    def states(self) -> States:
        return [(D, 1), (C, 1)]


@dataclass(frozen=True)
class Cycler(AutomatonStrategy):
    """Repeats a sequence of moves, such as CCD, whatever the other does."""

    name = "cycler"
    source = "Mittal and Deb 2009, doi:10.1109/TEVC.2008.2009459"
    memory = 0
    uses_clock = True
    cycle: str = "CCD"

    def __post_init__(self) -> None:
        if not self.cycle or set(self.cycle) - set("CD") or len(self.cycle) > SIZE:
            raise BadValue(f"{self.name}.cycle", self.cycle, f"1 to {SIZE} letters, each C or D")

    def states(self) -> States:
        n = len(self.cycle)
        return [(C if move == "C" else D, (k + 1) % n) for k, move in enumerate(self.cycle)]


@dataclass(frozen=True)
class CyclerCCD(Cycler):
    """C, C, D, over and over."""

    name = "cycler-ccd"


@dataclass(frozen=True)
class CyclerDDC(Cycler):
    """D, D, C, over and over."""

    name = "cycler-ddc"
    cycle: str = "DDC"


@dataclass(frozen=True)
class Davis(AutomatonStrategy):
    """Cooperates for some rounds, then plays grim with what it saw (Morton Davis's entry)."""

    name = "davis"
    source = AXELROD_1980A
    uses_clock = True
    rounds: int = 10

    def __post_init__(self) -> None:
        if not 1 <= self.rounds <= SIZE // 2 - 1:
            raise BadValue(f"{self.name}.rounds", self.rounds, f"1 to {SIZE // 2 - 1}")

    def states(self) -> States:
        # even states: the other never defected; odd ones: it did
        last = 2 * self.rounds
        waiting = [(C, by_other(k + 2, k + 3) if k % 2 == 0 else k + 2) for k in range(last)]
        return [*waiting, (C, by_other(last, last + 1)), (D, last + 1)]


@dataclass(frozen=True)
class Fortress3(AutomatonStrategy):
    """Cooperates with those who know that two defections and a cooperation open the gate."""

    name = "fortress-3"
    source = "Ashlock and Kim 2008, doi:10.1109/TEVC.2008.917713"

    def states(self) -> States:
        return [(D, by_other(0, 1)), (D, by_other(0, 2)), (C, by_other(2, 0))]


@dataclass(frozen=True)
class Fortress4(AutomatonStrategy):
    """As fortress-3, with three defections."""

    name = "fortress-4"
    source = "Ashlock and Kim 2008, doi:10.1109/TEVC.2008.917713"

    def states(self) -> States:
        return [(D, by_other(0, 1)), (D, by_other(0, 2)), (D, by_other(0, 3)), (C, by_other(3, 0))]
