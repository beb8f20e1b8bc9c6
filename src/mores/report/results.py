"""The part "what came out" as the page needs it: a block a metric, a row a condition, people beside."""

from __future__ import annotations

import math
import string
from collections.abc import Sequence
from dataclasses import dataclass, field

from mores.metric import Comparison, Condition, Estimate, Metric, Reference
from mores.report import charts, plots
from mores.report.charts import Dot, Drawing, Line, Mark, Painter
from mores.report.findings import Findings, beside
from mores.report.numbers import (
    count,
    difference,
    differences,
    interval,
    number,
    p_value,
    unit_words,
)
from mores.report.words import (
    ALPHA,
    condition_words,
    labels,
    pair_words,
    size_words,
    title,
    value_words,
    varying,
    verdict,
)

CHARTS = 12
"""Metrics that get a chart; all get a table."""
NAMED = 36
"""With more conditions than this a chart does not name them."""
OPEN, ROWS = 36, 600
"""Rows shown at once, and at all."""
DRAWN = 60
"""Lines over time drawn at most."""
COLUMNS = 4
"""Keys of conditions that get a column of their own."""
TIMES = ("generation", "season", "round", "period")
"""Keys of conditions that are moments: such metrics are drawn as lines."""
WORDS = {"higher": "higher is better", "lower": "lower is better", "neither": ""}


@dataclass(frozen=True)
class Row:
    """One estimate."""

    cells: tuple[str, ...]
    value: str
    interval: str
    n: str
    missing: int
    people: str


@dataclass(frozen=True)
class Person:
    """One reference as a row of the table beside."""

    letter: str
    value: str
    interval: str
    n: str
    source: str
    where: str
    note: str


@dataclass(frozen=True)
class Difference:
    """One comparison in words."""

    a: str
    b: str
    shared: str
    difference: str
    interval: str
    p: str
    size: str
    rests: str
    """On how many units or pairs it rests, and how many are missing."""
    verdict: str
    found: bool


@dataclass
class Block:
    """All that is said of one metric."""

    name: str
    title: str
    about: str
    heads: tuple[str, ...]
    rows: list[Row]
    folded: bool
    cut: int
    shared: str
    methods: str
    people: list[Person]
    drawing: Drawing | None = None
    keys: tuple[tuple[str, int], ...] = ()
    """Names of lines and the numbers of their colours, where it is drawn over time."""
    over_time: bool = False
    marked: bool = False
    """Whether references are drawn."""
    notes: list[str] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)
    family: str = ""


def blocks(
    found: Findings, notes: Sequence[str], everywhere: Condition, painter: Painter | None
) -> tuple[list[Block], list[str]]:
    """A block a metric, and the notes that belong to none; `everywhere` holds in all conditions and is not repeated."""
    out, left = [], list(notes)
    for k, name in enumerate(found.names):
        block = _block(name, found, everywhere, painter if k < CHARTS else None)
        block.notes = [n for n in left if name in n or block.title.lower() in n.lower()]
        left = [n for n in left if n not in block.notes]
        out.append(block)
    return out, left


def letter(k: int) -> str:
    """A, B, ..., Z, AA, AB, ...: what a reference is called on charts."""
    letters = string.ascii_uppercase
    return (
        letters[k]
        if k < len(letters)
        else letter(k // len(letters) - 1) + letters[k % len(letters)]
    )


def _block(name: str, found: Findings, everywhere: Condition, painter: Painter | None) -> Block:
    estimates, metric = found.of(name), found.metrics.get(name)
    conditions = [e.condition for e in estimates]
    keys = varying(conditions)
    shared = {
        k: v for c in conditions[:1] for k, v in _without(c, everywhere).items() if k not in keys
    }
    references = [r for r in found.references if any(beside(r, e) for e in estimates)]
    named = {id(r): letter(k) for k, r in enumerate(references)}
    wide = len(keys) > COLUMNS
    heads = ("Condition",) if wide or not keys else tuple(title(k) for k in keys)
    rows = [
        Row(
            (condition_words(e.condition, keys),) if wide else
            tuple(value_words(e.condition[k]) if k in e.condition else "" for k in keys) or ("All",),
            number(e.value, e.unit), interval(e.low, e.high, e.unit), count(e.n), e.missing,
            _people_beside(e, references, named),
        )
        for e in estimates[:ROWS]
    ]  # fmt: skip
    time = next((k for k in TIMES if k in keys), None)
    drawing, lines = _drawing(name, estimates, references, named, painter, time)
    return Block(
        name=name, title=title(name), about=_about(metric, estimates), heads=heads, rows=rows,
        folded=len(rows) > (OPEN if time is None else 0), cut=len(estimates) - len(rows),
        shared=condition_words(shared) if shared else "",
        methods=_methods(estimates),
        people=[_person(r, named[id(r)], estimates[0].unit) for r in references],
        drawing=drawing, keys=lines, over_time=time is not None,
        marked=any(r.value is not None for r in references),
        differences=[_difference(c, everywhere) for c in found.comparisons if c.metric == name][:ROWS],
        family=_family([c for c in found.comparisons if c.metric == name]),
    )  # fmt: skip


def _about(metric: Metric | None, estimates: Sequence[Estimate]) -> str:
    first = estimates[0]
    unit = unit_words(first.unit)
    parts = [
        metric.summary if metric else "",
        f"Unit: {unit}." if unit else "",
        WORDS[first.better].capitalize(),
    ]
    return " ".join(p if p.endswith(".") else f"{p}." for p in parts if p)


def _methods(estimates: Sequence[Estimate]) -> str:
    level = f"{100 * estimates[0].level:.3g}%"
    methods = sorted({e.method for e in estimates if e.method not in ("", "none")})
    return f"{level} intervals ({', '.join(methods)})" if methods else "no intervals: too few units"


def _people_beside(e: Estimate, references: Sequence[Reference], named: dict[int, str]) -> str:
    there = [r for r in references if beside(r, e) and r.value is not None]
    shown = ", ".join(f"{number(r.value, e.unit)} ({named[id(r)]})" for r in there[:4])
    return shown + (f" and {len(there) - 4} more" if len(there) > 4 else "")


def _person(r: Reference, named: str, unit: str) -> Person:
    year = "" if r.year is None or str(r.year) in r.source else f" ({r.year})"
    return Person(
        named, number(r.value, unit), interval(r.low, r.high, unit), "–" if r.n is None else count(r.n),
        r.source + year, condition_words(r.condition) if r.condition else "", r.note,
    )  # fmt: skip


def stray(found: Findings) -> list[tuple[str, Person]]:
    """References that stand beside no estimate."""
    lone = [r for r in found.references if not any(beside(r, e) for e in found.estimates)]
    return [(title(r.metric), _person(r, "", _unit(r.metric, found))) for r in lone]


def _unit(metric: str, found: Findings) -> str:
    known = {m: e.unit for m in found.names for e in found.of(m)[:1]}
    return known.get(metric, "share" if metric.startswith(("share", "gave", "cooperation")) else "")


# ---------------------------------------------------------------- charts
Keys = tuple[tuple[str, int], ...]


def _drawing(
    name: str, estimates: Sequence[Estimate], references: Sequence[Reference], named: dict[int, str],
    painter: Painter | None, time: str | None,
) -> tuple[Drawing | None, Keys]:  # fmt: skip
    there = [e for e in estimates if math.isfinite(e.value)]
    if painter is None or not there or (len(estimates) == 1 and not references):
        return None, ()
    if time is not None:
        return _over_time(name, there, references, named, painter, time)
    rows = labels([e.condition for e in estimates])
    dots = [
        Dot(row, e.value, _end(e, e.low), _end(e, e.high))
        for row, e in zip(rows, estimates, strict=True)
    ]
    marks = [m for r in references if (m := _mark(r, named, rows, estimates)) is not None]
    make = plots.intervals if len(dots) <= NAMED else plots.caterpillar
    also = " and references" if marks else ""
    words = f"{title(name)} by condition, with intervals{also}; the table has the numbers."
    unit = estimates[0].unit
    axis = title(name) + (f", {unit_words(unit)}" if unit_words(unit) else "")
    return painter.draw(make(dots, marks, unit, axis), words), ()


def _over_time(
    name: str, there: Sequence[Estimate], references: Sequence[Reference], named: dict[int, str],
    painter: Painter, time: str,
) -> tuple[Drawing | None, Keys]:  # fmt: skip
    """A metric by generation or round: a line for each condition otherwise equal."""
    groups: dict[str, tuple[Condition, list[Estimate]]] = {}
    for e in there:
        if isinstance(e.condition.get(time), int | float):
            rest = {k: v for k, v in e.condition.items() if k != time}
            groups.setdefault(repr(sorted(rest.items())), (rest, []))[1].append(e)
    names = labels([condition for condition, _ in groups.values()])
    lines = [
        _series(label, sorted(of, key=lambda e: e.condition[time]), time)
        for label, (_, of) in zip(names, groups.values(), strict=True)
    ]
    if not lines or len(lines) > DRAWN:
        return None, ()
    marks = []
    for r in references:
        mark = _mark(r, named, [], [])
        if mark is not None:
            marks.append((float(r.condition.get(time, math.nan)), mark))
    few = len(lines) <= len(charts.SERIES)
    words = f"{title(name)}: a line a condition, with intervals; the table has the numbers."
    drawing = painter.draw(plots.lines(lines, there[0].unit, title(time), marks), words)
    return drawing, tuple((line.label, k + 1) for k, line in enumerate(lines)) if few and len(
        lines
    ) > 1 else ()


def _series(label: str, estimates: Sequence[Estimate], time: str) -> Line:
    return Line(
        label, [float(e.condition[time]) for e in estimates], [e.value for e in estimates],
        [_end(e, e.low) for e in estimates], [_end(e, e.high) for e in estimates],
    )  # fmt: skip


def _end(e: Estimate, end: float) -> float:
    return end if math.isfinite(end) and math.isfinite(e.value) else math.nan


def _mark(
    r: Reference, named: dict[int, str], rows: Sequence[str], estimates: Sequence[Estimate]
) -> Mark | None:
    if r.value is None:
        return None
    its = [row for row, e in zip(rows, estimates, strict=True) if beside(r, e)]
    nan = math.nan
    low, high = nan if r.low is None else r.low, nan if r.high is None else r.high
    return Mark(named[id(r)], r.value, low, high, None if len(its) == len(rows) else tuple(its))


# ---------------------------------------------------------------- comparisons
def _without(condition: Condition, part: Condition) -> Condition:
    return {k: v for k, v in condition.items() if k not in part or part[k] != v}


def _difference(c: Comparison, everywhere: Condition) -> Difference:
    a, b, shared = pair_words(_without(c.a, everywhere), _without(c.b, everywhere))
    return Difference(
        a, b, shared, difference(c.difference, c.unit),
        differences(c.low, c.high, c.unit), p_value(c.p_adjusted), size_words(c.effect_size, c.paired),
        f"{count(c.n)} {'pairs' if c.paired else 'episodes'}" + (f", {count(c.missing)} missing" if c.missing else ""),
        verdict(c), c.p_adjusted < ALPHA,
    )  # fmt: skip


def _family(made: Sequence[Comparison]) -> str:
    if not made:
        return ""
    pairs = sum(c.paired for c in made)
    how = (
        "paired on shared seeds"
        if pairs == len(made)
        else "not paired"
        if pairs == 0
        else "paired where seeds are shared"
    )
    word = "comparison" if len(made) == 1 else "comparisons"
    holm = "" if len(made) == 1 else "; p-values are adjusted for all of them together (Holm)"
    return f"{len(made)} {word}, {how}{holm}."
