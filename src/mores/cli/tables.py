"""Sql and export: the record in other hands."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mores.cli import shell
from mores.cli.running import Folder
from mores.cli.shell import Json
from mores.errors import BadValue, StorageError, UnknownName

if TYPE_CHECKING:
    import pyarrow as pa

    from mores.record import Record

FORMATS = ("csv", "parquet", "jsonl")
BATCH = 50_000
"""Rows written at once where they are written as text."""


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("sql")(sql)
    app.command("export")(export)


def sql(
    folder: Folder,
    query: Annotated[
        str, typer.Argument(help='Such as "select policy, avg(score) from seats group by 1".')
    ],
    json: Json = False,
) -> None:
    """Ask a record in SQL (DuckDB). Tables: arms, episodes, seats, events, answers, faults, calls, estimates."""
    from mores.cli import show
    from mores.record import Record

    found = Record.open(folder).sql(query)
    shell.emit(json, found.rows() if json else None, show.rows(found.rows() if not json else []))


def export(
    folder: Folder,
    to: Annotated[str, typer.Option("--to", help="csv, parquet or jsonl.")] = "csv",
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Where the files go (default: DIR/export)."),
    ] = None,
    table: Annotated[
        list[str] | None,
        typer.Option("--table", help="Only this table. Repeatable; default: all that have rows."),
    ] = None,
    json: Json = False,
) -> None:
    """Write the tables of a record as files that any program reads."""
    from mores.cli import show
    from mores.record import TABLES, Record

    if to not in FORMATS:
        raise BadValue("--to", to, f"one of: {', '.join(FORMATS)}")
    for name in table or ():
        if name not in TABLES:
            raise UnknownName("table", name, TABLES)
    record, place = Record.open(folder), out or folder / "export"
    try:
        place.mkdir(parents=True, exist_ok=True)
        files = [
            {"table": n, "rows": len(t), "file": str(_write(t, place / f"{n}.{to}", to))}
            for n, t in _tables(record, table)
        ]
    except OSError as error:
        raise StorageError(
            f"{place} cannot be written ({error.strerror}); choose another --out"
        ) from error
    shell.emit(json, {"out": str(place), "files": files}, show.rows(files))


def _tables(record: Record, wanted: list[str] | None) -> list[tuple[str, pa.Table]]:
    from mores.record import TABLES

    found = []
    for name in wanted or TABLES:
        table = record.events.arrow if name == "events" else record.table(name)
        if wanted or len(table):
            found.append((name, table))
    return found


def _write(table: pa.Table, path: Path, to: str) -> Path:
    if to == "parquet":
        import pyarrow.parquet as pq

        pq.write_table(table, path)
    elif to == "csv":
        from pyarrow import csv

        csv.write_csv(_flat(table), path)
    else:
        _lines(table, path)
    return path


def _flat(table: pa.Table) -> pa.Table:
    """Without dictionaries and lists, which a csv file cannot hold."""
    import json

    import pyarrow as pa

    for i, field in enumerate(table.schema):
        if pa.types.is_dictionary(field.type):
            table = table.set_column(i, field.name, table[i].cast(pa.string()))
        elif pa.types.is_nested(field.type):
            texts = [None if v is None else json.dumps(v) for v in table[i].to_pylist()]
            table = table.set_column(i, field.name, pa.array(texts, pa.string()))
    return table


def _lines(table: pa.Table, path: Path) -> None:
    import json

    with path.open("w", encoding="utf-8") as file:
        for batch in table.to_batches(max_chunksize=BATCH):
            rows: list[dict[str, Any]] = batch.to_pylist()
            file.writelines(json.dumps(shell.jsonable(r), ensure_ascii=False) + "\n" for r in rows)
