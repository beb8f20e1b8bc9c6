"""Study: the design of an experiment.

World x population x conditions x replicates, with probes, interventions, metrics and references.
A case is one condition: one composed world and who sits in it. All cases share the replicates'
chance, so conditions are paired by construction and two cases that differ in one thing are twins.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from mores.errors import BadValue
from mores.instrument import Instrument
from mores.metric import Condition, Estimate, Metric, Reference
from mores.population import Population
from mores.world import World

if TYPE_CHECKING:
    from mores.record import Record


@dataclass(frozen=True, kw_only=True)
class Probe:
    """An instrument put to seats in the middle of an episode; leaves no trace in memory or chance."""

    name: str
    instrument: Instrument
    at: tuple[int, ...] = ()
    """Rounds of the innermost world before which it is asked (0: at the start)."""
    end: bool = False
    """Whether it is asked when the table is over."""
    seats: tuple[int, ...] | None = None
    """Who is asked; None: everyone."""


@dataclass(frozen=True, kw_only=True)
class Intervention:
    """A change made when an owner has made `at` steps: fields of the world, or its live columns."""

    at: int
    owner: str = ""
    """Whose steps are counted and whose fields are changed; "": the innermost world."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Fields of that layer and their new values; the state goes on."""
    ports: Mapping[str, Callable[[np.ndarray[Any, Any]], Any]] = field(default_factory=dict)
    """Port -> function of the column [table, seat] that gives the new column."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """One condition of a study: the world it is played in and who plays."""

    world: World
    population: Population
    condition: Condition = field(default_factory=dict)
    probes: tuple[Probe, ...] = ()
    interventions: tuple[Intervention, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Study:
    """A design: its cases, how often each is played, what is computed and what it is compared with."""

    name: str
    cases: tuple[Case, ...]
    replicates: int = 10
    metrics: tuple[Metric, ...] = ()
    references: tuple[Reference, ...] = ()
    estimates: Callable[[Record], Sequence[Estimate]] | None = None
    """More estimates than metrics can say (fits over several episodes, figures of the data)."""
    baseline: Condition | None = None
    """What conditions are compared with; None: all that differ in one thing."""
    summary: str = ""
    source: str = ""
    version: int = 1
    expect: Literal["events", "nothing"] = "events"
    """A run that yields no events when it should exits 1."""
    notes: tuple[str, ...] = ()
    """What a reader must know to read the figures; printed in the report."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """The parameters that made it, as resolved."""

    def __post_init__(self) -> None:
        if self.replicates < 1:
            raise BadValue("replicates", self.replicates, "a whole number of at least 1")
        if not self.cases:
            raise BadValue("cases", (), "a study needs at least one case")
        seen: set[str] = set()
        for case in self.cases:
            case.population.check(case.world.seats)
            _check_probes(case)
            key = repr(sorted(case.condition.items()))
            if key in seen:
                raise BadValue(
                    "condition", dict(case.condition), "two cases have the same condition"
                )
            seen.add(key)

    @classmethod
    def of(
        cls,
        world: World,
        population: Population,
        *,
        name: str = "study",
        condition: Condition | None = None,
        **more: Any,
    ) -> Study:
        """A study of one case."""
        case = Case(world=world, population=population, condition=condition or {})
        return cls(name=name, cases=(case,), **more)

    def with_population(self, population: Population) -> Study:
        """The same study with other people in every case."""
        return replace(self, cases=tuple(replace(c, population=population) for c in self.cases))

    def twins(self, intervention: Intervention, label: str = "twin") -> Study:
        """Every case twice: as it is, and with one thing changed at one moment; the chance is the same."""
        pairs = []
        for case in self.cases:
            pairs.append(replace(case, condition={**case.condition, label: "as-is"}))
            changed = (*case.interventions, intervention)
            condition = {**case.condition, label: "changed"}
            pairs.append(replace(case, condition=condition, interventions=changed))
        return replace(self, cases=tuple(pairs))


def _check_probes(case: Case) -> None:
    """Probes have names of their own and ask seats that there are."""
    names = [p.name for p in case.probes]
    twice = sorted({n for n in names if names.count(n) > 1})
    if twice:
        raise BadValue("probe.name", twice[0], "each probe of a case needs a name of its own")
    for probe in case.probes:
        beyond = [i for i in probe.seats or () if not 0 <= i < case.world.seats]
        if beyond:
            raise BadValue("probe.seats", beyond, f"seats are 0 to {case.world.seats - 1}")
