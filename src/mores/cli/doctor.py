"""Doctor: whether this machine has what Mores needs, and what to do where it has not."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import typer

from mores.cli import shell
from mores.cli.shell import Json

State = Literal["ok", "missing", "wrong"]
EXTRAS: dict[str, tuple[str, ...]] = {
    "stats": ("scipy",),
    "report": ("vl_convert",),
    "games": ("gymnasium", "pettingzoo"),
    "frames": ("pandas", "polars"),
    "http": ("aiohttp",),
    "hf": ("torch", "transformers"),
    "inspect": ("inspect_ai",),
}
CORE = ("numpy", "pyarrow", "duckdb", "pydantic", "typer", "rich", "jinja2")
LEAST_DISK = 1.0
"""Gigabytes below which a run is likely to end on a full disk."""
ENDPOINT = "MORES_ENDPOINT"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    what: str
    state: State
    found: str
    remedy: str = ""
    needed: bool = False
    """Whether nothing works without it; then the command exits 1."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("doctor")(doctor)


def doctor(json: Json = False) -> None:
    """Check Python, libraries, data folder and checksums, endpoint and disk; say what to do where something lacks."""
    from mores.cli import show

    found = list(findings())
    rows = [asdict(f) for f in found]
    shown = [
        {"": _MARKS[f.state], "what": f.what, "found": f.found, "remedy": f.remedy} for f in found
    ]
    broken = [f for f in found if f.needed and f.state != "ok"]
    shell.emit(json, {"ok": not broken, "findings": rows}, show.rows(shown, limit=len(shown)))
    if broken:
        raise typer.Exit(1)


_MARKS = {"ok": "ok", "missing": "–", "wrong": "!"}


def findings() -> Iterator[Finding]:
    """Everything that is looked at, in order."""
    checks: tuple[Callable[[], Iterator[Finding]], ...] = (
        _python,
        _core,
        _extras,
        _data,
        _endpoint,
        _disk,
    )
    for check in checks:
        yield from check()


def _python() -> Iterator[Finding]:
    version = ".".join(str(v) for v in sys.version_info[:3])
    good = sys.version_info >= (3, 11)
    yield Finding(
        "Python",
        "ok" if good else "wrong",
        version,
        "" if good else "install Python 3.11 or newer",
        True,
    )


def _core() -> Iterator[Finding]:
    from importlib.metadata import PackageNotFoundError, version

    from mores import __version__

    yield Finding("Mores", "ok", __version__)
    for name in CORE:
        try:
            yield Finding(name, "ok", version(name))
        except PackageNotFoundError:
            yield Finding(
                name, "missing", "not installed", "pip install --force-reinstall mores", True
            )


def _extras() -> Iterator[Finding]:
    from importlib.util import find_spec

    for extra, modules in EXTRAS.items():
        lacking = [m for m in modules if find_spec(m) is None]
        state: State = "missing" if lacking else "ok"
        found = f"without {', '.join(lacking)}" if lacking else ", ".join(modules)
        yield Finding(
            f"extra {extra}", state, found, f"pip install 'mores[{extra}]'" if lacking else ""
        )


def _data() -> Iterator[Finding]:
    from mores import data

    place = data.folder()
    if not place.is_dir():
        remedy = "set MORES_DATA to the folder with the data sets; the demonstration needs none"
        yield Finding("data folder", "missing", f"{place} is not there", remedy)
        return
    yield Finding("data folder", "ok", str(place))
    for each in data.available():
        yield _data_set(each)


def _data_set(each: object) -> Finding:
    from mores import data

    assert isinstance(each, data.Availability)
    known = data.data_set(each.slug)
    if each.state == "ok":
        return Finding(f"data {each.slug}", "ok", f"{len(each.files)} files as published")
    changed = [n for n, s in each.files.items() if s == "changed"]
    missing = [n for n, s in each.files.items() if s == "missing"]
    said = [f"not as published: {_few(changed)}"] if changed else []
    said += [f"without {_few(missing)}"] if missing else []
    again = "again " if changed else ""
    return Finding(
        f"data {each.slug}",
        "wrong" if changed else "missing",
        "; ".join(said),
        f"get it {again}from {known.repository} at {known.commit[:12]}",
    )


def _few(names: list[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def _endpoint() -> Iterator[Finding]:
    """Only whether one is named and can be reached; nothing is asked of it."""
    url = os.environ.get(ENDPOINT, "")
    if not url:
        yield Finding(
            "model endpoint",
            "missing",
            "none is named",
            f"not needed yet; set {ENDPOINT} to name one",
        )
        return
    import socket
    from urllib.parse import urlsplit

    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        with socket.create_connection((parts.hostname or "", port), timeout=3):
            yield Finding("model endpoint", "ok", f"{parts.hostname}:{port} answers")
    except OSError as error:
        remedy = f"start the server, or mend {ENDPOINT}"
        yield Finding("model endpoint", "wrong", f"{parts.hostname}:{port}: {error}", remedy)


def _disk() -> Iterator[Finding]:
    from mores.cli.folders import RUNS

    place = Path(RUNS) if Path(RUNS).is_dir() else Path.cwd()
    free = shutil.disk_usage(place).free / 1e9
    low = free < LEAST_DISK
    remedy = "free some space, or put runs elsewhere with --out" if low else ""
    yield Finding("disk", "wrong" if low else "ok", f"{free:,.1f} GB free for runs", remedy)
    if not os.access(place, os.W_OK):
        yield Finding(
            "runs folder",
            "wrong",
            f"{place.absolute()} cannot be written",
            "put runs elsewhere with --out",
        )
