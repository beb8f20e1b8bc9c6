"""Replay: what a turn costs when its reply is in the call store already: resuming, and `mores replay`."""

from __future__ import annotations

import shutil
import tempfile
import time
from pathlib import Path

import mores
from _common import arguments, report, result
from _scene import Scene, talker
from mores import Mind, Population, Study
from mores.models.meter import Meter, Team


def main() -> None:
    """Measure and print."""
    parser = arguments(__doc__)
    parser.add_argument("--scenes", type=int, default=64)
    parser.add_argument("--turns", type=int, default=100)
    args = parser.parse_args()
    study = Study.of(
        Scene(turns=args.turns), Population.all(Mind()), replicates=args.scenes, name="replay"
    )
    costs = []
    with tempfile.TemporaryDirectory() as place:
        whole = mores.run(study, out=Path(place) / "whole", models={"players": talker()})
        for k in range(6):
            again = Path(place) / f"again{k}"
            again.mkdir()
            shutil.copy(Path(place) / "whole" / "store.sqlite", again)
            meter = Meter()
            begun = time.process_time()
            record = mores.run(study, out=again, models=Team({"players": talker()}, meter))
            costs.append((time.process_time() - begun) / (args.scenes * args.turns) * 1e6)
            if meter.total.made or record.hashes != whole.hashes:
                raise SystemExit("a stored reply was asked for again, or the record differs")
    ours = sorted(costs[1:])[2]
    report(
        [result("replay", ours, "us CPU a turn", goal="<= 30, nothing asked, the same record", met=ours <= 30)],
        args.json,
    )  # fmt: skip


if __name__ == "__main__":
    main()
