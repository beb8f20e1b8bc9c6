"""Align and loop: a study is changed by a method, and measured before and after."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mores.cli import shell
from mores.cli.answering import Model
from mores.cli.running import Name, Out, Replicates
from mores.cli.shell import Json, Quiet, Seed, Settings, Workers

if TYPE_CHECKING:
    from rich.console import RenderableType

    from mores.study import Study

Method = Annotated[
    str, typer.Option("--with", metavar="METHOD", help="How it is aligned (`mores list aligner`).")
]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("align")(align)
    app.command("loop")(loop)


def align(
    study: Name,
    settings: Settings = None,
    method: Method = "pevo",
    replicates: Replicates = None,
    seed: Seed = 0,
    out: Out = None,
    model: Model = None,
    workers: Workers = 1,
    quiet: Quiet = False,
    json: Json = False,
) -> None:
    """Align a study once: measure, change it by a method, measure again on held-out seeds, and compare."""
    from mores.aligners.loop import align as engine
    from mores.cli import answering, show

    asked, fields = parted(study, settings, replicates, method)
    models = answering.answerers(answering.specs(model), workers)
    found = engine(
        asked, method, seed=seed, out=out, settings=fields, workers=workers, models=models
    )
    if json or not quiet:
        sides = (("before", found.before), ("after", found.after))
        both = [
            replace(e, condition={**e.condition, "when": when})
            for when, record in sides
            for e in record.estimates
        ]
        shell.emit(json, found.as_dict(), show.estimates(both), show.comparisons(found.comparisons))


def loop(
    study: Name,
    settings: Settings = None,
    method: Method = "pevo",
    rounds: Annotated[int, typer.Option("--rounds", min=1, help="How often it is aligned.")] = 10,
    control: Annotated[
        bool,
        typer.Option(
            "--control/--no-control", help="Whether random changes of the same size run beside."
        ),
    ] = True,
    replicates: Replicates = None,
    seed: Seed = 0,
    out: Out = None,
    model: Model = None,
    workers: Workers = 1,
    quiet: Quiet = False,
    json: Json = False,
) -> None:
    """Align a study round after round, measured on held-out seeds: the curve from before to after.

    With --out it can be cut off: the same command goes on from there.
    """
    from mores.aligners.loop import loop as engine
    from mores.cli import answering, show

    asked, fields = parted(study, settings, replicates, method)
    models = answering.answerers(answering.specs(model), workers)
    with _bar(f"{asked.name} with {method}", quiet) as tell:
        found = engine(
            asked,
            method,
            rounds=rounds,
            seed=seed,
            out=out,
            control=control,
            settings=fields,
            workers=workers,
            models=models,
            progress=tell,
        )
    if json or not quiet:
        shown = [_curve(found.rounds, method)]
        if found.control:
            shown.append(_curve(found.control, "control"))
        shell.emit(json, found.as_dict(), *shown, show.comparisons(found.comparisons))


def parted(
    name: str, words: list[str] | None, replicates: int | None, method: str
) -> tuple[Study, dict[str, Any]]:
    """The study, and the settings that are the method's and not the study's. Raises UnknownName."""
    from mores import registry
    from mores.design import find, resolve
    from mores.design.settings import fields_of, read

    given = shell.pairs(words)
    if replicates is not None:
        given["replicates"] = str(replicates)
    fields = fields_of(registry.load("aligner", method))
    own = find(name).parameters
    theirs = {
        k: read(fields[k], v, f"{method}.{k}")
        for k, v in given.items()
        if k in fields and k not in own
    }
    return resolve(name, {k: v for k, v in given.items() if k not in theirs}), theirs


@contextmanager
def _bar(title: str, quiet: bool) -> Iterator[Callable[[int, int], None] | None]:
    import sys

    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.progress import Progress

    with Progress(console=shell.err(), transient=True) as bar:
        task = bar.add_task(title, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _curve(rounds: Sequence[Any], title: str) -> RenderableType:
    """Estimates by round."""
    from mores.cli import show

    rows: list[Mapping[str, Any]] = [
        {
            "round": str(r.round),
            "metric": e.metric,
            "condition": show.condition(e.condition),
            "value": e.value,
            "95% interval": f"{show.number(e.low)} to {show.number(e.high)}",
            "n": str(e.n),
            "missing": str(e.missing),
        }
        for r in rounds
        for e in r.estimates
    ]
    return show.rows(rows, title=title)
