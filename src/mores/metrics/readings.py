"""Readings: which numbers of a record a metric is about, and how they become one value a unit.

A reading is a flat list of values with the table, season, round and seat that each belongs to. :func:`acts` reads what
was done as shares from 0 to 1, so that giving, contributing and choosing to cooperate are measured alike. What makes
a :class:`~mores.metric.Sample` of a reading never drops a table: one that failed, or in which the thing did not happen,
has NaN and is counted as missing.

The unit of independence is the replicate: tables of one replicate (the pairs of a round robin) are averaged first.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mores.metric import Metric, Sample
from mores.record import Column, Record

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
Rows = NDArray[np.int64]
PLACES = ("arm", "table", "season", "round", "seat")


@dataclass(frozen=True)
class Reading:
    """Values and where each belongs; all arrays have length n, NaN is a missing value."""

    arm: Ints
    table: Ints
    season: Ints
    round: Ints
    seat: Ints
    value: Floats

    def where(self, keep: NDArray[np.bool_] | Rows) -> Reading:
        """Some of the rows."""
        return Reading(**{name: column[keep] for name, column in vars(self).items()})

    def with_value(self, value: NDArray[Any]) -> Reading:
        """The same places with other values."""
        return replace(self, value=np.asarray(value, np.float64))

    def sorted(self) -> Reading:
        """In order of arm, table, season, round and seat."""
        keys = [getattr(self, name) for name in reversed(PLACES)]
        return self.where(np.lexsort(keys))

    def and_also(self, other: Reading) -> Reading:
        """Both, one after the other."""
        both = {n: np.concatenate([x, getattr(other, n)]) for n, x in vars(self).items()}
        return Reading(**both)


Reader = Callable[[Record], Reading]
"""From a record to a reading."""


# -------------------------------------------------------------------- what is read
def read_acts(record: Record, kinds: tuple[str, ...], good: int = 0) -> Reading:
    """Events of some kinds as shares 0 to 1; a choice is 1 if it is option `good`, else 0; NaN is a missing act."""
    found = None
    for kind in kinds:
        column = record.column(kind)
        share = column.value
        if kind in ("choose", "respond"):
            share = np.where(share >= 0, share == good, np.nan)
        one = _reading(column, np.asarray(share, np.float64))
        found = one if found is None else found.and_also(one)
    assert found is not None
    return found


def acts(*kinds: str, good: int = 0) -> Reader:
    """A reader that does :func:`read_acts`."""
    return partial(read_acts, kinds=kinds, good=good)


def read_events(record: Record, kind: str) -> Reading:
    """The events of one kind with their values as they are."""
    column = record.column(kind)
    return _reading(column, column.value)


def _reading(column: Column, value: Floats) -> Reading:
    return Reading(column.arm, column.table, column.season, column.round, column.seat, value)


def read_final_scores(record: Record) -> Reading:
    """What every seat had in the end: when the last generation closed, or else when the table did.

    Generations leave an event `score` for every seat and generation; without one, the table `seats` has the score.
    """
    closed, seats = read_events(record, "score"), _seat_scores(record)
    if not len(closed.value):
        return seats
    units = Units.of(record)
    row = units.row(closed.arm, closed.table)
    last = np.full(len(units.arm), -1, np.int64)
    np.maximum.at(last, row, closed.season)
    without = last[units.row(seats.arm, seats.table)] < 0
    return closed.where(closed.season == last[row]).and_also(seats.where(without))


def _seat_scores(record: Record) -> Reading:
    """The scores in the table `seats`: those of the last season, if what is inside was played several times."""
    arm, number, seat = (record.array("seats", n) for n in ("arm", "table", "seat"))
    units = Units.of(record)
    row = units.row(arm, number)
    season = np.maximum(units.seasons[row] - 1, 0).astype(np.int32)
    score = record.array("seats", "score").astype(np.float64)
    return Reading(arm, number, season, units.rounds[row], seat, score)


# -------------------------------------------------------------------- what is made of it
@dataclass(frozen=True)
class Units:
    """The tables of a record, a row each [u], those that failed too."""

    arm: Ints
    table: Ints
    replicate: Ints
    rounds: Ints
    """How many rounds of the innermost world it had, in all seasons."""
    seasons: Ints
    failed: NDArray[np.bool_]
    code: Rows
    """(arm, table) as one number, rising."""
    order: Rows
    """The row of each code."""

    @classmethod
    def of(cls, record: Record) -> Units:
        """All tables of a record."""
        names = ("arm", "table", "replicate", "rounds", "seasons")
        columns = {n: record.array("episodes", n).astype(np.int32) for n in names}
        failed = np.asarray(record.array("episodes", "status") != "done", bool)
        code = _code(columns["arm"], columns["table"])
        order = np.argsort(code, kind="stable")
        return cls(**columns, failed=failed, code=code[order], order=order)

    def row(self, arm: Ints, table: Ints) -> Rows:
        """The row of each (arm, table)."""
        found: Rows = self.order[np.searchsorted(self.code, _code(arm, table))]
        return found

    def means(self, reading: Reading) -> Floats:
        """The mean value of each table [u], missing values left out; NaN where there is none or the table failed."""
        return self.sums(reading) / self.counts(reading)

    def sums(self, reading: Reading) -> Floats:
        """The sum of the values of each table [u]; NaN where there is none or the table failed."""
        rows, values = self._present(reading)
        total = np.bincount(rows, values, minlength=len(self.arm))
        return np.where(np.isnan(self.counts(reading)), np.nan, total)

    def counts(self, reading: Reading) -> Floats:
        """How many values each table has [u]; NaN where there is none or the table failed."""
        rows, _ = self._present(reading)
        count = np.bincount(rows, minlength=len(self.arm)).astype(np.float64)
        count[(count == 0) | self.failed] = np.nan
        return count

    def _present(self, reading: Reading) -> tuple[Rows, Floats]:
        there = reading.value == reading.value
        return self.row(reading.arm[there], reading.table[there]), reading.value[there]

    def grid(self, reading: Reading, at: Ints) -> Floats:
        """The mean value of each table at each place [u, places], NaN where there is none; `at` [n] >= 0 is the place.

        Places are seats, seasons or rounds.
        """
        there = reading.value == reading.value
        rows, values = self._present(reading)
        width = int(at.max(initial=-1)) + 1
        cell, size = rows * width + at[there], len(self.arm) * width
        count = np.bincount(cell, minlength=size)
        total = np.bincount(cell, values, minlength=size)
        mean = np.divide(total, count, out=np.full(size, np.nan), where=count > 0)
        table: Floats = mean.reshape(len(self.arm), width)
        table[self.failed] = np.nan
        return table

    def sample(self, record: Record, value: Floats) -> Sample:
        """One value a table [u] as a sample under the conditions of the study."""
        return record.sample(self.arm, self.replicate, value)


def _code(arm: Ints, table: Ints) -> Rows:
    return (np.asarray(arm, np.int64) << 32) | np.asarray(table, np.int64)


def mean_of(record: Record, reader: Reader) -> Sample:
    """The mean value of a reading, one a table."""
    units = Units.of(record)
    return units.sample(record, units.means(reader(record)))


Groups = tuple[list[Any], Ints]
"""Labels, and for each row of a reading which of them it has."""


def mean_by(
    record: Record, reader: Reader, label: str, groups: Callable[[Record, Reading], Groups]
) -> Sample:
    """The mean value of a reading within groups of its rows, under a further condition `label`.

    Values are averaged within a table and group first. A table that has nothing of a group has no row there.
    """
    reading, units = reader(record), Units.of(record)
    row = units.row(reading.arm, reading.table)
    names, which = groups(record, reading)
    cell, size = row * len(names) + which, len(units.arm) * len(names)
    there = (reading.value == reading.value) & ~units.failed[row]
    count = np.bincount(cell[there], minlength=size)
    total = np.bincount(cell[there], reading.value[there], minlength=size)
    cells = np.flatnonzero(np.bincount(cell, minlength=size))
    mean = np.full(len(cells), np.nan)
    np.divide(total[cells], count[cells], out=mean, where=count[cells] > 0)
    owner = cells // max(len(names), 1)
    by = {label: [names[k] for k in (cells % max(len(names), 1)).tolist()]}
    return record.sample(units.arm[owner], units.replicate[owner], mean, by=by)


def by_policy(record: Record, reading: Reading) -> Groups:
    """The policy that sits where each row of a reading was done."""
    names, code = _policies(record)
    seats = _seat_scores(record)
    width = int(max(seats.seat.max(initial=0), reading.seat.max(initial=0))) + 1
    place = _code(seats.arm, seats.table) * width + seats.seat
    order = np.argsort(place, kind="stable")
    wanted = _code(reading.arm, reading.table) * width + reading.seat
    return names, code[order[np.searchsorted(place[order], wanted)]]


def _policies(record: Record) -> Groups:
    """The names of policies in order of the alphabet, and the number of the one in each row of `seats`."""
    import pyarrow.compute as pc

    encoded = pc.dictionary_encode(record.table("seats")["policy"].cast("string")).combine_chunks()
    if not len(encoded):
        return [], np.zeros(0, np.int32)
    encoded = encoded.chunk(0) if hasattr(encoded, "chunk") else encoded
    found = encoded.dictionary.to_pylist()
    names = sorted(found)
    place = np.array([names.index(name) for name in found], np.int32)
    return names, place[encoded.indices.to_numpy()]


def by_seat(record: Record, reading: Reading) -> Groups:
    """The seat of each row, counted from 1."""
    return list(range(1, int(reading.seat.max(initial=-1)) + 2)), reading.seat


def _kept(
    record: Record, measure: Callable[[Record], Sample], key: str, values: tuple[Any, ...]
) -> Sample:
    sample = measure(record)
    kept = np.array([c.get(key) in values for c in sample.condition], bool)
    rows = kept[sample.which] if len(kept) else np.zeros(0, bool)
    number = np.cumsum(kept) - 1
    return Sample(
        sample.value[rows],
        sample.unit_id[rows],
        tuple(c for c, keep in zip(sample.condition, kept, strict=True) if keep),
        number[sample.which[rows]].astype(np.int32),
    )


def only(metric: Metric, key: str, *values: Any) -> Metric:
    """The same metric, measured only where the condition `key` has one of these values."""
    measure = partial(_kept, measure=metric.measure, key=key, values=values)
    return replace(metric, measure=measure)
