"""Feelings: guilt and satisfaction that rise with what one does and fade with time."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from mores.errors import BadValue
from mores.world import Events

Feeling = Literal["guilt", "satisfaction"]
HIGHEST = 10.0
"""No level rises above it (HORMONE_MAX_LEVEL of the released code), or falls below 0."""
_SPEC = re.compile(
    r"(?P<kind>[\w-]+)(?:\[(?P<low>-?[\d.]*):(?P<high>-?[\d.]*)\])? (?P<feeling>guilt|satisfaction) "
    r"(?P<by>[\d.]+)(?: (?P<who>actor|target|both))?(?: (?P<lasting>lasting))?"
)


@dataclass(frozen=True)
class Stir:
    """What stirs a feeling: events of a kind, whose doer (or target, or both) feels `by` more.

    `low` and `high` restrict it to events with a value between them. `lasting`: it is felt in full on the next turn,
    having come after time has passed (being somewhere) rather than before (doing something).
    By spec: `tap guilt 10`, `transfer satisfaction 8 both`, `choose[1:1] guilt 10`, `attend satisfaction 5 lasting`.
    """

    kind: str
    feeling: Feeling
    by: float
    who: Literal["actor", "target", "both"] = "actor"
    low: float = float("-inf")
    high: float = float("inf")
    lasting: bool = False

    @classmethod
    def read(cls, spec: Stir | str) -> Stir:
        """A stir by its spec. Raises BadValue."""
        if isinstance(spec, Stir):
            return spec
        m = _SPEC.fullmatch(spec.strip())
        if m is None:
            raise BadValue(
                "stirs", spec, "for example 'tap guilt 10' or 'choose[1:1] guilt 10 actor'"
            )
        feeling: Feeling = "guilt" if m["feeling"] == "guilt" else "satisfaction"
        who: Literal["actor", "target", "both"] = m["who"] or "actor"  # type: ignore[assignment]
        low, high = float(m["low"] or "-inf"), float(m["high"] or "inf")
        return cls(m["kind"], feeling, float(m["by"]), who, low, high, m["lasting"] is not None)

    def __str__(self) -> str:
        bounds = ""
        if (self.low, self.high) != (float("-inf"), float("inf")):
            low = "" if self.low == float("-inf") else f"{self.low:g}"
            high = "" if self.high == float("inf") else f"{self.high:g}"
            bounds = f"[{low}:{high}]"
        last = " lasting" if self.lasting else ""
        return f"{self.kind}{bounds} {self.feeling} {self.by:g} {self.who}{last}"

    def times(self, seat: int, events: Iterable[Events]) -> int:
        """How often a seat was stirred by some events."""
        return sum(self._times(seat, e) for e in events if e.kind == self.kind)

    def _times(self, seat: int, event: Events) -> int:
        value = event.value
        size = len(value) if event.actor is None and value is not None else None
        actor = event.actor if event.actor is not None else np.arange(size or seat + 1)
        mine = np.zeros(len(actor), bool)
        if self.who in ("actor", "both"):
            mine |= actor == seat
        if self.who in ("target", "both") and event.target is not None:
            mine |= event.target == seat
        return int((mine & self._within(value, len(actor))).sum())

    def _within(self, value: NDArray[Any] | None, k: int) -> NDArray[np.bool_]:
        if value is None:
            return np.ones(k, bool)
        inside: NDArray[np.bool_] = (value >= self.low) & (value <= self.high)
        return inside


def moved(
    levels: dict[str, float],
    seat: int,
    events: Sequence[Events],
    stirs: Iterable[Stir],
    decay: float,
) -> dict[str, int]:
    """Let a step's events stir a seat's levels in place; how often each feeling was stirred by what was done.

    Rises come first and are cut at :data:`HIGHEST`, then all levels fall by `decay`, then come lasting rises: what
    is left is what is felt at the next turn, as DECIDE-SIM orders it (act; time passes; where one is).
    A world that keeps feelings of its own tells their levels in events named after them: those are taken as they are.
    """
    stirred: dict[str, int] = {}
    known = [s for s in stirs if s.feeling in levels]
    for after in (False, True):
        for stir in (s for s in known if s.lasting is after):
            times = stir.times(seat, events)
            if times:
                levels[stir.feeling] = min(HIGHEST, levels[stir.feeling] + times * stir.by)
                if not after:
                    stirred[stir.feeling] = stirred.get(stir.feeling, 0) + times
        if not after:
            for feeling in levels:
                levels[feeling] = max(0.0, levels[feeling] - decay)
    for event in events:
        if event.kind in levels and event.actor is None and event.value is not None:
            levels[event.kind] = float(event.value[seat])
    return stirred
