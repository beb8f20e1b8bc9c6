"""The page put together: sections in a fixed order, one template, everything from outside escaped."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from mores.record import Record
from mores.report import charts, plots, provenance
from mores.report.charts import DASHES, Drawing, Painter
from mores.report.distribution import Spread, spreads
from mores.report.episodes import sample_episodes
from mores.report.findings import findings
from mores.report.numbers import count, interval, number
from mores.report.results import Block, blocks, stray
from mores.report.trajectory import Trajectory, season_word, trajectories
from mores.report.words import condition_words, labels, title, value_words, varying
from mores.study import Study

LONG = 24
"""With more comparisons than this a metric has a folded table of its own."""
CONDITIONS = 12
"""Values of one key listed at most under "what was asked"."""


@dataclass(frozen=True)
class Drawn:
    """A trajectory or a spread with its chart."""

    shown: Any
    drawing: Drawing | None
    keys: tuple[tuple[str, int], ...] = ()
    """Names of the lines and the numbers of their colours."""


def environment() -> Environment:
    """Templates with everything escaped that is not markup of our own."""
    made = Environment(
        loader=PackageLoader("mores.report"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    made.filters |= {
        "count": count,
        "number": number,
        "interval": interval,
        "title_words": title,
        "coded": coded,
    }
    return made


def coded(text: str) -> Markup:
    """A text with what stands in backticks as code, everything escaped."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return escape(text)
    return Markup("").join(
        Markup("<code>{}</code>").format(p) if k % 2 else p for k, p in enumerate(parts)
    )


def page(record: Record, study: Study) -> str:
    """The whole report as text."""
    style = Markup(files("mores.report").joinpath("templates/style.css").read_text("utf-8"))  # noqa: S704
    context = {
        "study": study,
        "record": record,
        "title": title(study.name),
        "asked": _asked(record, study),
        "style": style,
        "style_hash": base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
        **_results(record, study),
        **_made(record),
    }
    return environment().get_template("page.html.j2").render(context)


def _results(record: Record, study: Study) -> dict[str, Any]:
    """What came out: numbers, charts and episodes."""
    painter = Painter() if charts.available() else None
    names, found = labels(record.conditions), findings(record, study)
    metrics, notes = blocks(found, study.notes, _everywhere(record), painter)
    series = [b for b in metrics if b.over_time]
    compared = [b for b in metrics if b.differences]
    return {
        "charts_missing": painter is None,
        "blocks": [b for b in metrics if not b.over_time],
        "series": series,
        "glance": _glance(metrics),
        "notes": notes,
        "problems": found.notes,
        "strays": stray(found),
        "compared": [b for b in compared if not _long(b)],
        "long": [b for b in compared if _long(b)],
        "trajectories": _trajectories(record, study, names, painter, series),
        "spreads": _spreads(record, study, names, painter),
        "episodes": sample_episodes(record, study, names),
        "season_word": season_word(study),
        "dashes": [" ".join(map(str, d)) for d in DASHES],
    }


def _made(record: Record) -> dict[str, Any]:
    """What was missing, what it cost, and how it was made."""
    said, lacking = provenance.missing(record, labels(record.conditions))
    spent, calls = provenance.cost(record)
    return {
        "missing": said,
        "missing_tables": lacking,
        "cost": spent,
        "calls": calls,
        "made": provenance.made(record),
        "command": provenance.command(record.manifest),
    }


def _everywhere(record: Record) -> dict[str, Any]:
    """What holds in all conditions alike."""
    keys = varying(record.conditions)
    return {k: v for k, v in record.conditions[0].items() if k not in keys}


def _asked(record: Record, study: Study) -> dict[str, Any]:
    conditions = record.conditions
    keys = varying(conditions)
    levels = [
        (
            title(k),
            list(dict.fromkeys(value_words(c[k]) if k in c else "(not set)" for c in conditions)),
        )
        for k in keys
    ]
    worlds = list(
        dict.fromkeys(" around ".join(w.name for w in c.world.layers) for c in study.cases)
    )
    seats = sorted({c.world.seats for c in study.cases})
    everywhere = _everywhere(record)
    return {
        "everywhere": condition_words(everywhere) if everywhere else "",
        "settings": provenance.settings(record),
        "levels": [(k, v[:CONDITIONS], max(0, len(v) - CONDITIONS)) for k, v in levels],
        "conditions": len(conditions),
        "worlds": worlds[:8],
        "more_worlds": max(0, len(worlds) - 8),
        "seats": count(seats[0]) if len(seats) == 1 else f"{count(seats[0])} to {count(seats[-1])}",
        "tables": sum(record.manifest["replicates"] * c.population.tables for c in study.cases),
    }


def _long(block: Block) -> bool:
    """Whether its comparisons are too many to be seen at once, or are moments of one development."""
    return block.over_time or len(block.differences) > LONG


def _glance(metrics: list[Block]) -> list[Block]:
    """Metrics of one condition: said as large figures instead of one-row tables, if there are a few."""
    single = [b for b in metrics if len(b.rows) == 1 and not b.cut]
    return single if len(single) == len(metrics) and 0 < len(single) <= 6 else []


def _trajectories(
    record: Record, study: Study, names: list[str], painter: Painter | None, series: list[Block]
) -> list[Drawn]:
    """What the study's own metrics over time do not show already."""
    if painter is None:
        return []
    found = []
    for t in trajectories(record, study, names):
        if t.axis != "Round" and any(
            t.kind == "score" or b.title.startswith(t.title) for b in series
        ):
            continue
        words = f"{t.title} by {t.axis.lower()}, a line a condition, with intervals."
        drawing = painter.draw(plots.lines(t.lines, t.unit, t.axis), words)
        few = len(t.lines) <= len(charts.SERIES)
        keys = (
            tuple((line.label, k + 1) for k, line in enumerate(t.lines))
            if few and len(t.lines) > 1
            else ()
        )
        found.append(Drawn(t, drawing, keys))
    return found


def _spreads(
    record: Record, study: Study, names: list[str], painter: Painter | None
) -> list[Drawn]:
    def drawn(s: Spread) -> Drawn:
        if painter is None:
            return Drawn(s, None)
        words = f"{title(s.reference.metric)}: shares of decisions, this study (bars) and people (diamonds)."
        return Drawn(
            s, painter.draw(plots.bars(s.panels, title(s.reference.metric) + ", " + s.axis), words)
        )

    return [drawn(s) for s in spreads(record, study.references, names)]


__all__ = ["Trajectory", "environment", "page"]
