"""Endpoint: dialogues of ten turns against a server of 200 ms, at 64, 256 and 1,024 at once.

The server is `python -m mores.testing.endpoint` in a process of its own. Ideal is dialogues / 0.2 s. CPU is that of our
process alone, everything on: call store, record, meter. Beside each a bare aiohttp loop that sends the same bodies and
keeps nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mores
from _common import arguments, report, result
from _scene import Scene
from mores import Mind, Population, Study
from mores.models.spec import answerers

GOALS = {64: 305.0, 256: 1150.0, 1024: 3800.0}
LATENCY = 200


@contextlib.contextmanager
def server(*options: str) -> Iterator[str]:
    """The test server in a process of its own; its URL."""
    command = [sys.executable, "-m", "mores.testing.endpoint", "--port", "0", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


def dialogues(url: str, count: int, turns: int) -> tuple[float, float]:
    """Calls a second, and CPU microseconds a call."""
    study = Study.of(Scene(turns=turns), Population.all(Mind()), replicates=count, name="dialogues")
    with tempfile.TemporaryDirectory() as place:
        cpu, wall = time.process_time(), time.perf_counter()
        record = mores.run(
            study, out=Path(place) / "run", models=answerers([f"{url}#bench?schemas=off"])
        )
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
        calls = record.table("calls").num_rows
        if calls != count * turns or record.table("faults").num_rows:
            raise SystemExit(f"{calls} calls of {count * turns}, or some were not read")
    return calls / wall, cpu / calls * 1e6


async def bare(url: str, count: int, turns: int) -> float:
    """Calls a second of aiohttp alone."""
    import aiohttp

    words = [
        {"role": "system", "content": "You are person 0 of 2."},
        {"role": "user", "content": "Speak. " * 40},
    ]
    body = json.dumps({"model": "bench", "messages": words}).encode()
    headers = {"Content-Type": "application/json"}

    async def talk(session: aiohttp.ClientSession) -> None:
        for _ in range(turns):
            async with session.post(
                f"{url}/chat/completions", data=body, headers=headers
            ) as response:
                json.loads(await response.read())

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        start = time.perf_counter()
        await asyncio.gather(*(talk(session) for _ in range(count)))
        return count * turns / (time.perf_counter() - start)


def measure(url: str, count: int, turns: int, repeats: int) -> dict[str, Any]:
    """The median of some runs, and the bare loop's."""
    runs = sorted(dialogues(url, count, turns) for _ in range(repeats))
    rate, cpu = runs[len(runs) // 2]
    peer = sorted(asyncio.run(bare(url, count, turns)) for _ in range(repeats))[repeats // 2]
    goal = GOALS.get(count)
    return result(
        f"endpoint, {count} dialogues", rate, "calls/s", peer=peer,
        goal=f">= {goal:g}, <= 250 us CPU a call" if goal else "",
        met=rate >= goal and cpu <= 250 if goal else None,
        cpu_us_a_call=cpu, ideal=count / LATENCY * 1000, peer_is="a bare aiohttp loop",
    )  # fmt: skip


def main() -> None:
    """Measure and print."""
    parser = arguments(__doc__)
    parser.add_argument("--dialogues", type=int, nargs="+", default=list(GOALS))
    parser.add_argument("--turns", type=int, default=10)
    parser.add_argument("--repeats", type=int, default=3)
    args = parser.parse_args()
    with server("--latency-ms", str(LATENCY), "--reply", "choice") as url:
        dialogues(url, 8, 2)  # imports and connections
        rows = [measure(url, count, args.turns, args.repeats) for count in args.dialogues]
    report(rows, args.json)


if __name__ == "__main__":
    main()
