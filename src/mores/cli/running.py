"""Run, report, replay: a study is played, shown again, and made again to see that it is the same."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from mores.cli import shell
from mores.cli.answering import MaxCalls, MaxMinutes, MaxMoney, MaxTokens, Model
from mores.cli.shell import Json, Quiet, Seed, Settings, Workers
from mores.errors import BadValue, MoresError

if TYPE_CHECKING:
    from mores.cli.folders import Place
    from mores.models.meter import Meter
    from mores.record import Record
    from mores.study import Study

Name = Annotated[
    str,
    typer.Argument(
        metavar="STUDY", help="A name of the catalogue, a .toml or .py file, or package:name."
    ),
]
Folder = Annotated[Path, typer.Argument(metavar="DIR", help="A run directory.")]
Replicates = Annotated[
    int | None, typer.Option("--replicates", help="How often each condition is played.")
]
Out = Annotated[
    Path | None,
    typer.Option("--out", metavar="DIR", help="Where the run goes (default: runs/STUDY)."),
]
Vary = Annotated[
    list[str] | None,
    typer.Option("--vary", metavar="FIELD=A,B,C", help="Make conditions of a grid. Repeatable."),
]
Level = Annotated[
    str,
    typer.Option("--record", help="What is kept: full, decisions, sample:K, aggregate or none."),
]
Sync = Annotated[
    str,
    typer.Option(
        "--sync", help="normal: survives a killed process; full: survives a power cut too."
    ),
]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Say what would be played and asked; do nothing.")
]
NoReport = Annotated[bool, typer.Option("--no-report", help="Write no report.html.")]


MIND = "mind"


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("run")(run)
    app.command("report")(report)
    app.command("replay")(replay)


@dataclass(frozen=True)
class Wanted:
    """A study as the command line asks for it."""

    study: Study
    command: dict[str, Any]
    seed: int
    level: str
    said: str = ""
    """What is to be said of the design before it is run."""

    @property
    def fingerprint(self) -> str:
        """What is equal for a run that can be gone on with."""
        from mores.engine.levels import Level as Kept
        from mores.engine.manifest import fingerprint

        return fingerprint(self.study, self.seed, Kept.of(self.level))


def wanted(
    name: str,
    settings: list[str] | None,
    *,
    replicates: int | None = None,
    vary: list[str] | None = None,
    seed: int = 0,
    level: str = "full",
    models: Mapping[str, str] | None = None,
) -> Wanted:
    """Resolve what was typed. Raises UnknownName and BadValue."""
    from mores.design import command, resolve

    given: dict[str, Any] = dict(shell.pairs(settings))
    if replicates is not None:
        if given.get("replicates", str(replicates)) != str(replicates):
            raise BadValue(
                "--replicates", replicates, f"replicates={given['replicates']} is given too"
            )
        given["replicates"] = str(replicates)
    grid = shell.varied(vary)
    study, said = resolve(name, given, grid), ""
    if (thinking := _thinking(name, study, given, grid, models or {})) is not None:
        given["population"], study = MIND, thinking
        said = "population=mind: everyone thinks, since --model says who answers for the players"
    kept = command(name, given, grid) | {"models": dict(models or {})}
    return Wanted(study, kept, seed, level, said)


def _thinking(
    name: str,
    study: Study,
    given: Mapping[str, Any],
    grid: Mapping[str, Any],
    models: Mapping[str, str],
) -> Study | None:
    """The study with minds in all seats, where a model is given for the players and nothing was said of them."""
    from mores.cli import answering
    from mores.design import find, resolve
    from mores.engine.chunk import thinks

    free = "population" in find(name).parameters and "population" not in {*given, *grid}
    if not free or not answering.seated(models) or any(thinks(c) for c in study.cases):
        return None
    try:
        return resolve(name, {**given, "population": MIND}, grid)
    except (
        MoresError
    ):  # a study in which not every seat can think: `check_use` says that nobody asks
        return None


# ---------------------------------------------------------------- run
def run(
    study: Name,
    settings: Settings = None,
    replicates: Replicates = None,
    seed: Seed = 0,
    out: Out = None,
    model: Model = None,
    vary: Vary = None,
    workers: Workers = 1,
    record: Level = "full",
    sync: Sync = "normal",
    max_calls: MaxCalls = None,
    max_tokens: MaxTokens = None,
    max_money: MaxMoney = None,
    max_minutes: MaxMinutes = None,
    dry_run: DryRun = False,
    no_report: NoReport = False,
    quiet: Quiet = False,
    json: Json = False,
) -> None:
    """Play a study: print its estimates beside people's, and write a report.

    A run that was cut off goes on from where it was: give the same command again. Settings are the parameters of
    the study, or dotted the fields of its parts: `world.rounds=5`, `punishment.fine=3`, `tit-for-tat.FIELD=...`;
    `mores list study NAME` shows them.
    """
    from mores.cli import answering, folders, metering

    models = answering.specs(model)
    asked = wanted(
        study, settings, replicates=replicates, vary=vary, seed=seed, level=record, models=models
    )
    caps = answering.caps(
        models,
        calls=max_calls,
        tokens=max_tokens,
        money=max_money,
        minutes=max_minutes,
        workers=workers,
    )
    place = folders.place(out, asked.study, asked.fingerprint, asked.command)
    if dry_run:
        from mores.cli.rehearsing import rehearsal

        data, shown = rehearsal(asked.study, place.path, models)
        shell.emit(json, data, *shown)
        return
    for said in (asked.said, place.said, answering.check_use(asked.study, models)):
        if said and not quiet:
            shell.note(said)
    before = metering.replies(place.path)
    meter = answering.meter(asked.study, caps, workers)
    if meter is not None and place.state != "finished" and not quiet and sys.stderr.isatty():
        from mores.cli.rehearsing import expected

        meter.expected = expected(asked.study, models)
    who = answering.answerers(models, workers, meter)
    found = play(asked, place, who, workers, _sync(sync), quiet, meter)
    _finish(found, asked.study, quiet=quiet, json=json, no_report=no_report, calls=(before, meter))


def _sync(text: str) -> Literal["normal", "full"]:
    if text == "normal":
        return "normal"
    if text == "full":
        return "full"
    raise BadValue("--sync", text, "normal or full")


def play(
    asked: Wanted,
    place: Place,
    models: Any,
    workers: int,
    sync: Literal["normal", "full"],
    quiet: bool,
    meter: Meter | None = None,
) -> Record:
    """Play a study into its folder, with a progress bar where somebody looks. Raises Budget at a cap."""
    from mores.cli import metering
    from mores.engine.run import run as engine
    from mores.errors import Budget

    try:
        with metering.progress(asked.study.name, quiet, meter) as tell:
            return engine(
                asked.study,
                out=place.path,
                seed=asked.seed,
                workers=workers,
                record=asked.level,
                models=models,
                sync=sync,
                progress=tell,
                command=asked.command,
            )
    except Budget as error:
        kept = f"{metering.replies(place.path):,} replies are in {place.path}"
        raise Budget(f"{error}; {kept}") from None


def _finish(
    record: Record,
    study: Study,
    *,
    quiet: bool,
    json: bool,
    no_report: bool,
    calls: tuple[int, Meter | None],
) -> None:
    """Show what came out; exit 1 where the run lacks a part of its design."""
    from mores.cli import metering, show
    from mores.models.ledger import account
    from mores.summary import shortfall, summarise

    assert record.path is not None
    found = summarise(record, study, hashes=json)
    lacking = shortfall(record, study)
    written = None if no_report else write_report(record, study, record.path / "report.html")
    asked = metering.counted(account(record), *calls)
    data = found.as_dict() | asked | ({"error": "; ".join(lacking)} if lacking else {})
    if json or not quiet:
        shell.emit(json, data, *show.summary(found), *metering.shown(record, asked, calls[1]))
    if not json and not quiet:
        shell.out().print(show.where(written or record.path))
    if lacking:
        raise_shortfall(record.path, lacking)


def raise_shortfall(what: object, lacking: list[str]) -> None:
    """Say what a run lacks, and exit 1."""
    shell.note(f"mores: {what} is less than its design: {'; '.join(lacking)}")
    raise typer.Exit(1)


def write_report(record: Record, study: Study, path: Path) -> Path | None:
    """Write the report; where that is not possible say why, since a run must not fail for its picture."""
    try:
        from mores.report import write

        return Path(write(record, study, path))
    except ImportError as error:
        shell.note(
            f"no report was written: {error.name or error} is not installed (pip install 'mores[report]')"
        )
    except MoresError as error:
        shell.note(f"no report was written: {error}")
    except Exception as error:
        shell.note(f"no report was written: {type(error).__name__}: {error}")
    return None


# ---------------------------------------------------------------- report
def report(folder: Folder, json: Json = False) -> None:
    """Show a run again and write its report anew."""
    from mores.cli import folders, metering, show
    from mores.models.ledger import account
    from mores.summary import shortfall, summarise

    opened = folders.opened(folder)
    for said in opened.notes:
        shell.note(f"note: {said}")
    found = summarise(opened.record, opened.study)
    written = None
    if opened.study is not None:
        written = write_report(opened.record, opened.study, folder / "report.html")
    sums = account(opened.record)
    asked = metering.counted(sums, sums.replies, None)
    shown = (*show.summary(found), *metering.shown(opened.record, asked, None))
    shell.emit(json, found.as_dict() | asked, *shown)
    if not json:
        shell.out().print(show.where(written or folder))
    if opened.study is not None:
        lacking = shortfall(opened.record, opened.study)
        if lacking:
            raise_shortfall(folder, lacking)


# ---------------------------------------------------------------- replay
def replay(folder: Folder, workers: Workers = 1, json: Json = False) -> None:
    """Make a record again from its seeds and stored replies, and compare: exit 0 when all hashes match, else 1."""
    from mores.cli import answering, folders, show
    from mores.engine.replay import replay as engine
    from mores.errors import RecordError

    opened = folders.opened(folder)
    if opened.study is None or not opened.own:
        raise RecordError(
            opened.notes[-1]
            if opened.notes
            else f"{folder} is a part of a loop; give its command again instead"
        )
    for said in opened.notes:
        shell.note(f"note: {said}")
    models = answering.stored(opened.record)
    found = engine(
        opened.study, folder, models=models if workers == 1 else lambda: models, workers=workers
    )
    data = {
        "match": found.match,
        "hashes": found.hashes,
        "first_difference": found.first_difference,
    }
    lines = [
        {
            "table": n,
            "hash": h,
            "made again": "the same" if found.again.get(n) == h else found.again.get(n),
        }
        for n, h in found.hashes.items()
    ]
    verdict = "It is the same record." if found.match else f"It differs: {found.first_difference}"
    shell.emit(json, data, show.rows(lines), verdict)
    if not found.match:
        raise typer.Exit(1)
