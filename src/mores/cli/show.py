"""Show: results as tables in a terminal. What does not fit there is counted; the report and `--json` have it all."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from mores.metric import Comparison, Condition, Estimate
from mores.summary import TIME, Beside, Summary

ROWS = 60
"""Lines of a table."""
DIFFERENCES = 24
LEVELS = 3
"""Levels of time that are all shown; of more only the first and the last."""


# ---------------------------------------------------------------- numbers and words
def number(value: float | None) -> str:
    """A number as people read it: four digits, thousands apart; a dash where there is none."""
    if value is None or not math.isfinite(value):
        return "–"
    if value == round(value) and abs(value) < 1e15:
        return f"{value + 0.0:,.0f}".replace("-0", "0") if value == 0 else f"{value:,.0f}"
    if abs(value) >= 1000:
        return f"{value:,.1f}"
    if abs(value) < 1e-4:
        return f"{value:.1e}"
    return f"{value:.4g}" if abs(value) >= 1 else f"{value:.3g}"


def interval(low: float, high: float) -> str:
    """An interval; a dash where there is none."""
    return "–" if math.isnan(low) or math.isnan(high) else f"{number(low)} to {number(high)}"


def condition(of: Mapping[str, Any]) -> str:
    """A condition in words."""
    return plain(", ".join(f"{k} {v}" for k, v in of.items()) or "all")


def plain(text: object) -> str:
    """A text without control characters: what a model said must not steer the terminal."""
    return "".join(c if c.isprintable() or c in "\n\t" else "�" for c in str(text))


def where(path: object) -> RenderableType:
    """Where something lies, the last line of a result."""
    return Text(f"\n{path}", style="bold")


def _table(title: str, left: Iterable[str], right: Iterable[str]) -> Table:
    table = Table(
        title=title or None,
        title_justify="left",
        title_style="bold",
        caption_justify="left",
        box=None,
        pad_edge=False,
        header_style="dim",
    )
    for name in left:
        table.add_column(name)
    for name in right:
        table.add_column(name, justify="right", no_wrap=True)
    return table


# ---------------------------------------------------------------- a run
def summary(found: Summary) -> list[RenderableType]:
    """All tables of a run."""
    if not found.estimates:
        nothing = Text('There are no estimates; `mores sql DIR "select ..."` asks the record.')
        return [nothing, *(Text(f"note: {n}", style="dim") for n in found.notes)]
    shown = estimates(found.estimates, found.references, found.study)
    if found.comparisons:
        shown.append(comparisons(found.comparisons))
    people = sources(found.references)
    if people is not None:
        shown.append(people)
    return [*shown, *(Text(f"note: {n}", style="dim") for n in found.notes)]


def estimates(
    found: Sequence[Estimate], references: Sequence[Beside] = (), title: str = "Estimates"
) -> list[RenderableType]:
    """Estimates with their intervals, a table for each set of keys that tell conditions apart."""
    groups: dict[tuple[str, ...], list[Estimate]] = {}
    for e in found:
        groups.setdefault(tuple(e.condition), []).append(e)
    beside: dict[tuple[str, str], list[Beside]] = {}
    for r in references:
        if r.estimate is not None:
            beside.setdefault(_key(r.estimate), []).append(r)
    return [_group(group, beside, title) for group in groups.values()]


def _key(e: Estimate) -> tuple[str, str]:
    return e.metric, condition(e.condition)


def _group(
    found: list[Estimate], beside: Mapping[tuple[str, str], list[Beside]], title: str
) -> Table:
    kept = [e for e in found if not _between(e, found)]
    keys = list(found[0].condition)
    same = {
        k: found[0].condition[k] for k in keys if len({str(e.condition[k]) for e in found}) == 1
    }
    told = [k for k in keys if k not in same]
    people = any(_key(e) in beside for e in kept)
    head = f"{title}: {condition(same)}" if same else title
    right = ("value", "95% interval", "n", "missing", *(("people",) if people else ()))
    table = _table(head, ("metric", *told), right)
    last = ""
    for e in kept[:ROWS]:
        name = f"{e.metric} ({e.unit})" if e.unit else e.metric
        row = ["" if name == last else name, *(plain(e.condition[k]) for k in told)]
        row += [number(e.value), interval(e.low, e.high), str(e.n), str(e.missing)]
        if people:
            row.append("; ".join(number(r.reference.value) for r in beside.get(_key(e), [])[:2]))
        table.add_row(*row)
        last = name
    hidden = len(found) - min(len(kept), ROWS)
    if hidden:
        table.caption = f"{hidden} more in the report and with --json"
    return table


def _between(e: Estimate, group: Sequence[Estimate]) -> bool:
    """Whether an estimate lies inside a long course over time, of which the ends are shown."""
    for k, v in e.condition.items():
        if k in TIME and isinstance(v, int):
            levels = {o.condition[k] for o in group if o.metric == e.metric}
            if len(levels) > LEVELS and min(levels) < v < max(levels):
                return True
    return False


def comparisons(found: Sequence[Comparison]) -> RenderableType:
    """Differences between conditions that differ in one thing; those of single moments are left to the report."""
    table = _table(
        "Differences, a − b",
        ("metric", "a", "b"),
        ("a − b", "95% interval", "effect", "p (Holm)", "n", "missing"),
    )
    chosen = [c for c in found if not any(k in c.a for k in TIME)][:DIFFERENCES] or found[
        :DIFFERENCES
    ]
    last = ""
    for c in chosen:
        shared = {k: v for k, v in c.a.items() if c.b.get(k) == v}
        name = c.metric + (f" ({', '.join(str(v) for v in shared.values())})" if shared else "")
        a, b = _apart(c.a, c.b), _apart(c.b, c.a)
        cells = [number(c.difference), interval(c.low, c.high), number(c.effect_size)]
        cells += [number(c.p_adjusted), str(c.n), str(c.missing)]
        table.add_row("" if name == last else name, a, b, *cells)
        last = name
    if len(found) > len(chosen):
        table.caption = f"{len(found) - len(chosen)} more in the report and with --json"
    return table


def _apart(a: Condition, b: Condition) -> str:
    return plain(", ".join(str(v) for k, v in a.items() if b.get(k) != v) or "all")


def sources(found: Sequence[Beside]) -> RenderableType | None:
    """Where the figures of people come from that stand beside estimates."""
    told: dict[str, tuple[dict[str, None], set[int]]] = {}
    for r in found:
        if r.estimate is not None and r.reference.value is not None:
            metrics, people = told.setdefault(r.reference.source, ({}, set()))
            metrics[r.reference.metric] = None
            people |= {r.reference.n} if r.reference.n else set()
    lines = [
        f"  {source}{f', n = {max(people):,}' if people else ''}: {', '.join(metrics)}"
        for source, (metrics, people) in told.items()
    ]
    return Text("People:\n" + "\n".join(plain(line) for line in lines)) if lines else None


# ---------------------------------------------------------------- anything else
def rows(
    found: Sequence[Mapping[str, Any]], limit: int = ROWS, title: str = "", rest: str = "--json"
) -> RenderableType:
    """Plain rows as a table."""
    table = _table(title, (), ())
    columns = list(dict.fromkeys(k for r in found for k in r))
    for name in columns:
        table.add_column(name, overflow="fold")
    for r in found[:limit]:
        table.add_row(*(_cell(r.get(c)) for c in columns))
    if len(found) > limit:
        table.caption = f"{len(found) - limit:,} more rows with {rest}"
    return table


def _cell(value: Any) -> Text:
    return Text(
        number(value) if isinstance(value, float) else "" if value is None else plain(value)
    )
