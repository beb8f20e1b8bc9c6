"""List: what there is, by kind and by name."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from mores.cli import shell
from mores.cli.shell import Json
from mores.errors import UnknownName

PLURALS = {"policies": "policy", "studies": "study"}
OTHERS = ("data", "model", "reference")
"""Kinds that are not in the registry of parts."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("list")(list_)


def list_(
    kind: Annotated[
        str,
        typer.Argument(
            help="study, world, institution, policy, instrument, metric, aligner, data, model..."
        ),
    ] = "",
    name: Annotated[str, typer.Argument(help="One of them: shows what can be set.")] = "",
    json: Json = False,
) -> None:
    """List what there is: studies, worlds, institutions, policies, instruments, metrics, aligners."""
    from mores.cli import show
    from mores.registry import PACKAGES

    if not kind:
        every = {k: names(k) for k in (*PACKAGES, *OTHERS)}
        shell.emit(json, every, *_overview(every))
        return
    kind = singular(kind)
    if name:
        found = one(kind, name)
        shown = show.rows(found["fields"]) if found["fields"] else "It has no settings of its own."
        shell.emit(
            json, found, f"{found['name']}: {found['summary']}\n{found['source']}".rstrip(), shown
        )
        return
    rows = entries(kind)
    shell.emit(json, rows, show.rows(rows, limit=len(rows)) if rows else f"There is no {kind} yet.")


def singular(kind: str) -> str:
    """The kind that a word means; plural forms too. Raises UnknownName."""
    from mores.registry import PACKAGES

    known = (*PACKAGES, *OTHERS)
    word = PLURALS.get(kind, kind[:-1] if kind.endswith("s") and kind[:-1] in known else kind)
    if word not in known:
        raise UnknownName("kind", kind, known)
    return word


def names(kind: str) -> list[str]:
    """The names of a kind."""
    if kind == "data":
        from mores.data import data_sets

        return sorted(data_sets())
    if kind == "model":
        from mores.models.scripted import SCRIPTS

        return [*sorted(f"scripted:{n}" for n in SCRIPTS), "person", "recorded:DIR"]
    if kind == "reference":
        from mores.references import names as games

        return games()
    from mores import registry

    try:
        return registry.names(kind)
    except ModuleNotFoundError:  # a kind none of whose parts is there
        return []


def entries(kind: str) -> list[dict[str, str]]:
    """Name, summary and source of everything of a kind; what cannot be loaded says why."""
    return [_entry(kind, name) for name in names(kind)]


def _entry(kind: str, name: str) -> dict[str, str]:
    try:
        summary, source = _told(kind, name)
    except Exception as error:  # a part of another package must not hide all others
        summary, source = f"(cannot be loaded: {type(error).__name__}: {error})", ""
    return {"name": name, "summary": summary, "source": source}


def _told(kind: str, name: str) -> tuple[str, str]:
    if kind == "data":
        from mores.data import data_set

        found = data_set(name)
        return found.title, f"{found.source} ({found.licence})"
    if kind == "model":
        return {
            "person": "somebody at this terminal",
            "recorded:DIR": "the replies of another run",
        }.get(name, "a plain function that answers, for tests and rehearsals"), ""
    if kind == "reference":
        from mores.references import load

        return f"{len(load(name))} figures of how people play", load(name)[0].source
    from mores import registry

    return registry.summary(kind, name), registry.source(kind, name)


def one(kind: str, name: str) -> dict[str, Any]:
    """One thing with its fields: what can be set, what each takes, and its default."""
    from mores.design.settings import REQUIRED, fields_of, parameters_of

    if kind == "study":
        from mores.design import find

        design = find(name)
        found = {"name": name, "summary": design.summary, "source": design.source}
        fields = dict(design.parameters)
    elif kind in OTHERS:
        if name not in names(kind):
            raise UnknownName(kind, name, names(kind))
        return {**_entry(kind, name), "fields": []}
    else:
        import dataclasses

        from mores import registry

        thing = registry.load(kind, name)
        found = _entry(kind, name)
        fields = {}
        if dataclasses.is_dataclass(thing):
            fields = fields_of(thing) if isinstance(thing, type) else {}
        elif callable(thing):
            fields = parameters_of(thing)
    shown = [
        {
            "field": p.name,
            "takes": p.allowed,
            "default": "" if p.default is REQUIRED else _plain(p.default),
        }
        for p in fields.values()
    ]
    return {**found, "fields": shown}


def _plain(value: Any) -> str:
    if isinstance(value, tuple):
        return ",".join(str(v) for v in value)
    return str(value)


def _overview(every: dict[str, list[str]]) -> list[Any]:
    from rich.text import Text

    return [
        *(Text.assemble((f"{k} ({len(v)}) ", "bold"), ", ".join(v)) for k, v in every.items()),
        Text(
            "`mores list KIND` says what each is, `mores list KIND NAME` what can be set.",
            style="dim",
        ),
    ]
