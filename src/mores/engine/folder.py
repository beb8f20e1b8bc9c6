"""Folder: how a record lies on disk, and how it is read back.

::

    DIR/manifest.json     what made the record, its seeds and its state (running, finished)
    DIR/parts/            finished parts of a run that goes on; gone when it is done
    DIR/store.sqlite      the call store, where models were asked
    DIR/*.parquet         the tables; events stay an Arrow stream (events.arrows) when they are many

Everything is written beside its place and then renamed, so what has its name is whole.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from mores.engine.sink import BLOCKS, read_blocks, storage_failure
from mores.errors import RecordError, StorageError

MANY = 20_000_000
"""Above so many events the stream is kept as it is: Parquet would cost more time than the run."""

_TEXT = pa.string()
SCHEMAS: dict[str, pa.Schema] = {
    "arms": pa.schema([("arm", pa.int32()), ("condition", _TEXT)]),
    "episodes": pa.schema(
        [("arm", pa.int32()), ("table", pa.int32()), ("replicate", pa.int32()), ("status", _TEXT), ("reason", _TEXT),
         ("steps", pa.int32()), ("rounds", pa.int32()), ("seasons", pa.int32()), ("missing", pa.int32())]
    ),
    "seats": pa.schema(
        [("arm", pa.int32()), ("table", pa.int32()), ("seat", pa.int32()),
         ("policy", pa.dictionary(pa.int32(), _TEXT)), ("score", pa.float64())]
    ),
    "events": BLOCKS,
    "answers": pa.schema(
        [("arm", pa.int32()), ("table", pa.int32()), ("seat", pa.int32()), ("round", pa.int32()), ("probe", _TEXT),
         ("item", _TEXT), ("respondent", _TEXT), ("value", _TEXT), ("number", pa.float64()), ("outcome", _TEXT),
         ("text", _TEXT)]
    ),
    "faults": pa.schema(
        [("arm", pa.int32()), ("table", pa.int32()), ("step", pa.int32()), ("seat", pa.int32()), ("role", _TEXT),
         ("reason", _TEXT), ("text", _TEXT)]
    ),
    "calls": pa.schema(
        [("key", _TEXT), ("model", _TEXT), ("role", _TEXT), ("draw", _TEXT), ("messages", _TEXT), ("text", _TEXT),
         ("fault", _TEXT), ("prompt_tokens", pa.int64()), ("completion_tokens", pa.int64())]
    ),
    "aggregates": pa.schema(
        [("arm", pa.int32()), ("first", pa.int32()), ("season", pa.int32()), ("round", pa.int32()), ("kind", _TEXT),
         ("events", pa.int64()), ("values", pa.int64()), ("sum", pa.float64()), ("squares", pa.float64())]
    ),
    "estimates": pa.schema(
        [("metric", _TEXT), ("condition", _TEXT), ("value", pa.float64()), ("low", pa.float64()),
         ("high", pa.float64()), ("n", pa.int64()), ("missing", pa.int64()), ("unit", _TEXT), ("method", _TEXT),
         ("better", _TEXT)]
    ),
}  # fmt: skip


def write_text(path: Path, text: str) -> None:
    """Write a small file so that it is either the old one or the new one."""
    beside = path.with_name(path.name + ".tmp")
    try:
        beside.write_text(text, encoding="utf-8")
        os.replace(beside, path)
    except OSError as error:
        raise storage_failure(error) from error


def make(folder: Path) -> None:
    """Make a run directory; says what is in the way if it cannot be made or written."""
    try:
        (folder / "parts").mkdir(parents=True, exist_ok=True)
        probe = folder / ".writable"
        probe.write_text("")
        probe.unlink()
    except OSError as error:
        raise StorageError(
            f"{folder} cannot be written ({error.strerror}); choose another place with --out"
        ) from error


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a run directory."""
    path = folder / "manifest.json"
    if not folder.is_dir():
        raise RecordError(
            f"there is no run directory {folder}; `mores run STUDY --out {folder}` makes one"
        )
    if not path.is_file():
        raise RecordError(f"{folder} is not a run directory: it has no manifest.json")
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(found, dict):
            raise ValueError("it is not an object")
    except (OSError, ValueError) as error:
        raise RecordError(
            f"{path} cannot be read ({error}); the record is damaged: restore it from a copy, or run again "
            "into another --out"
        ) from error
    return found


_KEPT: dict[str, type | tuple[type, ...]] = {
    "schema": int, "status": str, "study": str, "seed": int, "replicates": int, "record": str, "fingerprint": str,
    "command": dict, "models": dict,
}  # fmt: skip
_TYPED = {"settings": dict, "vary": dict, "models": dict}


def check_manifest(folder: Path, manifest: Mapping[str, Any]) -> None:
    """A manifest has what a reader needs. Raises RecordError naming what it lacks."""
    wrong = [k for k, kind in _KEPT.items() if not isinstance(manifest.get(k), kind)]
    if "command" not in wrong:
        command = manifest["command"]
        wrong += [
            f"command.{k}" for k, v in _TYPED.items() if not isinstance(command.get(k, {}), v)
        ]
        wrong += ["command.study"] if not isinstance(command.get("study", ""), str) else []
    if wrong:
        raise RecordError(
            f"{folder / 'manifest.json'} is damaged: {', '.join(wrong)} not as a run writes it; "
            "restore it from a copy, or run again into another --out"
        )


def write_manifest(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Write the manifest of a run directory."""
    write_text(
        folder / "manifest.json", json.dumps(manifest, indent=1, sort_keys=True, default=str) + "\n"
    )


def write_table(folder: Path, name: str, table: pa.Table) -> None:
    """Write one table of the record; few events as Parquet, many as an Arrow stream."""
    many = name == "events" and sum(table["count"].to_pylist()) > MANY
    target = folder / (f"{name}.arrows" if many else f"{name}.parquet")
    beside = target.with_name(target.name + ".tmp")
    try:
        if many:
            options = pa.ipc.IpcWriteOptions(emit_dictionary_deltas=True)
            with (
                pa.OSFile(str(beside), "wb") as f,
                pa.ipc.new_stream(f, table.schema, options=options) as w,
            ):
                w.write_table(table)
        else:
            codec = "snappy" if name == "events" else "zstd"
            pq.write_table(table, beside, compression=codec)
        os.replace(beside, target)
    except OSError as error:
        raise storage_failure(error) from error


def read_table(folder: Path | None, name: str) -> pa.Table:
    """One table of a run directory; a run that goes on shows the parts that are finished."""
    schema = SCHEMAS[name]
    if folder is None:
        return schema.empty_table()
    if read_manifest(folder).get("status") == "finished" and not whole(folder):
        raise RecordError(
            f"{folder} lacks a table of its record; the same `mores run` makes it again from its seeds and "
            "stored replies"
        )
    parquet, stream = folder / f"{name}.parquet", folder / f"{name}.arrows"
    try:
        if parquet.is_file():
            return pq.read_table(parquet).cast(schema)
        if stream.is_file():
            return pa.ipc.open_stream(pa.memory_map(str(stream))).read_all()
    except (pa.ArrowException, OSError, ValueError) as error:
        raise RecordError(
            f"{parquet if parquet.is_file() else stream} cannot be read ({error}); it is damaged. "
            "The same `mores run` makes it again from its seeds and stored replies once the file is removed"
        ) from error
    return merge(folder, name)


def whole(folder: Path) -> bool:
    """Whether every table of a finished run is there."""
    return all(
        any((folder / f"{n}.{end}").is_file() for end in ("parquet", "arrows")) for n in SCHEMAS
    )


def part_folders(folder: Path) -> list[Path]:
    """The finished parts of a run, in order."""
    parts = folder / "parts"
    if not parts.is_dir():
        return []
    return sorted(p for p in parts.iterdir() if p.is_dir() and p.suffix != ".tmp")


def merge(folder: Path, name: str) -> pa.Table:
    """One table put together from the finished parts."""
    found = []
    for part in part_folders(folder):
        files = (
            sorted(part.glob("events-*.arrows")) if name == "events" else [part / f"{name}.arrow"]
        )
        for f in files:
            if name == "events":
                found.append(read_blocks(f))
            elif f.is_file():
                found.append(pa.ipc.open_file(str(f)).read_all())
    schema = SCHEMAS[name]
    return pa.concat_tables([t.cast(schema) for t in found]) if found else schema.empty_table()


def write_part(folder: Path, tables: Mapping[str, pa.Table]) -> None:
    """Write the small tables of a part into its folder."""
    for name, table in tables.items():
        if len(table):
            with (
                pa.OSFile(str(folder / f"{name}.arrow"), "wb") as f,
                pa.ipc.new_file(f, table.schema) as w,
            ):
                w.write_table(table)


def clear_parts(folder: Path) -> None:
    """Remove the parts once their tables stand."""
    shutil.rmtree(folder / "parts", ignore_errors=True)
