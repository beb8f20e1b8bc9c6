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
from mores.errors import UnknownName

if TYPE_CHECKING:
    from pathlib import Path

    from rich.console import RenderableType

    from mores.aligners.loop import Round
    from mores.metric import Estimate
    from mores.study import Study

ROUNDS = 5
"""Rounds of which all are shown."""
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
    from mores.cli import show

    asked, fields = parted(study, settings, replicates, method)
    models = who(asked, model, workers, quiet)
    found = engine(
        asked, method, seed=seed, out=out, settings=fields, workers=workers, models=models
    )
    _keep(out, study, settings, replicates)
    if json or not quiet:
        sides = (("before", found.before), ("after", found.after))
        both = [
            replace(e, condition={**e.condition, "when": when})
            for when, record in sides
            for e in record.estimates
        ]
        shell.emit(
            json, found.as_dict(), *show.estimates(both), show.comparisons(found.comparisons)
        )


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
    from mores.cli import show

    asked, fields = parted(study, settings, replicates, method)
    models = who(asked, model, workers, quiet)
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
    _keep(out, study, settings, replicates)
    if json or not quiet:
        shown = _curve(found.rounds, found.control, f"{asked.name} with {method}")
        shell.emit(json, found.as_dict(), shown, show.comparisons(found.comparisons))


def who(study: Study, words: list[str] | None, workers: int, quiet: bool) -> Any:
    """Who answers in all measures of a study; says where nobody asks."""
    from mores.cli import answering

    found = answering.specs(words)
    said = answering.check_use(study, found)
    if said and not quiet:
        shell.note(said)
    return answering.answerers(found, workers)


def _keep(out: Path | None, name: str, words: list[str] | None, replicates: int | None) -> None:
    """Leave in the folder what made it, for `mores compare` and `mores report` of its rounds."""
    from mores.cli.folders import keep_command
    from mores.design import command, find

    if out is None:
        return
    own = find(name).parameters
    given = {k: v for k, v in shell.pairs(words).items() if k in own or "." in k}
    if replicates is not None:
        given["replicates"] = str(replicates)
    keep_command(out, command(name, given))


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
    theirs = {}
    for word in list(given):
        field = word.removeprefix(f"{method}.")
        if field in fields and word not in own:
            theirs[field] = read(fields[field], given.pop(word), f"{method}.{field}")
    try:
        return resolve(name, given), theirs
    except UnknownName as error:
        if error.kind != "setting":
            raise
        raise UnknownName("setting", error.name, {*error.known, *fields}) from None


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


def _curve(rounds: Sequence[Round], control: Sequence[Round], title: str) -> RenderableType:
    """Estimates by round, those under the control beside them."""
    from mores.cli import show

    shown = _some([r.round for r in rounds])
    beside = {(r.round, *_key(e)): e for r in control for e in r.estimates}
    rows: list[Mapping[str, Any]] = []
    for e0 in rounds[0].estimates:
        for r in rounds:
            e = next((x for x in r.estimates if _key(x) == _key(e0)), None)
            if e is None or r.round not in shown:
                continue
            row = {"metric": _name(e), "round": str(r.round), "value": e.value}
            row |= {
                "95% interval": show.interval(e.low, e.high),
                "n": str(e.n),
                "missing": str(e.missing),
            }
            other = beside.get((r.round, *_key(e)))
            if other is not None:
                row |= {
                    "control": other.value,
                    "its interval": show.interval(other.low, other.high),
                }
            rows.append(row)
    return show.rows(rows, limit=len(rows), title=title)


def _some(numbers: list[int]) -> set[int]:
    """A few of the rounds: the first two, the last, and the middle."""
    if len(numbers) <= ROUNDS:
        return set(numbers)
    return {numbers[0], numbers[1], numbers[len(numbers) // 2], numbers[-1]}


def _key(e: Estimate) -> tuple[str, str]:
    from mores.cli import show

    return e.metric, show.condition(e.condition)


def _name(e: Estimate) -> str:
    from mores.cli import show

    return f"{e.metric} ({show.condition(e.condition)})" if e.condition else e.metric
