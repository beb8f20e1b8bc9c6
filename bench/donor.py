"""Donor game: evolving numeric strategies with reputation, against Mesa and a bare numpy program.

An agent-step is one seat in one round (half of the seats give). 12 rounds played twice, 10 generations (fewer at a
million seats). Through the whole engine; every row names its record mode. The last rows say what keyed chance costs
beside the same game on one default generator, and how many bytes of state a seat takes.
"""

from __future__ import annotations

import sys
from typing import Any
from unittest import mock

import numpy as np

import mores
from _common import arguments, median_seconds, report, result
from _peers import ask, measured
from mores import Population, Study
from mores import chance as chances
from mores.chance import Chance
from mores.engine.cohort import Cohort
from mores.engine.seating import Seating
from mores.policies.spec import policy
from mores.registry import load

ROUNDS = 12
SIZES = ((100, 1, 10), (10_000, 1, 10), (1_000_000, 1, 3), (100, 1000, 10))
GOALS = {
    ("schedule", "full"): {(10_000, 1): 40, (1_000_000, 1): 20, (100, 1000): 25},
    ("random", "full"): {(10_000, 1): 18, (1_000_000, 1): 15, (100, 1000): 25},
    ("schedule", "aggregate"): {(100, 1000): 45},
}


def study(seats: int, worlds: int, generations: int, matching: str) -> Study:
    """The donor game with reputation over generations."""
    game = load("world", "donor-game")(seats=seats, rounds=ROUNDS, matching=matching)
    society = load("institution", "generations")(
        load("institution", "reputation")(game), generations
    )
    everyone = Population.all(policy("evolving-donor"))
    return Study.of(society, everyone, name="donor", replicates=worlds)


def speed(seats: int, worlds: int, generations: int, matching: str, record: str) -> float:
    """Agent-steps a second through the whole engine."""
    design = study(seats, worlds, generations, matching)
    steps = seats * worlds * ROUNDS * 2 * generations
    repeats = 1 if seats > 100_000 else 5
    return steps / median_seconds(lambda: mores.run(design, record=record), repeats)


def row(
    size: tuple[int, int, int], matching: str, record: str, peer: dict[str, Any]
) -> dict[str, Any]:
    """One size beside a peer."""
    seats, worlds, generations = size
    ours = speed(*size, matching, record) / 1e6
    goal = GOALS.get((matching, record), {}).get((seats, worlds))
    theirs = peer.get("agent_steps_per_second")
    return result(
        f"donor, {worlds} x {seats:,} seats, {matching}", ours, "M agent-steps/s", peer=theirs and theirs / 1e6,
        goal=f">= {goal} M" if goal else "", met=None if goal is None else ours >= goal, record=record,
        peer_is=peer.get("peer", peer.get("skipped", "none")), generations=generations,
    )  # fmt: skip


def package(name: str, size: tuple[int, int, int]) -> dict[str, Any]:
    """Mesa or AgentPy at one size; what would take minutes is left out."""
    seats, worlds, _ = size
    if worlds > 1 or seats > 100_000:
        return {"skipped": f"{name}: minutes; see the smaller sizes"}
    wanted = {"mesa": ("mesa>=3.3,<4",), "agentpy": ("agentpy==0.1.5",)}[name]
    generations = "10" if seats < 1000 else "1"
    return measured(name, wanted, f"{name}_donor.py", str(seats), str(ROUNDS), generations)


def bare(size: tuple[int, int, int]) -> dict[str, Any]:
    """The bare numpy program at one size."""
    from pathlib import Path

    seats, worlds, generations = size
    script = Path(__file__).parent / "peers" / "numpy_donor.py"
    return ask(sys.executable, script, str(seats), str(ROUNDS), str(generations), str(worlds))


class Plain(chances._Stream):
    """One default generator that goes on: what chance would cost without keys."""

    def __init__(self) -> None:
        super().__init__()
        self.rng = np.random.default_rng(0)

    def read(self, key: int, clock: int, start: int, count: int) -> chances.Words:
        """The next words, whatever was asked for."""
        return self.rng.integers(0, 2**32, count, np.uint32)


def keyed() -> dict[str, Any]:
    """The same game with fresh random pairs, on keyed chance and on one default generator."""
    size = (10_000, 1, 10)
    keyed_speed = speed(*size, "random", "none")
    with mock.patch.object(chances, "_stream", Plain()):
        plain = speed(*size, "random", "none")
    return result(
        "keyed chance", plain / keyed_speed, "times the cost of one default generator", goal="<= 1.3",
        met=plain / keyed_speed <= 1.3, record="none",
    )  # fmt: skip


def state() -> dict[str, Any]:
    """Bytes of state and memory a seat."""
    seats = 10_000
    case = study(seats, 1, 1, "schedule").cases[0]
    cohort = Cohort(0, Seating(case), Chance(0, np.arange(1)))
    size = _bytes(cohort.state) + _bytes(cohort.memory) + cohort.who.nbytes
    return result("state a seat", size / seats, "bytes", goal="<= 300", met=size / seats <= 300)


def _bytes(thing: Any) -> int:
    if isinstance(thing, np.ndarray):
        return thing.nbytes
    if isinstance(thing, dict | list | tuple):
        return sum(_bytes(v) for v in (thing.values() if isinstance(thing, dict) else thing))
    return sum(_bytes(v) for v in vars(thing).values()) if hasattr(thing, "__dict__") else 0


def main() -> None:
    """Measure and print."""
    args = arguments(__doc__).parse_args()
    rows = [row(size, "schedule", "full", package("mesa", size)) for size in SIZES]
    rows += [row(size, "schedule", "full", package("agentpy", size)) for size in SIZES[:2]]
    rows += [row(size, "schedule", "full", bare(size)) for size in SIZES]
    rows += [row(size, "random", "full", {"skipped": "none"}) for size in SIZES[1:]]
    rows += [row(SIZES[3], "schedule", "aggregate", {"skipped": "none"}), keyed(), state()]
    by_size = {r["name"]: r["ours"] for r in rows[:4]}
    small, large = (by_size[f"donor, 1 x {n:,} seats, schedule"] for n in (10_000, 1_000_000))
    rows.append(
        result(
            "cost from 10^4 to 10^6 seats",
            small / large,
            "times",
            goal="<= 2",
            met=small / large <= 2,
        )
    )
    report(rows, args.json)


if __name__ == "__main__":
    main()
