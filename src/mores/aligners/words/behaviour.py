"""Behaviour: which agents acted in a record, what class of behaviour each showed, and whose trait can be rewritten."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mores.agent import Rule
from mores.errors import BadValue, DoesNotFit
from mores.population import Population
from mores.record import Record

DECIMALS = 6
"""Shares are recorded in single precision: 0.7 may come back as 0.69999999, which belongs with 0.7."""
UNKNOWN = -1


def class_of(values: ArrayLike, edges: ArrayLike) -> NDArray[np.int64]:
    """The bin of each value between rising `edges` [k + 1]: [low, high), the top one closed; -1 where NaN.

    Raises BadValue for a value outside the edges.
    """
    array, bounds = np.asarray(values, np.float64), np.asarray(edges, np.float64)
    missing = np.isnan(array)
    rounded = np.round(np.where(missing, bounds[0], array), DECIMALS)
    outside = (rounded < bounds[0]) | (rounded > bounds[-1])
    if outside.any():
        allowed = f"within the classes {bounds[0]:g} to {bounds[-1]:g}"
        raise BadValue("value", float(array[outside].flat[0]), allowed)
    found = np.minimum(np.searchsorted(bounds, rounded, side="right") - 1, len(bounds) - 2)
    return np.where(missing, UNKNOWN, found)


@dataclass(frozen=True)
class Agents:
    """The agents of one case: every seat of every table that acted, in the order of tables and seats.

    Arrays of length n. `label` is the class of what it did last, -1 (unknown) where that is missing.
    """

    table: NDArray[np.int64]
    seat: NDArray[np.int64]
    label: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.table)


def agents(record: Record, arm: int, event: str, edges: ArrayLike) -> Agents:
    """Who did what kind of thing in one arm of a record; tables that failed are left out."""
    column = record.column(event)
    mine = np.flatnonzero((column.arm == arm) & ~_failed(record, arm, column.table))
    order = mine[np.lexsort((column.step[mine], column.seat[mine], column.table[mine]))]
    table, seat = column.table[order].astype(np.int64), column.seat[order].astype(np.int64)
    last = np.ones(len(order), bool)
    last[:-1] = (np.diff(table) != 0) | (np.diff(seat) != 0)
    label = class_of(column.value[order][last], edges)
    return Agents(table[last], seat[last], label)


def _failed(record: Record, arm: int, table: NDArray[Any]) -> NDArray[np.bool_]:
    status = np.asarray(record.array("episodes", "status") != "done", bool)
    lost = record.array("episodes", "table")[status & (record.array("episodes", "arm") == arm)]
    return np.isin(table, lost)


def traits(
    population: Population, trait: str, tables: int, seats: int
) -> NDArray[np.floating[Any]]:
    """A copy of a trait of every seat of every table [tables, seats]; 0 where nothing set it, as rules start.

    Raises DoesNotFit where some policy of the population has no such trait: it could not be rewritten.
    """
    lacking = [
        p.label for p in population.policies if not (isinstance(p, Rule) and trait in p.fields)
    ]
    if lacking:
        raise DoesNotFit(
            f"the trait {trait!r} is to be rewritten, but {', '.join(lacking)} has none; use policies "
            f"that have it (trait-giver has 'giving'), or name another trait"
        )
    old = population.traits.get(trait, np.zeros(0, np.float32))
    if old.ndim == 2 and len(old) < tables:
        raise BadValue(f"traits.{trait}", old.shape, f"a row for each of the {tables} tables")
    out = np.zeros((tables, seats), old.dtype)
    out[:, : old.shape[-1]] = old if old.ndim == 1 else old[:tables]
    return out
