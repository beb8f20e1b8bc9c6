"""Strategies of the repeated prisoner's dilemma as finite automata, written as tables.

A state says what to do; what both sides then did says which state comes next. Many strategies are stacked into
one table of states (:func:`stack`), so that a step of thousands of games is one look-up, whoever plays them.

Own and other's *executed* moves are inputs: a strategy also reacts to its own slip.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mores.errors import UnknownName

CC, CD, DC, DD = range(4)
"""What happened last period, own move first: both cooperated, only I, only the other, neither."""


@dataclass(frozen=True)
class Automaton:
    """A deterministic strategy. State 0 is where every game starts."""

    name: str
    title: str
    cooperates: tuple[bool, ...]
    """[state] whether it means to cooperate."""
    after: tuple[tuple[int, int, int, int], ...]
    """[state] the next state after CC, CD, DC, DD."""


def _stay(state: int) -> tuple[int, int, int, int]:
    return (state, state, state, state)


AUTOMATA = {
    known.name: known
    for known in (
        Automaton("AD", "always defect", (False,), (_stay(0),)),
        Automaton("AC", "always cooperate", (True,), (_stay(0),)),
        Automaton(
            "G", "grim: until either defects, then never", (True, False), ((0, 1, 1, 1), _stay(1))
        ),
        Automaton(
            "TFT", "tit for tat: the other's last move", (True, False), ((0, 1, 0, 1), (0, 1, 0, 1))
        ),
        Automaton(
            "T2",
            "two periods of defection after either defects, then back, whatever happens",
            (True, False, False),
            ((0, 1, 1, 1), _stay(2), _stay(0)),
        ),
        Automaton(
            "WSLS",
            "win-stay lose-shift: cooperate after both did the same",
            (True, False),
            ((0, 1, 1, 0), (0, 1, 1, 0)),
        ),
        Automaton(
            "DTFT",
            "suspicious tit for tat: defect first, then the other's last move",
            (False, True),
            ((1, 0, 1, 0), (1, 0, 1, 0)),
        ),
        Automaton(
            "TF2T",
            "tit for two tats: defect after two defections of the other in a row",
            (True, True, False),
            ((0, 1, 0, 1), (0, 2, 0, 2), (0, 2, 0, 2)),
        ),
        Automaton(
            "G2",
            "lenient grim: never again after two periods in a row in which either defected",
            (True, True, False),
            ((0, 1, 1, 1), (0, 2, 2, 2), _stay(2)),
        ),
    )
}
"""By the names of Dal Bo & Frechette 2011 and Fudenberg, Rand & Dreber 2012."""

DAL_BO_FRECHETTE = ("AD", "AC", "G", "TFT", "T2", "WSLS")
"""The six strategies of Dal Bo & Frechette (2011, American Economic Review 101: 411-429, table 7)."""

LENIENT = (*DAL_BO_FRECHETTE, "DTFT", "TF2T", "G2")
"""Those six with a suspicious and two lenient ones, which noise brings out (Fudenberg, Rand & Dreber 2012)."""


@dataclass(frozen=True)
class Automata:
    """Several automata as rows of one table of states, those of strategy k from `start[k]` on."""

    names: tuple[str, ...]
    start: NDArray[np.intp]
    """[strategy] its first state."""
    cooperates: NDArray[np.bool_]
    """[state]"""
    after: NDArray[np.intp]
    """[state, input] the next state."""

    @property
    def owner(self) -> NDArray[np.intp]:
        """[state] the strategy that the state belongs to."""
        return np.searchsorted(self.start, np.arange(len(self.cooperates)), side="right") - 1


def stack(names: Sequence[str] = DAL_BO_FRECHETTE) -> Automata:
    """The named automata in one table, in the order given. Raises UnknownName."""
    for name in names:
        if name not in AUTOMATA:
            raise UnknownName("automaton", name, AUTOMATA)
    chosen = [AUTOMATA[name] for name in names]
    ends = np.cumsum([len(each.cooperates) for each in chosen])
    start = np.concatenate([[0], ends[:-1]]).astype(np.intp)
    tables = [
        np.array(each.after, np.intp) + first for each, first in zip(chosen, start, strict=True)
    ]
    return Automata(
        names=tuple(names),
        start=start,
        cooperates=np.concatenate([np.array(each.cooperates) for each in chosen]),
        after=np.concatenate(tables),
    )
