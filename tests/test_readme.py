"""What the README shows runs as it stands."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
COMMANDS = [
    re.split(r"\s#", line)[0].strip()  # a # inside a word names a model
    for block in re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
    for line in block.splitlines()
    if line.startswith(".venv/bin/mores")
]


def test_the_python_runs() -> None:
    """The Python of the README, as it is written."""
    pytest.importorskip("pandas")
    for block in re.findall(r"```python\n(.*?)```", README, re.DOTALL):
        exec(compile(block, "README.md", "exec"), {})


def test_there_are_commands() -> None:
    """The README shows commands."""
    assert len(COMMANDS) >= 8


@pytest.mark.parametrize("command", [c for c in COMMANDS if " run " in c])
def test_run_commands_can_be_planned(command: str, tmp_path: Path) -> None:
    """Every `mores run` of the README is understood: study, settings and options (nothing is played)."""
    from typer.testing import CliRunner

    from mores.cli import app

    words = shlex.split(command)[1:]
    if "human-repeated-pd" in words:
        pytest.importorskip("scipy")
    if "--out" in words:
        words[words.index("--out") + 1] = str(tmp_path / "out")
    done = CliRunner().invoke(app, [*words, "--dry-run", "--replicates", "2"])
    if "MORES_DATA" in done.output:
        pytest.skip("needs data")
    assert done.exit_code == 0, done.output
