"""Moves in contexts: how often people and populations cooperate in each treatment, or after each pair of moves."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mores.catalogue.human_games_setting import Acts, Setting, chance_alone, means
from mores.metric import Estimate, Metric
from mores.metrics import distances
from mores.metrics.distances import Distance, distance_estimate
from mores.metrics.readings import Reading
from mores.metrics.resampling import generator

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
MOVES = 2
"""Cooperate and defect."""
BEFORE = ("--", "CC", "CD", "DC", "DD")
"""The previous pair of moves, the own first; none in the first round."""


def averaged(distance: Distance) -> Distance:
    """A distance between the moves in each context, averaged as often as the second side was in it."""

    def within(p: Floats, q: Floats) -> Floats:
        left, right = (x.reshape(*x.shape[:-1], -1, MOVES) for x in (p, q))
        weight = right.sum(axis=-1)
        return np.asarray((distance(left, right) * weight).sum(axis=-1) / weight.sum(axis=-1))

    return within


@dataclass(frozen=True, kw_only=True)
class Moves:
    """Distances of populations to what people did in several contexts."""

    people: Floats
    """[context, move] how often people did what where."""
    where: dict[str, Any]
    """The condition of its estimates, less the population."""
    given: bool
    """Compare moves within each context (True), or contexts and moves together as one distribution."""
    persons: int | None = None
    """How many people; None: unknown."""
    counts: dict[str, Floats] = field(default_factory=dict)
    """Population -> how often each table did what where [table, context, move]."""

    def estimates(self, acts: Acts) -> list[Estimate]:
        """Total variation and Jensen-Shannon of each population, and what chance alone would give."""
        found = []
        kinds = (
            ("distance_tv", "share of people", 1.0, distances.total_variation),
            ("distance_js", "nats", float(np.log(2)), distances.jensen_shannon),
        )
        for name, counts in self.counts.items():
            condition = {"game": self.where["game"], "population": name, **self.where}
            for metric, unit, top, distance in kinds:
                rng = generator(acts.seed, metric, condition)
                found.append(
                    distance_estimate(
                        counts.reshape(len(counts), -1),
                        self.people.ravel(),
                        rng=rng,
                        distance=self._of(distance),
                        reference_n=self.persons,
                        metric=metric,
                        condition=condition,
                        unit=unit,
                        top=top,
                    )
                )
        return [*found, self._floor(acts)]

    def _of(self, distance: Distance) -> Distance:
        return averaged(distance) if self.given else distance

    def _floor(self, acts: Acts) -> Estimate:
        """Of as many decisions as the populations make a table, independent of each other."""
        made = [counts.sum() / len(counts) for counts in self.counts.values()]
        draws = max(1, round(float(np.mean(made)))) if made else 1
        share = self.people.ravel() / self.people.sum()
        tv = self._of(distances.total_variation)
        return chance_alone(share, self.where, acts, draws=draws, distance=tv)


def counts(reading: Reading, tables: int, contexts: int = 1, context: Ints | None = None) -> Floats:
    """How often each table cooperated and defected in each context [table, context, move]; missing moves left out."""
    there = ~np.isnan(reading.value)
    at = np.zeros(int(there.sum()), np.int64) if context is None else context[there]
    cell = (reading.table[there].astype(np.int64) * contexts + at) * MOVES
    cell += reading.value[there] > 0
    found = np.bincount(cell, minlength=tables * contexts * MOVES)
    return found.reshape(tables, contexts, MOVES).astype(np.float64)


def previous(reading: Reading) -> Ints:
    """For each choice of two-player tables the number in `BEFORE` of the pair of moves before it.

    The reading holds both seats of every round, options as 0 and 1; a missing one counts as 0.
    """
    order = np.lexsort((reading.seat, reading.round, reading.table, reading.arm))
    own = (np.nan_to_num(reading.value[order]) > 0).astype(np.int64).reshape(-1, 2)
    pair = 2 * own + own[:, ::-1]
    found = np.zeros_like(pair)
    found[1:] = 1 + pair[:-1]
    found[reading.round[order].reshape(-1, 2)[:, 0] == 0] = 0
    out = np.empty(len(order), np.int64)
    out[order] = found.ravel()
    return out


def cooperation(reading: Reading, acts: Acts, **where: Any) -> list[Estimate]:
    """The share of cooperation among the decisions of a reading; tables without one have no part in it."""
    kept = reading.where(~np.isnan(reading.value))
    rows, inverse = np.unique(np.stack([kept.arm, kept.table]), axis=1, return_inverse=True)
    inverse = inverse.reshape(-1)  # numpy 2.0 gives it two dimensions
    value = np.bincount(inverse, kept.value == 0) / np.bincount(inverse)
    sample = acts.record.sample(rows[0], rows[1], value)
    metric = Metric(name="cooperation", measure=lambda _: sample, unit="share", range=(0.0, 1.0))
    return [replace(e, condition={**e.condition, **where}) for e in means(metric, acts)]


def by_population(
    setting: Setting, reading: Reading, acts: Acts
) -> list[tuple[str, NDArray[np.bool_]]]:
    """The populations of a setting, and which acts are theirs."""
    conditions = acts.record.conditions
    return [(conditions[k]["population"], reading.arm == k) for k in setting.arms(acts.record)]
