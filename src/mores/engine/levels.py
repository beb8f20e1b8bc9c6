"""Levels of record: how much of what happened is kept. What is left out replays from seeds and replies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mores.errors import BadValue
from mores.world import Events

if TYPE_CHECKING:
    from mores.engine.cohort import Cohort

CONSEQUENCES = frozenset(("score", "born", "limit", "announce"))
"""Kinds that nobody decided; `record=decisions` leaves these out."""


@dataclass(frozen=True)
class Level:
    """`full`, `decisions`, `sample:K` (the first K tables of each case in full), `aggregate`, `none`."""

    name: str = "full"
    sample: int = 0

    @classmethod
    def of(cls, text: str) -> Level:
        """Read a level as the command line writes it."""
        if text in ("full", "decisions", "aggregate", "none"):
            return cls(text)
        head, _, count = text.partition(":")
        if head == "sample" and count.isdecimal() and int(count) > 0:
            return cls("sample", int(count))
        allowed = "full, decisions, sample:K (K tables of each case), aggregate or none"
        raise BadValue("record", text, allowed)

    def __str__(self) -> str:
        return f"sample:{self.sample}" if self.name == "sample" else self.name

    def keep(self, cohort: Cohort, events: Sequence[Events]) -> Sequence[Events]:
        """The events that are recorded as blocks."""
        if self.name == "full":
            return events
        if self.name == "decisions":
            return [e for e in events if e.kind not in CONSEQUENCES]
        if self.name == "sample":
            return _first_tables(cohort, events, self.sample)
        return ()


def _first_tables(cohort: Cohort, events: Sequence[Events], k: int) -> list[Events]:
    inside = cohort.tables < k
    if inside.all():
        return list(events)
    if not inside.any():
        return []
    out, seats = [], cohort.world.seats
    for e in events:
        actor = np.arange(len(inside) * seats, dtype=np.int32) if e.actor is None else e.actor
        rows = np.flatnonzero(inside[actor // seats])
        part = [None if x is None else x[rows] for x in (e.target, e.value, e.text)]
        out.append(Events(e.kind, actor[rows], part[0], part[1], part[2], e.audience))
    return out


class Aggregate:
    """Per (case, season, round, kind): how many events and the sum and squares of their values.

    `first` names the chunk; how its tables were batched does not matter, but for the last bits of sums.
    """

    def __init__(self, first: int = 0) -> None:
        self.first = first
        self.sums: dict[tuple[int, int, int, int, str], list[float]] = {}

    def add(self, cohort: Cohort, events: Sequence[Events], clock: tuple[int, int, int]) -> None:
        """Count what happened in one step."""
        for e in events:
            n = len(cohort) * cohort.world.seats if e.actor is None else len(e.actor)
            key = (cohort.case, self.first, clock[1], clock[2], e.kind)
            row = self.sums.setdefault(key, [0.0, 0.0, 0.0, 0.0])
            row[0] += n
            if e.value is not None and n:
                v = e.value.astype(np.float64, copy=False)
                good = (v == v) & (v >= 0) if e.value.dtype.kind != "f" else v == v
                whole = bool(good.all())
                v = v if whole else v[good]
                row[1] += len(v)
                row[2] += float(v.sum())
                row[3] += float(
                    np.square(v).sum()
                )  # not v @ v: that wakes threads for a few thousand numbers
