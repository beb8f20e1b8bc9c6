"""Rehearsing: what a run will be, from one table of each condition played by a script; nothing is written or asked."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from mores.cli import show
from mores.engine import size
from mores.engine.chunk import thinks
from mores.engine.episode import play
from mores.errors import MoresError
from mores.models.scripted import scripted
from mores.study import Case, Study

PATIENCE = 2.0
"""Seconds that all rehearsals may take together; the tables beyond are not said."""
STEPS = 20_000
LARGE = 2_000_000
"""Seats of a table that is not rehearsed: that would take as long as a run."""
TRIES = 3
"""How often an unreadable reply is asked for again (`Ask.tries`)."""


def rehearsal(
    study: Study, out: Path, models: dict[str, str] | None = None
) -> tuple[dict[str, Any], list[RenderableType]]:
    """What would be played: arms, tables, steps and asks where a rehearsal found them."""
    stop = time.monotonic() + PATIENCE
    arms = [_arm(study, case, stop) for case in study.cases]
    need, have = size.needed(study), size.available()
    known = all(a["asks_at_most"] is not None for a in arms)
    data = {
        "study": study.name,
        "out": str(out),
        "replicates": study.replicates,
        "arms": arms,
        "tables": sum(a["tables"] for a in arms),
        "asks": any(a["asks"] for a in arms),
        "asks_at_most": sum(a["asks_at_most"] for a in arms) if known else None,
        "memory_bytes": need,
        "fits": have is None or need <= have,
        "settings": dict(study.settings),
    }
    return data, _shown(data)


def _arm(study: Study, case: Case, stop: float) -> dict[str, Any]:
    tables, asks = study.replicates * case.population.tables, thinks(case)
    steps, made = _rehearse(case, stop)
    return {
        "condition": dict(case.condition),
        "tables": tables,
        "seats": case.world.seats,
        "steps_a_table": steps,
        "asks": asks,
        "asks_at_most": 0 if not asks else None if made is None else made * TRIES * tables,
    }


def _rehearse(case: Case, stop: float) -> tuple[int | None, int | None]:
    """Steps and asks of the first table; None where it did not end in time or could not be played."""
    steps = 0
    if case.world.seats > LARGE:
        return None, None
    try:
        episode = play(
            case.world,
            case.population,
            models={"*": scripted("random")},
            probes=case.probes,
            interventions=case.interventions,
        )
        while not episode.over:
            if time.monotonic() > stop or steps >= STEPS:
                return None, None
            episode.step()
            steps += 1
    except MoresError:
        raise
    except Exception:  # a part that fails is said by the run, episode by episode
        return None, None
    asker = episode.loop.asker
    return steps, 0 if asker is None else asker.made + asker.from_store


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
    return [Text(head), show.rows(rows), Text(tail)]
