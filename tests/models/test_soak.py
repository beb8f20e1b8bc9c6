"""Many calls through mixed faults, and kills at random moments: nothing lost, nothing asked twice, nothing silent."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.engine.worlds import Scene

import mores
from mores import Mind, Population, Study
from mores.engine.store import Store
from mores.models.meter import Meter
from mores.models.spec import answerers
from mores.record import Record
from mores.testing import Endpoint
from mores.testing.faults import MIXED

QUICK = ",".join(f"{k}:0.02" for k in MIXED if k not in ("stall", "429"))


def play(server: Endpoint, out: Path, meter: Meter | None = None, scenes: int = 100) -> Record:
    """Some scenes of six turns by a server."""
    study = Study.of(Scene(turns=6), Population.all(Mind()), replicates=scenes)
    with server as url:
        return mores.run(study, out=out, models=answerers([f"{url}#m?backoff=0.02"], meter))


def test_a_fifth_of_attempts_broken(tmp_path: Path) -> None:
    """Every episode ends, every reply is stored once, and the record is the one without faults."""
    clean = play(Endpoint(reply="choice"), tmp_path / "clean")
    server, meter = Endpoint(reply="choice", faults=QUICK, latency_ms=(0, 5)), Meter()
    broken = play(server, tmp_path / "broken", meter)
    assert broken.hashes == clean.hashes
    assert meter.total.made == 600 and meter.total.failed == 0
    assert set(server.answered.values()) == {1} and len(server.answered) == 600
    assert set(broken.table("episodes")["status"].to_pylist()) == {"done"}
    assert 60 < meter.total.retried == server.stats["faults"]


def test_nothing_is_silent(tmp_path: Path) -> None:
    """With a tenth each of 429, 500, truncated envelopes and truncated words no turn is lost and all is on record."""
    faults = "429-bare:0.1,500:0.1,truncated-json:0.1,truncated-text:0.1"
    server, meter = Endpoint(reply="choice", faults=faults), Meter()
    record = play(server, tmp_path, meter, scenes=40)
    store = Store(tmp_path / "store.sqlite")
    missing = sum(record.table("episodes")["missing"].to_pylist())
    # three answers that are all cut off end a call: that is on record as what it is
    assert missing == meter.total.failed == store.counts()["failed"] <= 3
    assert record.table("faults").num_rows == missing
    broken = [row for row in store.attempts() if row[2] != "ok"]
    assert len(broken) == sum(server.stats[k.partition(":")[0]] for k in faults.split(","))


SCRIPT = """
import sys
import mores
from mores import Mind, Population, Study
from mores.engine import chunk
from mores.models.spec import answerers
from tests.engine.worlds import Scene
chunk.THINKING = 8
study = Study.of(Scene(turns=12), Population.all(Mind()), replicates=24)
mores.run(study, seed=3, out=sys.argv[1], models=answerers([sys.argv[2]]))
"""


def start(out: Path, spec: str) -> subprocess.Popen[bytes]:
    """The run as a process of its own."""
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    return subprocess.Popen([sys.executable, "-c", SCRIPT, str(out), spec], env=env)


@pytest.mark.skipif(sys.platform == "win32", reason="needs signals")
def test_killed_in_the_middle_of_calls(tmp_path: Path) -> None:
    """Killed with -9 while calls are under way and resumed: no stored reply is asked for again, the record is whole."""
    server = Endpoint(reply="choice", latency_ms=25, faults="500:0.1")
    out = tmp_path / "cut"
    with server as url:
        spec = f"{url}#m?backoff=0.02"
        stored: set[str] = set()
        for wait in (30, 110, 200):
            process = start(out, spec)
            _until(server, wait)
            process.send_signal(signal.SIGKILL)
            process.wait(30)
            asked = dict(server.asked)
            stored |= {row[0] for row in Store(out / "store.sqlite").all()}
        assert start(out, spec).wait(60) == 0
        assert stored and all(server.asked[key] == asked[key] for key in stored)
        assert start(tmp_path / "whole", spec).wait(60) == 0
    assert Record.open(out).hashes == Record.open(tmp_path / "whole").hashes


def _until(server: Endpoint, answered: int) -> None:
    """Wait until the server has given so many answers."""
    stop = time.monotonic() + 20
    while server.stats["answered"] < answered and time.monotonic() < stop:
        time.sleep(0.005)
