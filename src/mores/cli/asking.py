"""Ask: an instrument put to policies, models or the person at the terminal."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from mores.cli import shell
from mores.cli.running import Out, raise_shortfall
from mores.cli.shell import Json, Quiet, Seed, Settings, Workers

MODELS = ("http", "https", "inspect", "hf", "recorded")
"""Kinds of specs that are models and nothing else; `scripted` and `person` are respondents by themselves too."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("ask")(ask)


def ask(
    instrument: Annotated[
        str, typer.Argument(help="A name (`mores list instrument`), or file.py:Class.")
    ],
    settings: Settings = None,
    model: Annotated[
        list[str] | None,
        typer.Option(
            "--model",
            metavar="[ROLE=]SPEC",
            help="Who answers: random (the default), constant:A, a policy, http://HOST:PORT/v1#MODEL, "
            "inspect:PROVIDER/MODEL, hf:PATH, scripted:NAME, recorded:DIR or person; judge=SPEC for who scores. "
            "Repeatable.",
        ),
    ] = None,
    n: Annotated[
        int | None,
        typer.Option("--n", min=1, help="How many respondents (default: 100; a person: 1)."),
    ] = None,
    seed: Seed = 0,
    out: Out = None,
    workers: Workers = 1,
    quiet: Quiet = False,
    json: Json = False,
) -> None:
    """Put an instrument to somebody: its scores with their intervals."""
    from mores.cli import answering, show
    from mores.instruments.asking import ask as put
    from mores.instruments.asking import study
    from mores.summary import shortfall, summarise

    asked = made(instrument, shell.pairs(settings))
    who, named = respondent(model)
    models = answering.answerers(named, workers)() if named else None
    if out is not None and named:
        refuse_other(out, named)
    record = put(asked, who, n=n, seed=seed, out=out, models=models, workers=workers)
    design = study(asked, who, len(record.table("episodes")))
    found = summarise(record, design)
    if json or not quiet:
        shell.emit(json, found.as_dict(), *show.summary(found))
    lacking = shortfall(record, design)
    if lacking:
        raise_shortfall(f"{instrument} asked of {named.get(answering.EVERYONE, who)}", lacking)


def respondent(words: list[str] | None) -> tuple[str, dict[str, str]]:
    """Who is asked, and which models answer: a policy by its name, or a mind for whom a model answers."""
    from mores.cli import answering
    from mores.models.spec import parse

    said = parse(list(words or ()))
    alone = said.pop(answering.EVERYONE, None) or said.pop("players", "random")
    kind = alone.partition(":")[0]
    roles = [f"{role}={spec}" for role, spec in said.items()]
    if kind in MODELS or (roles and kind in ("scripted", "person")):
        return "mind", answering.specs([alone, *roles])
    return alone, answering.specs(roles)


def refuse_other(out: Path, named: dict[str, str]) -> None:
    """Raise RecordError where a folder holds what other models answered."""
    from mores.cli import answering
    from mores.errors import RecordError
    from mores.record import Record

    if not (out / "manifest.json").exists():
        return
    was = Record.open(out).manifest.get("models") or {}
    if was != answering.identities(named):
        raise RecordError(
            f"{out} holds what other models answered; choose another --out, or remove that folder"
        )


def made(name: str, settings: dict[str, str]) -> Any:
    """The instrument that a name means, with its fields set; a registered one without fields stays a name."""
    from mores import registry
    from mores.design import files
    from mores.design.settings import call

    if name.endswith(".py"):
        name = f"{name}:{_only(Path(name))}"
    kind = files.attribute(name) if ":" in name else registry.load("instrument", name)
    if ":" not in name and not settings:
        return name
    return call(kind, settings, f"instrument {name}") if callable(kind) else kind


def _only(path: Path) -> str:
    """The one instrument of a file."""
    from mores.design import files
    from mores.errors import BadValue
    from mores.instrument import Instrument

    module = files.load(files.existing(path))
    found = [
        n
        for n, v in vars(module).items()
        if isinstance(v, type) and issubclass(v, Instrument) and v.__module__ == module.__name__
    ]
    if len(found) != 1:
        raise BadValue(
            "instrument",
            str(path),
            f"a file with one instrument, or file.py:Class; it has {found or 'none'}",
        )
    return found[0]
