"""Folders: where a run goes, and which run a folder holds."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from mores.errors import RecordError
from mores.record import Record
from mores.study import Study

RUNS = "runs"
COMMAND = "command.json"
LEVELS = 4
State = Literal["new", "unfinished", "finished", "other"]


@dataclass(frozen=True)
class Place:
    """A folder for a run, and what it holds of it already."""

    path: Path
    state: State
    changed: bool = False
    """Whether the study's file is another than when the part that is here was played."""

    @property
    def said(self) -> str:
        """What is to be said before the run; empty for a new one."""
        if self.state == "unfinished":
            since = "; its file has changed since: remove the folder to begin anew"
            going_on = f"{self.path} holds a part of this run: going on from there"
            return going_on + (since if self.changed else "")
        if self.state == "finished":
            return f"{self.path} holds this run already: nothing is played again"
        return ""


def place(asked: Path | None, study: Study, fingerprint: str, command: Mapping[str, Any]) -> Place:
    """The folder asked for; else the first of runs/STUDY, runs/STUDY-2, ... that is free or holds this run.

    `command` is what the manifest of this run would keep: who answers, and the checksum of the study's file.
    """
    if asked is not None:
        state = holds(asked, fingerprint, command)
        if state == "other" and (was := _same_design(asked, fingerprint)) is not None:
            other = _models(was) != _models(command)
            how = "played by other models" if other else "as its file was before"
            raise RecordError(
                f"{asked} holds this study {how}; choose another --out, or remove that folder"
            )
        return _placed(asked, state, command)
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", study.name).strip("-.") or "study"
    number = 1
    while True:
        path = Path(RUNS) / (name if number == 1 else f"{name}-{number}")
        state = holds(path, fingerprint, command)
        if state != "other":
            return _placed(path, state, command)
        number += 1


def _placed(path: Path, state: State, command: Mapping[str, Any]) -> Place:
    changed = state == "unfinished" and _code(Record.open(path).manifest) != command.get("code")
    return Place(path, state, changed)


def holds(path: Path, fingerprint: str, command: Mapping[str, Any]) -> State:
    """What a folder is to a run."""
    if not path.exists() or (path.is_dir() and not any(path.iterdir())):
        return "new"
    try:
        manifest = Record.open(path).manifest
    except RecordError:
        only_parts = (
            path.is_dir() and not (path / "manifest.json").exists() and (path / "parts").is_dir()
        )
        return "new" if only_parts else "other"
    was = manifest.get("command") or {}
    if manifest.get("fingerprint") != fingerprint or _models(was) != _models(command):
        return "other"
    if manifest.get("status") != "finished":
        return "unfinished"  # what was mended may be what cut it off
    return "finished" if _code(manifest) == command.get("code") else "other"


def _models(command: Mapping[str, Any]) -> dict[str, str]:
    """Who answered, by what tells models apart: a server may move, and patience may change."""
    from mores.cli.answering import identities

    return identities(command.get("models") or {})


def _code(manifest: Mapping[str, Any]) -> Any:
    return (manifest.get("command") or {}).get("code")


def _same_design(path: Path, fingerprint: str) -> Mapping[str, Any] | None:
    """The command of a run of the same design; None where there is none."""
    try:
        manifest = Record.open(path).manifest
    except RecordError:
        return None  # the engine says what is wrong with it
    return (manifest.get("command") or {}) if manifest.get("fingerprint") == fingerprint else None


@dataclass(frozen=True)
class Opened:
    """A run directory and, where it can be made again, the study that made it."""

    record: Record
    study: Study | None
    notes: tuple[str, ...] = ()
    own: bool = True
    """False where the study only tells how the record is measured: its worlds or agents were changed since."""


def opened(path: Path) -> Opened:
    """The record in a folder with its study; says in `notes` why it has none, or that the study has changed since."""
    from mores.design import rebuild
    from mores.engine.levels import Level
    from mores.engine.manifest import fingerprint
    from mores.errors import MoresError

    record = Record.open(path)
    notes = []
    if record.manifest.get("status") != "finished":
        notes.append(f"the run in {path} is not finished; the same `mores run` goes on with it")
    command = record.manifest.get("command") or _beside(path)
    own = bool(record.manifest.get("command"))
    try:
        study = rebuild({**record.manifest, "command": command})
    except Exception as error:  # whatever the file that made it does now
        said = error if isinstance(error, MoresError) else f"{type(error).__name__}: {error}"
        return Opened(record, None, (*notes, f"its study cannot be made again: {said}"))
    if not own:
        return Opened(record, study, tuple(notes), own=False)
    level = Level.of(str(record.manifest["record"]))
    if fingerprint(study, int(record.manifest["seed"]), level) != record.manifest.get(
        "fingerprint"
    ):
        notes.append(
            "the study has changed since this run was made: its worlds or populations are not the same"
        )
    return Opened(record, study, tuple(notes))


def _beside(path: Path) -> Any:
    """The command of the loop that a folder is a part of."""
    for folder in list(path.resolve().parents)[:LEVELS]:
        try:
            return json.loads((folder / COMMAND).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
    return None


def keep_command(folder: Path, command: Mapping[str, Any]) -> None:
    """Keep beside a loop what made it, so that the records of its rounds can be measured again."""
    from mores.engine.folder import write_text

    write_text(folder / COMMAND, json.dumps(command, indent=1, default=str) + "\n")
