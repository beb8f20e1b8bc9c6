"""Sink: events as blocks, one row a (cohort step, kind), appended to an Arrow stream.

Seats, targets and values are list columns, so that an event costs bytes, not objects. A stream
that was cut off by kill -9 still yields every batch that was flushed.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mores.engine.cohort import Cohort
from mores.engine.levels import Level
from mores.errors import StorageError
from mores.world import Events

BLOCKS = pa.schema(
    [
        ("arm", pa.int32()),
        ("first", pa.int32()),  # number of the first table; the others follow it
        (
            "tables",
            pa.list_(pa.int32()),
        ),  # or all their numbers, where they do not follow each other
        ("seats", pa.int32()),
        ("step", pa.int32()),
        ("season", pa.int32()),
        ("round", pa.int32()),
        ("kind", pa.dictionary(pa.int32(), pa.string())),
        ("role", pa.dictionary(pa.int32(), pa.string())),
        ("count", pa.int32()),
        (
            "actor",
            pa.list_(pa.int32()),
        ),  # flat rows table * seats + seat; null: every seat in order
        ("target", pa.list_(pa.int32())),
        ("number", pa.list_(pa.float32())),
        ("choice", pa.list_(pa.int8())),
        ("text", pa.list_(pa.string())),
    ]
)
_LIMIT = (
    1 << 19
)  # events held before a flush: enough for one write to be cheap, little enough to lose


class _Lists:
    """A list column under construction: values are copied in at once, because a world may write
    into its arrays again."""

    __slots__ = ("null", "offsets", "used", "values")

    def __init__(self, dtype: Any) -> None:
        self.values = np.empty(1 << 12, dtype)
        self.used = 0
        self.offsets = [0]
        self.null: list[bool] = []

    def add(self, column: NDArray[Any] | None) -> None:
        """One list; None is null."""
        if column is not None:
            stop = self.used + len(column)
            if stop > len(self.values):
                grown = np.empty(max(stop, 2 * len(self.values)), self.values.dtype)
                grown[: self.used] = self.values[: self.used]
                self.values = grown
            self.values[self.used : stop] = column
            self.used = stop
        self.offsets.append(self.used)
        self.null.append(column is None)

    def take(self, keep: bool) -> pa.Array:
        """The column, and begin again; the values are a view until the next `add`, or with `keep` for good."""
        array = pa.ListArray.from_arrays(
            pa.array(self.offsets, pa.int32()),
            pa.array(self.values[: self.used]),
            mask=pa.array(self.null),
        )
        if keep and self.used:
            self.values = np.empty(len(self.values), self.values.dtype)
        self.offsets, self.null, self.used = [0], [], 0
        return array


class Sink:
    """Where the blocks of one part of a run go: a file, or memory when `path` is None."""

    def __init__(self, path: Path | None, level: Level) -> None:
        self.level = level
        self.kept: list[pa.RecordBatch] = []
        self.file = None if path is None else pa.OSFile(str(path), "wb")
        if self.file is not None:
            # not compressed: what is here for long becomes Parquet, and lz4 would cost more than the play
            options = pa.ipc.IpcWriteOptions(emit_dictionary_deltas=True)
            self.writer = pa.ipc.new_stream(self.file, BLOCKS, options=options)
        self.rows: list[tuple[int, ...]] = []
        self.texts: list[list[str | None] | None] = []
        self.tables, self.actor, self.target = (_Lists(np.int32) for _ in range(3))
        self.number, self.choice = _Lists(np.float32), _Lists(np.int8)
        self.names: dict[str, int] = {}
        self.held = 0
        self.events = 0

    def add(
        self, cohort: Cohort, events: Sequence[Events], role: str, clock: tuple[int, int, int]
    ) -> None:
        """Append what happened in one step; `clock` is (step, season, round)."""
        tables = cohort.chance.tables
        seats = cohort.world.seats
        first = int(tables[0])
        run = None if int(tables[-1]) - first == len(tables) - 1 else tables
        if self.level.name != "full":
            events = self.level.keep(cohort, events)
        for event in events:
            count = len(tables) * seats if event.actor is None else len(event.actor)
            if count == 0:
                continue
            number, choice = _split(event.value)
            kind = self._name(event.kind)
            self.rows.append((cohort.case, first, seats, *clock, kind, self._name(role), count))
            self.tables.add(run)
            self.actor.add(event.actor)
            self.target.add(event.target)
            self.number.add(number)
            self.choice.add(choice)
            self.texts.append(None if event.text is None else _words(cohort, event, seats))
            self.held += count
            self.events += count
        if self.held > _LIMIT:
            self.flush()

    def _name(self, name: str) -> int:
        return self.names.setdefault(name, len(self.names))

    def flush(self) -> None:
        """Write what is held as one batch."""
        if not self.rows:
            return
        plain = np.array(self.rows, np.int32)
        column = [pa.array(np.ascontiguousarray(plain[:, k])) for k in range(plain.shape[1])]
        case, first, seats, step, season, round_, kind, role, count = column
        names, keep = pa.array(list(self.names)), self.file is None
        arrays = [
            case, first, self.tables.take(keep), seats, step, season, round_,
            pa.DictionaryArray.from_arrays(kind, names), pa.DictionaryArray.from_arrays(role, names), count,
            self.actor.take(keep), self.target.take(keep), self.number.take(keep), self.choice.take(keep),
            pa.array(self.texts, pa.list_(pa.string())),
        ]  # fmt: skip
        self._write(pa.record_batch(arrays, schema=BLOCKS))
        self.rows, self.texts, self.held = [], [], 0

    def _write(self, batch: pa.RecordBatch) -> None:
        if self.file is None:
            self.kept.append(batch)
            return
        try:
            self.writer.write_batch(batch)
            self.file.flush()
        except OSError as error:
            raise storage_failure(error) from error

    def close(self) -> pa.Table:
        """Finish the stream; the blocks, when they were kept in memory."""
        self.flush()
        if self.file is not None:
            self.writer.close()
            self.file.close()
        return pa.Table.from_batches(self.kept, BLOCKS)


def storage_failure(error: OSError) -> StorageError:
    """A full or closed disk in words."""
    where = f" ({error.filename})" if error.filename else ""
    return StorageError(
        f"the record cannot be written{where}: {error.strerror or error}; free space or choose another --out. "
        "What was finished is kept: the same command goes on from there"
    )


def _split(value: NDArray[Any] | None) -> tuple[NDArray[Any] | None, NDArray[Any] | None]:
    """Values as numbers or as choices: what fits no choice is a number; negative whole numbers are missing."""
    if value is None or value.dtype == np.int8 or value.dtype.kind == "b":
        return None, value
    if value.dtype.kind == "f":
        return value, None
    return np.where(value < 0, np.float32(np.nan), value.astype(np.float32)), None


def _words(cohort: Cohort, event: Events, seats: int) -> list[str | None]:
    assert event.text is not None
    actor = np.arange(len(event.text)) if event.actor is None else event.actor
    pairs = zip((actor // seats).tolist(), event.text.tolist(), strict=True)
    return [None if n < 0 else cohort.texts.get(t, n) for t, n in pairs]


def read_blocks(source: Path) -> pa.Table:
    """All whole batches of a stream, also of one that was cut off or torn."""
    batches: list[pa.RecordBatch] = []
    schema = BLOCKS
    try:
        with pa.ipc.open_stream(str(source)) as reader:
            while True:
                batches.append(reader.read_next_batch())
    except (StopIteration, pa.ArrowInvalid, OSError):
        pass
    return pa.Table.from_batches(batches, schema) if batches else schema.empty_table()
