"""What charts are made of, and the painter that turns them into static SVG in two widths.

Charts are described in Vega-Lite and drawn by vl-convert. Colours are CSS variables, which Vega passes through
untouched: one drawing serves the light and the dark page.
"""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

Spec = dict[str, Any]
"""A piece of Vega-Lite."""
Sheets = dict[str, list[dict[str, Any]]]
"""Rows by the name under which layers ask for them."""

WIDE, NARROW = 760, 340
"""Widths drawn, in CSS pixels: for a page, and for a phone."""
STUDY, PEOPLE, INK, FAINT = "var(--study)", "var(--people)", "var(--ink-2)", "var(--grid)"
SERIES = tuple(f"var(--s{k})" for k in range(1, 7))
DASHES = ([1, 0], [6, 3], [2, 2], [8, 2, 2, 2], [10, 4], [1, 3])
"""Lines differ in dashes as well as in colour; the page's own legend names them."""
_ID = re.compile(r'(\bid="|url\(#|href="#)')


@dataclass(frozen=True)
class Drawing:
    """One chart for both widths, and what it shows in words."""

    wide: Markup
    narrow: Markup
    words: str


@dataclass(frozen=True)
class Dot:
    """A value with its interval; `row` says in which row it stands."""

    row: str
    value: float
    low: float = math.nan
    high: float = math.nan


@dataclass(frozen=True)
class Mark:
    """A reference: a letter that the list below explains, the rows it belongs to (None: all), value and interval."""

    letter: str
    value: float
    low: float = math.nan
    high: float = math.nan
    rows: tuple[str, ...] | None = None

    def as_row(self) -> dict[str, Any]:
        """As a row of a sheet; `end` is where its letter stands."""
        end = self.high if math.isfinite(self.high) else self.value
        return {
            "letter": self.letter,
            "value": self.value,
            "low": self.low,
            "high": self.high,
            "end": end,
        }


@dataclass(frozen=True)
class Line:
    """One condition over time; all of equal length, the interval NaN where there is none."""

    label: str
    x: Sequence[float]
    mean: Sequence[float]
    low: Sequence[float]
    high: Sequence[float]


@dataclass(frozen=True)
class Bars:
    """Shares over classes, ours beside people's."""

    label: str
    classes: Sequence[str]
    ours: Sequence[float]
    people: Sequence[float]


@dataclass(frozen=True)
class Plan:
    """A chart that can be drawn at any width, and the rows that its layers name."""

    chart: Callable[[int], Spec]
    sheets: Sheets


class Painter:
    """Draws the charts of one page; identifiers differ from chart to chart."""

    def __init__(self) -> None:
        self._numbers: Iterator[int] = itertools.count(1)

    def draw(self, plan: Plan, words: str) -> Drawing:
        """Both widths of a chart; `words` say what it shows to who cannot see it."""
        return Drawing(self._svg(plan, WIDE), self._svg(plan, NARROW), words)

    def _svg(self, plan: Plan, width: int) -> Markup:
        import vl_convert

        text = vl_convert.vegalite_to_svg(spec(plan, width), show_warnings=False)
        prefix = f"c{next(self._numbers)}-"
        text = _ID.sub(lambda m: m[1] + prefix, text)
        # Vega's own writer escapes what comes from data; nothing is added to its text here.
        return Markup(text)  # noqa: S704


def available() -> bool:
    """Whether what draws (extra `report`) is here."""
    from importlib.util import find_spec

    return find_spec("vl_convert") is not None


def spec(plan: Plan, width: int) -> Spec:
    """The whole Vega-Lite of a plan at a width."""
    return {
        "background": "transparent",
        "padding": 2,
        "config": _config(width),
        "datasets": plan.sheets,
        **plan.chart(width),
    }


def _config(width: int) -> Spec:
    small = 11 if width == NARROW else 12
    limit = 140 if width == NARROW else 330
    lines = {"gridColor": FAINT, "domainColor": FAINT, "tickColor": FAINT}
    title = {"titleColor": INK, "titleFontSize": small, "titleFontWeight": "normal"}
    labels = {"labelColor": INK, "labelFontSize": small}
    return {
        "aria": False,
        "view": {"stroke": None},
        "axis": {
            **lines,
            **title,
            **labels,
            "titlePadding": 8,
            "labelLimit": limit,
            "labelOverlap": True,
        },
        "header": {**labels, "labelLimit": width // 2},
    }


def sheet(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows as JSON can hold them: what is not a number is null, and is not drawn."""
    return [
        {k: None if isinstance(v, float) and not math.isfinite(v) else v for k, v in r.items()}
        for r in rows
    ]
