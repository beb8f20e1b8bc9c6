"""What the benches share: medians, and one way to print a result."""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable, Sequence
from typing import Any


def median_seconds(action: Callable[[], object], repeats: int = 5, warm: int = 1) -> float:
    """The median wall time of an action over some repeats, after a warm-up."""
    for _ in range(warm):
        action()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        action()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def result(
    name: str,
    ours: float,
    unit: str,
    *,
    peer: float | None = None,
    goal: str = "",
    met: bool | None = None,
    **more: Any,
) -> dict[str, Any]:
    """One line of a bench: ours, the peer's, their ratio, the goal and whether it is met."""
    ratio = None if not peer else ours / peer
    return {
        "name": name,
        "ours": ours,
        "peer": peer,
        "ratio": ratio,
        "unit": unit,
        "goal": goal,
        "met": met,
        **more,
    }


def report(results: Sequence[dict[str, Any]], as_json: bool) -> None:
    """Print results for a person, or as one JSON value."""
    if as_json:
        print(json.dumps(results[0] if len(results) == 1 else list(results)))
        return
    for r in results:
        beside = f", peer {r['peer']:.4g}, ratio {r['ratio']:.3g}" if r["peer"] else ""
        verdict = "" if r["met"] is None else (" met" if r["met"] else " NOT met")
        print(
            f"{r['name']}: {r['ours']:.4g} {r['unit']}{beside}; goal {r['goal'] or 'none'}{verdict}"
        )
        for key in sorted(set(r) - {"name", "ours", "peer", "ratio", "unit", "goal", "met"}):
            print(f"    {key}: {r[key]}")


def arguments(text: str | None) -> argparse.ArgumentParser:
    """The options every bench has."""
    parser = argparse.ArgumentParser(description=text)
    parser.add_argument("--json", action="store_true", help="print one JSON value")
    return parser
