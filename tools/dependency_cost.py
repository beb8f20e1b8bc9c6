"""Measure what each core dependency costs: megabytes on disk and seconds to import.

A fresh environment is made in a temporary folder and filled by pip with the core of this checkout, nothing else; a
package's size is that of its own files and, apart, of everything it needs (shared needs are counted with each).
Import time is the median of five new interpreters, the bare interpreter's start taken off.

Usage::

    python tools/dependency_cost.py            # print a Markdown table
    python tools/dependency_cost.py --limit 360  # exit 1 if the core takes more than 360 MB
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
ASK = """
import importlib.metadata as m, json, pathlib, re
out = {}
for d in m.distributions():
    files = {pathlib.Path(d.locate_file(f)).resolve() for f in d.files or ()}
    size = sum(f.stat().st_size for f in files if f.is_file())
    needs = [re.split(r"[^A-Za-z0-9._-]", r)[0].lower().replace("_", "-")
             for r in d.requires or () if "extra ==" not in r]
    out[d.metadata["Name"].lower().replace("_", "-")] = [d.version, size, needs]
print(json.dumps(out))
"""

Parts = dict[str, tuple[str, int, list[str]]]


def installed(python: Path) -> Parts:
    """Every distribution of an environment: version, bytes, requirements."""
    done = subprocess.run([str(python), "-c", ASK], capture_output=True, text=True, check=True)
    return {name: (row[0], row[1], row[2]) for name, row in json.loads(done.stdout).items()}


def closure(parts: Parts, roots: list[str]) -> set[str]:
    """Everything that some distributions need, themselves included."""
    found: set[str] = set()
    waiting = list(roots)
    while waiting:
        name = waiting.pop()
        if name in parts and name not in found:
            found.add(name)
            waiting += parts[name][2]
    return found


def megabytes(parts: Parts, names: set[str]) -> float:
    """Size of some distributions."""
    return sum(parts[name][1] for name in names) / 1e6


def seconds(python: Path, code: str, repeats: int = 5) -> float:
    """Median time of a fresh interpreter that runs a line."""
    times = []
    for _ in range(repeats + 1):
        start = time.perf_counter()
        subprocess.run([str(python), "-c", code], check=True, stdin=subprocess.DEVNULL)
        times.append(time.perf_counter() - start)
    return median(times[1:])


def folder_size(folder: Path) -> int:
    """Bytes of all files under a folder."""
    return sum(f.stat().st_size for f in folder.rglob("*") if f.is_file() and not f.is_symlink())


def report(python: Path) -> float:
    """Print the table; returns the megabytes of the whole core."""
    parts = installed(python)
    core = [re.split(r"[^a-z0-9-]", need)[0] for need in parts["mores"][2]]
    bare = seconds(python, "pass")
    print("| dependency | version | MB | MB with what it needs | seconds to import |")
    print("| --- | --- | --- | --- | --- |")
    for name in core:
        cost = seconds(python, f"import {name}") - bare
        own, whole = megabytes(parts, {name}), megabytes(parts, closure(parts, [name]))
        print(f"| {name} | {parts[name][0]} | {own:.1f} | {whole:.1f} | {cost:.2f} |")
    packages = next(iter(python.parent.parent.glob("lib/python*/site-packages")))
    pip = sum(folder_size(f) for f in packages.glob("pip*"))
    pip += sum(
        folder_size(f) for name in ("setuptools*", "pkg_resources") for f in packages.glob(name)
    )
    total = (folder_size(packages) - pip) / 1e6
    print(f"| all of the core, byte-compiled | | | {total:.0f} | |")
    return total


def main() -> int:
    """Make the environment, measure, compare with the limit."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--limit", type=float, help="megabytes that the core may take")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        python = Path(folder) / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
        pip = [str(python), "-m", "pip", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "install", str(ROOT)], check=True, stdin=subprocess.DEVNULL)
        total = report(python)
    if asked.limit is not None and total > asked.limit:
        print(f"the core takes {total:.0f} MB; at most {asked.limit:.0f}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
