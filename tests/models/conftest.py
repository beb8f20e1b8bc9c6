"""What the tests of models share: one pocket model, trained once a session."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from mores.models.pocket import Trained


@pytest.fixture(scope="session")
def pocket(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Trained]:
    """A pocket model that imitates tit for tat in a short prisoner's dilemma, and what its training came to."""
    for library in ("torch", "transformers"):
        pytest.importorskip(library, reason="needs the extra hf")
    from mores.models.pocket import train
    from mores.models.pocket_lessons import Lesson
    from mores.policies.spec import policy
    from mores.policies.strategies.classic import TitForTat
    from mores.worlds.games.named import PrisonersDilemma

    lesson = Lesson(PrisonersDilemma(rounds=4), TitForTat(), (policy("random"),))
    folder = tmp_path_factory.mktemp("pocket")
    return folder, train(folder, [lesson], steps=240, seconds=300, tables=300)
