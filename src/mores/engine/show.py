"""Show: a record as a notebook shows it, one compact table of its estimates."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mores.metric import Estimate
    from mores.record import Record

ROWS = 40
"""Estimates shown at most."""


def record_html(record: Record) -> str:
    """The estimates of a record as one HTML table, with how many episodes they rest on; every text escaped."""
    from mores.report.numbers import count

    episodes = len(record.table("episodes"))
    study = escape(str(record.manifest.get("study", "")))
    arms = len(record.conditions)
    facts = f"{count(arms)} condition{'s' * (arms != 1)}, {count(episodes)} episode{'s' * (episodes != 1)}"
    facts += f", seed {escape(str(record.manifest.get('seed', '')))}"
    found = record.estimates
    if not found:
        return f"<p><b>{study}</b>: {facts}; no estimates. Try <code>record.events</code>.</p>"
    heads = "".join(
        f'<th style="text-align:{"left" if h in ("Metric", "Condition") else "right"}">{h}</th>'
        for h in ("Metric", "Condition", "Estimate", "Interval", "n", "Missing")
    )
    body = "".join(_row(e) for e in found[:ROWS])
    more = (
        f"<p>{count(len(found))} estimates, the first {ROWS} shown</p>" if len(found) > ROWS else ""
    )
    caption = f'<caption style="text-align:left"><b>{study}</b>: {facts}</caption>'
    return f"<table>{caption}<thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>{more}"


def _row(e: Estimate) -> str:
    from mores.report.numbers import count, interval, number, unit_words
    from mores.report.words import condition_words

    unit = unit_words(e.unit)
    words = [e.metric, condition_words(e.condition)]
    numbers = [
        number(e.value, e.unit) + (f" {unit}" if unit else ""),
        interval(e.low, e.high, e.unit),
        count(e.n),
        count(e.missing),
    ]
    cells = "".join(f'<td style="text-align:left">{escape(w)}</td>' for w in words)
    cells += "".join(f'<td style="text-align:right">{escape(v)}</td>' for v in numbers)
    return f"<tr>{cells}</tr>"
