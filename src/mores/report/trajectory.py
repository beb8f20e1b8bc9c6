"""How conduct went over time: means by generation and by round, tables as the units of the band.

A table's events in one period are averaged first; the mean over tables follows, with Student's interval. Rounds count
within a generation (season). Many periods are put together so that no chart has more than `POINTS`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mores.actions import Choice
from mores.metrics.quantiles import t_quantile
from mores.record import Record
from mores.report.charts import Line
from mores.report.words import title
from mores.study import Study

POINTS = 120
DRAWN = 60
"""Conditions drawn at most."""
KINDS = 6
"""Kinds of events drawn at most."""
SHARES = {
    "give": "Share given",
    "send": "Share sent",
    "return": "Share returned",
    "offer": "Share offered",
    "contribute": "Share contributed",
    "respond": "Offers accepted",
}
UNSHOWN = frozenset(("born", "announce", "select", "say"))
COUNTED = {"punish": "Punishments at a table"}
"""Kinds of which the record holds only that they happened: counted, not averaged."""


@dataclass(frozen=True)
class Trajectory:
    """One chart's worth: a kind of event over generations or rounds, a line a condition."""

    kind: str
    title: str
    unit: str
    axis: str
    lines: tuple[Line, ...]
    note: str = ""


@dataclass(frozen=True)
class _What:
    """A kind of event and how it is summed up."""

    kind: str
    title: str
    unit: str
    value: str
    counted: bool = False


def trajectories(record: Record, study: Study, labels: Sequence[str]) -> list[Trajectory]:
    """All that can be drawn, generations first; `labels` name the arms."""
    aggregated = len(record.table("aggregates")) > 0
    found = []
    for by in ("season", "round"):
        for what in _kinds(record, study, aggregated)[:KINDS]:
            if by == "round" and what.kind == "score":
                continue
            ask = _summed if aggregated else _averaged
            made = _drawn(ask(record, what, by), what, _axis(study, by), labels, aggregated)
            if made is not None:
                found.append(made)
    return found


def _axis(study: Study, by: str) -> str:
    return "Round" if by == "round" else season_word(study)


def season_word(study: Study) -> str:
    """What a run of the innermost world between two resets is called."""
    layers = {layer.name for case in study.cases for layer in case.world.layers}
    return "Generation" if "generations" in layers else "Season"


def _kinds(record: Record, study: Study, aggregated: bool) -> list[_What]:
    source = "aggregates" if aggregated else "blocks"
    rows = record.sql(
        f"select kind, count(*) as n from {source} group by kind order by n desc"
    ).rows()
    found = []
    for kind in (str(r["kind"]) for r in rows):
        if kind in UNSHOWN:
            continue
        if kind in COUNTED:
            if not aggregated:
                found.append(_What(kind, COUNTED[kind], "", "1.0", counted=True))
        elif kind == "choose":
            found += _choices(study, kind)
        elif kind in SHARES:
            found.append(_What(kind, SHARES[kind], "share", "value"))
        else:
            found.append(_What(kind, f"Mean {title(kind).lower()}", "", "value"))
    return sorted(found, key=lambda w: (w.kind == "score", w.counted))


def _choices(study: Study, kind: str) -> list[_What]:
    """Options by name where all worlds have the same; else by place."""
    from mores.chance import Chance

    options: set[tuple[str, ...]] = set()
    for case in study.cases[:40]:
        core = case.world.core
        spaces = core.turn(core.begin(Chance(0, np.zeros(1, np.int64)))).spaces
        if isinstance(spaces, Choice):
            options.add(spaces.options)
    names = next(iter(options)) if len(options) == 1 else ()
    shown = range(1 if len(names) <= 2 else min(3, len(names)))
    texts = [f"Choice of “{names[k]}”" if names else "Choice of the first option" for k in shown]
    return [
        _What(
            kind,
            texts[k],
            "share",
            f"case when value is null then null else (value = {k})::double end",
        )
        for k in shown
    ]


# ---------------------------------------------------------------- asking the record
def _averaged(record: Record, what: _What, by: str) -> list[dict[str, Any]]:
    """Rows arm, x, mean, sd, n over tables."""
    kind = what.kind.replace("'", "''")
    per = "select arm, t, x, avg(v) as v from seen where not isnan(v) group by all"
    if what.counted:
        per = (
            "select a.arm, a.t, a.x, count(s.v)::double as v from "
            "(select distinct arm, t, x from placed) a left join seen s using (arm, t, x) group by all"
        )
    x = "season" if by == "season" else "round - r0"
    last = record.sql(f"{_placed(x)} select max(x) as x from placed").rows()[0]["x"]
    width = max(1, math.ceil((int(last or 0) + 1) / POINTS))
    query = f"""{_placed(f"(({x}) // {width}) * {width}")},
        seen as (select arm, t, x, ({what.value})::double as v from placed where kind = '{kind}'),
        per as ({per})
        select arm, x, avg(v) as mean, stddev_samp(v) as sd, count(*) as n from per group by all order by arm, x"""
    return record.sql(query).rows()


def _placed(x: str) -> str:
    return f"""with e as (select arm, "table" as t, season, round, kind::varchar as kind, value from events),
        s as (select arm, t, season, min(round) as r0 from e group by all),
        placed as (select arm, t, ({x})::integer as x, kind, value from e join s using (arm, t, season))"""


def _summed(record: Record, what: _What, by: str) -> list[dict[str, Any]]:
    """The same from sums, which hold no table apart: no spread."""
    kind = what.kind.replace("'", "''")
    mean = (
        "1 - sum(a.sum) / sum(a.values)" if what.kind == "choose" else "sum(a.sum) / sum(a.values)"
    )
    x = "a.season" if by == "season" else "a.round - s.r0"
    return record.sql(
        f"""with s as (select arm, "first", season, min(round) as r0 from aggregates group by all)
        select a.arm, ({x})::integer as x, {mean} as mean, null as sd, 0 as n
        from aggregates a join s using (arm, "first", season)
        where a.kind = '{kind}' and a.values > 0 group by all order by 1, 2"""
    ).rows()


# ---------------------------------------------------------------- as lines
def _drawn(
    rows: list[dict[str, Any]], what: _What, axis: str, labels: Sequence[str], aggregated: bool
) -> Trajectory | None:
    by_arm: dict[int, list[dict[str, Any]]] = {}
    for row in rows:
        if row["mean"] is not None and math.isfinite(row["mean"]):
            by_arm.setdefault(int(row["arm"]), []).append(row)
    if max((len(r) for r in by_arm.values()), default=0) < 2:
        return None
    arms = sorted(by_arm)
    some = (
        arms if len(arms) <= DRAWN else [arms[int(k)] for k in np.linspace(0, len(arms) - 1, DRAWN)]
    )
    lines = tuple(_line(by_arm[a], labels[a], what.unit == "share") for a in some)
    notes = []
    if len(arms) > len(some):
        notes.append(f"{len(some)} of {len(arms)} conditions are drawn, evenly over their order.")
    if aggregated:
        notes.append("Only sums were recorded, so there are no bands.")
    return Trajectory(what.kind, what.title, what.unit, axis, lines, " ".join(notes))


def _line(rows: list[dict[str, Any]], label: str, share: bool) -> Line:
    half = [_half(r["sd"], int(r["n"])) for r in rows]
    mean = [float(r["mean"]) for r in rows]
    low, high = (
        [m - h for m, h in zip(mean, half, strict=True)],
        [m + h for m, h in zip(mean, half, strict=True)],
    )
    if share:
        low, high = [max(0.0, v) for v in low], [min(1.0, v) for v in high]
    return Line(label, [int(r["x"]) + 1 for r in rows], mean, low, high)


def _half(sd: float | None, n: int) -> float:
    if sd is None or n < 2 or not math.isfinite(sd):
        return math.nan
    return t_quantile(0.975, n - 1) * sd / math.sqrt(n)
