"""Workers: how much faster two processes play replicates than one, and that the record is the same."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import mores
from _common import arguments, median_seconds, report, result
from mores.design import resolve
from mores.record import Record


def main() -> None:
    """Measure and print."""
    parser = arguments(__doc__)
    parser.add_argument("--replicates", type=int, default=40_000)
    parser.add_argument("--record", default="full", help="record mode (default: full)")
    args = parser.parse_args()
    settings = {"institution": "reputation", "population": "evolving"}
    whole = resolve("donor-game", {**settings, "replicates": str(args.replicates)})
    study = replace(whole, metrics=(), estimates=None)  # what is shared out is the play
    hashes: dict[int, dict[str, str]] = {}

    def play(workers: int) -> None:
        with tempfile.TemporaryDirectory() as place:
            record = mores.run(study, out=Path(place) / "run", workers=workers, record=args.record)
            if workers not in hashes:
                hashes[workers] = Record.open(record.path or place).hashes

    for workers in (1, 2):
        play(workers)
    one, two = median_seconds(lambda: play(1), 3, 0), median_seconds(lambda: play(2), 3, 0)
    same = hashes[1] == hashes[2]
    report(
        [result("workers", one / two, "times as fast with --workers 2", goal=">= 1.7, identical content",
                met=one / two >= 1.7 and same, identical=same, one=one, two=two, record=args.record)],
        args.json,
    )  # fmt: skip


if __name__ == "__main__":
    main()
