"""Record: how fast events are written and read, how many bytes one takes, and that kill -9 loses nothing acknowledged.

Easy data: agents in a cycle, values of three decimals, 5 % of events with words of a vocabulary of 30. Hard data:
random agents, values of full entropy, 20 % with words of a Zipf vocabulary of 5,000. Record mode: full.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np

from _common import arguments, median_seconds, report, result
from mores.engine import folder as disk
from mores.engine.levels import Level
from mores.engine.sink import Sink, read_blocks
from mores.record import Record
from mores.world import Events, Texts

SEATS, BLOCK = 10_000, 10_000


def batches(events: int, hard: bool) -> list[list[Events]]:
    """The events of a run as a world would give them: a plain and a spoken batch a step."""
    rng = np.random.default_rng(0)
    share = 0.2 if hard else 0.05
    out = []
    for _ in range(events // BLOCK):
        spoken = int(BLOCK * share)
        plain = BLOCK - spoken
        actor = rng.integers(0, SEATS, plain) if hard else np.arange(plain) % SEATS
        target = rng.integers(0, SEATS, plain) if hard else (np.arange(plain) + 1) % SEATS
        value = rng.random(plain) if hard else np.round(np.arange(plain) % 1000 / 1000, 3)
        words = rng.zipf(1.3, spoken) % 5000 if hard else np.arange(spoken) % 30
        said = (np.arange(spoken) % SEATS).astype(np.int32)
        out.append(
            [
                Events(
                    "give",
                    actor.astype(np.int32),
                    target.astype(np.int32),
                    value.astype(np.float32),
                ),
                Events("say", said, None, None, words.astype(np.int32)),
            ]
        )
    return out


def cohort(hard: bool) -> Any:
    """As much of a cohort as a sink looks at."""
    texts = Texts()
    texts.heaps[0] = [f"word{k} and what follows it" for k in range(5000 if hard else 30)]
    chance = SimpleNamespace(tables=np.array([0]))
    return SimpleNamespace(case=0, chance=chance, world=SimpleNamespace(seats=SEATS), texts=texts)


def write(path: Path, steps: list[list[Events]], table: Any) -> None:
    """Everything through a sink."""
    sink = Sink(path, Level())
    for step, events in enumerate(steps):
        sink.add(table, events, "player", (step, 0, step))
    sink.close()


def jsonl(path: Path, steps: list[list[Events]], table: Any) -> None:
    """The peer: one line of JSON an event, flushed a step."""
    heap = table.texts.heaps[0]
    with path.open("w") as f:
        for step, (plain, spoken) in enumerate(steps):
            assert plain.actor is not None and plain.target is not None and plain.value is not None
            rows = zip(
                plain.actor.tolist(), plain.target.tolist(), plain.value.tolist(), strict=True
            )
            f.writelines(
                json.dumps({"step": step, "kind": "give", "seat": a, "target": t, "value": v})
                + "\n"
                for a, t, v in rows
            )
            assert spoken.actor is not None and spoken.text is not None
            said = zip(spoken.actor.tolist(), spoken.text.tolist(), strict=True)
            f.writelines(
                json.dumps({"step": step, "kind": "say", "seat": a, "text": heap[n]}) + "\n"
                for a, n in said
            )
            f.flush()


def measure(hard: bool, events: int, place: Path) -> dict[str, Any]:
    """Speed and size of one kind of data."""
    steps, table = batches(events, hard), cohort(hard)
    ours = events / median_seconds(lambda: write(place / "a.arrows", steps, table), 3)
    part = steps[: len(steps) // 20]
    peer = events / 20 / median_seconds(lambda: jsonl(place / "a.jsonl", part, table), 1, 0)
    blocks = read_blocks(place / "a.arrows")
    start = time.perf_counter()
    disk.write_table(place, "events", blocks)
    compacting = time.perf_counter() - start
    stream, parquet = ((place / f).stat().st_size / events for f in ("a.arrows", "events.parquet"))
    least, most = (2.5e6, 20) if hard else (4e6, 1e9)
    goal = ">= 2.5 M events/s and <= 20 bytes an event" if hard else ">= 4 M events/s"
    return result(
        f"record, {'hard' if hard else 'easy'} data", ours / 1e6, "M events/s", peer=peer / 1e6, goal=goal,
        met=ours >= least and max(stream, parquet) <= most, peer_is="jsonl flushed a step", record="full",
        bytes_an_event={"stream": round(stream, 2), "parquet": round(parquet, 2)}, compacting_s=round(compacting, 2),
    )  # fmt: skip


def grouping(place: Path, events: int) -> dict[str, Any]:
    """A group-by over all events, the query alone on a warm file."""
    (place / "manifest.json").write_text(json.dumps({"schema": 1, "study": "bench"}))
    record = Record.open(place)
    con = record.connect()
    query = "select kind, count(*), avg(value) from events group by kind"
    seconds = median_seconds(lambda: con.sql(query).fetchall(), 7)
    return result(
        f"group-by over {events / 1e6:g} M events",
        seconds,
        "s",
        goal="<= 0.1 s",
        met=seconds <= 0.1,
    )


def _append(path: str, acknowledged: Any) -> None:
    steps, table = batches(200_000, hard=False), cohort(False)
    sink = Sink(Path(path), Level())
    step = 0
    while True:
        sink.add(table, steps[step % len(steps)], "player", (step, 0, step))
        sink.flush()
        step += 1
        acknowledged.value = step  # after the flush: this step must survive


def killed(place: Path, kills: int = 5) -> dict[str, Any]:
    """Steps acknowledged before kill -9 and missing after it."""
    lost = 0
    context = multiprocessing.get_context("fork")
    for k in range(kills):
        path = place / f"killed-{k}.arrows"
        acknowledged = context.Value("q", 0)
        child = context.Process(target=_append, args=(str(path), acknowledged))
        child.start()
        time.sleep(0.4 + 0.07 * k)
        assert child.pid is not None
        os.kill(child.pid, signal.SIGKILL)
        child.join()
        steps = read_blocks(path)["step"].to_numpy()
        lost += max(0, acknowledged.value - (int(steps.max()) + 1 if len(steps) else 0))
    return result(
        f"steps lost in {kills} kills", float(lost), "acknowledged steps", goal="0", met=lost == 0
    )


def main() -> None:
    """Measure and print."""
    parser = arguments(__doc__)
    parser.add_argument("--events", type=int, default=5_000_000)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        results = [measure(False, args.events, place), grouping(place, args.events)]
        results += [measure(True, args.events, place), killed(place)]
    report(results, args.json)


if __name__ == "__main__":
    main()
