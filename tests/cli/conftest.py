"""What the tests of the command line share: a folder of their own, a small study, and a way to call commands."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from mores.cli import app
from tests.cli.calling import Call, Done

STUDY = '''
from dataclasses import dataclass
from typing import Annotated, Literal
import numpy as np
from pydantic import Field
from mores import Case, Population, Reference, Rule, Study
from mores.design import study
from mores.institutions.noise import Noise
from mores.metrics.conduct import cooperation
from mores.metrics.welfare import payoff_per_round
from mores.policies.spec import policy
from mores.worlds.games.named import PrisonersDilemma


@dataclass(frozen=True)
class Breaks(Rule):
    name = "breaks"
    def act(self, turn, memory, chance):
        raise ValueError("broken on purpose")


@dataclass(frozen=True)
class Cheats(Rule):
    name = "cheats"
    def act(self, turn, memory, chance):
        return np.full(len(turn), 9, np.int8)


def who(name):
    return {"breaks": Breaks, "cheats": Cheats}[name]() if name in ("breaks", "cheats") else policy(name)


@study(source="Somebody 2020")
def little(
    players: tuple[str, ...] = ("tit-for-tat",),
    noise: tuple[Annotated[float, Field(ge=0, le=1)], ...] = (0.0, 0.2),
    rounds: Annotated[int, Field(ge=1)] = 4,
    replicates: Annotated[int, Field(ge=1)] = 4,
) -> Study:
    """A little study of cooperation."""
    cases = tuple(
        Case(
            world=Noise(PrisonersDilemma(rounds=rounds), p=p),
            population=Population.all(who(name)),
            condition={"players": name, "noise": p},
        )
        for name in players
        for p in noise
    )
    return Study(
        name="little",
        cases=cases,
        replicates=replicates,
        metrics=(cooperation, payoff_per_round),
        references=(Reference(metric="cooperation", source="People 2001", value=0.5, n=20),),
    )
'''


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that commands are called in, with a small study."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "little.py").write_text(STUDY)
    return tmp_path


@pytest.fixture
def call(here: Path) -> Call:
    """Call a command line in the folder; a traceback on standard error fails."""

    def called(*words: str, input: str | None = None) -> Done:
        found = CliRunner().invoke(app, list(words), input=input, prog_name="mores")
        assert found.exception is None or isinstance(found.exception, SystemExit), found.exception
        assert "Traceback" not in found.stderr
        return Done(found.exit_code, found.stdout, found.stderr)

    return called
