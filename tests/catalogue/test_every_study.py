"""Every study of the catalogue, as small as it goes: rehearsed, played, measured, shown and made again."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from mores import registry
from mores.cli import app
from mores.design import find, resolve
from mores.engine.chunk import thinks
from mores.errors import DataMissing

SMALL: dict[str, tuple[str, ...]] = {
    "axelrod-tournament": ("turns=5", "strategies=tit-for-tat,grim,random"),
    "donor-game": ("generations=2",),
    "human-games": ("game=dictator,trust",),
    "human-repeated-pd": ("draws=20",),
    "punishment-learning": (
        "episodes=4",
        "windows=2",
        "seats=3",
        "direct=false",
        "third_party=false",
    ),
    "repeated-games": ("game=battle-of-the-sexes", "players=alternator,alternator"),
}
"""Settings that keep a study of several seconds short."""


def called(*words: str) -> tuple[int, Any, str]:
    """Exit code, JSON and standard error of a command line."""
    done = CliRunner().invoke(app, [*words, "--json"], prog_name="mores")
    assert "Traceback" not in done.stderr and "unforeseen" not in done.stderr, done.stderr
    return done.exit_code, json.loads(done.stdout), done.stderr


@pytest.mark.parametrize("name", registry.names("study"))
def test_every_study_runs(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two replicates: a rehearsal counts what is then played, figures are there or counted as missing, the report is
    written, and the replay is the same."""
    monkeypatch.chdir(tmp_path)
    try:
        study = resolve(name, {"replicates": "2"})
    except DataMissing as missing:
        pytest.skip(str(missing).splitlines()[0])
    models = ("--model", "scripted:random") if any(map(thinks, study.cases)) else ()
    words = (name, "replicates=2", *SMALL.get(name, ()), *models)
    code, rehearsed, err = called("run", *words, "--dry-run")
    assert code == 0 and rehearsed["tables"] >= 2 and not (tmp_path / "runs").exists(), err
    code, found, err = called("run", *words, "--out", "it", "--no-report")
    assert code == 0, (found.get("error"), err)
    assert found["estimates"]
    for e in found["estimates"]:
        low, value, high = e["low"], e["value"], e["high"]
        if value is None:
            assert low is None and high is None, e
        else:
            assert None in (low, high) or low - 1e-6 <= value <= high + 1e-6, e
    code, rows, _ = called("sql", "it", "select count(*) as n from episodes")
    assert rows == [{"n": rehearsed["tables"]}]
    code, again, err = called("report", "it")
    assert code == 0 and again["hashes"] == found["hashes"]
    assert (tmp_path / "it" / "report.html").stat().st_size > 5_000, err
    assert called("replay", "it")[1]["match"] is True


@pytest.mark.parametrize("name", registry.names("study"))
def test_every_study_says_what_it_is(name: str) -> None:
    """A summary that is a sentence, a source where it follows one, and settings whose defaults are allowed."""
    from mores.design.settings import read

    design = find(name)
    assert len(design.summary) > 20, name
    for p in design.parameters.values():
        assert read(p, p.default) == p.default or (
            isinstance(p.default, float) and math.isnan(p.default)
        )
