"""Record: what worlds and instruments write, and metrics and aligners read.

Tables: `arms` (the conditions), `episodes`, `seats`, `events` (what was done), `answers` (what was
said when asked), `faults` (what was missing, and why), `calls` (what models were sent and
returned), `estimates`. Columns, not objects: Arrow in memory, Parquet on disk, SQL through DuckDB.
Events are kept as blocks (one row a step and kind, with list columns) and shown flat. The schema
has a version from day one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from mores.errors import RecordError, UnknownName
from mores.frame import Frame
from mores.metric import Condition, Estimate, Sample

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

SCHEMA = 1
TABLES = (
    "arms",
    "episodes",
    "seats",
    "events",
    "answers",
    "faults",
    "calls",
    "aggregates",
    "estimates",
)
_SMALL = 4_000_000
"""Flat events of so few rows are kept for the next metric that asks."""


@dataclass(frozen=True)
class Column:
    """Events of one kind as flat arrays of equal length: where, when, who, to whom, how much."""

    arm: NDArray[np.int32]
    table: NDArray[np.int32]
    step: NDArray[np.int32]
    season: NDArray[np.int32]
    round: NDArray[np.int32]
    seat: NDArray[np.int32]
    target: NDArray[np.int32]
    """-1 where the event has none."""
    value: NDArray[np.float64]
    """NaN where missing (a choice of -1 is missing too)."""

    def __len__(self) -> int:
        return len(self.arm)


@dataclass
class Record:
    """The record of one run. `path` is its directory, None for one in memory."""

    manifest: Mapping[str, Any]
    path: Path | None = None
    held: dict[str, pa.Table] = field(default_factory=dict, repr=False)
    _columns: dict[tuple[str, ...], Column] = field(default_factory=dict, repr=False)

    # ---------------------------------------------------------------- opening
    @classmethod
    def open(cls, path: str | Path) -> Record:
        """The record in a run directory; raises RecordError saying what is wrong and what to do."""
        from mores.engine.folder import check_manifest, read_manifest

        folder = Path(path)
        manifest = read_manifest(folder)
        if isinstance(schema := manifest.get("schema"), int) and schema != SCHEMA:
            raise RecordError(
                f"{folder} holds a record of schema {schema}, this version reads {SCHEMA}; "
                f"run the study again into another --out, or use Mores {manifest.get('mores', '')}".rstrip()
            )
        check_manifest(folder, manifest)
        return cls(manifest, folder)

    # ---------------------------------------------------------------- tables
    def table(self, name: str) -> pa.Table:
        """One table as Arrow; `blocks` are the events as they are stored."""
        name = "events" if name == "blocks" else name
        if name not in TABLES:
            raise UnknownName("table", name, TABLES)
        if name not in self.held:
            from mores.engine.folder import read_table

            self.held[name] = read_table(self.path, name)
        return self.held[name]

    @property
    def arms(self) -> Frame:
        """The conditions, a row each, with their number `arm`."""
        return Frame(self.table("arms"))

    @property
    def episodes(self) -> Frame:
        """One row a table played: how it ended, after how many steps and rounds, how many actions were missing."""
        return Frame(self.table("episodes"))

    @property
    def seats(self) -> Frame:
        """One row a seat: its policy and its score in the end."""
        return Frame(self.table("seats"))

    @property
    def events(self) -> Frame:
        """What was done, one row an event."""
        from mores.engine.flat import flat_table

        return Frame(flat_table(self.table("events")))

    @property
    def answers(self) -> Frame:
        """What was said when asked."""
        return Frame(self.table("answers"))

    @property
    def faults(self) -> Frame:
        """What was missing or failed, and why."""
        return Frame(self.table("faults"))

    @property
    def calls(self) -> Frame:
        """What models were sent and returned."""
        return Frame(self.table("calls"))

    @property
    def estimates(self) -> list[Estimate]:
        """What was computed, as it was when the run ended."""
        return [_estimate(row) for row in self.table("estimates").to_pylist()]

    @cached_property
    def conditions(self) -> list[Condition]:
        """The condition of each arm, in order of their numbers."""
        return [json.loads(c) for c in self.table("arms")["condition"].to_pylist()]

    # ---------------------------------------------------------------- for metrics
    def column(self, *kinds: str) -> Column:
        """The events of some kinds as flat arrays."""
        from mores.engine.flat import flat_column

        found = self._columns.get(kinds)
        if found is None:
            found = flat_column(self.table("events"), kinds)
            if len(found) < _SMALL:  # several metrics read the same events
                self._columns[kinds] = found
        return found

    def array(self, table: str, column: str) -> NDArray[Any]:
        """One column of a table as numpy."""
        import pyarrow as pa

        values = self.table(table)[column]
        if pa.types.is_dictionary(values.type):
            values = values.cast(pa.string())
        found: NDArray[Any] = values.to_numpy()
        return found

    def sample(
        self,
        arm: NDArray[Any],
        unit: NDArray[Any],
        value: NDArray[Any],
        by: Mapping[str, Any] | None = None,
    ) -> Sample:
        """Values of units in arms (and further groups `by`, one label a row) as a sample."""
        labels = [np.asarray(v) for v in (by or {}).values()]
        codes, uniques = np.asarray(arm, np.int64), []
        for label in labels:
            unique, inverse = np.unique(label, return_inverse=True)
            uniques.append(unique)
            codes = codes * len(unique) + inverse
        distinct, which = np.unique(codes, return_inverse=True)
        conditions = []
        for code in distinct.tolist():
            extra = {}
            for name, unique in zip(reversed(list(by or {})), reversed(uniques), strict=True):
                code, k = divmod(code, len(unique))
                extra[name] = unique[k].item() if hasattr(unique[k], "item") else unique[k]
            conditions.append({**self.conditions[code], **dict(reversed(extra.items()))})
        value = np.asarray(value, np.float64)
        return Sample(value, np.asarray(unit, np.int64), tuple(conditions), which.astype(np.int32))

    # ---------------------------------------------------------------- SQL and export
    def connect(self) -> duckdb.DuckDBPyConnection:
        """A DuckDB connection with every table as a view; events flat."""
        from mores.engine.flat import connect

        return connect(self)

    def sql(self, query: str) -> Frame:
        """Ask the record in SQL. Tables: arms, episodes, seats, events, answers, faults, calls, estimates, blocks."""
        from mores.engine.flat import asked

        return Frame(asked(self.connect(), query))

    @cached_property
    def hashes(self) -> dict[str, str]:
        """A content hash a table: equal for equal content, whatever the batches, workers or times."""
        from mores.engine.hashing import table_hash

        return {name: table_hash(self, name) for name in TABLES}

    def __iter__(self) -> Iterator[str]:
        return iter(TABLES)

    def _repr_html_(self) -> str:
        from mores.engine.show import record_html

        return record_html(self)

    def __repr__(self) -> str:
        n = len(self.table("episodes"))
        return f"<Record of {self.manifest.get('study')!r}: {len(self.conditions)} conditions, {n} episodes>"


def _estimate(row: Mapping[str, Any]) -> Estimate:
    nan = float("nan")
    better: Literal["higher", "lower", "neither"] = row["better"]
    return Estimate(
        metric=row["metric"],
        condition=json.loads(row["condition"]),
        value=nan if row["value"] is None else row["value"],
        low=nan if row["low"] is None else row["low"],
        high=nan if row["high"] is None else row["high"],
        n=row["n"],
        missing=row["missing"],
        unit=row["unit"],
        method=row["method"],
        better=better,
    )
