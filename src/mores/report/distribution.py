"""How actions were spread, beside how people's were: where a reference holds counts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mores.metric import Estimate, Reference
from mores.metrics.distances import distance_estimate
from mores.metrics.resampling import generator
from mores.record import Record
from mores.report.charts import Bars
from mores.report.numbers import number
from mores.summary import within

PANELS = 6
ROWS = 200
KINDS = {
    "share_given": "give",
    "share_offered": "offer",
    "share_sent": "send",
    "share_returned": "return",
    "contribution": "contribute",
}
"""Metrics of references, and the kind of event that is the same decision."""


@dataclass(frozen=True)
class Spread:
    """One reference and the conditions beside it."""

    reference: Reference
    panels: tuple[Bars, ...]
    rows: tuple[tuple[str, int, int, Estimate], ...]
    """Condition, decisions, those not counted, total variation distance over episodes."""
    left_out: int
    axis: str


def spreads(record: Record, references: Sequence[Reference], labels: Sequence[str]) -> list[Spread]:
    """Everything that can be set beside each other."""
    found = []
    for reference in references:
        if reference.distribution is None or reference.metric not in KINDS:
            continue
        made = _spread(record, reference, labels)
        if made is not None:
            found.append(made)
    return found


def _spread(record: Record, reference: Reference, labels: Sequence[str]) -> Spread | None:
    assert reference.distribution is not None
    places, counts = reference.distribution
    people = np.asarray(counts, np.float64)
    column = record.column(KINDS[reference.metric])
    names = classes(places, len(counts))
    panels, rows = [], []
    fitting = [k for k, c in enumerate(record.conditions) if within(reference.condition, c)]
    for arm in fitting[:ROWS]:
        here = column.arm == arm
        each = binned(column.value[here], column.table[here], places, len(counts))
        ours = each.sum(0)
        if ours.sum() == 0:
            continue
        rng = generator(
            int(record.manifest.get("seed", 0)), "report", reference.metric, labels[arm]
        )
        apart = distance_estimate(each, people, rng=rng, reference_n=reference.n, top=1.0)
        rows.append((labels[arm], int(ours.sum()), int(here.sum() - ours.sum()), apart))
        panels.append(
            Bars(labels[arm], names, (ours / ours.sum()).tolist(), (people / people.sum()).tolist())
        )
    if not panels:
        return None
    axis = "from this share on" if len(places) > len(counts) else "value"
    return Spread(
        reference, tuple(panels[:PANELS]), tuple(rows), max(0, len(panels) - PANELS), axis
    )


def binned(
    value: NDArray[np.float64], table: NDArray[np.int32], places: Sequence[float], k: int
) -> NDArray[np.int64]:
    """[tables, k] how often each class was chosen: k + 1 edges or k categories; what fits none is not counted."""
    near = np.round(value, 6)  # float32 .7 lies below the edge .7
    bounds = np.asarray(places, np.float64)
    if len(bounds) == k + 1:
        found = np.searchsorted(bounds, near, side="right") - 1
        found = np.where(near == bounds[-1], k - 1, found)
    else:
        order = np.argsort(bounds)
        nearest = np.clip(np.searchsorted(bounds[order], near - 1e-6), 0, k - 1)
        found = np.where(np.abs(bounds[order][nearest] - near) < 2e-6, order[nearest], -1)
    good = (found >= 0) & (found < k) & ~np.isnan(value)
    _, row = np.unique(table, return_inverse=True)
    tables = int(row.max(initial=-1)) + 1
    return np.bincount(row[good] * k + found[good], minlength=tables * k).reshape(tables, k)


def classes(places: Sequence[float], k: int) -> list[str]:
    """Short names of classes: the lower edge, or the category; in percent where all lie in 0..1."""
    share = all(0 <= p <= 1 for p in places if not math.isnan(p))
    return [f"{100 * p:.3g}%" if share else number(p) for p in list(places)[:k]]
