"""Calls: what was asked of models in a run, and what they answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from mores.cli import shell
from mores.cli.running import Folder
from mores.cli.shell import Json

if TYPE_CHECKING:
    from rich.console import RenderableType

SHORT = 12
"""Characters of a key that are shown."""
WORDS = 60
"""Characters of a reply that are shown in a list."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("calls")(calls)


def calls(
    folder: Folder,
    key: Annotated[
        str | None,
        typer.Argument(
            metavar="[KEY]", help="Show this call in full; the beginning of its key is enough."
        ),
    ] = None,
    role: Annotated[str | None, typer.Option("--role", help="Only calls of this role.")] = None,
    fault: Annotated[
        bool, typer.Option("--fault", help="Only calls that ended in a fault.")
    ] = False,
    limit: Annotated[int, typer.Option("--limit", min=1, help="List at most so many.")] = 20,
    json: Json = False,
) -> None:
    """List what was asked of models in a run, or show one exchange in full: messages, reply, attempts, tokens."""
    from mores.models.ledger import Ledger

    with Ledger.open(folder) as ledger:
        if key is not None:
            found = ledger.exchange(key)
            shell.emit(json, found, *_exchange(found))
            return
        rows, roles = ledger.calls(role, fault, limit), ledger.roles()
    _known(role, [r["role"] for r in roles])
    data = {"roles": roles, "calls": rows}
    shell.emit(json, data, *_listed(rows, roles))


def _known(role: str | None, roles: list[str]) -> None:
    from mores.errors import UnknownName

    if role is not None and role not in roles:
        raise UnknownName("role with calls in this run", role, roles)


def _listed(rows: list[dict[str, Any]], roles: list[dict[str, Any]]) -> list[RenderableType]:
    from rich.text import Text

    from mores.cli import show

    shown = [
        {
            "key": r["key"][:SHORT],
            "role": show.plain(r["role"]),
            "draw": show.plain(r["draw"]),
            "attempts": str(r["attempts"]),
            "tokens in": _count(r["prompt_tokens"]),
            "out": _count(r["completion_tokens"]),
            "fault": show.plain(r["fault"] or ""),
            "reply": _cut(show.plain(r["text"])),
        }
        for r in rows
    ]
    total = sum(r["calls"] for r in roles)
    said = f"{len(rows):,} of {total:,} calls. `mores calls DIR KEY` shows one in full."
    return [show.rows(shown, limit=len(shown)), Text(said)]


def _exchange(found: dict[str, Any]) -> list[RenderableType]:
    from rich.text import Text

    from mores.cli import show

    head = {k: found[k] for k in ("key", "role", "model", "draw")}
    parts: list[RenderableType] = [Text("; ".join(f"{k} {show.plain(v)}" for k, v in head.items()))]
    for message in found["messages"]:
        parts += [Text(f"\n{message['role']}", style="bold"), Text(show.plain(message["content"]))]
    if found["reasoning"]:
        parts += [Text("\nreasoning", style="bold"), Text(show.plain(found["reasoning"]))]
    parts += [Text("\nreply", style="bold"), Text(show.plain(found["text"]))]
    tokens = (
        f"\n{_count(found['prompt_tokens'])} tokens in, {_count(found['completion_tokens'])} out"
    )
    parts.append(
        Text(tokens + (f"; fault: {show.plain(found['fault'])}" if found["fault"] else ""))
    )
    if found["flags"]:
        parts.append(Text(f"flags: {show.plain(found['flags'])}"))
    if found["attempts"]:
        parts.append(
            show.rows(
                [{k: str(v) for k, v in a.items()} for a in found["attempts"]], title="Attempts"
            )
        )
    else:
        parts.append(Text("answered at the first attempt"))
    return parts


def _count(n: int | None) -> str:
    return "–" if n is None else f"{n:,}"


def _cut(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= WORDS else line[: WORDS - 1] + "…"
