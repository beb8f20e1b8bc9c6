"""Empirical players: their play is drawn from how people played."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from mores.actions import Actions, Choice, Space
from mores.agent import Memory, Rule, draws
from mores.chance import Chance, Words, unit
from mores.errors import BadValue
from mores.policies.givers import GIVING, Shares, give, respond
from mores.world import Turn

METRICS = {
    "dictator": "share_given",
    "proposer": "share_offered",
    "responder": "acceptance_threshold",
}
"""Which figure of a game each role draws from, where `metric` does not say."""
CODES = {"C": 0, "D": 1, "L": 2}
"""Cooperate, defect, leave: how data on public goods name the options of a Choice."""

Table = tuple[tuple[Any, ...], NDArray[np.float64]]
"""Edges or categories, and cumulated probabilities."""


@dataclass(frozen=True)
class Empirical(Rule):
    """Draws each decision, by keyed chance, from a distribution of what people did.

    Give `edges` and `counts` (k + 1 bin edges as shares of what one has, in order, and k counts; or k values and k
    counts), or the name of a distribution in `mores.references`, with the `metric` and `condition` that choose one
    where there are several. Without either it plays every share alike. One independent draw a seat and round.

    Within a bin the draw is uniform (`within="uniform"`) or its midpoint; amounts with steps are rounded down, so that
    a draw stays in its bin. Where the space is a :class:`~mores.actions.Choice` and the categories are names of its
    options (or C, D, L), the option itself is drawn. A responder accepts what is at least its draw.

    It is a population of people who forget: draws of one seat in several rounds are independent, which people's are
    not.
    """

    distribution: str = ""
    metric: str = ""
    condition: tuple[tuple[str, Any], ...] = ()
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
        if not self.counts:
            return
        if self.distribution:
            raise BadValue(
                "distribution", self.distribution, "a name, or edges and counts, not both"
            )
        if len(self.edges) - len(self.counts) not in (0, 1):
            raise BadValue(
                "edges", len(self.edges), "as many as counts (values), or one more (bins)"
            )
        if min(self.counts) < 0 or not sum(self.counts) > 0:
            raise BadValue("counts", self.counts, "not negative, and not all zero")

    @property
    def label(self) -> str:
        return f"{self.name}:{self.distribution}" if self.distribution else self.name

    def table(self, role: str) -> Table:
        """What is drawn from in a role: edges or categories, and cumulated probabilities."""
        if self.distribution:
            metric = self.metric or METRICS.get(role)
            return _named(self.distribution, metric, self.condition)
        return _table(self.edges or (0.0, 1.0), self.counts or (1.0,))

    def act(self, turn: Turn, memory: Memory, chance: Chance) -> Actions:
        edges, cut = self.table(turn.role)
        words = unit(draws(chance, "bin", turn)).astype(np.float64)
        at = np.minimum(np.searchsorted(cut, words, side="right"), len(cut) - 1)
        if isinstance(turn.spaces, Choice) and isinstance(edges[0], str):
            return _numbers(turn.spaces, edges)[at]
        inside = None if self.within == "midpoint" else draws(chance, "within", turn)
        share = _share(edges, len(cut), at, inside)
        if turn.role == "responder":
            return respond(turn, share)
        return give(turn.spaces, share, down=True)


def _share(edges: tuple[Any, ...], bins: int, at: NDArray[np.intp], words: Words | None) -> Shares:
    values = np.array(edges, np.float64)
    if len(values) == bins:
        return values[at].astype(np.float32)
    inside = 0.5 if words is None else unit(words)
    return np.asarray(values[:-1][at] + np.diff(values)[at] * inside, np.float32)


def _numbers(space: Space, names: tuple[str, ...]) -> NDArray[np.int8]:
    """Categories as numbers of options."""
    assert isinstance(space, Choice)
    known = {**CODES, **{o: k for k, o in enumerate(space.options)}}
    bad = [n for n in names if known.get(n, len(space.options)) >= len(space.options)]
    if bad:
        raise BadValue("distribution", bad, f"the options are {', '.join(space.options)}")
    return np.array([known[n] for n in names], np.int8)


@lru_cache(maxsize=64)
def _table(edges: tuple[Any, ...], counts: tuple[float, ...]) -> Table:
    cut = np.cumsum(np.asarray(counts, np.float64))
    return edges, cut / cut[-1]


@lru_cache(maxsize=64)
def _named(name: str, metric: str | None, condition: tuple[tuple[str, Any], ...]) -> Table:
    from mores.references import distribution

    edges, counts = distribution(name, metric, **dict(condition))
    return _table(edges, counts)
