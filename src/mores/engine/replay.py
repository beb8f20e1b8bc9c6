"""Replay: a record made again from its seeds and stored replies, and compared with what is on disk."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mores.engine.run import Answerers, run
from mores.errors import RecordError
from mores.record import TABLES, Record
from mores.study import Study


@dataclass(frozen=True)
class Replayed:
    """Whether a record is what its seeds and replies make."""

    match: bool
    hashes: dict[str, str]
    """Of the record on disk."""
    again: dict[str, str]
    """Of the record made again."""
    first_difference: str | None
    """Where the two first differ, in words."""


def replay(
    study: Study, path: str | Path, *, models: Answerers | None = None, workers: int = 1
) -> Replayed:
    """Make the record in `path` again and compare; no model is asked for what the call store holds."""
    old = Record.open(path)
    seed, level = int(old.manifest["seed"]), str(old.manifest["record"])
    with tempfile.TemporaryDirectory(prefix="mores-replay-") as place:
        store = Path(path) / "store.sqlite"
        if len(old.table("calls")) and not store.exists():
            raise RecordError(
                f"{store} is not there: the {len(old.table('calls'))} replies of this run cannot be replayed; "
                "restore it from a copy, or run the study again into another --out"
            )
        if store.exists():
            for f in Path(path).glob("store.sqlite*"):
                shutil.copy(f, Path(place) / f.name)
        try:
            new = run(study, out=place, seed=seed, record=level, models=models, workers=workers)
        except RecordError as error:  # a damaged store: what it is a copy of
            raise RecordError(str(error).replace(place, str(path))) from error
        difference = next(
            (_first(old, new, n) for n in TABLES if old.hashes[n] != new.hashes[n]), None
        )
        return Replayed(difference is None, old.hashes, new.hashes, difference)


def _first(old: Record, new: Record, name: str) -> str:
    """The first row in which two tables differ, in words."""
    tables = [r.events.arrow if name == "events" else r.table(name) for r in (old, new)]
    left, right = tables
    keys = [
        c
        for c in ("arm", "table", "step", "season", "round", "seat", "kind", "item")
        if c in left.column_names
    ]
    order = [(k, "ascending") for k in keys]
    left, right = left.sort_by(order) if order else left, right.sort_by(order) if order else right
    if len(left) != len(right):
        return f"{name}: {len(left)} rows on disk, {len(right)} when made again"
    for column in left.column_names:
        x, y = (
            left[column].to_numpy(zero_copy_only=False),
            right[column].to_numpy(zero_copy_only=False),
        )
        with np.errstate(invalid="ignore"):
            same = (x == y) | ((x != x) & (y != y)) | _both_none(x, y)
        if not same.all():
            k = int(np.flatnonzero(~same)[0])
            where = {n: left[n][k].as_py() for n in keys}
            return f"{name}: {column} is {x[k]!r} on disk and {y[k]!r} when made again, at {where}"
    return f"{name}: the same rows in another arrangement"


def _both_none(x: Any, y: Any) -> Any:
    if x.dtype != object:
        return False
    return np.array([a is None and b is None for a, b in zip(x, y, strict=True)])
