"""Automata as people play them: one of the strategies of repeated-game experiments, with a tremble.

The strategies are those of :mod:`mores.people.automata`; a mixture of them that was fitted to people
(:mod:`mores.people.strategy_frequency`, :mod:`mores.people.treatment_mixture`) sits down by :func:`mixture`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from mores.errors import UnknownName
from mores.people.automata import AUTOMATA
from mores.people.independent_seats import IndependentSeats
from mores.policies.strategies.automaton import AutomatonStrategy, Next
from mores.policies.strategies.base import probability


def _after(follows: tuple[int, int, int, int], meant: int, own: int, other: int) -> int:
    """The next state by what was carried out, whatever was meant."""
    return follows[2 * own + other]


@dataclass(frozen=True)
class Automaton(AutomatonStrategy):
    """A strategy that people use in repeated games, with a tremble: how often a move is the opposite of the meant one.

    `strategy` is AD (always defect), AC (always cooperate), G (grim), TFT, T2 (two periods of punishment), WSLS, or
    DTFT (suspicious tit for tat), TF2T, G2 (lenient grim). Its state follows what was carried out, its own slips and
    execution errors included. All automata of a population act in one look-up.
    """

    name = "automaton"
    source = "Dal Bo and Frechette 2011, American Economic Review 101: 411-429"
    stochastic = True

    strategy: str = "TFT"
    tremble: float = 0.05

    def __post_init__(self) -> None:
        if self.strategy not in AUTOMATA:
            raise UnknownName("automaton", self.strategy, AUTOMATA)
        probability(self, "tremble")

    @property
    def label(self) -> str:
        return f"{self.name}:{self.strategy}"

    def states(self) -> Sequence[tuple[float, Next]]:
        known = AUTOMATA[self.strategy]
        slips = (self.tremble, 1 - self.tremble)
        return [
            (slips[means], partial(_after, follows))
            for means, follows in zip(known.cooperates, known.after, strict=True)
        ]


def mixture(names: Sequence[str], weights: Sequence[float], tremble: float) -> IndependentSeats:
    """A population of automata: every seat is drawn on its own, strategy k with probability `weights[k]`."""
    held = [(n, float(w)) for n, w in zip(names, weights, strict=True) if w > 0]
    policies = tuple(Automaton(name, tremble) for name, _ in held)
    return IndependentSeats(policies, shares=tuple(weight for _, weight in held))
