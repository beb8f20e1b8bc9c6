"""A package of somebody else: its world, policy and study are found by entry points and used like our own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

CODE = '''
from dataclasses import dataclass
from mores import Case, Metric, Population, Study
from mores.agent import Rule
from mores.chance import below
from mores.design import study
from mores.worlds.games.named import PrisonersDilemma
import numpy as np


@dataclass(frozen=True)
class Errand(PrisonersDilemma):
    """Two people decide whether to run an errand for each other."""

    name = "errand"


@dataclass(frozen=True)
class Helper(Rule):
    """Always runs the errand."""

    name = "helper"

    def act(self, turn, memory, chance):
        return np.zeros(len(turn), np.int8)


def _helped(record):
    c = record.column("choose")
    return record.sample(c.arm, c.table, c.value == 0)


@study(source="Somebody 2021")
def errands(rounds: int = 3, replicates: int = 2) -> Study:
    """Do helpers help?"""
    case = Case(world=Errand(rounds=rounds), population=Population.all(Helper()))
    metrics = (Metric(name="helped", measure=_helped),)
    return Study(name="errands", cases=(case,), replicates=replicates, metrics=metrics)
'''
ENTRIES = """
[mores.worlds]
errand = thirdparty:Errand

[mores.policies]
helper = thirdparty:Helper

[mores.studies]
errands = thirdparty:errands
broken-errands = thirdparty:nothing_like_it
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the package as an installer leaves it: the module, and its metadata beside it."""
    place = tmp_path_factory.mktemp("site")
    (place / "thirdparty.py").write_text(CODE)
    info = place / "thirdparty-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: thirdparty\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(ENTRIES)
    return place


def python(
    installed: Path, here: Path, *words: str, said: str = ""
) -> subprocess.CompletedProcess[str]:
    """A new interpreter that has the package."""
    path = os.pathsep.join([str(installed), os.environ.get("PYTHONPATH", "")])
    return subprocess.run(
        [sys.executable, *words],
        capture_output=True,
        text=True,
        cwd=here,
        env={**os.environ, "PYTHONPATH": path},
        input=said,
    )


def test_parts_of_another_package_are_listed_run_and_played(
    installed: Path, tmp_path: Path
) -> None:
    """Its world is in the list with its summary, its study runs with its policy, and a person can take a seat."""
    mores = ("-m", "mores")
    listed = json.loads(python(installed, tmp_path, *mores, "list", "world", "--json").stdout)
    assert {"errand": "Two people decide whether to run an errand for each other."}.items() <= {
        e["name"]: e["summary"] for e in listed
    }.items()
    ran = python(installed, tmp_path, *mores, "run", "errands", "rounds=2", "--no-report", "--json")
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout)["estimates"][0]["value"] == 1.0
    replayed = python(installed, tmp_path, *mores, "replay", "runs/errands", "--json")
    assert json.loads(replayed.stdout)["match"] is True, replayed.stderr
    words = ("play", "errand", "rounds=2", "--others", "helper", "--json")
    played = python(installed, tmp_path, *mores, *words, said="2\n2\n")
    assert played.returncode == 0 and json.loads(played.stdout)["scores"] == [10.0, 0.0]


def test_a_part_that_cannot_be_loaded_hides_no_other(installed: Path, tmp_path: Path) -> None:
    """An entry point that leads nowhere is listed with the reason; running it is one message."""
    listed = python(installed, tmp_path, "-m", "mores", "list", "study", "--json")
    by = {e["name"]: e["summary"] for e in json.loads(listed.stdout)}
    assert "cannot be loaded" in by["broken-errands"] and by["errands"] == "Do helpers help?"
    done = python(installed, tmp_path, "-m", "mores", "run", "broken-errands")
    assert done.returncode in (1, 2) and "Traceback" not in done.stderr
    assert "nothing_like_it" in done.stderr and "unforeseen" not in done.stderr


def test_our_checks_hold_for_worlds_and_policies_of_others(installed: Path, tmp_path: Path) -> None:
    """`mores.testing` takes them by their registered names."""
    code = (
        "from mores.registry import load\n"
        "from mores.testing import check_policy, check_world\n"
        "check_world(load('world', 'errand')())\n"
        "check_policy(load('policy', 'helper')(), [load('world', 'errand')()])\n"
    )
    done = python(installed, tmp_path, "-c", code)
    assert done.returncode == 0, done.stderr
