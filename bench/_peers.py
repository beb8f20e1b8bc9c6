"""Peers: other libraries in environments of their own, fetched when they are first measured."""

from __future__ import annotations

import json
import subprocess
import sys
import venv
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


def environment(name: str, *packages: str) -> Path:
    """The interpreter of `.venvs/NAME` with the packages in it."""
    place = ROOT / ".venvs" / name
    python = place / "bin" / "python"
    stamp = place / ".ready"
    if not stamp.exists():
        print(f"fetching {', '.join(packages)} into .venvs/{name}", file=sys.stderr)
        venv.create(place, with_pip=True, clear=True)
        install = [str(python), "-m", "pip", "install", "--quiet", *packages]
        subprocess.run(install, check=True, capture_output=True, text=True, timeout=900)
        stamp.touch()
    return python


def ask(python: Path | str, script: Path, *arguments: str, timeout: float = 900) -> dict[str, Any]:
    """What a peer's program prints as JSON; `{"skipped": reason}` where it could not be measured."""
    try:
        command = [str(python), str(script), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, timeout=timeout, check=False)
    except (OSError, subprocess.SubprocessError) as error:
        return {"skipped": str(error)}
    if done.returncode != 0:
        lines = (done.stderr or done.stdout).strip().splitlines()
        return {"skipped": lines[-1] if lines else f"exit {done.returncode}"}
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def measured(name: str, packages: tuple[str, ...], script: str, *arguments: str) -> dict[str, Any]:
    """A peer's figures, or why there are none."""
    try:
        python = environment(name, *packages)
    except (OSError, subprocess.SubprocessError) as error:
        return {"skipped": f"{packages[0]} could not be installed: {error}"}
    return ask(python, Path(__file__).parent / "peers" / script, *arguments)
