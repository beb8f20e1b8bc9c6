"""Lines: what a seat has heard, from earlier runs and in this one, and where its own life began."""

from __future__ import annotations

import copy
import json
from typing import Any

from mores.agent import Seat
from mores.thread import Thread

CHARACTERS_A_TOKEN = 4
"""Characters of English text a token, roughly; what "about so many tokens" means here."""


def state(seat: Seat) -> dict[str, Any]:
    """The plain data of a seat's memory, made when first needed."""
    found: dict[str, Any] = seat.mind.setdefault("memory", {})
    return found


def past(seat: Seat) -> list[str]:
    """The lines that it brought along from earlier runs."""
    found: list[str] = state(seat).get("past", [])
    return found


def heard(seat: Seat, start: int = 0) -> list[str]:
    """All lines that it knows, those from earlier runs first, from number `start` on."""
    before = past(seat)
    now = seat.log.heard(seat.born, len(seat.log.lines), seat.seat)
    return before[start:] + now[max(0, start - len(before)) :]


def last(seat: Seat, count: int) -> tuple[list[str], int]:
    """The last `count` lines that it knows, and how many came before them."""
    lines = heard(seat)
    cut = max(0, len(lines) - count)
    return lines[cut:], cut


def root(seat: Seat) -> Thread:
    """The thread's first message: the standing rules and who it is."""
    node = seat.thread
    assert node is not None
    while node.parent is not None:
        node = node.parent
    return node


def restore(seat: Seat, text: str) -> None:
    """Give a seat what JSON says it remembered; read anew for every seat, so that nothing is shared."""
    loaded: dict[str, Any] = json.loads(text)
    mine = loaded.get(str(seat.seat), {}) if "mind" not in loaded else loaded
    seat.mind = copy.deepcopy(mine.get("mind", {}))
    kept = state(seat)
    kept["past"] = list(mine.get("lines", []))
    kept.pop("told", None)  # of a thread that is gone


def tokens(text: str) -> int:
    """About how many tokens a text has: four characters each, rounded up."""
    return -(-len(text) // CHARACTERS_A_TOKEN)
