"""Compare: two runs of one study side by side, paired where they share seeds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mores.cli import shell
from mores.cli.shell import Json
from mores.errors import MoresError, UsageError

if TYPE_CHECKING:
    from mores.metric import Comparison, Condition, Metric
    from mores.record import Record
    from mores.study import Study
    from mores.summary import Summary

RUN = "run"
"""The key of a condition that says which of the two runs it is of."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("compare")(compare)


def compare(
    a: Annotated[Path, typer.Argument(metavar="DIR", help="A run directory.")],
    b: Annotated[
        Path,
        typer.Argument(metavar="DIR", help="Another run of the same study, for example before."),
    ],
    json: Json = False,
) -> None:
    """Compare two runs, metric by metric and condition by condition: first minus second, paired on shared seeds."""
    from mores.cli import folders, show

    left, right = folders.opened(a), folders.opened(b)
    for side in (left, right):
        for said in side.notes:
            shell.note(f"note: {said}")
    if left.study is None or right.study is None:
        lacking = left if left.study is None else right
        raise UsageError(f"{lacking.record.path} cannot be measured again: {lacking.notes[-1]}")
    theirs = {m.name: m for m in right.study.metrics}
    both = [(m, theirs[m.name]) for m in left.study.metrics if m.name in theirs]
    if not both:
        raise UsageError(
            f"{a} ({left.study.name}) and {b} ({right.study.name}) have no metric in common; compare runs of one study"
        )
    labels = names(a, b)
    found, notes = compared(left.record, right.record, both, labels)
    people, more = _to_people(left.study, left.record, right.record, labels)
    found, notes = [*found, *people], [*notes, *more]
    result = _summary(left.record, right.record, labels, found, notes)
    shell.emit(
        json,
        result.as_dict() | {"runs": dict(zip(labels, (str(a), str(b)), strict=True))},
        *show.summary(result),
    )


def names(a: Path, b: Path) -> tuple[str, str]:
    """What the two runs are called: their folders' names, or more of their paths where those are equal."""
    if a.resolve() == b.resolve():
        return f"{a} (1)", f"{b} (2)"
    first, second = a.resolve().name, b.resolve().name
    return (first, second) if first != second else (str(a), str(b))


def compared(
    left: Record,
    right: Record,
    metrics: Sequence[tuple[Metric, Metric]],
    labels: tuple[str, str],
) -> tuple[list[Comparison], list[str]]:
    """All comparisons of the conditions that both have, corrected within each metric, and what is to be said."""
    from mores.metrics.comparison import compare as one
    from mores.metrics.comparison import holm

    paired = None if left.manifest.get("seed") == right.manifest.get("seed") else False
    notes = (
        [] if paired is None else ["the runs have different seeds: their episodes are not paired"]
    )
    made: list[Comparison] = []
    left_out: list[str] = []
    for mine, other in metrics:
        try:
            a, b = mine.measure(left), other.measure(right)
        except (MoresError, ArithmeticError, ValueError, LookupError) as error:
            notes.append(f"{mine.name} could not be compared: {type(error).__name__}: {error}")
            continue
        shared = _matched(a.condition, b.condition)
        alone = len(a.condition) + len(b.condition) - 2 * len(shared)
        if alone:
            left_out.append(f"{mine.name} ({alone})")
        found = [one(mine, a, b, a=c, b=d, paired=paired) for c, d in shared]
        adjusted = holm([c.p for c in found])
        made += [
            replace(c, p_adjusted=float(p), a={**c.a, RUN: labels[0]}, b={**c.b, RUN: labels[1]})
            for c, p in zip(found, adjusted, strict=True)
        ]
    if left_out:
        listed = ", ".join(left_out)
        notes.append(f"conditions that are in one run only were left out: {listed}")
    return made, notes


def _matched(
    left: Sequence[Condition], right: Sequence[Condition]
) -> list[tuple[Condition, Condition]]:
    """Conditions of two runs that are equal; where none is, those that differ only in what tells the runs apart.

    A key tells the runs apart if it has one value in each of them, and not the same: `population=all-give` in
    one run and `population=all-keep` in the other.
    """
    equal = [(c, d) for c in left for d in right if dict(c) == dict(d)]
    if equal:
        return equal
    every = {k for c in (*left, *right) for k in c}
    apart = {k for k in every if all(len({repr(c.get(k)) for c in s}) == 1 for s in (left, right))}
    return [(c, d) for c in left for d in right if _without(c, apart) == _without(d, apart)]


def _without(condition: Condition, keys: set[str]) -> dict[str, Any]:
    return {k: v for k, v in condition.items() if k not in keys}


def _to_people(
    study: Study, left: Record, right: Record, labels: tuple[str, str]
) -> tuple[list[Comparison], list[str]]:
    """The differences of distances to people, which a study has beside its metrics."""
    from mores.aligners.before_after import compare as after_less_before

    seed = int(left.manifest.get("seed", 0))
    try:
        found = after_less_before(replace(study, metrics=()), right, left, (1, 0), seed)
    except (MoresError, ArithmeticError, ValueError, LookupError) as error:
        return [], [f"distances could not be compared: {type(error).__name__}: {error}"]
    named = [replace(c, a=_in_run(c.a, labels[0]), b=_in_run(c.b, labels[1])) for c in found]
    return named, []


def _in_run(condition: Condition, label: str) -> Condition:
    return {**{k: v for k, v in condition.items() if k != "round"}, RUN: label}


def _summary(
    left: Record, right: Record, labels: tuple[str, str], found: list[Comparison], notes: list[str]
) -> Summary:
    from mores.summary import Summary, cost

    estimates = [
        replace(e, condition={**e.condition, RUN: label})
        for record, label in zip((left, right), labels, strict=True)
        for e in record.estimates
    ]
    costs: dict[str, Any] = {label: cost(r) for r, label in zip((left, right), labels, strict=True)}
    return Summary(
        study=str(left.manifest.get("study")),
        out=str(left.path),
        estimates=estimates,
        comparisons=found,
        hashes=left.hashes,
        cost=costs,
        notes=notes,
    )
