"""Sanctions: who is punished for what, by whom: defectors or cooperators, by the partner or by somebody else.

Made for pairwise dilemmas: an event `choose` names the two of a match, an event `punish` that follows names punisher
and punished. A punishment is just if the last choice of the punished was to defect; it is direct if the punisher was
the other of that match, else third-party.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mores.metric import Metric, Sample
from mores.metrics.readings import Reading, Units, read_acts
from mores.record import Column, Record

By = Literal["direct", "third-party"]


@dataclass(frozen=True)
class Sanctions:
    """The punishments of a record, [n] each."""

    events: Column
    just: NDArray[np.bool_]
    """Whether the punished had defected."""
    direct: NDArray[np.bool_]
    """Whether the punisher was the other of the match."""
    known: NDArray[np.bool_]
    """Whether the choice that it is for was found and not missing."""


def _key(column: Column, seat: NDArray[np.int32], seats: int) -> NDArray[np.int64]:
    """Table and seat as one number."""
    table = (column.arm.astype(np.int64) << 32) | column.table
    return table * seats + seat


def sanctions(record: Record) -> Sanctions:
    """Every punishment with the choice that it is for: the last one that the punished made at that table."""
    chosen, fines = record.column("choose"), record.column("punish")
    seats = int(max(chosen.seat.max(initial=0), fines.target.max(initial=0))) + 1
    keys, who = np.unique(_key(chosen, chosen.seat, seats), return_inverse=True)
    steps = int(max(chosen.step.max(initial=0), fines.step.max(initial=0))) + 1
    place = who.astype(np.int64) * steps + chosen.step
    order = np.argsort(place, kind="stable")
    wanted = _key(fines, fines.target, seats)
    found = np.searchsorted(keys, wanted)
    there = np.isin(wanted, keys)
    before = np.searchsorted(place[order], found * steps + fines.step) - 1
    there &= before >= 0
    row = order[np.maximum(before, 0)] if len(order) else np.zeros(len(wanted), np.int64)
    there &= who[row] == found if len(order) else there
    value = chosen.value[row] if len(order) else np.zeros(len(wanted))
    partner = chosen.target[row] if len(order) else np.full(len(wanted), -1)
    return Sanctions(fines, value == 1, fines.seat == partner, there & (value >= 0))


def _measure(record: Record, by: By, just: bool) -> Sample:
    units, found = Units.of(record), sanctions(record)
    mine = found.known & (found.direct == (by == "direct")) & (found.just == just)
    events = found.events
    punished = Reading(
        events.arm, events.table, events.season, events.round, events.seat, np.ones(len(events))
    ).where(mine)
    acts = read_acts(record, ("choose",))
    occasions = units.counts(acts.where(acts.value == (0.0 if just else 1.0)))
    return units.sample(record, np.nan_to_num(units.counts(punished)) / occasions)


def punishments(by: By, just: bool) -> Metric:
    """Just punishments for each defection, or unjust ones for each act of cooperation; over the whole of a table."""
    what, of = ("just", "defection") if just else ("unjust", "act of cooperation")
    return Metric(
        name=f"{what}_punishments_{'direct' if by == 'direct' else 'third_party'}",
        measure=partial(_measure, by=by, just=just),
        summary=f"How many {what} punishments, {by}, there are for each {of}.",
        unit=f"for each {of}",
        range=(0.0, None),
    )
