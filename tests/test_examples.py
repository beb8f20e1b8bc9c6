"""The examples run as they stand."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

from mores.design import resolve
from mores.engine.run import run

EXAMPLES = Path(__file__).parents[1] / "examples"
STUDIES = [p for p in sorted(EXAMPLES.iterdir()) if p.suffix == ".toml" or p.name == "mistakes.py"]
SCRIPTS = [p for p in sorted(EXAMPLES.glob("*.py")) if p not in STUDIES]


@pytest.mark.parametrize("path", STUDIES, ids=lambda p: p.name)
def test_studies_run(path: Path) -> None:
    """A study in a file resolves, plays and gives estimates without anything missing."""
    record = run(resolve(str(path), {"replicates": "4"}))
    assert len(record.events) and record.estimates
    assert all(e.missing == 0 for e in record.estimates)


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda p: p.name)
def test_scripts_run(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A script runs and says something."""
    runpy.run_path(str(path), run_name="__main__")
    assert capsys.readouterr().out.strip()


def test_every_example_is_tested() -> None:
    """Nothing in the folder is left out."""
    assert {p for p in EXAMPLES.iterdir() if p.suffix in (".py", ".toml")} == {*STUDIES, *SCRIPTS}
