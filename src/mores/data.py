"""Data: the sets that others published, where they can be had, and how they are read.

None of them is part of Mores. Each is a :class:`DataSet` (source, licence, and a checksum a file) and is read
from the folder that the environment variable `MORES_DATA` names (else `./data`), one sub-folder a set::

    table("repeated-pd-human", "df2011.csv")        # an Arrow table
    [state for state in available()]                # what `mores doctor` shows

A file that is not there raises :class:`~mores.errors.DataMissing`, which says where it can be had and under
which licence. A file cut short is refused; one whose bytes differ from the published ones is read with a warning.
"""

from __future__ import annotations

import hashlib
import os
import tomllib
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from mores.errors import DataMissing, UnknownName

if TYPE_CHECKING:
    import pyarrow as pa

FileState = Literal["ok", "missing", "changed"]


@dataclass(frozen=True, kw_only=True)
class DataFile:
    """One file of a set: what it should be and where it came from."""

    name: str
    sha256: str
    rows: int
    """Rows without the header."""
    origin: str
    """Its path in the source repository."""
    how: str = ""
    """What was done to the original; empty where the file is byte for byte the same."""


@dataclass(frozen=True, kw_only=True)
class DataSet:
    """Something that others published: what it is, where it can be had, under which licence."""

    slug: str
    """The name of its folder."""
    title: str
    source: str
    """Who published it, when and where."""
    repository: str
    commit: str
    licence: str
    year: int | None = None
    serves: tuple[str, ...] = ()
    """What it is for: games, studies, methods."""
    files: Mapping[str, DataFile]

    def table(self, file: str) -> pa.Table:
        """One of its files as an Arrow table; see :func:`table`."""
        return table(self.slug, file)


@dataclass(frozen=True)
class Availability:
    """Whether a set is here: the state of each of its files."""

    slug: str
    files: Mapping[str, FileState]

    @property
    def state(self) -> FileState:
        """`ok` if every file is as published, else `changed` if all are there, else `missing`."""
        states = set(self.files.values())
        return "missing" if "missing" in states else "changed" if "changed" in states else "ok"


@cache
def data_sets() -> Mapping[str, DataSet]:
    """Every data set that Mores knows, by slug."""
    text = resources.files("mores").joinpath("data_sets.toml").read_text(encoding="utf-8")
    return {slug: _data_set(slug, fields) for slug, fields in tomllib.loads(text).items()}


def _data_set(slug: str, fields: dict[str, Any]) -> DataSet:
    files = {name: DataFile(name=name, **of) for name, of in fields.pop("files").items()}
    serves = tuple(fields.pop("serves", ()))
    return DataSet(slug=slug, files=files, serves=serves, **fields)


def data_set(slug: str) -> DataSet:
    """The record of one set. Raises UnknownName."""
    try:
        return data_sets()[slug]
    except KeyError:
        raise UnknownName("data set", slug, data_sets()) from None


def folder() -> Path:
    """The folder that holds the sets: `MORES_DATA` if it is set and not empty, else `./data`."""
    return Path(os.environ.get("MORES_DATA") or "data")


def path(slug: str, file: str) -> Path:
    """Where a file of a set lies. Raises UnknownName, or DataMissing saying how to get it."""
    known = data_set(slug)
    if file not in known.files:
        raise UnknownName(f"file of the data set {slug!r}", file, known.files)
    here = folder() / slug / file
    if not here.is_file():
        raise DataMissing(_how_to_get(known, known.files[file]))
    _used[slug, file] = here.absolute()
    return here


_used: dict[tuple[str, str], Path] = {}


def used() -> list[str]:
    """The files that this process has read so far, with their checksums; a run's manifest names them."""
    return [f"{s}/{f} sha256:{sha256(at)}" for (s, f), at in sorted(_used.items()) if at.is_file()]


def _how_to_get(known: DataSet, file: DataFile) -> str:
    named = os.environ.get("MORES_DATA")
    where = f"MORES_DATA={named}" if named else "./data (MORES_DATA is not set)"
    change = f", {file.how}" if file.how else ""
    return (
        f"the data set {known.slug!r} ({known.title}) is not here: no file {known.slug}/{file.name} in {where}.\n"
        f"  It is public: {known.repository} at commit {known.commit}, file {file.origin}{change}.\n"
        f"  Licence: {known.licence}. Source: {known.source}.\n"
        f"  Put it at <folder>/{known.slug}/{file.name} and set MORES_DATA=<folder>; "
        f"`mores doctor` checks what is there."
    )


def sha256(file: Path) -> str:
    """The checksum of a file's bytes, as hexadecimal."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def verify(slug: str) -> Availability:
    """Compare every file of a set with its published checksum. Raises UnknownName."""
    states: dict[str, FileState] = {}
    for name, file in data_set(slug).files.items():
        here = folder() / slug / name
        if not here.is_file():
            states[name] = "missing"
        else:
            states[name] = "ok" if sha256(here) == file.sha256 else "changed"
    return Availability(slug, states)


def available() -> list[Availability]:
    """The state of every known set in the present folder, for `mores doctor` and `mores list data`."""
    return [verify(slug) for slug in data_sets()]


def table(slug: str, file: str) -> pa.Table:
    """A file of a set as an Arrow table, columns as in the file, an empty or `NA` field as null; also of JSON lines.

    Raises UnknownName; DataMissing if the file is absent, unreadable or has not the published number of rows.
    Warns if it has as many rows but other bytes.
    """
    import pyarrow as pa

    here = path(slug, file)
    expected = data_set(slug).files[file]
    try:
        read = _read(here)
    except (pa.ArrowInvalid, OSError) as error:
        raise DataMissing(f"{here} cannot be read: {error}. {_again(slug, file)}") from error
    if read.num_rows != expected.rows:
        raise DataMissing(
            f"{here} has {read.num_rows:,} rows where {expected.rows:,} were published: "
            f"it is cut short or another version. {_again(slug, file)}"
        )
    if sha256(here) != expected.sha256:
        warnings.warn(f"{here} is not the published file: its checksum differs", stacklevel=2)
    return read


def _read(here: Path) -> pa.Table:
    from pyarrow import csv, json

    if here.suffix == ".jsonl":
        return json.read_json(here)
    tabs = csv.ParseOptions(delimiter="\t" if here.suffix == ".tsv" else ",")
    nulls = csv.ConvertOptions(null_values=["", "NA"], strings_can_be_null=True)
    return csv.read_csv(here, parse_options=tabs, convert_options=nulls)


def _again(slug: str, file: str) -> str:
    known = data_set(slug)
    return f"Get {known.files[file].origin} again from {known.repository} at commit {known.commit}."
