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
