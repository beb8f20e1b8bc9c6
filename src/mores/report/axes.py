"""Axes: where they begin and end, when they are logarithmic, and how their numbers are written."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from mores.report.charts import Spec
from mores.report.numbers import is_share

FOLD = 50
"""Values of one sign that lie further apart than this are put on a log scale."""


@dataclass(frozen=True)
class Span:
    """The numbers that an axis has to hold."""

    low: float
    high: float
    unit: str

    @classmethod
    def of(cls, values: Iterable[float], unit: str) -> Span:
        """The span of those that are finite."""
        there = [v for v in values if math.isfinite(v)]
        return cls(min(there, default=0.0), max(there, default=1.0), unit)

    @property
    def log(self) -> bool:
        """Whether a linear axis would hide the small ones."""
        return not is_share(self.unit) and self.low > 0 and self.high / self.low > FOLD

    def scale(self) -> Spec:
        """Shares from 0, to 1 unless all are small; others from 0 where that costs little."""
        if self.log:
            return {"type": "log", "nice": True}
        if is_share(self.unit) and self.low >= 0 and self.high <= 1:
            return {"domain": [0, 1 if self.high > 0.4 else above(self.high)]}
        if self.low == self.high:
            room = abs(self.low) * 0.5 or 1.0
            return {"domain": [self.low - room, self.high + room], "nice": True}
        return {"zero": 0 <= self.low < 0.6 * self.high, "nice": True}

    def axis(self, title: str | None = None, **more: Any) -> Spec:
        """The axis of these numbers."""
        words = f"{title or ''}{' (log scale)' if self.log else ''}".strip() or None
        made: Spec = {"title": words, "format": self._format(), **more}
        if self.log:
            first, last = math.floor(math.log10(self.low)), math.ceil(math.log10(self.high))
            made["values"] = [10.0**k for k in range(first, last + 1)]
        else:
            made.setdefault("tickCount", 5)
        return made

    def _format(self) -> str:
        if is_share(self.unit):
            return ".0%" if max(abs(self.low), abs(self.high)) > 0.05 else ".1%"
        return "~s" if max(abs(self.low), abs(self.high)) >= 1e7 else ",.10~g"


def above(share: float) -> float:
    """The next twentieth above a share, with a little room."""
    return min(1.0, max(0.01, math.ceil(share * 20 + 0.2) / 20))
