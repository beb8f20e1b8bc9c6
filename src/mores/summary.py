"""Summary: what a run came to, for whoever shows it: the command line, the report, a notebook.

::

    found = summarise(record, study)
    found.estimates, found.comparisons, found.references      # with intervals, corrected, beside people
    found.as_dict()                                           # plain data, as `--json` prints it
    shortfall(record, study)                                  # what is missing of the design, in words
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from mores.errors import MoresError
from mores.metric import Comparison, Condition, Estimate, Metric, Reference, Sample
from mores.record import Record
from mores.study import Study

TIME = ("generation", "round", "season", "period")
"""Keys that tell conditions apart by time."""


@dataclass(frozen=True, kw_only=True)
class Beside:
    """A reference beside one estimate of the study; `estimate` None where the study has none that fits."""

    reference: Reference
    estimate: Estimate | None = None

    @property
    def distance(self) -> float:
        """How far the estimate is from the reference, in the metric's unit; NaN where that cannot be said.

        A metric that is a distance itself (`distance_...`) is its own answer.
        """
        if self.estimate is None:
            return math.nan
        if self.reference.metric.startswith("distance_"):
            return self.estimate.value
        if self.reference.value is None:
            return math.nan
        return abs(self.estimate.value - self.reference.value)

    def as_dict(self) -> dict[str, Any]:
        """The fields that scripts may rely on, and which condition it stands beside."""
        r = self.reference
        condition = r.condition if self.estimate is None else self.estimate.condition
        return {
            "metric": r.metric,
            "source": r.source,
            "value": number(r.value),
            "n": r.n,
            "distance": number(self.distance),
            "condition": dict(condition),
        }


@dataclass(frozen=True, kw_only=True)
class Summary:
    """The numbers of a run."""

    study: str
    out: str | None
    estimates: Sequence[Estimate]
    comparisons: Sequence[Comparison] = ()
    references: Sequence[Beside] = ()
    hashes: Mapping[str, str] = field(default_factory=dict)
    cost: Mapping[str, Any] = field(default_factory=dict)
    notes: Sequence[str] = ()
    """What could not be computed, and what was left out."""

    def as_dict(self) -> dict[str, Any]:
        """What `--json` prints; NaN as None."""
        return {
            "study": self.study,
            "out": self.out,
            "estimates": [e.as_dict() for e in self.estimates],
            "comparisons": [compared(c) for c in self.comparisons],
            "references": [r.as_dict() for r in self.references],
            "hashes": dict(self.hashes),
            "cost": dict(self.cost),
            "notes": list(self.notes),
        }


def number(value: float | None) -> float | None:
    """A number as JSON can hold it."""
    return None if value is None or not math.isfinite(value) else float(value)


def compared(c: Comparison) -> dict[str, Any]:
    """A comparison as plain data: the fields that scripts may rely on, and what they rest on."""
    return {
        "metric": c.metric,
        "a": dict(c.a),
        "b": dict(c.b),
        "difference": number(c.difference),
        "low": number(c.low),
        "high": number(c.high),
        "p_adjusted": number(c.p_adjusted),
        "effect_size": number(c.effect_size),
        "n": c.n,
        "missing": c.missing,
        "paired": c.paired,
        "unit": c.unit,
    }


def summarise(record: Record, study: Study | None = None, *, hashes: bool = True) -> Summary:
    """All that came out of a run. Without its study there are neither comparisons nor references.

    A metric whose comparisons cannot be computed is named in `notes`; it takes nothing else down.
    """
    estimates = record.estimates
    made, notes = comparisons(record, study) if study is not None else ([], [])
    if study is not None:
        notes = [*notes, *unmeasured(record, study, estimates)]
    return Summary(
        study=str(record.manifest.get("study", "")),
        out=None if record.path is None else str(record.path),
        estimates=estimates,
        comparisons=made,
        references=beside(estimates, study.references) if study is not None else [],
        hashes=record.hashes if hashes else {},
        cost=cost(record),
        notes=notes,
    )


def unmeasured(record: Record, study: Study, estimates: Sequence[Estimate]) -> list[str]:
    """Which metrics of a study have no estimate in a record, and why, in words."""
    lacking = [m.name for m in study.metrics if not any(e.metric == m.name for e in estimates)]
    if not lacking:
        return []
    level = str(record.manifest.get("record", "full"))
    if record.manifest.get("status") != "finished":
        why = "the run is not finished"
    elif level in ("none", "aggregate"):
        why = f"record={level} keeps no single events"
    else:
        why = "nothing that they measure happened"
    return [f"not measured: {', '.join(lacking)}; {why}"]


# ---------------------------------------------------------------- comparisons
def comparisons(record: Record, study: Study) -> tuple[list[Comparison], list[str]]:
    """Conditions that differ in one thing, a family a metric, and what is to be said about them."""
    made: list[Comparison] = []
    notes: list[str] = []
    for metric in study.metrics:
        try:
            found, said = _of_metric(record, study, metric)
        except (MoresError, ArithmeticError, ValueError, LookupError) as error:
            said = [f"{metric.name} could not be compared: {type(error).__name__}: {error}"]
            found = []
        made += found
        notes += said
    return made, notes


def _of_metric(record: Record, study: Study, metric: Metric) -> tuple[list[Comparison], list[str]]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        sample = metric.measure(record)
        baseline = study.baseline
        if baseline is not None and not any(within(baseline, c) for c in sample.condition):
            baseline = None
        made = _family(metric, sample, baseline, int(record.manifest.get("seed", 0)))
    return made, [str(w.message) for w in caught if issubclass(w.category, UserWarning)]


def _family(
    metric: Metric, sample: Sample, baseline: Condition | None, seed: int
) -> list[Comparison]:
    """All comparisons of one metric, corrected together; moments of one course are not compared with each other."""
    from mores.metrics.comparison import compare_all, holm

    if not any(k in c for c in sample.condition for k in TIME):
        return compare_all(metric, sample, baseline, seed=seed)
    keys = dict.fromkeys(k for c in sample.condition for k in c if k not in TIME)
    made = [c for k in keys for c in compare_all(metric, sample, baseline, k, seed=seed)]
    adjusted = holm([c.p for c in made])
    return [replace(c, p_adjusted=float(p)) for c, p in zip(made, adjusted, strict=True)]


# ---------------------------------------------------------------- references
def within(part: Condition, whole: Condition) -> bool:
    """Whether a condition contains all of another."""
    return all(k in whole and whole[k] == v for k, v in part.items())


def beside(estimates: Sequence[Estimate], references: Sequence[Reference]) -> list[Beside]:
    """Every reference beside the estimates it belongs to: same metric, a condition that contains its own."""
    found = []
    for r in references:
        fitting = [
            e for e in estimates if e.metric == r.metric and within(r.condition, e.condition)
        ]
        found += [Beside(reference=r, estimate=e) for e in fitting] or [Beside(reference=r)]
    return found


# ---------------------------------------------------------------- cost and counts
def cost(record: Record) -> dict[str, Any]:
    """What was asked of models: calls, and tokens where they were told."""
    import pyarrow.compute as pc

    calls = record.table("calls")
    tokens = {n: pc.sum(calls[n]).as_py() for n in ("prompt_tokens", "completion_tokens")}
    return {"calls": len(calls), **tokens}


def shortfall(record: Record, study: Study) -> list[str]:
    """What a finished run lacks of its design, in words with counts; empty when nothing is lacking."""
    import pyarrow.compute as pc

    planned = sum(study.replicates * c.population.tables for c in study.cases)
    episodes = record.table("episodes")
    done = pc.sum(pc.equal(episodes["status"], "done")).as_py() or 0
    said = []
    if done < planned:
        said.append(f"{done} of {planned} episodes came to their end" + _why(record))
    level = str(record.manifest.get("record", "full"))
    if study.expect == "events" and level != "none":
        table = "aggregates" if level == "aggregate" else "events"
        if not len(record.table(table)):
            said.append(f"0 events in {planned} episodes")
    return said


def _why(record: Record) -> str:
    """The most frequent reason for which episodes failed."""
    reasons = [r for r in record.table("episodes")["reason"].to_pylist() if r]
    if not reasons:
        return ""
    common = max(set(reasons), key=reasons.count)
    return f"; {reasons.count(common)} failed with {common}"
