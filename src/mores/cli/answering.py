"""Answering: who thinks for which role, as `--model` says it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from mores.errors import BadValue

if TYPE_CHECKING:
    from mores.engine.asking import Answerer, Request, Response
    from mores.study import Study

Model = Annotated[
    list[str] | None,
    typer.Option(
        "--model",
        metavar="[ROLE=]SPEC",
        help="Who thinks: scripted:NAME, recorded:DIR or person; for one role or for all. Repeatable.",
    ),
]
EVERYONE = "*"


def specs(words: Sequence[str] | None) -> dict[str, str]:
    """`ROLE=SPEC` words: role -> spec that holds from any folder; `*` is every other role."""
    found: dict[str, str] = {}
    for word in words or ():
        role, equals, spec = word.partition("=")
        if not equals:
            role, spec = EVERYONE, word
        if role in found:
            raise BadValue("--model", word, f"the role {role!r} is given twice")
        kind, _, rest = spec.partition(":")
        found[role] = f"{kind}:{Path(rest).absolute()}" if kind == "recorded" and rest else spec
    return found


def answerer(spec: str) -> Answerer:
    """Who a spec means. Raises BadValue and UnknownName."""
    kind, _, rest = spec.partition(":")
    if kind == "scripted":
        from mores.models.scripted import scripted

        return scripted(rest or "random")
    if kind == "recorded":
        from mores.models.recorded import Recorded

        return Recorded(rest)
    if kind == "person":
        from mores.models.person import Person

        return Person()
    allowed = "scripted:NAME (random, first, ...), recorded:DIR (a run directory) or person"
    raise BadValue("--model", spec, allowed)


def answerers(
    found: Mapping[str, str], workers: int = 1
) -> Mapping[str, Answerer] | Callable[[], Any]:
    """Who answers each role; with several workers a function that makes them in each."""
    made = {role: answerer(spec) for role, spec in found.items()}
    if workers == 1:
        return made
    if "person" in found.values():
        raise BadValue("--workers", workers, "1 where a person answers")
    for one in made.values():
        one.close()
    return lambda: {role: answerer(spec) for role, spec in found.items()}


def check_use(study: Study, found: Mapping[str, str]) -> str | None:
    """What is to be said where models are named and nobody asks. Raises BadValue where nobody would answer."""
    from mores.engine.chunk import thinks

    asks = any(thinks(c) for c in study.cases)
    if asks and not found:
        raise BadValue(
            "--model",
            None,
            "somebody has to answer in this study: scripted:NAME, recorded:DIR or person",
        )
    if asks or not found:
        return None
    return "nobody in this study asks: --model is not used (population=mind has every seat ask)"


class Stored:
    """Stands for a model whose replies are in the store; it has none of its own."""

    def __init__(self, model: str, deterministic: bool = False) -> None:
        self.model, self.deterministic = model, deterministic
        self._ready: list[Response] = []

    def submit(self, requests: Sequence[Request]) -> None:
        """Take requests that the store does not hold; each comes back as a fault."""
        from mores.engine.asking import Response

        self._ready += [
            Response(r.key, "", "the store holds no reply to this request") for r in requests
        ]

    def poll(self, block: bool) -> list[Response]:
        """The faults."""
        ready, self._ready = self._ready, []
        return ready

    def close(self) -> None:
        """Nothing to let go of."""


def stored(manifest: Mapping[str, Any]) -> dict[str, Answerer]:
    """Who answered in a run, as names only: for a replay from its store."""
    named: Mapping[str, str] = manifest.get("models") or {}
    if named:
        return {role: Stored(model) for role, model in named.items()}
    found: Mapping[str, str] = (manifest.get("command") or {}).get("models") or {}
    return {role: Stored(_identity(spec)) for role, spec in found.items()}


def _identity(spec: str) -> str:
    kind, _, rest = spec.partition(":")
    return f"recorded:{Path(rest).name}" if kind == "recorded" else spec
