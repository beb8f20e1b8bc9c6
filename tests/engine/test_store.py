"""The call store keeps what was said once and what was answered for good; storage that fails says so."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

import mores
from mores import Mind, Population, Study
from mores.engine.store import Store, Stored
from mores.errors import RecordError, StorageError
from mores.thread import Log, Segment, Thread
from tests.engine.worlds import Drunk, Scene, Walk, talker


def stored(thread: Thread, key: bytes = b"k" * 16, text: str = "hello") -> Stored:
    """A reply to a thread."""
    return Stored(key, thread, b"s" * 16, "m", "players", "0", text)


def test_a_reply_survives_and_its_thread_can_be_read(tmp_path: Path) -> None:
    """What is committed is there when the file is opened again, words and all."""
    log = Log()
    log.add("Person 0: hi", None)
    log.add("a whisper", frozenset({1}))
    thread = Segment(Thread(None, "system", "rules"), log, 0, 2, 1).say("Your turn.")
    store = Store(tmp_path / "s.sqlite")
    store.put([stored(thread)])
    store.close()
    again = Store(tmp_path / "s.sqlite")
    assert again.get([b"k" * 16]) == {b"k" * 16: ("hello", None)}
    said = again.messages(thread.hash)
    assert [m["content"] for m in said] == ["rules", "Person 0: hi\na whisper", "Your turn."]


def test_a_first_reply_is_never_replaced() -> None:
    """The same key keeps what came first: nothing is paid for twice."""
    store = Store()
    thread = Thread(None, "system", "x")
    store.put([stored(thread, text="first")])
    store.put([stored(thread, text="second")])
    assert store.get([b"k" * 16])[b"k" * 16][0] == "first"


def test_a_dialogue_is_stored_once(tmp_path: Path) -> None:
    """Bytes grow with what is new: twice as many turns take about twice the space, not four times."""

    def size(turns: int) -> int:
        out = tmp_path / str(turns)
        study = Study.of(Scene(turns=turns), Population.all(Mind()), replicates=1)
        mores.run(study, out=out, models={"players": talker()})
        db = sqlite3.connect(out / "store.sqlite")
        read = "select sum(length(coalesce(text,''))+length(coalesce(lines,''))) from node"
        return int(db.execute(read).fetchone()[0])

    assert size(200) < 2.5 * size(100)


def test_a_store_of_another_schema_is_refused(tmp_path: Path) -> None:
    """A call store that a later version wrote is not misread."""
    path = tmp_path / "s.sqlite"
    Store(path).close()
    db = sqlite3.connect(path)
    db.execute("update meta set value='99'")
    db.commit()
    with pytest.raises(RecordError, match="schema 99"):
        Store(path)


def test_a_file_that_is_no_store_is_refused(tmp_path: Path) -> None:
    """Damage is said, with what to do."""
    path = tmp_path / "s.sqlite"
    path.write_bytes(b"not a database at all, but long enough to be looked at" * 20)
    with pytest.raises(RecordError, match="cannot be read"):
        Store(path)


def test_a_place_that_cannot_be_written_is_said() -> None:
    """Where no folder can be made, the message names it and the way out."""
    with pytest.raises(StorageError, match="--out"):
        mores.run(Study.of(Walk(), Population.all(Drunk())), out="/proc/nothing/here")


LIMIT = """
import resource, signal, sys
import mores
from mores import Population, Study
from mores.errors import StorageError
from mores.engine import chunk
from tests.engine.worlds import Drunk, Walk
chunk.SEATS = 300
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
study = Study.of(Walk(stop=0.01), Population.all(Drunk()), replicates=600)
if sys.argv[2] == "small":
    resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000))
try:
    mores.run(study, out=sys.argv[1])
except StorageError as error:
    print(error)
    sys.exit(3)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs limits of file size")
def test_a_full_disk_loses_nothing_that_was_finished(tmp_path: Path) -> None:
    """When a file cannot grow, the run says so; with space again it goes on to the same record."""
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}

    def attempt(out: str, size: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", LIMIT, str(tmp_path / out), size]
        return subprocess.run(command, env=env, capture_output=True, text=True, timeout=120)

    cut = attempt("cut", "small")
    assert cut.returncode == 3, cut.stderr
    assert "free space" in cut.stdout
    assert attempt("cut", "large").returncode == attempt("whole", "large").returncode == 0
    assert (
        mores.Record.open(tmp_path / "cut").hashes == mores.Record.open(tmp_path / "whole").hashes
    )
