"""Run every bench in this folder and print ours beside the peers' in one table.

Each bench is a program of its own, `bench/NAME.py --json`, and prints `{name, ours, peer, ratio, unit, goal,
met}` or a list of them. They run one after the other in fresh processes, so that none warms or slows another;
this runner imports none of them, nor Mores. A figure that is missing is shown as a dash, and a
bench that fails is a row with its last line of error, and exit code 1.

Usage::

    python bench/run.py [NAME ...] [--json] [--timeout SECONDS]
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

FOLDER = Path(__file__).resolve().parent
FIRST = ("tournament", "donor", "record", "workers", "startup")
"""Shown in this order; whatever else takes `--json` follows by name."""
NOT_BENCHES = {"run", "axelrod_moves"}


def benches() -> list[str]:
    """Names of the programs here that print figures: those that speak of `--json`."""
    found = {
        path.stem
        for path in FOLDER.glob("[!_]*.py")
        if path.stem not in NOT_BENCHES and "--json" in path.read_text(encoding="utf-8")
    }
    return [name for name in FIRST if name in found] + sorted(found - set(FIRST))


def last_line(text: str) -> str:
    """The line that says what went wrong."""
    lines = [line for line in text.strip().splitlines() if line.strip()]
    return lines[-1].strip() if lines else "no message"


def run_one(name: str, timeout: float) -> list[dict[str, Any]]:
    """Run one bench; its rows, or one row with the key `error`."""
    command = [sys.executable, str(FOLDER / f"{name}.py"), "--json"]
    start = time.perf_counter()
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=timeout, stdin=subprocess.DEVNULL
        )
    except subprocess.TimeoutExpired:
        return [{"name": name, "error": f"not finished after {timeout:.0f} s"}]
    if done.returncode:
        return [{"name": name, "error": f"exit {done.returncode}: {last_line(done.stderr)}"}]
    try:
        printed = json.loads(done.stdout)
    except ValueError:
        return [{"name": name, "error": f"printed no JSON: {last_line(done.stdout)}"}]
    rows = printed if isinstance(printed, list) else [printed]
    seconds = round(time.perf_counter() - start, 1)
    return [row | {"bench": name, "seconds": seconds} for row in rows]


def figure(value: object) -> str:
    """A number in three significant digits, a dash for what is missing."""
    if value is None or (isinstance(value, float) and value != value):
        return "–"
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    if abs(value) >= 1e6:
        return f"{value / 1e6:.3g} M"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def verdict(row: dict[str, Any]) -> str:
    """Whether the goal was met, in a word and a colour."""
    if "error" in row:
        return f"[red]{row['error']}"
    met = row.get("met")
    return "–" if met is None else "[green]yes" if met else "[yellow]no"


def table(rows: list[dict[str, Any]]) -> Table:
    """The rows as a table for the terminal."""
    out = Table(title="Benches: ours beside the peers'")
    out.add_column("name", overflow="fold")
    for column in ("ours", "peer", "ratio"):
        out.add_column(column, justify="right")
    for column in ("unit", "goal", "met"):
        out.add_column(column, overflow="fold")
    for row in rows:
        keys = ("ours", "peer", "ratio", "unit", "goal")
        out.add_row(str(row.get("name")), *(figure(row.get(key)) for key in keys), verdict(row))
    return out


def main() -> int:
    """Run what was asked for, print it, and exit 1 when a bench did not run."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of: {', '.join(benches())}")
    parser.add_argument("--json", action="store_true", help="print one JSON list and nothing else")
    parser.add_argument("--timeout", type=float, default=1800, help="seconds a bench may take")
    asked = parser.parse_args()
    known = benches()
    unknown = [name for name in asked.names if name not in known]
    if unknown:
        parser.error(f"no bench named {', '.join(unknown)}; there are {', '.join(known)}")
    errors = Console(stderr=True)
    rows: list[dict[str, Any]] = []
    for name in asked.names or known:
        with errors.status(f"bench {name}"):
            rows += run_one(name, asked.timeout)
    if asked.json:
        print(json.dumps(rows))
    else:
        Console().print(table(rows))
    return int(any("error" in row for row in rows))


if __name__ == "__main__":
    sys.exit(main())
