"""Rehearsing: what a run will be, from one table of each condition played by a script; nothing is written or asked."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from mores.cli import show
from mores.cli.costing import SUMS, TRIES, Tallies, Tally, bill, tasters
from mores.engine import size
from mores.engine.chunk import thinks
from mores.engine.episode import play
from mores.errors import MoresError
from mores.study import Case, Study

PATIENCE, PATIENCE_ASKING = 2.0, 15.0
"""Seconds that all rehearsals may take together; the tables beyond are not said."""
STEPS = 20_000
LARGE = 2_000_000
"""Seats of a table that is not rehearsed: that would take as long as a run."""


def rehearsal(
    study: Study, out: Path, models: Mapping[str, str] | None = None
) -> tuple[dict[str, Any], list[RenderableType]]:
    """What would be played: arms, tables, steps, and what asking would take where a rehearsal found it."""
    asks = any(thinks(c) for c in study.cases)
    stop = time.monotonic() + (PATIENCE_ASKING if asks else PATIENCE)
    ends: tuple[Tallies, Tallies] = (defaultdict(Tally), defaultdict(Tally))
    arms = [_arm(study, case, stop, models or {}, ends) for case in study.cases]
    need, have = size.needed(study), size.available()
    known = all(a["asks_at_most"] is not None for a in arms)
    data = {
        "study": study.name,
        "out": str(out),
        "replicates": study.replicates,
        "arms": arms,
        "tables": sum(a["tables"] for a in arms),
        "asks": asks,
        "asks_at_most": sum(a["asks_at_most"] for a in arms) if known else None,
        "cost": bill(*ends, models or {}) if asks else None,
        "not_rehearsed": sum(a["asks_at_most"] is None for a in arms),
        "memory_bytes": need,
        "fits": have is None or need <= have,
        "settings": dict(study.settings),
    }
    return data, _shown(data)


def expected(study: Study, models: Mapping[str, str]) -> int | None:
    """About how many calls a run will make, for the time that is left; None where that takes too long to find."""
    stop = time.monotonic() + PATIENCE
    total = 0.0
    for case in study.cases:
        found = _rehearse(case, stop, models, long=False) if thinks(case) else (0, {})
        if found is None:
            return None
        total += sum(t.calls for t in found[1].values()) * study.replicates * case.population.tables
    return round(total)


def _arm(
    study: Study, case: Case, stop: float, models: Mapping[str, str], ends: tuple[Tallies, Tallies]
) -> dict[str, Any]:
    tables, asks = study.replicates * case.population.tables, thinks(case)
    steps, made = None, None
    both = [_rehearse(case, stop, models, long) for long in ((False, True) if asks else (False,))]
    found = [f for f in both if f is not None]
    if len(found) == len(both):
        steps, made = found[0][0], max(sum(t.calls for t in f[1].values()) for f in found)
        for (_, sums), end in zip(found, ends, strict=False):
            for role, tally in sums.items():
                end[role].add(tally, tables)
    return {
        "condition": dict(case.condition),
        "tables": tables,
        "seats": case.world.seats,
        "steps_a_table": steps,
        "asks": asks,
        "asks_at_most": 0 if not asks else None if made is None else round(made) * TRIES * tables,
    }


def _rehearse(
    case: Case, stop: float, models: Mapping[str, str], long: bool
) -> tuple[int, Tallies] | None:
    """Steps and asks of the first table; None where it did not end in time or could not be played."""
    steps = 0
    if case.world.seats > LARGE:
        return None
    who, sums = tasters(models, long)
    try:
        episode = play(
            case.world,
            case.population,
            models=who,
            probes=case.probes,
            interventions=case.interventions,
        )
        while not episode.over:
            if time.monotonic() > stop or steps >= STEPS:
                return None
            episode.step()
            steps += 1
    except MoresError:
        raise
    except Exception:  # a part that fails is said by the run, episode by episode
        return None
    return steps, sums


def _cost(cost: dict[str, Any] | None, lacking: int) -> list[RenderableType]:
    """What asking would take, by role; the money in words where a price is not known."""
    if cost is None or not cost["by_role"]:
        return []
    rows = [
        {"role": r["role"], "model": show.plain(r["model"]) or "nobody yet"}
        | {n.replace("_", " "): _range(r[n]) for n in SUMS}
        | {"US dollars": "not known" if r["money"] is None else _range(r["money"])}
        for r in cost["by_role"]
    ]
    said = "Rehearsed by a script for nothing: four characters a token; at most three tries each, without reasoning."
    if cost["money"] is not None and cost["money"][1]:
        said += f" In all {_range(cost['money'])} US dollars."
    if lacking:
        said += f" {lacking} conditions took too long to rehearse and are not in it."
    if cost["unpriced"]:
        said += f" The price of {', '.join(cost['unpriced'])} is not known; name a table with MORES_PRICES."
    return [show.rows(rows, title="What asking takes"), Text(said)]


def _range(ends: list[float]) -> str:
    low, high = (show.number(e) for e in ends)
    return low if low == high else f"{low} to {high}"


def _shown(data: dict[str, Any]) -> list[RenderableType]:
    rows = [
        {
            "condition": show.condition(a["condition"]),
            "tables": f"{a['tables']:,}",
            "seats": f"{a['seats']:,}",
            "steps a table": "not known"
            if a["steps_a_table"] is None
            else f"{a['steps_a_table']:,}",
            "asks at most": "not known" if a["asks_at_most"] is None else f"{a['asks_at_most']:,}",
        }
        for a in data["arms"]
    ]
    asks = (
        "nobody is asked anything"
        if not data["asks"]
        else "somebody is asked; the bound counts three tries each"
    )
    counts = f"{len(rows)} conditions, {data['replicates']} replicates, {data['tables']:,} tables"
    head = f"{data['study']}: {counts}; {asks}."
    tail = f"It takes at least {size.words(data['memory_bytes'])} of memory"
    tail += "" if data["fits"] else ", more than this machine has: it would be refused"
    tail += f". It would go to {data['out']}. Nothing was written."
    return [Text(head), show.rows(rows), *_cost(data["cost"], data["not_rehearsed"]), Text(tail)]
