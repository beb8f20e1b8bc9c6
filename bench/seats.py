"""Seats: 10,000 minds acting at once for 10 rounds, scripted replies: memory a seat, and what a turn costs.

Everything durable: replies in a call store on disk, events in full. Ten thousand people play dictator to ten thousand
others, round after round. Record mode: full.
"""

from __future__ import annotations

import resource
import tempfile
import time
from pathlib import Path

import mores
from _common import arguments, report, result
from mores import Mind, Population, Study
from mores.models.scripted import Scripted
from mores.registry import load


def peak() -> float:
    """The most memory this process has held, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024.0


def play(seats: int, rounds: int, place: Path) -> float:
    """Processor seconds of one run."""
    game = load("world", "dictator")(pairs=seats, rounds=rounds)
    study = Study.of(game, Population.all(Mind()), name="seats", replicates=1)
    start = time.process_time()
    record = mores.run(
        study, out=place, models={"players": Scripted(lambda request: "30", "thirty")}
    )
    seconds = time.process_time() - start
    assert len(record.calls) == seats * rounds and not len(record.faults)
    return seconds


def main() -> None:
    """Measure and print."""
    parser = arguments(__doc__)
    parser.add_argument("--seats", type=int, default=10_000)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        play(100, 2, place / "warm")
        before = peak()
        short = play(args.seats, 2, place / "short") / 2
        seconds = play(args.seats, 10, place / "long") / 10
        bytes_ = (peak() - before) / args.seats
    flat = seconds / short
    report(
        [
            result("memory a seat", bytes_ / 1000, "kB", goal="<= 8 kB", met=bytes_ <= 8000, record="full"),
            result("turn of a seat", seconds / args.seats * 1e6, "us CPU", goal="flat over rounds",
                   met=flat <= 1.3, ten_rounds_to_two=round(flat, 2), record="full"),
        ],
        args.json,
    )  # fmt: skip


if __name__ == "__main__":
    main()
