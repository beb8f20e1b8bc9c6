"""To people: how far conduct in a record is from what people did.

Distances are of whole distributions (total variation, Jensen-Shannon, Wasserstein-1) where a reference has one, and of
means where only a mean was published. They are not means over tables, so they are estimates of a study, not metrics::

    Study(..., estimates=both(Distances(acts("give"), reference), DifferenceOfMeans(share_given, mean)))

Units (tables) are resampled; the reference's people too where their number is known.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from mores.errors import BadValue
from mores.metric import Condition, Estimate, Metric, Reference
from mores.metrics import distances
from mores.metrics.readings import Floats, Reader, Units
from mores.metrics.resampling import generator
from mores.metrics.statistics import estimate
from mores.record import Record

Kind = Literal["tv", "js", "wasserstein"]
Estimates = Callable[[Record], Sequence[Estimate]]
DECIMALS = 6
"""Shares are recorded in single precision: 0.7 may come back as 0.69999999, which belongs with 0.7."""


def _together(record: Record, parts: tuple[Estimates, ...]) -> list[Estimate]:
    return [each for part in parts for each in part(record)]


def both(*parts: Estimates) -> Estimates:
    """The estimates of several functions of a record, one after the other."""
    return partial(_together, parts=parts)


@dataclass(frozen=True)
class Distances:
    """Distances between what was done in each arm and a human distribution.

    `reader` gives the values; `reference.distribution` the classes (k + 1 rising edges, or k numbers that the values
    take) and how many people fell in each. Metrics `distance_tv` (0 to 1), `distance_js` (nats, 0 to ln 2) and
    `distance_wasserstein` (in the unit of the values; between the middles of the bins). Only arms whose condition
    contains `where` are compared. Raises BadValue for a reference without a distribution.
    """

    reader: Reader
    reference: Reference
    kinds: tuple[Kind, ...] = get_args(Kind)
    where: tuple[tuple[str, object], ...] = ()
    equal_units: bool = False
    """Whether every table counts once, however much was done at it."""
    unit: str = "share"

    def __post_init__(self) -> None:
        if self.reference.distribution is None:
            raise BadValue("reference", self.reference.metric, "a reference with a distribution")
        wrong = [k for k in self.kinds if k not in get_args(Kind)]
        if wrong:
            raise BadValue("kinds", wrong[0], f"among {', '.join(get_args(Kind))}")

    def __call__(self, record: Record) -> list[Estimate]:
        """The estimates, arm by arm."""
        units, counts = self.counts(record)
        out = []
        for arm, condition in enumerate(record.conditions):
            if not dict(self.where).items() <= dict(condition).items():
                continue
            mine = units.arm == arm
            _, which = np.unique(units.replicate[mine], return_inverse=True)
            pooled = np.zeros((int(which.max(initial=-1)) + 1, counts.shape[1]))
            np.add.at(pooled, which, counts[mine])
            out += [self._one(record, kind, pooled, condition) for kind in self.kinds]
        return out

    def counts(self, record: Record) -> tuple[Units, Floats]:
        """How often each class was done at each table [u, k]."""
        reading, units = self.reader(record), Units.of(record)
        there = ~np.isnan(reading.value)
        row = units.row(reading.arm[there], reading.table[there])
        k = self._classes()
        cell = row * k + self._class_of(reading.value[there])
        counts = np.bincount(cell, minlength=len(units.arm) * k).reshape(len(units.arm), k)
        counts[units.failed] = 0
        return units, counts.astype(np.float64)

    def _classes(self) -> int:
        assert self.reference.distribution is not None
        return len(self.reference.distribution[1])

    def _class_of(self, values: Floats) -> NDArray[np.int64]:
        assert self.reference.distribution is not None
        places = np.asarray(self.reference.distribution[0], np.float64)
        rounded = np.round(values, DECIMALS)
        if len(places) == self._classes():
            found = np.abs(rounded[:, None] - places).argmin(axis=1)
            apart = np.abs(rounded - places[found]) > 10.0**-DECIMALS
        else:
            found = np.minimum(np.searchsorted(places, rounded, side="right") - 1, len(places) - 2)
            apart = (rounded < places[0]) | (rounded > places[-1])
        if apart.any():
            raise BadValue(
                "value", float(values[apart][0]), f"within the classes {places.tolist()}"
            )
        classes: NDArray[np.int64] = found.astype(np.int64)
        return classes

    def _support(self) -> Floats:
        assert self.reference.distribution is not None
        places = np.asarray(self.reference.distribution[0], np.float64)
        return places if len(places) == self._classes() else (places[1:] + places[:-1]) / 2

    def _one(self, record: Record, kind: Kind, counts: Floats, condition: Condition) -> Estimate:
        assert self.reference.distribution is not None
        support = self._support()
        distance: dict[Kind, tuple[distances.Distance, str, float]] = {
            "tv": (distances.total_variation, "share of people", 1.0),
            "js": (distances.jensen_shannon, "nats", math.log(2)),
            "wasserstein": (
                partial(distances.wasserstein, support=support),
                self.unit,
                float(np.ptp(support)),
            ),
        }
        function, unit, top = distance[kind]
        name = f"distance_{kind}"
        seed = int(record.manifest.get("seed", 0))
        return distances.distance_estimate(
            counts,
            self.reference.distribution[1],
            rng=generator(seed, name, dict(condition)),
            distance=function,
            reference_n=self.reference.n,
            equal_units=self.equal_units,
            metric=name,
            condition=condition,
            unit=unit,
            top=top,
        )


@dataclass(frozen=True)
class DifferenceOfMeans:
    """A metric less the published mean of people: metric `difference_of_means` with the condition `of`.

    The interval is the estimate's; where the reference has one too, both are combined as independent. Only estimates
    whose condition contains the reference's are compared.
    """

    metric: Metric
    reference: Reference

    def __post_init__(self) -> None:
        if self.reference.value is None:
            raise BadValue("reference", self.reference.metric, "a reference with a value")

    def __call__(self, record: Record) -> list[Estimate]:
        """The estimates, condition by condition."""
        seed = int(record.manifest.get("seed", 0))
        found = estimate(self.metric, self.metric.measure(record), seed=seed)
        wanted = dict(self.reference.condition).items()
        return [self._less(e) for e in found if wanted <= dict(e.condition).items()]

    def _less(self, mine: Estimate) -> Estimate:
        people = self.reference
        assert people.value is not None
        below = 0.0 if people.high is None else people.high - people.value
        above = 0.0 if people.low is None else people.value - people.low
        value = mine.value - people.value
        return Estimate(
            metric="difference_of_means",
            condition={**mine.condition, "of": self.metric.name},
            value=value,
            low=value - math.hypot(mine.value - mine.low, below),
            high=value + math.hypot(mine.high - mine.value, above),
            n=mine.n,
            missing=mine.missing,
            unit=mine.unit,
            level=mine.level,
            method=mine.method,
        )


def distance_tv(reader: Reader, reference: Reference) -> Estimates:
    """Total variation to people: the share of people who would have to act otherwise."""
    return Distances(reader, reference, ("tv",))


def distance_js(reader: Reader, reference: Reference) -> Estimates:
    """Jensen-Shannon divergence to people, in nats."""
    return Distances(reader, reference, ("js",))


def distance_wasserstein(reader: Reader, reference: Reference) -> Estimates:
    """Wasserstein-1 distance to people: how far conduct must be moved, in the unit of the values."""
    return Distances(reader, reference, ("wasserstein",))
