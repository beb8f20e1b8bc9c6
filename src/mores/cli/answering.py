"""Answering: who thinks for which role, as `--model` says it, and where a run has to end."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mores.errors import BadValue

if TYPE_CHECKING:
    from mores.engine.asking import Answerer, Request, Response
    from mores.models.meter import Caps, Meter
    from mores.record import Record
    from mores.study import Study

Model = Annotated[
    list[str] | None,
    typer.Option(
        "--model",
        metavar="[ROLE=]SPEC",
        help="Who thinks: http://HOST:PORT/v1#MODEL, inspect:PROVIDER/MODEL, hf:PATH, scripted:NAME, recorded:DIR or "
        "person; for a role (judge=SPEC), a seat (seat.0=SPEC), or for all others. Repeatable.",
    ),
]
MaxCalls = Annotated[
    int | None, typer.Option("--max-calls", min=1, help="End before more calls than this are made.")
]
MaxTokens = Annotated[
    int | None, typer.Option("--max-tokens", min=1, help="End when so many tokens were used.")
]
MaxMoney = Annotated[
    float | None, typer.Option("--max-money", min=0, help="End when so many US dollars were spent.")
]
MaxMinutes = Annotated[
    float | None,
    typer.Option("--max-minutes", min=0, help="End when models were asked for so long."),
]
EVERYONE = "*"
FREE = ("scripted:", "recorded:", "person", "hf:")
"""Beginnings of the names of models that cost nothing."""


# ---------------------------------------------------------------- specs
def specs(words: Sequence[str] | None) -> dict[str, str]:
    """`ROLE=SPEC` words: role -> spec that holds from any folder; `*` is every other role."""
    from mores.models.spec import check, parse

    found = parse(list(words or ()))
    for role, spec in found.items():
        kind, _, rest = spec.partition(":")
        if (kind == "recorded" and rest) or (
            kind == "hf" and Path(rest.partition("?")[0]).exists()
        ):
            found[role] = f"{kind}:{Path(rest).absolute()}"
        check(found[role])
    return found


def identities(found: Mapping[str, str]) -> dict[str, str]:
    """What tells who answered: role -> the model's name in the call store, wherever it is served."""
    from mores.models.spec import identity

    return {r: s if s.startswith("recorded:") else identity(s)[0] for r, s in found.items()}


def answerers(
    found: Mapping[str, str], workers: int = 1, meter: Meter | None = None
) -> Callable[[], Mapping[str, Answerer]]:
    """What makes who answers each role, once a process; nothing is opened before somebody asks."""
    from mores.models.spec import answerers as made

    if workers > 1 and "person" in found.values():
        raise BadValue("--workers", workers, "1 where a person answers")
    return made(found, meter)


def seated(found: Mapping[str, str]) -> bool:
    """Whether some of the models are for the players."""
    return any(r in (EVERYONE, "players") or r.startswith("seat.") for r in found)


# ---------------------------------------------------------------- what is said and refused
def check_use(study: Study, found: Mapping[str, str]) -> str | None:
    """What is to be said where models are named and nobody asks. Raises BadValue where nobody would answer."""
    from mores.engine.chunk import thinks

    asks = any(thinks(c) for c in study.cases)
    if asks and not found:
        raise BadValue(
            "--model",
            None,
            "somebody has to answer in this study: http://HOST:PORT/v1#MODEL, inspect:PROVIDER/MODEL, hf:PATH, "
            "scripted:NAME, recorded:DIR or person",
        )
    if asks or not found:
        return None
    return "nobody in this study asks: --model is not used (population=mind has every seat ask)"


def caps(
    found: Mapping[str, str],
    *,
    calls: int | None,
    tokens: int | None,
    money: float | None,
    minutes: float | None,
    workers: int = 1,
) -> Caps:
    """Where a run has to end. Raises BadValue where a cap could not be held."""
    from mores.models.meter import Caps
    from mores.models.prices import Prices

    given = {
        "--max-calls": calls,
        "--max-tokens": tokens,
        "--max-money": money,
        "--max-minutes": minutes,
    }
    named = [name for name, value in given.items() if value is not None]
    if named and workers > 1:
        raise BadValue("--workers", workers, f"1 with {named[0]}: processes do not count together")
    if money is not None:
        known = Prices.known()
        for name in identities(found).values():
            if known.of(name) is None and not name.startswith(FREE):
                raise BadValue(
                    "--max-money",
                    money,
                    f"a model whose price is known; that of {name} is not: name a table with MORES_PRICES, or "
                    "take --max-tokens",
                )
    return Caps(
        calls=calls, tokens=tokens, money=money, seconds=None if minutes is None else 60 * minutes
    )


def meter(study: Study, caps: Caps, workers: int = 1) -> Meter | None:
    """What counts in this process while a study is played; None where nobody asks, or in processes of their own."""
    from mores.engine.chunk import thinks
    from mores.models.meter import Meter as Made

    if workers > 1 or not any(thinks(c) for c in study.cases):
        return None
    return Made(caps=caps)


# ---------------------------------------------------------------- without any model
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


def stored(record: Record) -> dict[str, Answerer]:
    """Who answered in a run, as names only: for a replay from its store, which knows best who that was."""
    from mores.models.ledger import STORE, Ledger
    from mores.models.spec import identity

    specs = (record.manifest.get("command") or {}).get("models") or {}
    named = record.manifest.get("models") or {}
    found = {role: Stored(model) for role, model in named.items()}
    found |= {role: Stored(*identity(spec)) for role, spec in specs.items()}
    if record.path is not None and (record.path / STORE).is_file():
        with Ledger.open(record.path) as ledger:
            found |= {role: Stored(*who) for role, who in ledger.answered().items()}
    return dict(found)
