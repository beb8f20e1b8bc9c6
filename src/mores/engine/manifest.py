"""Manifest: what made a record, so that a reader can make it again."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
import platform
import subprocess
import sys
import time
from collections.abc import Mapping
from enum import Enum
from functools import cache, lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import PurePath
from typing import Any

import numpy as np

from mores.engine.levels import Level
from mores.instrument import Instrument
from mores.record import SCHEMA
from mores.study import Study

_LONG = 1000
"""A longer list is described by its hash: who sits in which of a million seats is in the record."""
_PACKAGES = ("mores", "numpy", "pyarrow", "duckdb", "scipy", "vl-convert-python")


def described(thing: Any) -> Any:
    """A part as plain data, all the way down; functions by their name, arrays by their hash."""
    if dataclasses.is_dataclass(thing) and not isinstance(thing, type):
        out = {f.name: described(getattr(thing, f.name)) for f in dataclasses.fields(thing)}
        name = getattr(thing, "name", type(thing).__name__)
        return {"name": name, **out}
    if isinstance(thing, Mapping):
        return {str(k): described(v) for k, v in thing.items()}
    if isinstance(thing, tuple | list):
        if len(thing) > _LONG:
            body = json.dumps(thing, default=described).encode()
            return {"list": len(thing), "hash": hashlib.blake2b(body, digest_size=8).hexdigest()}
        return [described(v) for v in thing]
    if isinstance(thing, np.ndarray):
        digest = hashlib.blake2b(np.ascontiguousarray(thing).tobytes(), digest_size=8).hexdigest()
        return {"array": list(thing.shape), "hash": digest}
    if isinstance(thing, np.generic):
        return thing.item()
    if thing is None or isinstance(thing, str | int | float | bool):
        return thing
    if isinstance(thing, set | frozenset):
        return sorted((described(v) for v in thing), key=repr)
    if isinstance(thing, Enum | PurePath | np.dtype):
        return str(thing)
    return getattr(thing, "__qualname__", type(thing).__name__)


def design(study: Study) -> dict[str, Any]:
    """The design of a study as plain data: what must be equal for a run to be gone on with."""
    cases = [
        {
            "condition": described(c.condition),
            "world": described(c.world),
            "population": described(c.population),
            "probes": [{**described(p), "instrument": _instrument(p.instrument)} for p in c.probes],
            "interventions": described(c.interventions),
        }
        for c in study.cases
    ]
    return {
        "study": study.name,
        "version": study.version,
        "replicates": study.replicates,
        "cases": cases,
    }


def _instrument(instrument: Instrument) -> dict[str, Any]:
    """What is asked: the instrument and its items, whatever its fields say."""
    items = [[i.id, i.text, i.space.key.hex()] for i in instrument.items()]
    digest = hashlib.blake2b(json.dumps(items).encode(), digest_size=8).hexdigest()
    return {**described(instrument), "items": digest}


def fingerprint(study: Study, seed: int, level: Level) -> str:
    """The hash of design, seed and level: two runs with the same one have the same record."""
    return _fingerprint(design(study), seed, level)


def _fingerprint(plan: dict[str, Any], seed: int, level: Level) -> str:
    body = json.dumps([plan, seed, str(level)], sort_keys=True, default=str)
    return hashlib.blake2b(body.encode(), digest_size=16).hexdigest()


def manifest(
    study: Study, seed: int, level: Level, models: Mapping[str, str], command: Mapping[str, Any]
) -> dict[str, Any]:
    """Everything a reader needs to make the record again."""
    from mores import __version__

    plan = design(study)

    return {
        "schema": SCHEMA,
        "mores": __version__,
        "status": "running",
        "study": study.name,
        "summary": study.summary,
        "source": study.source,
        "notes": list(study.notes),
        "settings": described(study.settings),
        "command": dict(command),
        "seed": seed,
        "replicates": study.replicates,
        "record": str(level),
        "fingerprint": _fingerprint(plan, seed, level),
        "design": plan,
        "models": dict(models),
        "packages": dict(_versions()),
        "git": _git(os.getcwd()),
        "data": _data(),
        "made": {
            "python": sys.version.split()[0],
            "platform": platform.platform(),
            "started": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        },
    }


@cache
def _versions() -> dict[str, str]:
    found = {}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


@lru_cache(maxsize=8)
def _git(folder: str) -> dict[str, Any] | None:
    """Commit of a folder and whether its tree is dirty; None outside a repository."""
    try:
        commit = _ask_git("rev-parse", "HEAD")
        return {
            "commit": commit,
            "dirty": bool(_ask_git("status", "--porcelain", "--untracked-files=no")),
        }
    except (OSError, subprocess.SubprocessError):
        return None


def _ask_git(*words: str) -> str:
    done = subprocess.run(["git", *words], capture_output=True, text=True, check=True, timeout=5)  # noqa: S603, S607
    return done.stdout.strip()


def _data() -> list[str]:
    """The files of others that were read so far in this process, with their checksums."""
    from mores import data

    return data.used()
