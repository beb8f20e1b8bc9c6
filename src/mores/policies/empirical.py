"""Empirical players: their play is drawn from how people played."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from mores.actions import Actions, Choice
from mores.agent import Memory, Rule, draws
from mores.chance import Chance, Words, unit
from mores.errors import BadValue
from mores.policies.givers import GIVING, Shares, give, respond
from mores.world import Turn


@dataclass(frozen=True)
class Empirical(Rule):
    """Draws each decision, by keyed chance, from a distribution of what people did.

    Give `edges` and `counts` (k + 1 bin edges as shares of what one has, in order, and k counts; or k values and k
    counts), or the name of a distribution in `mores.references`. One independent draw a seat and round. Within a bin
    the draw is uniform (`within="uniform"`) or its midpoint; amounts with steps are rounded down, so that a draw stays
    in its bin. Where the space is a :class:`~mores.actions.Choice` and the categories are names of its options, the
    option itself is drawn. A responder accepts what is at least its draw. It is a population of people who forget:
    draws of one seat in several rounds are independent, which people's are not.
    """

    distribution: str = ""
    edges: tuple[float | str, ...] = ()
    counts: tuple[float, ...] = ()
    within: Literal["uniform", "midpoint"] = "uniform"

    name: ClassVar[str] = "empirical"
    source: ClassVar[str] = (
        "Mei, Xie, Yuan and Jackson 2024, PNAS 121 (human play as a distribution)"
    )
    roles: ClassVar[tuple[str, ...]] = (*GIVING, "responder")
    stochastic: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if self.within not in ("uniform", "midpoint"):
            raise BadValue("within", self.within, "'uniform' or 'midpoint'")
        if not self.distribution and not self.counts:
            # without data of its own it plays every share alike
            object.__setattr__(self, "edges", (0.0, 1.0))
            object.__setattr__(self, "counts", (1.0,))
        if self.counts and len(self.edges) - len(self.counts) not in (0, 1):
            raise BadValue(
                "edges", len(self.edges), "as many as counts (values), or one more (bins)"
            )
        if self.counts and (min(self.counts) < 0 or not sum(self.counts) > 0):
            raise BadValue("counts", self.counts, "not negative, and not all zero")

    @property
    def label(self) -> str:
        return f"{self.name}:{self.distribution}" if self.distribution else self.name

    @cached_property
    def _table(self) -> tuple[tuple[Any, ...], NDArray[np.float64]]:
        """Edges or categories, and cumulated probabilities."""
        if self.distribution:
            from mores.references import distribution

            edges, counts = distribution(self.distribution)
        else:
            edges, counts = self.edges, self.counts
        cut = np.cumsum(np.asarray(counts, np.float64))
        return tuple(edges), cut / cut[-1]

    def act(self, turn: Turn, memory: Memory, chance: Chance) -> Actions:
        edges, cut = self._table
        words = unit(draws(chance, "bin", turn)).astype(np.float64)
        at = np.minimum(np.searchsorted(cut, words, side="right"), len(cut) - 1)
        space = turn.spaces
        if isinstance(space, Choice) and edges[0] in space.options:
            numbers = np.array([space.options.index(str(e)) for e in edges], np.int8)
            return numbers[at]
        share = self._share(
            edges, at, None if self.within == "midpoint" else draws(chance, "within", turn)
        )
        return respond(turn, share) if turn.role == "responder" else give(space, share, down=True)

    def _share(self, edges: tuple[Any, ...], at: NDArray[np.intp], words: Words | None) -> Shares:
        values = np.array(edges, np.float64)
        if len(values) == len(self._table[1]):
            return values[at].astype(np.float32)
        low, width = values[:-1][at], np.diff(values)[at]
        inside = 0.5 if words is None else unit(words)
        return np.asarray(low + width * inside, np.float32)
