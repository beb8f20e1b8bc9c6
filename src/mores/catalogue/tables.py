"""Totals of tables: counts and sums of events, one value a table, 0 where nothing of the kind happened."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mores.metric import Metric, Sample
from mores.metrics.readings import Floats, Units, read_final_scores
from mores.record import Record

Weigh = Callable[[Floats], NDArray[Any]]
"""What each event counts, from the values [n] of the events."""


def one_each(value: Floats) -> Floats:
    """Every event counts once."""
    return np.ones(len(value))


def positive(value: Floats) -> Floats:
    """Events with a value above 0 count once."""
    return (value > 0).astype(np.float64)


def as_is(value: Floats) -> Floats:
    """Events count their value; a missing one nothing."""
    return np.nan_to_num(value)


def total(record: Record, units: Units, *kinds: str, weigh: Weigh = one_each) -> Floats:
    """The total of some kinds of events, a table [u]; NaN where the table failed."""
    out = np.zeros(len(units.arm))
    for kind in kinds:
        found = record.column(kind)
        rows = units.row(found.arm, found.table)
        out += np.bincount(rows, weigh(found.value), minlength=len(out))
    out[units.failed] = np.nan
    return out


def scores(record: Record, units: Units) -> Floats:
    """The sum of all seats' scores, a table [u]."""
    return units.sums(read_final_scores(record))


def over(above: Floats, below: Floats) -> Floats:
    """A ratio, NaN where nothing is divided by."""
    out = np.full(len(above), np.nan)
    np.divide(above, below, out=out, where=below > 0)
    return out


def table_metric(
    name: str, measure: Callable[[Record, Units], Floats], summary: str, **more: Any
) -> Metric:
    """A metric of one value a table: `measure` gives them in the order of :class:`Units`."""

    def sample(record: Record) -> Sample:
        units = Units.of(record)
        return units.sample(record, measure(record, units))

    return Metric(name=name, measure=sample, summary=summary, **more)
