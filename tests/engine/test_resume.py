"""Nothing is lost and nothing is paid for twice: kill -9, torn files, replay."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import mores
from mores import Mind, Population, Study
from mores.engine.sink import read_blocks
from mores.errors import RecordError
from mores.record import Record
from tests.engine.worlds import Drunk, Scene, Walk, talker

SCRIPT = """
import sys
from pathlib import Path
import mores
from mores import Mind, Population, Study
from mores.engine import chunk
from tests.engine.worlds import Drunk, Scene, Walk, talker
chunk.SEATS = 30
chunk.THINKING = 4
kind, out = sys.argv[1:]
if kind == "rules":
    study = Study.of(Walk(stop=0.02), Population.all(Drunk()), replicates=300)
    mores.run(study, seed=7, out=out)
else:
    study = Study.of(Scene(turns=12), Population.all(Mind()), replicates=12)
    mores.run(study, seed=7, out=out, models={"players": talker(0.002)})
"""


def start(kind: str, out: Path) -> subprocess.Popen[bytes]:
    """The run as a process of its own."""
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    return subprocess.Popen([sys.executable, "-c", SCRIPT, kind, str(out)], env=env)


@pytest.mark.parametrize("kind", ["rules", "minds"])
def test_kill_and_resume(kind: str, tmp_path: Path) -> None:
    """Killed with -9 again and again and run again, the record equals the uninterrupted one."""
    assert start(kind, tmp_path / "whole").wait(60) == 0
    whole = Record.open(tmp_path / "whole")
    out, kills = tmp_path / "cut", 0
    for wait in (0.5, 0.8, 1.1):
        process = start(kind, out)
        _until(out / "parts", wait)
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
            kills += 1
        process.wait(60)
    assert start(kind, out).wait(60) == 0
    resumed = Record.open(out)
    assert resumed.hashes == whole.hashes
    assert resumed.manifest["status"] == "finished"


def _until(parts: Path, extra: float) -> None:
    """Wait until the run has begun, then a little."""
    stop = time.monotonic() + 20
    while not parts.exists() and time.monotonic() < stop:
        time.sleep(0.01)
    time.sleep(extra - 0.45)


def test_stored_replies_are_not_asked_for_again(tmp_path: Path) -> None:
    """After a finished part is lost, running again asks no model at all."""
    study = Study.of(Scene(), Population.all(Mind()), replicates=4)
    whole = mores.run(study, out=tmp_path, models={"players": talker()})
    hashes = whole.hashes
    for f in tmp_path.glob("*.parquet"):
        f.unlink()
    (tmp_path / "manifest.json").write_text(
        (tmp_path / "manifest.json")
        .read_text()
        .replace('"status": "finished"', '"status": "running"')
    )
    silent = talker()
    silent.script = lambda request: (_ for _ in ()).throw(AssertionError("asked again"))
    assert mores.run(study, out=tmp_path, models={"players": silent}).hashes == hashes


def test_replay_verifies(tmp_path: Path) -> None:
    """A record that was changed by hand does not match what its seeds make, and the place is named."""
    study = Study.of(Walk(), Population.all(Drunk()), replicates=5)
    record = mores.run(study, seed=1, out=tmp_path)
    assert mores.replay(study, tmp_path).match
    import pyarrow as pa
    import pyarrow.parquet as pq

    seats = record.table("seats")
    score = seats["score"].to_numpy().copy()
    score[4] += 1
    changed = seats.set_column(4, "score", pa.array(score))
    pq.write_table(changed, tmp_path / "seats.parquet")
    found = mores.replay(study, tmp_path)
    assert not found.match and "seats: score is" in str(found.first_difference)


def test_a_torn_stream_gives_its_whole_batches(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cut anywhere, an event stream yields the batches before the cut and no error."""
    from mores.engine import sink

    monkeypatch.setattr(sink, "_LIMIT", 20)
    monkeypatch.setattr("mores.engine.folder.MANY", 0)
    study = Study.of(Walk(), Population.all(Drunk()), replicates=50)
    mores.run(study, out=tmp_path)
    stream = (tmp_path / "events.arrows").read_bytes()
    whole = len(read_blocks(tmp_path / "events.arrows"))
    torn, seen = tmp_path / "torn.arrows", set()
    for cut in range(0, len(stream), max(1, len(stream) // 40)):
        torn.write_bytes(stream[:cut])
        seen.add(len(read_blocks(torn)))
    assert max(seen) <= whole and 0 in seen


def test_another_study_is_not_written_over(tmp_path: Path) -> None:
    """A directory that holds another run is refused with both named."""
    mores.run(Study.of(Walk(), Population.all(Drunk()), name="one"), out=tmp_path)
    with pytest.raises(RecordError, match="holds another run: study 'one'"):
        mores.run(Study.of(Walk(stop=0.3), Population.all(Drunk()), name="two"), out=tmp_path)


def test_a_finished_run_is_not_played_again(tmp_path: Path) -> None:
    """The same command on a finished directory gives the record that is there."""
    study = Study.of(Walk(), Population.all(Drunk()))
    first = mores.run(study, out=tmp_path)
    stamp = (tmp_path / "events.parquet").stat().st_mtime_ns
    assert mores.run(study, out=tmp_path).hashes == first.hashes
    assert (tmp_path / "events.parquet").stat().st_mtime_ns == stamp


@pytest.mark.parametrize(
    ("damage", "says"),
    [
        (lambda d: (d / "manifest.json").write_text("{"), "cannot be read"),
        (lambda d: (d / "manifest.json").unlink(), "not a run directory"),
        (lambda d: (d / "manifest.json").write_text('{"schema": 0, "mores": "0.0.1"}'), "schema 0"),
        (lambda d: (d / "seats.parquet").write_bytes(b"PAR1 not really"), "damaged"),
    ],
)
def test_damaged_directories_are_explained(damage: object, says: str, tmp_path: Path) -> None:
    """A directory that cannot be read says what is wrong, never a traceback of a library."""
    mores.run(Study.of(Walk(), Population.all(Drunk())), out=tmp_path)
    damage(tmp_path)  # type: ignore[operator]
    with pytest.raises(RecordError, match=says):
        Record.open(tmp_path).table("seats")


def test_two_runs_cannot_share_a_directory(tmp_path: Path) -> None:
    """While one run writes, another into the same place is refused."""
    from mores.engine.lock import locked

    study = Study.of(Walk(), Population.all(Drunk()))
    with locked(tmp_path), pytest.raises(RecordError, match="another run is writing"):
        mores.run(study, out=tmp_path)


def test_a_table_that_was_removed_is_made_again(tmp_path: Path) -> None:
    """Reading a finished record without one of its tables says so; running again restores it."""
    study = Study.of(Walk(), Population.all(Drunk()))
    whole = mores.run(study, out=tmp_path).hashes
    (tmp_path / "seats.parquet").unlink()
    with pytest.raises(RecordError, match="lacks a table"):
        Record.open(tmp_path).table("events")
    assert mores.run(study, out=tmp_path).hashes == whole
