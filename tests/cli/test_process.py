"""The program as a process: start, help, Ctrl-C, pipes, folders that cannot be written."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

MORES = (sys.executable, "-m", "mores")
QUICK = ("run", "little.py", "--no-report", "--json")
LONG = (
    "run",
    "little.py",
    "rounds=40",
    "replicates=20000",
    "noise=0.1",
    "--no-report",
    "--json",
    "--out",
    "long",
)


def mores(*words: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run the program in the present folder."""
    env = {**os.environ, **more}
    return subprocess.run([*MORES, *words], capture_output=True, text=True, env=env)


def test_help_loads_nothing_heavy(here: Path) -> None:
    """The command line is there without numpy, pyarrow, pydantic or any plotting library."""
    code = (
        "import sys, mores.cli; "
        "print([m for m in ('numpy','pyarrow','duckdb','pydantic','scipy','pandas','altair') if m in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert found.stdout.strip() == "[]", found
    assert mores("--version").stdout.startswith("mores ")


def test_only_json_is_on_standard_output(here: Path) -> None:
    """Notes and progress go to standard error, whoever reads."""
    done = mores(*QUICK)
    assert done.returncode == 0 and json.loads(done.stdout)["study"] == "little"
    assert "Traceback" not in done.stderr


def test_ctrl_c_stops_and_the_same_command_goes_on(here: Path) -> None:
    """After a SIGINT in the middle the exit code is 130, and the record in the end is the uninterrupted one."""
    started = subprocess.Popen(
        [*MORES, *LONG], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    manifest = here / "long" / "manifest.json"
    while not manifest.exists() and started.poll() is None:
        time.sleep(0.01)
    time.sleep(0.05)
    started.send_signal(signal.SIGINT)
    out, err = started.communicate()
    assert started.returncode == 130, (out, err)
    assert "goes on from there" in err and "goes on from there" in json.loads(out)["error"]
    assert json.loads(manifest.read_text())["status"] == "running"
    again = mores(*LONG)
    assert again.returncode == 0 and "going on" in again.stderr
    whole = mores(*LONG[:-1], "whole")
    assert json.loads(again.stdout)["hashes"] == json.loads(whole.stdout)["hashes"]


def test_a_reader_that_stops_reading_is_no_error(here: Path) -> None:
    """`mores list policy | head -1` says nothing about broken pipes."""
    piped = f"{sys.executable} -m mores list policy --json | head -c 10"
    done = subprocess.run(piped, shell=True, capture_output=True, text=True)
    assert done.stdout == '[{"name": ' and done.stderr == ""


def test_what_is_unforeseen_is_one_line_and_a_traceback_only_on_demand(here: Path) -> None:
    """A study that fails in its own code exits 1 with a hint; MORES_DEBUG=1 shows where."""
    (here / "bad.py").write_text(
        "from mores.design import study\n@study()\ndef bad(x: int = 1):\n    raise RuntimeError('odd')\n"
    )
    done = mores("run", "bad.py")
    assert done.returncode == 1 and "Traceback" not in done.stderr
    assert "RuntimeError: odd" in done.stderr and "MORES_DEBUG=1" in done.stderr
    assert "Traceback" in mores("run", "bad.py", MORES_DEBUG="1").stderr


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser can write everywhere")
def test_a_read_only_folder_is_named(here: Path) -> None:
    """Nothing can be written: exit 1, the folder, and --out as the next step."""
    here.chmod(0o500)
    try:
        done = mores(*QUICK)
    finally:
        here.chmod(0o700)
    assert done.returncode == 1 and "--out" in done.stderr


def test_ctrl_c_leaves_the_table(here: Path) -> None:
    """A person who stops in the middle of a play gets one line and exit code 1."""
    words = [*MORES, "play", "prisoners-dilemma"]
    started = subprocess.Popen(
        words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert started.stderr is not None
    seen = ""
    while "[1]" not in seen:  # the first question is on the screen
        seen += started.stderr.readline()
    started.send_signal(signal.SIGINT)
    _, err = started.communicate()
    assert started.returncode == 1 and "you left the table" in err and "Traceback" not in err


@pytest.mark.skipif(sys.platform == "win32", reason="needs limits of file size")
@pytest.mark.parametrize(
    "more",
    [("replicates=500",), ("replicates=20", "population=mind", "--model", "scripted:random")],
    ids=["rules", "minds"],
)
def test_a_full_disk_is_one_message_and_nothing_is_lost(here: Path, more: tuple[str, ...]) -> None:
    """Files that cannot grow: exit 1 with the next step; with space again the same command ends as if nothing was."""
    import resource

    def small() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (16_000, 16_000))

    words = ("run", "little.py", "noise=0.1", "rounds=10", "--no-report", *more)
    # what measures coverage would find the disk full as well, and say so
    env = {k: v for k, v in os.environ.items() if not k.startswith("COVERAGE")}
    command = [*MORES, *words, "--json", "--out", "cut"]
    cut = subprocess.run(command, capture_output=True, text=True, preexec_fn=small, env=env)
    assert cut.returncode == 1 and "free space" in cut.stderr and "Traceback" not in cut.stderr
    assert "free space" in json.loads(cut.stdout)["error"]
    again, whole = (mores(*words, "--json", "--out", out) for out in ("cut", "whole"))
    assert again.returncode == 0 and "going on" in again.stderr
    assert json.loads(again.stdout)["hashes"] == json.loads(whole.stdout)["hashes"]


def test_a_run_is_replayed_from_any_folder(
    here: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The manifest names the study's file by a path that holds elsewhere."""
    assert mores(*QUICK, "--out", "it").returncode == 0
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    done = mores("replay", str(here / "it"), "--json")
    assert done.returncode == 0 and json.loads(done.stdout)["match"] is True, done.stderr


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="needs a folder that nobody can write")
def test_a_place_that_nobody_can_write_is_named(here: Path) -> None:
    """Also for the superuser there are such places."""
    done = mores(*QUICK, "--out", "/proc/runs")
    assert done.returncode == 1 and "choose another place with --out" in done.stderr
