"""Tournament: 16 classic strategies, 200 turns, 1 % noise, every pair and self-play, against the Axelrod library.

Through the whole engine. Record mode: full (every move), unless `--record` says otherwise.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import mores
from _common import arguments, median_seconds, report, result
from _peers import ask
from mores import Population, Study
from mores.institutions.noise import Noise
from mores.policies.spec import policy
from mores.registry import load

STRATEGIES = (
    "all-cooperate", "all-defect", "tit-for-tat", "grim", "pavlov", "random", "generous-tit-for-tat",
    "tit-for-two-tats", "two-tits-for-tat", "suspicious-tit-for-tat", "alternator", "anti-tit-for-tat", "joss",
    "hard-tit-for-tat", "hard-majority", "forgiving-tit-for-tat",
)  # fmt: skip
TURNS, NOISE = 200, 0.01


def study(repetitions: int) -> Study:
    """The round robin."""
    world = Noise(load("world", "prisoners-dilemma")(rounds=TURNS), NOISE)
    players = Population.round_robin([policy(s) for s in STRATEGIES])
    return Study.of(world, players, name="tournament", replicates=repetitions)


def measure(repetitions: int, record: str, peer: float | None, goal: float) -> dict[str, Any]:
    """Moves a second of the whole engine."""
    design = study(repetitions)
    moves = repetitions * 136 * 2 * TURNS
    repeats = 9 if repetitions < 100 else 3
    ours = moves / median_seconds(lambda: mores.run(design, record=record), repeats, 2)
    return result(
        f"tournament, {repetitions} repetitions", ours / 1e6, "M moves/s", peer=peer and peer / 1e6,
        goal=f">= {goal:g} times Axelrod", met=None if not peer else ours / peer >= goal, record=record,
        peer_is="Axelrod 4.14, one process",
    )  # fmt: skip


def main() -> None:
    """Measure and print."""
    parser = arguments(__doc__)
    parser.add_argument("--record", default="full")
    parser.add_argument("--no-peer", action="store_true", help="do not play the Axelrod library")
    args = parser.parse_args()
    script = Path(__file__).with_name("axelrod_moves.py")
    found = {} if args.no_peer else ask(sys.executable, script, "--time", "--repetitions", "5")
    peer = found.get("moves_per_second")
    if "skipped" in found:
        print(f"peer skipped: {found['skipped']}", file=sys.stderr)
    report([measure(10, args.record, peer, 150), measure(1000, args.record, peer, 400)], args.json)


if __name__ == "__main__":
    main()
