"""Plan: how many replicates a study needs to find an effect of a stated size, from a pilot run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from mores.cli import shell
from mores.cli.running import Name, Vary, wanted
from mores.cli.shell import Json, Quiet, Seed, Settings
from mores.errors import BadValue, UnknownName

if TYPE_CHECKING:
    from mores.metric import Metric, Sample
    from mores.record import Record
    from mores.study import Study


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("plan")(plan)


def plan(
    study: Name,
    settings: Settings = None,
    effect: Annotated[
        float | None,
        typer.Option(
            "--effect",
            help="The difference that matters, in the metric's unit (default: half its spread).",
        ),
    ] = None,
    metric: Annotated[
        str, typer.Option("--metric", help="Only this metric; default: all of the study.")
    ] = "",
    power: Annotated[
        float, typer.Option("--power", help="Probability that the effect is found.")
    ] = 0.8,
    alpha: Annotated[
        float, typer.Option("--alpha", help="Level of the tests, before correction.")
    ] = 0.05,
    pilot: Annotated[int, typer.Option("--pilot", min=2, help="Replicates of the pilot run.")] = 10,
    vary: Vary = None,
    seed: Seed = 0,
    quiet: Quiet = False,
    json: Json = False,
) -> None:
    """Say how many replicates a study needs to find an effect: a small pilot is run for the spread of each metric."""
    from mores.cli import show
    from mores.cli.metering import progress
    from mores.engine.run import run

    asked = wanted(study, settings, replicates=pilot, vary=vary, seed=seed).study
    chosen = [m for m in asked.metrics if metric in ("", m.name)]
    if not chosen:
        raise UnknownName(f"metric of {asked.name}", metric, [m.name for m in asked.metrics])
    with progress(f"pilot of {asked.name}", quiet, None) as tell:
        record = run(asked, seed=seed, progress=tell)
    rows = [
        row for m in chosen for row in needed(record, asked, m, effect, power=power, alpha=alpha)
    ]
    data = {"study": asked.name, "pilot": pilot, "power": power, "alpha": alpha, "needs": rows}
    shell.emit(json, data, show.rows([_shown(r) for r in rows]), _verdict(rows, power))


def needed(
    record: Record,
    study: Study,
    metric: Metric,
    effect: float | None,
    *,
    power: float,
    alpha: float,
) -> list[dict[str, Any]]:
    """One row a comparison the study will make: its spread in the pilot, and the replicates it takes.

    With a single condition: the replicates whose 95% interval is no wider than the effect on either side.
    """
    from mores.metrics.comparison import CAP, pairs

    sample = metric.measure(record)
    baseline = study.baseline
    chosen = pairs(sample.condition, baseline)[:CAP]
    sides = [_units(sample, k) for k in range(len(sample.condition))]
    if not chosen:
        return [
            _alone(metric, dict(c), side, effect)
            for c, side in zip(sample.condition, sides, strict=True)
        ]
    rows = []
    for a, b in chosen:
        shared = sorted(set(sides[a]) & set(sides[b]))
        spread = _sd([sides[a][u] - sides[b][u] for u in shared])
        found = {
            "metric": metric.name,
            "a": dict(sample.condition[a]),
            "b": dict(sample.condition[b]),
        }
        rows.append(found | _needs(spread, effect, len(shared), power, alpha, len(chosen)))
    return rows


def _needs(
    sd: float, effect: float | None, n: int, power: float, alpha: float, family: int
) -> dict[str, Any]:
    from mores.metrics.power import replicates_needed

    size = sd / 2 if effect is None else effect
    base = {"sd": sd, "effect": size, "pilot_n": n, "comparisons": family}
    if not sd > 0:  # every pair differed by the same, or there were fewer than two
        return base | {"replicates": 2 if sd == 0 else None}
    return base | {
        "replicates": replicates_needed(size, sd, power=power, alpha=alpha, comparisons=family)
    }


def _alone(
    metric: Metric, condition: dict[str, Any], side: dict[int, float], effect: float | None
) -> dict[str, Any]:
    import math

    from mores.metrics.quantiles import normal_quantile

    sd = _sd(list(side.values()))
    size = sd / 2 if effect is None else effect
    if effect is not None and not effect > 0:
        raise BadValue("--effect", effect, "above 0")
    count = (
        max(2, math.ceil((normal_quantile(0.975) * sd / size) ** 2))
        if sd > 0
        else (2 if sd == 0 else None)
    )
    found = {"metric": metric.name, "a": condition, "b": None, "sd": sd, "effect": size}
    return found | {"pilot_n": len(side), "comparisons": 0, "replicates": count}


def _units(sample: Sample, k: int) -> dict[int, float]:
    """The mean of each unit of one condition, those without a value left out."""
    import numpy as np

    from mores.metrics.statistics import unit_means

    rows = np.flatnonzero(sample.which == k)
    found = unit_means(sample.value[rows], sample.unit_id[rows])
    return {int(u): float(m) for u, m in zip(found.unit_id, found.mean, strict=True) if m == m}


def _sd(values: list[float]) -> float:
    import numpy as np

    return float(np.std(values, ddof=1)) if len(values) > 1 else float("nan")


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    from mores.cli import show

    between = show.condition(row["a"]) + (
        "" if row["b"] is None else f" − {show.condition(row['b'])}"
    )
    count = "not known" if row["replicates"] is None else f"{row['replicates']:,}"
    return {
        "metric": row["metric"],
        "between": between,
        "spread in the pilot": row["sd"],
        "effect": row["effect"],
        "replicates": count,
    }


def _verdict(rows: list[dict[str, Any]], power: float) -> str:
    counts = [r["replicates"] for r in rows if r["replicates"] is not None]
    if not counts:
        return "The pilot gave too few values to say; take more with --pilot."
    if all(r["b"] is None for r in rows):
        return f"{max(counts):,} replicates make every 95% interval no wider than the effect to either side."
    least = f"{max(counts):,} replicates find each of these effects with probability {power:g}"
    return f"{least}, corrected for all comparisons."
