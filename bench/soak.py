"""Soak: 20,000 calls at concurrency 256 with a fifth of attempts broken: all end, stored once, the same record."""

from __future__ import annotations

import contextlib
import json
import resource
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import mores
from _common import arguments, report, result
from _scene import Scene
from mores import Mind, Population, Study
from mores.models.meter import Meter
from mores.models.spec import answerers
from mores.record import Record


@contextlib.contextmanager
def server(*options: str) -> Iterator[str]:
    """The test server in a process of its own; its URL."""
    command = [sys.executable, "-m", "mores.testing.endpoint", "--port", "0", "--reply", "choice"]
    with subprocess.Popen([*command, *options], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


def play(study: Study, place: Path, *options: str) -> tuple[Record, Meter, dict[str, int], float]:
    """The study by a server of its own: record, meter, what the server counted, seconds."""
    with server(*options) as url:
        meter, start = Meter(), time.perf_counter()
        record = mores.run(study, out=place, models=answerers([f"{url}#soak?limit=256"], meter))
        seconds = time.perf_counter() - start
        with urllib.request.urlopen(url.removesuffix("/v1") + "/stats") as answer:  # noqa: S310
            return record, meter, json.load(answer), seconds


def main() -> None:
    """Measure and print."""
    parser = arguments(__doc__)
    parser.add_argument("--calls", type=int, default=20_000)
    parser.add_argument("--faults", default="mixed:0.2")
    args = parser.parse_args()
    turns = 20
    study = Study.of(
        Scene(turns=turns), Population.all(Mind()), replicates=args.calls // turns, name="soak"
    )
    with tempfile.TemporaryDirectory() as place:
        clean, _, _, _ = play(study, Path(place) / "clean")
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        record, meter, stats, seconds = play(study, Path(place) / "broken", "--faults", args.faults)
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        same = record.hashes == clean.hashes
        t = meter.total
        rows = record.table("calls").num_rows
    whole = t.failed == 0 and rows == t.made == args.calls
    report(
        [result("soak", t.made / seconds, "calls/s", goal="every call answered and stored once, the same record",
                met=same and whole and stats["peak"] <= 256, same_record=same, failed=t.failed, retried=t.retried,
                faults=stats["faults"], peak=stats["peak"], seconds=seconds, more_memory_mb=grown / 1024)],
        args.json,
    )  # fmt: skip


if __name__ == "__main__":
    main()
