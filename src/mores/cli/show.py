"""Show: results as tables in a terminal."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from mores.metric import Comparison, Estimate
from mores.summary import Beside, Summary

ROWS = 60
"""Lines a table shows; the rest is counted."""


def number(value: float | None) -> str:
    """A number as people read it: four digits, thousands apart; a dash where there is none."""
    if value is None or not math.isfinite(value):
        return "–"
    if value == round(value) and abs(value) < 1e15:
        return f"{value:,.0f}"
    if abs(value) >= 1000:
        return f"{value:,.1f}"
    return f"{value:.4g}" if abs(value) >= 1e-4 else f"{value:.1e}"


def condition(of: Mapping[str, Any]) -> str:
    """A condition in words."""
    return ", ".join(f"{k} {v}" for k, v in of.items()) or "all"


def summary(found: Summary) -> list[RenderableType]:
    """All tables of a run."""
    shown: list[RenderableType] = [estimates(found.estimates, found.references)]
    if found.comparisons:
        shown.append(comparisons(found.comparisons))
    people = sources(found.references)
    if people is not None:
        shown.append(people)
    return [*shown, *(Text(f"note: {n}", style="dim") for n in found.notes)]


def estimates(found: Sequence[Estimate], references: Sequence[Beside] = ()) -> RenderableType:
    """Estimates with their intervals, beside people where there are figures."""
    if not found:
        return Text('This study has no metrics; `mores sql DIR "select ..."` asks its record.')
    keys = list(dict.fromkeys(k for e in found for k in e.condition))
    beside = {
        (r.estimate.metric, condition(r.estimate.condition)): r for r in references if r.estimate
    }
    table = Table(
        title="Estimates", title_justify="left", box=None, pad_edge=False, header_style="bold"
    )
    table.add_column("metric")
    for k in keys:
        table.add_column(k)
    for name in ("value", "95% interval", "n", "missing", *(("people",) if beside else ())):
        table.add_column(name, justify="right")
    for e in found[:ROWS]:
        r = beside.get((e.metric, condition(e.condition)))
        people = [("" if r is None else number(r.reference.value))] if beside else []
        unit = f" {e.unit}" if e.unit else ""
        cells = [e.metric, *(str(e.condition.get(k, "")) for k in keys), number(e.value) + unit]
        interval = "–" if math.isnan(e.low) else f"{number(e.low)} to {number(e.high)}"
        table.add_row(
            *cells, interval, number(e.n), number(e.missing) if e.missing else "0", *people
        )
    return _with_rest(table, len(found))


def comparisons(found: Sequence[Comparison]) -> RenderableType:
    """Differences between conditions, those that differ in one thing."""
    table = Table(
        title="Differences (a − b)",
        title_justify="left",
        box=None,
        pad_edge=False,
        header_style="bold",
    )
    for name in ("metric", "a", "b"):
        table.add_column(name)
    for name in ("a − b", "95% interval", "effect", "p (Holm)", "n", "missing"):
        table.add_column(name, justify="right")
    for c in found[:ROWS]:
        interval = "–" if math.isnan(c.low) else f"{number(c.low)} to {number(c.high)}"
        a, b = (
            {k: v for k, v in x.items() if other.get(k) != v}
            for x, other in ((c.a, c.b), (c.b, c.a))
        )
        shared = {k: v for k, v in c.a.items() if c.b.get(k) == v}
        where = f" ({condition(shared)})" if shared else ""
        numbers = (number(c.difference), interval, number(c.effect_size), number(c.p_adjusted))
        table.add_row(
            c.metric + where, condition(a), condition(b), *numbers, str(c.n), str(c.missing)
        )
    return _with_rest(table, len(found))


def sources(found: Sequence[Beside]) -> RenderableType | None:
    """Where the figures of people come from."""
    shown: dict[tuple[str, str, float | None], str] = {}
    for r in found:
        people = f", n = {r.reference.n:,}" if r.reference.n else ""
        key = (r.reference.metric, r.reference.source, r.reference.value)
        shown[key] = (
            f"  {r.reference.metric} {number(r.reference.value)}: {r.reference.source}{people}"
        )
    return Text("People:\n" + "\n".join(shown.values())) if shown else None


def _with_rest(table: Table, total: int) -> RenderableType:
    if total > ROWS:
        table.caption = f"{total - ROWS} more; the report and --json have them all"
    return table


def rows(
    found: Sequence[Mapping[str, Any]], limit: int = ROWS, title: str | None = None
) -> RenderableType:
    """Plain rows as a table."""
    table = Table(title=title, title_justify="left", box=None, pad_edge=False, header_style="bold")
    columns = list(dict.fromkeys(k for r in found for k in r))
    for name in columns:
        table.add_column(name, overflow="fold")
    for r in found[:limit]:
        table.add_row(*(_cell(r.get(c)) for c in columns))
    if len(found) > limit:
        table.caption = f"{len(found) - limit:,} more rows; --json prints them all"
    return table


def _cell(value: Any) -> Text:
    return Text(number(value) if isinstance(value, float) else "" if value is None else str(value))
