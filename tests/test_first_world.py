"""The page "Your first world" runs as it is written."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from types import ModuleType

PAGE = Path(__file__).parents[1] / "docs" / "first-world.md"


def test_the_page_runs() -> None:
    """Every Python block of the page, in order, in one module."""
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert len(blocks) >= 4
    module = ModuleType("commons")
    sys.modules["commons"] = module  # dataclasses look their module up
    try:
        for block in blocks:
            exec(compile(block, str(PAGE), "exec"), module.__dict__)
        assert len(module.record.episodes) == 50
        assert module.episode.over
    finally:
        del sys.modules["commons"]


def test_the_world_is_short() -> None:
    """A new game is one file of well under 100 lines."""
    block = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)[0]
    assert block.count("\n") < 75
