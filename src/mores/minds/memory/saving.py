"""Saving: what seats remember as JSON, to be looked at, kept, and brought along into another run."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from typing import Any

from mores.agent import Seat
from mores.errors import BadValue
from mores.minds.memory.lines import heard, restore

__all__ = ["remembered", "restore", "saved"]


def remembered(seat: Seat) -> dict[str, Any]:
    """What one seat remembers: its plain data and the lines that it knows; a copy that shares nothing."""
    mind = copy.deepcopy(seat.mind)
    mind.get("memory", {}).pop("past", None)  # they are among the lines
    return {"mind": mind, "lines": heard(seat)}


def saved(seats: Mapping[int, Seat] | Seat, indent: int | None = None) -> str:
    """What seats remember as JSON: of one seat, or of all by number (`saved(episode.cohort.seats)`).

    Give it to a thinker as `past`, and each of its seats begins with what that seat (or the one) remembered. Raises
    BadValue where a mind holds what is not plain data.
    """
    if isinstance(seats, Seat):
        found: dict[str, Any] = remembered(seats)
    else:
        found = {str(number): remembered(seat) for number, seat in sorted(seats.items())}
    try:
        return json.dumps(found, ensure_ascii=False, indent=indent, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise BadValue("seat.mind", "...", f"plain data that JSON can hold ({error})") from None
