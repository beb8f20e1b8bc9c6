"""Institution search: which rules serve people best, found by playing them."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from mores.aligner import Aligner, Change, Lever, Needs
from mores.aligners.held_out import stream
from mores.chance import Chance
from mores.design import parts
from mores.engine.run import run
from mores.errors import BadValue, DoesNotFit
from mores.metric import Metric, Sample
from mores.metrics.statistics import unit_means
from mores.metrics.welfare import payoff
from mores.record import Record
from mores.study import Case, Study

CANDIDATE = "candidate"
"""The condition that tells candidates apart while they are played."""


@dataclass(frozen=True)
class Found:
    """Feedback: what the present rules give (mean over units; NaN: nothing), and by which metric."""

    metric: Metric
    present: float


@dataclass
class Trial:
    """A row: one candidate, and what it gave when it was played."""

    settings: Mapping[str, Any]
    values: list[float] = field(default_factory=list)
    """One value a unit played; NaN where it gave none."""
    rung: int = 0
    """In how many rungs it was played: the last ones standing were in all."""

    @property
    def mean(self) -> float:
        """What it gave on average; minus infinity where it never gave a value."""
        there = [v for v in self.values if not math.isnan(v)]
        return float(np.mean(there)) if there else -math.inf

    def as_dict(self) -> dict[str, Any]:
        """As plain data for the log."""
        there = np.array([v for v in self.values if not math.isnan(v)])
        n = len(there)
        return {
            "settings": {k: _plain(v) for k, v in self.settings.items()},
            "mean": float(there.mean()) if n else None,
            "error": float(there.std(ddof=1) / math.sqrt(n)) if n > 1 else None,
            "n": n,
            "missing": len(self.values) - n,
            "rungs": self.rung,
        }


@dataclass(frozen=True)
class Search:
    """The rows of a search: every candidate that was played, and what the present rules give."""

    trials: list[Trial]
    present: float


@dataclass(frozen=True, kw_only=True)
class InstitutionSearch(Aligner[Found, Search]):
    """Finds the settings of a world and its institutions that people fare best under, on a grid, within a budget.

    `grid` are dotted settings and the values to try: `{"punishment.fine": (0, 1, 2), "punishment.cost": (0.5, 1)}`;
    every combination is a candidate. `budget` is how many tables may be played in all (replicates of a case, as the
    study has them). `metric` is a metric of the study, or one that is registered; the default is what a seat has
    earned in the end. It is maximised, or minimised where less of it is better.

    `search="halving"` is successive halving: all candidates are played a little, the better half goes on and is
    played as much again, until one is left; so most of the budget goes where the decision is close. Candidates are
    played on the same seeds, so that they differ by their rules alone. `search="exhaustive"` gives all candidates the
    same share of the budget. On a grid of a few dozen rules, noisy outcomes and no gradient, this is a best-arm
    problem, for which halving is near-optimal and has nothing to tune; model-based optimisers (Bayesian
    optimisation) pay off in larger continuous spaces and would bring a dependency.

    The best of many noisy means is too good to be true (the winner's curse): what the rules found are worth
    is to be read on held-out seeds, as :func:`mores.aligners.loop.align` does.

    Karnin, Koren & Somekh 2013, "Almost optimal exploration in multi-armed bandits"; Jamieson & Talwalkar 2016.
    """

    grid: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    budget: int = 1000
    metric: str = "payoff"
    search: Literal["halving", "exhaustive"] = "halving"

    name: ClassVar[str] = "institution-search"
    lever: ClassVar[Lever] = "institution"
    source: ClassVar[str] = "Karnin, Koren & Somekh 2013, ICML (successive halving)"

    def __post_init__(self) -> None:
        empty = [k for k, v in self.grid.items() if isinstance(v, str) or len(tuple(v)) == 0]
        if not self.grid or empty:
            example = "grid={'punishment.fine': [0, 1, 2], 'punishment.cost': [0.5, 1]}"
            raise BadValue(
                "grid", dict(self.grid), f"dotted settings, each with the values to try: {example}"
            )
        if self.search not in ("halving", "exhaustive"):
            raise BadValue("search", self.search, "halving or exhaustive")
        if self.budget < self.least:
            raise BadValue(
                "budget",
                self.budget,
                f"at least {self.least} tables for {self.size} candidates by {self.search}",
            )

    @property
    def size(self) -> int:
        """How many candidates there are."""
        return math.prod(len(tuple(v)) for v in self.grid.values())

    @property
    def rungs(self) -> int:
        """How often candidates are played before one is left."""
        return 1 if self.search == "exhaustive" else max(1, math.ceil(math.log2(self.size)))

    @property
    def least(self) -> int:
        """The smallest budget: a table for every candidate in every rung."""
        return self.size * self.rungs

    def needs(self) -> Needs:
        return Needs(runs_a_round=1 + self.rungs)

    def judge(self, record: Record, study: Study) -> Found:
        """What the present rules give in the cases that the search is about."""
        metric = self.measure(study)
        about = [dict(c.condition).items() for c in _fitting(study, tuple(self.grid))]
        found = _by_case(metric.measure(record))
        mine = [v for key, v in found.items() if any(a <= dict(key).items() for a in about)]
        values = np.array([x for one in mine for x in one])
        there = values[~np.isnan(values)]
        return Found(metric, float(there.mean()) if len(there) else math.nan)

    def build(self, feedback: Found, study: Study, chance: Chance) -> Search:
        """Play the candidates; those that did worse are played less."""
        fitting = replace(
            study, cases=_fitting(study, tuple(self.grid)), metrics=(), estimates=None
        )
        trials = [Trial(dict(s)) for s in self.candidates()]
        standing = trials
        for rung in range(self.rungs):
            tables = self.budget // (self.rungs * len(standing) * len(fitting.cases))
            if tables < 1:
                raise BadValue(
                    "budget", self.budget, f"at least {self.least * len(fitting.cases)} tables for "
                    f"{self.size} candidates in {len(fitting.cases)} cases"
                )  # fmt: skip
            self._play(
                fitting, standing, tables, stream(chance.seed, self.name, rung), feedback.metric
            )
            better = sorted(standing, key=lambda t: -self._good(t, feedback.metric))
            standing = better[: math.ceil(len(better) / 2)]
        return Search(trials, feedback.present)

    def fit(self, rows: Search, study: Study, chance: Chance) -> Change:
        """The study under the best rules among those that were played most; the one given is untouched."""
        metric = self.measure(study)
        most = max(t.rung for t in rows.trials)
        best = max((t for t in rows.trials if t.rung == most), key=lambda t: self._good(t, metric))
        if not math.isfinite(best.mean):
            raise DoesNotFit(
                f"no candidate gave a value of {metric.name!r}; choose another with metric=..."
            )
        settings = {k: _plain(v) for k, v in best.settings.items()}
        log = {
            "settings": settings,
            "metric": metric.name,
            "present": rows.present if math.isfinite(rows.present) else None,
            "tables": sum(len(t.values) for t in rows.trials),
            "best": best.as_dict(),
            "trials": [t.as_dict() for t in rows.trials],
        }
        return Change(study=parts.apply(study, settings), log=log)

    # ---------------------------------------------------------------- parts
    def candidates(self) -> list[dict[str, Any]]:
        """Every combination of the grid, the last setting varying fastest."""
        cells = itertools.product(*self.grid.values())
        return [dict(zip(self.grid, cell, strict=True)) for cell in cells]

    def measure(self, study: Study) -> Metric:
        """The metric that is searched by: the study's own of that name, or a registered one."""
        own = {m.name: m for m in study.metrics}
        if self.metric in own:
            return own[self.metric]
        if self.metric == payoff.name:
            return payoff
        from mores import registry

        found = registry.load("metric", self.metric)
        if not isinstance(found, Metric):
            raise BadValue("metric", self.metric, "a metric that needs no further settings")
        return found

    def _good(self, trial: Trial, metric: Metric) -> float:
        if not math.isfinite(trial.mean):
            return -math.inf
        return -trial.mean if metric.better == "lower" else trial.mean

    def _play(
        self, study: Study, standing: list[Trial], tables: int, seed: int, metric: Metric
    ) -> None:
        """Play candidates beside each other on the same seeds and add what they gave to their trials."""
        cases = []
        for k, trial in enumerate(standing):
            other = parts.apply(study, trial.settings)
            cases += [replace(c, condition={**c.condition, CANDIDATE: k}) for c in other.cases]
        record = run(replace(study, cases=tuple(cases), replicates=tables), seed=seed)
        found = _by_case(metric.measure(record))
        for k, trial in enumerate(standing):
            mine = [v for key, v in found.items() if dict(key).get(CANDIDATE) == k]
            trial.values += [x for one in mine for x in one]
            trial.rung += 1


def _by_case(sample: Sample) -> dict[tuple[tuple[str, Any], ...], list[float]]:
    """The values of a sample's units by condition."""
    found = {}
    for k, condition in enumerate(sample.condition):
        mine: NDArray[np.bool_] = sample.which == k
        means = unit_means(sample.value[mine], sample.unit_id[mine]).mean
        found[tuple(condition.items())] = [float(v) for v in means]
    return found


def _fitting(study: Study, names: tuple[str, ...]) -> tuple[Case, ...]:
    """The cases that have all of the fields; raises UnknownName where none has."""
    fitting = tuple(
        c for c in study.cases if set(names) <= set(parts.settable(replace(study, cases=(c,))))
    )
    if fitting:
        return fitting
    known = set(parts.settable(study))
    lacking = [n for n in names if n not in known]
    if lacking:
        parts.apply(study, {lacking[0]: None})  # raises, naming the nearest spelling
    raise DoesNotFit(
        f"no case of {study.name} has all of {', '.join(names)}; search them one after the other"
    )


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value
