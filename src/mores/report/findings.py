"""What the report shows of a study's results: estimates, comparisons and references, from one place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from mores.metric import Comparison, Estimate, Metric, Reference
from mores.record import Record
from mores.study import Study
from mores.summary import summarise, within


@dataclass(frozen=True)
class Findings:
    """The numbers of a report."""

    estimates: list[Estimate]
    comparisons: list[Comparison]
    references: list[Reference]
    notes: list[str] = field(default_factory=list)
    """What could not be computed, and what was left out."""
    metrics: Mapping[str, Metric] = field(default_factory=dict)

    def of(self, metric: str) -> list[Estimate]:
        """The estimates of one metric."""
        return [e for e in self.estimates if e.metric == metric]

    @property
    def names(self) -> list[str]:
        """The metrics in the order in which they come."""
        return list(dict.fromkeys(e.metric for e in self.estimates))


def findings(record: Record, study: Study) -> Findings:
    """All that was found; what fails to compute is said in `notes`."""
    found = summarise(record, study, hashes=False)
    return Findings(
        estimates=list(found.estimates),
        comparisons=list(found.comparisons),
        references=list(study.references),
        notes=list(found.notes),
        metrics={m.name: m for m in study.metrics},
    )


def beside(reference: Reference, estimate: Estimate) -> bool:
    """Whether a reference belongs beside an estimate."""
    return reference.metric == estimate.metric and within(reference.condition, estimate.condition)
