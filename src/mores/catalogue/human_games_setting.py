"""One situation of the human games: a game as people played it, who may play it here, and how far conduct is apart."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mores import references
from mores.agent import Policy
from mores.errors import BadValue
from mores.metric import Condition, Estimate, Metric, Reference
from mores.metrics.distances import Distance, noise_floor, shares, total_variation
from mores.metrics.readings import Reading, Units, read_events
from mores.metrics.resampling import generator
from mores.metrics.statistics import estimate
from mores.metrics.to_people import DifferenceOfMeans, Distances, Kind
from mores.policies.empirical import Empirical
from mores.policies.givers import Selfish
from mores.population import Population
from mores.record import Record
from mores.study import Case
from mores.world import World

NUMERIC: tuple[Kind, ...] = ("tv", "js", "wasserstein")
NAMED: tuple[Kind, ...] = ("tv", "js")
OPTIONS = ("choose", "intend")
"""Events whose value is the number of an option."""


@dataclass(frozen=True, kw_only=True)
class Setting:
    """A world, whose acts count in it, what people did there, and the populations that it is usually played by."""

    game: str
    world: World
    kind: str
    """The event that is compared."""
    role: str
    """Of those whose acts are compared."""
    people: Reference
    """Its `metric` names the mean; it has a distribution, or a published mean only."""
    offered: Mapping[str, Policy]
    """Populations by their names."""
    where: Mapping[str, Any] = field(default_factory=dict)
    """What tells it apart from other settings of the game."""
    seat: int | None = None
    """Where the population sits; None: everywhere."""
    other: Policy = field(default_factory=Selfish)
    """Who sits in the other seat."""
    kinds: tuple[Kind, ...] = NUMERIC
    beside: tuple[Reference, ...] = ()
    """More published means."""

    @property
    def condition(self) -> dict[str, Any]:
        """What its estimates have in common."""
        return {"game": self.game, **self.where}

    def population(self, policy: Policy) -> Population:
        """The policy where it belongs."""
        if self.seat is None:
            return Population.all(policy)
        both = (policy, self.other) if self.seat == 0 else (self.other, policy)
        return Population.by_seat(*both)

    def case(self, name: str, policy: Policy) -> Case:
        """The setting played by a population."""
        condition = {"game": self.game, "population": name, **self.where}
        return Case(world=self.world, population=self.population(policy), condition=condition)

    def arms(self, record: Record) -> list[int]:
        """The arms of a record that are this setting, whoever plays."""
        return [k for k, c in enumerate(record.conditions) if without(c) == self.condition]

    def references(self) -> Iterator[Reference]:
        """Human figures as they stand beside the estimates."""
        for each in (self.people, *self.beside):
            yield replace(each, condition=self.condition)


def without(condition: Condition, *names: str) -> dict[str, Any]:
    """A condition less the population (and further names)."""
    return {k: v for k, v in condition.items() if k not in ("population", *names)}


def human(name: str, metric: str, **condition: Any) -> Reference:
    """The shipped figure of exactly this metric and condition that has a distribution; categories become 0, 1, 2."""
    for each in references.load(name):
        if each.metric == metric and dict(each.condition) == condition and each.licence:
            if each.distribution is not None:
                return each
            chosen = {k: v for k, v in condition.items() if k != "action"}
            places, counts = references.distribution(name, metric, **chosen)
            return replace(each, distribution=(tuple(map(float, range(len(places)))), counts))
    raise BadValue("reference", f"{name} {metric} {condition}", "one that ships with Mores")


def published(name: str, metric: str) -> tuple[Reference, ...]:
    """Means stated in papers, with no distribution."""
    return tuple(r for r in references.load(name) if r.metric == metric and not r.licence)


def drawn(people: Reference) -> Empirical:
    """A population that plays as people did, each decision drawn on its own."""
    assert people.distribution is not None
    places, counts = people.distribution
    return Empirical(edges=places, counts=tuple(map(float, counts)))


def at_random(people: Reference) -> Empirical:
    """A population that does everything people were counted by alike."""
    assert people.distribution is not None
    places, counts = people.distribution
    return Empirical(edges=places, counts=(1.0,) * len(counts))


# ---------------------------------------------------------------- estimates
class Acts:
    """The events of a record by kind, each read once."""

    def __init__(self, record: Record) -> None:
        self.record = record
        self.seed = int(record.manifest.get("seed", 0))
        self.replicates = int(record.manifest["replicates"])
        self._read: dict[str, Reading] = {}

    def of(self, setting: Setting) -> Reading:
        """The acts of a setting: shares, or numbers of options; NaN is missing."""
        if setting.kind not in self._read:
            self._read[setting.kind] = read_events(self.record, setting.kind)
        acts = self._read[setting.kind]
        here = np.isin(acts.arm, setting.arms(self.record))
        if setting.seat is not None:
            here &= acts.seat == setting.seat
        acts = acts.where(here)
        if setting.kind in OPTIONS:
            acts = acts.with_value(np.where(acts.value >= 0, acts.value, np.nan))
        return acts


def estimates(setting: Setting, acts: Acts) -> list[Estimate]:
    """The mean of each population, its distances to people, and what chance alone would give."""
    if not setting.arms(acts.record):
        return []
    reading = acts.of(setting)
    metric = _mean(setting, acts.record, reading)
    if setting.people.distribution is None:
        people = replace(setting.people, condition=setting.condition)
        return [*means(metric, acts), *DifferenceOfMeans(metric, people)(acts.record)]
    where = tuple(setting.condition.items())
    compare = Distances(lambda _: reading, setting.people, setting.kinds, where)
    apart = [e for e in compare(acts.record) if without(e.condition) == setting.condition]
    target = shares(setting.people.distribution[1])
    draws = max(1, round(len(reading.value) / len(setting.arms(acts.record)) / acts.replicates))
    return [
        *means(metric, acts),
        *apart,
        chance_alone(target, setting.condition, acts, draws=draws),
    ]


def _mean(setting: Setting, record: Record, reading: Reading) -> Metric:
    """The mean act as a metric; of options it is the share of the first one."""
    if setting.kind in OPTIONS:
        first = np.where(np.isnan(reading.value), np.nan, reading.value == 0)
        reading = reading.with_value(first)
    units = Units.of(record)
    here = np.isin(units.arm, setting.arms(record))
    sample = record.sample(units.arm[here], units.replicate[here], units.means(reading)[here])
    return Metric(
        name=setting.people.metric, measure=lambda _: sample, unit="share", range=(0.0, 1.0)
    )


def means(metric: Metric, acts: Acts) -> list[Estimate]:
    """The estimates of a metric."""
    return estimate(metric, metric.measure(acts.record), seed=acts.seed)


def chance_alone(
    target: NDArray[np.float64],
    condition: Condition,
    acts: Acts,
    *,
    draws: int = 1,
    distance: Distance = total_variation,
) -> Estimate:
    """Metric `noise_floor`: how far `draws` acts a replicate, drawn from people's own distribution, are from it.

    The value is the expected total variation, low and high hold 95 % of such samples.
    """
    n = acts.replicates

    def at(quantile: float | None) -> float:
        rng = generator(acts.seed, "noise_floor", dict(condition))
        return noise_floor(target, n * draws, rng=rng, quantile=quantile, distance=distance)

    return Estimate(
        metric="noise_floor",
        condition=condition,
        value=at(None),
        low=at(0.025),
        high=at(0.975),
        n=n,
        unit="share of people",
        method="simulation",
        better="lower",
        range=(0.0, 1.0),
    )
