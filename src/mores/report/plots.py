"""The four plots of a report, in Vega-Lite: dots with intervals, many dots, lines with bands, bars beside people's.

What is this study's is blue and round, what is a reference's is orange and a diamond, wherever it stands.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from mores.report.axes import Span, above
from mores.report.charts import (
    DASHES,
    NARROW,
    PEOPLE,
    SERIES,
    STUDY,
    Bars,
    Dot,
    Line,
    Mark,
    Plan,
    Spec,
    sheet,
)

SLOTS = 4
"""References drawn beside one row, each below the other; what is more falls into the last."""
POINTED = 30
"""Lines of no more points than this show them."""
DASHED = {"color": PEOPLE, "strokeWidth": 1.5, "strokeDash": [5, 3]}
LETTER = {"color": PEOPLE, "fontWeight": "bold", "fontSize": 11}
FIT = {"type": "fit-x", "contains": "padding"}


def _layer(data: str, mark: str, look: Spec, only: str | None = None, **encoding: Spec) -> Spec:
    """One layer: rows of a sheet (those for which `only` holds) as marks."""
    made: Spec = {"data": {"name": data}, "mark": {"type": mark, **look}, "encoding": encoding}
    if only is not None:
        made["transform"] = [{"filter": only}]
    return made


def _number(field: str, **more: Any) -> Spec:
    return {"field": field, "type": "quantitative", **more}


def _diamond(size: int, **more: Any) -> Spec:
    return {"color": PEOPLE, "shape": "diamond", "size": size, "filled": True, "opacity": 1, **more}


def _round(size: int, **more: Any) -> Spec:
    return {"color": STUDY, "size": size, "filled": True, "opacity": 1, **more}


def _text(field: str = "letter") -> Spec:
    return {"field": field, "type": "nominal"}


def _values(things: Sequence[Dot | Mark]) -> list[float]:
    return [v for d in things for v in (d.value, d.low, d.high)]


# ---------------------------------------------------------------- a row a condition
def intervals(dots: Sequence[Dot], marks: Sequence[Mark], unit: str, axis: str) -> Plan:
    """Dots with their intervals, a row each, and references beside them."""
    rows = list(dict.fromkeys(d.row for d in dots))
    span = Span.of(_values([*dots, *marks]), unit)
    everywhere = sorted((m for m in marks if m.rows is None), key=lambda m: m.value)
    sheets = {
        "ours": sheet(vars(d) for d in dots),
        "local": sheet(_slotted(marks)),
        "overall": sheet({**m.as_row(), "odd": k % 2} for k, m in enumerate(everywhere)),
    }
    slots = 1 + max((int(r["slot"]) for r in sheets["local"]), default=-1)
    x = _number("value", scale=span.scale(), axis=span.axis(axis))
    y: Spec = {
        "field": "row", "type": "nominal", "sort": None, "title": None, "scale": {"domain": rows},
        "axis": {"ticks": False, "domain": False, "labelPadding": 8, "labelOverlap": False, "labels": len(rows) > 1},
    }  # fmt: skip
    low, high = _number("low"), _number("high")
    layers = [
        *_throughout(x, low, high),
        *(layer for slot in range(slots) for layer in _beside(slot, x, y)),
        _layer(
            "ours", "rule", {"color": STUDY, "strokeWidth": 2.5}, x=low, x2={"field": "high"}, y=y
        ),
        _layer("ours", "point", _round(75), x=x, y=y),
    ]

    def chart(width: int) -> Spec:
        return {
            "layer": layers,
            "width": width - 8,
            "height": {"step": 24 + 9 * slots},
            "autosize": FIT,
        }

    return Plan(chart, sheets)


def _throughout(x: Spec, low: Spec, high: Spec) -> list[Spec]:
    """References of all rows: a band, a dashed line, and letters above, every other one higher."""
    letters = [
        _layer("overall", "text", {**LETTER, "dy": dy, "baseline": "bottom"}, f"datum.odd == {odd}",
               x=x, y={"value": 0}, text=_text())
        for odd, dy in ((0, -6), (1, -18))
    ]  # fmt: skip
    band = _layer(
        "overall", "rect", {"color": PEOPLE, "opacity": 0.14}, x=low, x2={"field": high["field"]}
    )
    return [band, _layer("overall", "rule", DASHED, x=x), *letters]


def _slotted(marks: Sequence[Mark]) -> list[dict[str, Any]]:
    """References of rows, the first, second... of each row in a slot of its own below the row's dot."""
    taken: dict[str, int] = {}
    found = []
    for mark in marks:
        for row in mark.rows or ():
            slot = taken[row] = taken.get(row, -1) + 1
            found.append({**mark.as_row(), "row": row, "slot": min(slot, SLOTS - 1)})
    return found


def _beside(slot: int, x: Spec, y: Spec) -> list[Spec]:
    """The references of one slot: interval, diamond, letter."""
    below, only = 8 + 9 * slot, f"datum.slot == {slot}"
    rule = {"color": PEOPLE, "strokeWidth": 1.5, "yOffset": below}
    text = {**LETTER, "fontSize": 10, "dx": 7, "yOffset": below + 0.5, "align": "left"}
    return [
        _layer("local", "rule", rule, only, x=_number("low"), x2={"field": "high"}, y=y),
        _layer("local", "point", _diamond(50, yOffset=below), only, x=x, y=y),
        _layer("local", "text", text, only, x=_number("end"), y=y, text=_text()),
    ]


def caterpillar(dots: Sequence[Dot], marks: Sequence[Mark], unit: str, axis: str) -> Plan:
    """Many conditions at a glance: in order of value, unnamed."""
    ordered = sorted((d for d in dots if math.isfinite(d.value)), key=lambda d: d.value)
    span = Span.of(_values([*ordered, *marks]), unit)
    rank = {d.row: k + 1 for k, d in enumerate(ordered)}
    sheets = {
        "ours": sheet({**vars(d), "rank": rank[d.row]} for d in ordered),
        "overall": sheet(m.as_row() for m in marks if m.rows is None),
        "local": sheet(
            {**m.as_row(), "rank": rank[r]} for m in marks for r in m.rows or () if r in rank
        ),
    }
    x = _number(
        "rank", title="Conditions, lowest to highest", scale={"nice": False, "zero": False},
        axis={"grid": False, "tickCount": 6, "format": "d"},
    )  # fmt: skip
    y = _number("value", scale=span.scale(), axis=span.axis(axis))
    beside = {**LETTER, "dx": -4, "dy": -9, "align": "right"}
    layers = [
        _layer("overall", "rule", DASHED, y=y),
        _layer("overall", "text", beside, x={"value": "width"}, y=y, text=_text()),
        _layer(
            "ours",
            "rule",
            {"color": STUDY, "opacity": 0.45},
            x=x,
            y=_number("low"),
            y2={"field": "high"},
        ),
        _layer("ours", "point", _round(16), x=x, y=y),
        _layer("local", "point", _diamond(24), x=x, y=y),
    ]

    def chart(width: int) -> Spec:
        return {"layer": layers, "width": width - 8, "height": 230, "autosize": FIT}

    return Plan(chart, sheets)


# ---------------------------------------------------------------- over time
def lines(
    series: Sequence[Line], unit: str, x_title: str, marks: Sequence[tuple[float, Mark]] = ()
) -> Plan:
    """Conditions over time with bands: coloured and named up to six, more of them thin and unnamed.

    `marks` are references, each at its x; one at NaN holds everywhere.
    """
    values = [v for s in series for part in (s.mean, s.low, s.high) for v in part]
    span = Span.of(values + [m.value for _, m in marks], unit)
    rows = [
        {"label": s.label, "x": x, "mean": m, "low": low, "high": high}
        for s in series
        for x, m, low, high in zip(s.x, s.mean, s.low, s.high, strict=True)
    ]
    sheets = {
        "ours": sheet(rows),
        "here": sheet({**m.as_row(), "x": x} for x, m in marks if math.isfinite(x)),
        "always": sheet(m.as_row() for x, m in marks if not math.isfinite(x)),
    }
    whole = all(float(v).is_integer() for s in series for v in s.x)
    points = max((len(s.x) for s in series), default=0)

    def chart(width: int) -> Spec:
        ticks = {"tickCount": min(points, 6 if width == NARROW else 12), "tickMinStep": 1}
        axis = {"grid": False, "format": "d" if whole else "~g", **ticks}
        x = _number("x", title=x_title, scale={"nice": False, "zero": False}, axis=axis)
        y = _number("mean", scale=span.scale(), axis=span.axis())
        drawn = (
            _many(x, y)
            if len(series) > len(SERIES)
            else _few([s.label for s in series], x, y, points <= POINTED)
        )
        people = _moments(x, {**y, "field": "value"})
        height = 210 if width == NARROW else 260
        return {"layer": [*drawn, *people], "width": width - 8, "height": height, "autosize": FIT}

    return Plan(chart, sheets)


def _many(x: Spec, y: Spec) -> list[Spec]:
    thin = {"color": STUDY, "opacity": 0.35, "strokeWidth": 1}
    return [_layer("ours", "line", thin, x=x, y=y, detail=_text("label"))]


def _few(names: list[str], x: Spec, y: Spec, pointed: bool) -> list[Spec]:
    """Bands below, then lines that differ in colour and dash, then their points."""
    scale = {"domain": names, "range": list(SERIES[: len(names)])}
    colour = {**_text("label"), "legend": None, "scale": scale}
    dash = {**colour, "scale": {"domain": names, "range": list(DASHES[: len(names)])}}
    drawn = [
        _layer(
            "ours",
            "area",
            {"opacity": 0.16},
            x=x,
            y=_number("low"),
            y2={"field": "high"},
            color=colour,
        ),
        _layer("ours", "line", {"strokeWidth": 2}, x=x, y=y, color=colour, strokeDash=dash),
    ]
    if pointed:
        point = {"filled": True, "size": 22, "opacity": 1}
        drawn.append(_layer("ours", "point", point, x=x, y=y, color=colour))
    return drawn


def _moments(x: Spec, y: Spec) -> list[Spec]:
    """References over time: diamonds at their moment, dashed lines where they hold throughout."""
    rule = {"color": PEOPLE, "strokeWidth": 1.5}
    edge = {**LETTER, "dx": -4, "dy": -8, "align": "right"}
    return [
        _layer("here", "rule", rule, x=x, y=_number("low"), y2={"field": "high"}),
        _layer("here", "point", _diamond(70), x=x, y=y),
        _layer("here", "text", {**LETTER, "dx": 8, "align": "left"}, x=x, y=y, text=_text()),
        _layer("always", "rule", DASHED, y=y),
        _layer("always", "text", edge, x={"value": "width"}, y=y, text=_text()),
    ]


# ---------------------------------------------------------------- distributions
def bars(panels: Sequence[Bars], x_title: str) -> Plan:
    """Shares over classes in small multiples: ours as bars, people's as diamonds."""
    rows = [
        {"panel": p.label, "class": c, "ours": o, "people": q}
        for p in panels
        for c, o, q in zip(p.classes, p.ours, p.people, strict=True)
    ]
    top = max((v for p in panels for v in (*p.ours, *p.people) if math.isfinite(v)), default=1.0)
    scale = {"domain": [0, above(top)]}
    x: Spec = {
        "field": "class", "type": "nominal", "sort": None, "title": x_title, "axis": {"labelAngle": 0, "ticks": False},
        "scale": {"domain": list(panels[0].classes), "paddingInner": 0.15},
    }  # fmt: skip
    y = _number("ours", scale=scale, axis={"title": None, "format": ".0%", "tickCount": 4})
    people = _number("people", scale=scale)
    layers = [
        {"mark": {"type": "bar", "color": STUDY, "opacity": 0.75}, "encoding": {"x": x, "y": y}},
        {"mark": {"type": "rule", "color": PEOPLE, "strokeWidth": 1.5},
         "encoding": {"x": x, "y": people, "y2": {"datum": 0}}},
        {"mark": {"type": "point", **_diamond(70)}, "encoding": {"x": x, "y": people}},
    ]  # fmt: skip

    def chart(width: int) -> Spec:
        columns = 1 if width == NARROW or len(panels) == 1 else 2 if len(panels) in (2, 4) else 3
        room = (width - 46) // columns - (16 if columns > 1 else 4)
        one: Spec = {"layer": layers, "width": room, "height": 150}
        if len(panels) == 1:
            return {"data": {"name": "ours"}, **one}
        header = {"title": None, "labelAnchor": "start"}
        facet = {
            "field": "panel",
            "type": "nominal",
            "sort": [p.label for p in panels],
            "header": header,
        }
        return {"data": {"name": "ours"}, "facet": facet, "columns": columns, "spec": one}

    return Plan(chart, {"ours": sheet(rows)})
