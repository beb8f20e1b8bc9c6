"""Saving: what an aligner changed, kept as plain files: traits as npz, settings and the log as JSON."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from mores.aligner import Change
from mores.design import parts
from mores.engine.folder import write_text
from mores.engine.sink import storage_failure
from mores.errors import RecordError, StorageError
from mores.study import Study


def make(folder: Path) -> None:
    """Make the folder of a loop; says what to do if it cannot be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / ".lock").touch()
    except OSError as error:
        raise StorageError(
            f"{folder} cannot be written ({error.strerror}); choose another place with --out"
        ) from error


def save(change: Change, folder: Path) -> None:
    """Keep a change so that :func:`load` makes the same study again.

    What is kept are the traits of every case and, from the log, `settings`: dotted settings and their
    new values. An aligner that changes anything else has to say so there.
    """
    arrays = {
        f"{arm}/{name}": np.asarray(column)
        for arm, case in enumerate(change.study.cases)
        for name, column in case.population.traits.items()
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        beside = folder / "traits.tmp"
        with beside.open("wb") as file:
            np.savez(file, **arrays)  # type: ignore[arg-type]
        os.replace(beside, folder / "traits.npz")
    except OSError as error:
        raise storage_failure(error) from error
    # last: a change is there when its log is
    write_text(folder / "change.json", json.dumps(change.log, indent=1, allow_nan=False) + "\n")


def load(folder: Path, study: Study) -> Change | None:
    """The change of `study` that was kept in a folder; None if there is none yet."""
    if not (folder / "change.json").is_file():
        return None
    try:
        log = json.loads((folder / "change.json").read_text(encoding="utf-8"))
        # opened here: numpy leaves a file open that turns out to be damaged
        with (folder / "traits.npz").open("rb") as file:
            kept = np.load(file, allow_pickle=False)
            arrays = {name: kept[name] for name in kept.files}
    except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
        raise RecordError(
            f"{folder} holds a change that cannot be read ({error}); remove that folder and run again"
        ) from error
    return Change(study=_changed(study, log.get("settings", {}), arrays), log=log)


def _changed(study: Study, settings: Mapping[str, Any], arrays: Mapping[str, Any]) -> Study:
    study = parts.apply(study, settings)
    cases = []
    for arm, case in enumerate(study.cases):
        mine = {n.partition("/")[2]: a for n, a in arrays.items() if n.startswith(f"{arm}/")}
        people = case.population.with_traits(**mine) if mine else case.population
        cases.append(replace(case, population=people))
    return replace(study, cases=tuple(cases))
