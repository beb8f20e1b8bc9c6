"""Several processes: errors arrive as what they are, nobody is left behind, and one record comes of it."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import pytest

import mores
from mores import Mind, Population, Study
from mores.actions import Actions
from mores.agent import Memory
from mores.chance import Chance
from mores.engine import chunk
from mores.engine.store import Store, Stored
from mores.errors import BadValue, MoresError, RecordError, UnknownName
from mores.thread import Thread
from mores.world import Turn
from tests.engine.worlds import Drunk, Scene, Walk, talker


def walks(policy: Any, n: int = 40, **world: Any) -> Study:
    """Walkers, some to a chunk."""
    return Study.of(Walk(**world), Population.all(policy), replicates=n)


@pytest.mark.parametrize(
    "error",
    [
        UnknownName("world", "doner", ["donor-game"], "Look."),
        BadValue("sd", -1.0, "at least 0"),
        RecordError("it is damaged"),
    ],
)
def test_errors_survive_the_way_between_processes(error: MoresError) -> None:
    """An error that was pickled is the same error: its kind, its words and what it carries."""
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error)
    assert str(again) == str(error)
    assert vars(again) == vars(error)


@dataclass(frozen=True)
class Refusing(Drunk):
    """Finds in the middle of a run that it was set up wrongly."""

    name: ClassVar[str] = "refusing"
    how: str = "unknown"

    def act(self, turn: Turn, memory: Memory, chance: Chance) -> Actions:
        if self.how == "unknown":
            raise UnknownName("trait", "hieght", ["height"])
        if self.how == "value":
            raise BadValue("hook", lambda: None, "something that can be written down")
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError


@pytest.mark.parametrize(
    ("how", "kind", "says"),
    [
        ("unknown", UnknownName, "Did you mean 'height'"),
        ("value", MoresError, "something that can be written down"),
        ("killed", MoresError, "ended without a word"),
    ],
)
def test_errors_of_workers_are_clear(
    how: str, kind: type[Exception], says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever a worker ends in, the parent says it in words; the directory can be gone on with."""
    monkeypatch.setattr(chunk, "SEATS", 15)
    with pytest.raises(kind, match=says):
        mores.run(walks(Refusing(how=how)), out=tmp_path, workers=2)
    assert mores.Record.open(tmp_path).manifest["status"] == "running"


def test_workers_with_minds_make_the_record_of_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two processes that write into one store come to the record of one, calls and all."""
    monkeypatch.setattr(chunk, "THINKING", 3)
    study = Study.of(Scene(), Population.all(Mind()), replicates=12)
    models = {"players": talker()}
    one = mores.run(study, seed=5, out=tmp_path / "one", models=models)
    two = mores.run(study, seed=5, out=tmp_path / "two", models=models, workers=2)
    assert one.hashes == two.hashes
    assert len(two.calls) == 12 * 6


def test_the_first_stored_reply_is_what_was_said(tmp_path: Path) -> None:
    """Where another process has stored a reply meanwhile, that one is used: a replay would read it too."""
    path, thread = tmp_path / "store.sqlite", Thread(None, "system", "x")

    def reply(text: str) -> list[Stored]:
        return [Stored(b"k" * 16, thread, b"s", "m", "players", "0", text)]

    one, two = Store(path), Store(path)
    assert one.put(reply("first")) == {}
    assert two.put(reply("second")) == {b"k" * 16: ("first", None)}


ORPHANS = """
import sys, time
from pathlib import Path
import mores
from mores.engine import chunk
from tests.engine.test_contracts_workers import Slow, walks
chunk.SEATS = 15
mores.run(walks(Slow(), stop=0.01), out=sys.argv[1], workers=2)
"""


@dataclass(frozen=True)
class Slow(Drunk):
    """Takes its time."""

    name: ClassVar[str] = "slow"

    def act(self, turn: Turn, memory: Memory, chance: Chance) -> Actions:
        time.sleep(0.05)
        return super().act(turn, memory, chance)


def _started(code: str, out: Path) -> subprocess.Popen[bytes]:
    env: Mapping[str, str] = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    process = subprocess.Popen([sys.executable, "-c", code, str(out)], env=env)
    stop = time.monotonic() + 20
    while not list((out / "parts").glob("*.tmp")) and time.monotonic() < stop:
        time.sleep(0.01)
    return process


def _freed(out: Path) -> None:
    """Wait until nobody holds the directory; fails if somebody does for long."""
    from mores.engine.lock import locked

    stop = time.monotonic() + 20
    while True:
        try:
            with locked(out):
                return
        except RecordError:
            assert time.monotonic() < stop, "a worker outlived its parent"
            time.sleep(0.05)


@pytest.mark.skipif(sys.platform == "win32", reason="needs signals")
@pytest.mark.parametrize("by", [signal.SIGKILL, signal.SIGINT])
def test_no_worker_outlives_its_parent(by: signal.Signals, tmp_path: Path) -> None:
    """After kill -9 or Ctrl-C of the parent its workers end, and the same command can go on."""
    process = _started(ORPHANS, tmp_path)
    process.send_signal(by)
    try:
        assert process.wait(30) != 0
    finally:
        process.kill()
        process.wait()
    _freed(tmp_path)
    before = sorted((tmp_path / "parts").iterdir())
    time.sleep(0.3)
    assert sorted((tmp_path / "parts").iterdir()) == before
