"""Costing: what asking will take, as a range, from a rehearsal in which a script answers; nothing is spent for it.

Tokens are characters divided by four, plus four a message. The lower end has every reply read at the first try and
short; the upper end has every reply asked for three times, and written at length. Reasoning is in neither.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mores.actions import Utterance
from mores.engine.asking import Request
from mores.models.prices import Prices
from mores.models.scripted import Scripted, say, words_for

CHARACTERS = 4
"""Characters a token: about what English has in the vocabularies of today."""
MESSAGE = 4
"""Tokens that a message costs beside its words."""
PROSE = 200
"""Tokens of a model that explains itself before it answers."""
SHORT, LONG = 60, 2000
"""Characters of a free text in the lower and the upper rehearsal."""
TRIES = 3
"""How often an unreadable reply is asked for again (`Ask.tries`)."""
LINE = "I have thought about it, and this is what I would like to say now. "
FREE = ("scripted:", "recorded:", "person", "hf:")
SUMS = ("calls", "prompt_tokens", "completion_tokens")


@dataclass
class Tally:
    """Sums of one rehearsal for one role."""

    calls: float = 0
    prompt_tokens: float = 0
    completion_tokens: float = 0

    def add(self, other: Tally, times: float) -> None:
        """Add another one so many times."""
        for name in SUMS:
            setattr(self, name, getattr(self, name) + times * getattr(other, name))


Tallies = dict[str, Tally]
"""By role."""


class Taster(Scripted):
    """A scripted model that counts what it is asked, at one end of the range."""

    def __init__(self, into: Tallies, spec: str = "", long: bool = False) -> None:
        super().__init__(self._answer, "rehearsal")
        self.into, self.long, self.most = into, long, None
        if spec:
            from mores.models.spec import identity

            self.model, self.deterministic = identity(spec)
            self.most = _most(spec)

    def _answer(self, request: Request) -> str:
        text = (LINE * (LONG // len(LINE) + 1))[: LONG if self.long else SHORT]
        said = say(request.space, words_for(request), text)
        messages = request.thread.messages()
        mine = self.into[request.role]
        mine.calls += 1
        mine.prompt_tokens += sum(len(m["content"]) / CHARACTERS + MESSAGE for m in messages)
        mine.completion_tokens += self._written(request, said)
        return said

    def _written(self, request: Request, said: str) -> float:
        tokens = max(1, len(said) / CHARACTERS)
        if self.long and not isinstance(request.space, Utterance):
            tokens += PROSE
        return tokens if self.most is None else min(tokens, self.most)


def _most(spec: str) -> int | None:
    """The largest number of tokens that a spec allows a reply; None: not said."""
    if not spec.startswith(("http:", "https:")):
        return None
    from mores.models.spec import endpoint

    most = endpoint(spec).given.get("max_tokens")
    return None if most is None else int(most)


def tasters(models: Mapping[str, str], long: bool) -> tuple[dict[str, Taster], Tallies]:
    """One for every role that a model is named for, and one for all others; and what they will count into."""
    into: Tallies = defaultdict(Tally)
    return {role: Taster(into, models.get(role, ""), long) for role in {"*", *models}}, into


def bill(low: Tallies, high: Tallies, models: Mapping[str, str]) -> dict[str, Any]:
    """What a run will take: calls, tokens and money as ranges, by role and in all; money None if a price is unknown."""
    rows = [_row(role, low.get(role, Tally()), high[role], models) for role in sorted(high)]
    unknown = sorted({r["model"] for r in rows if r["money"] is None and r["model"]})
    out: dict[str, Any] = {name: [sum(r[name][k] for r in rows) for k in (0, 1)] for name in SUMS}
    priced = all(r["money"] is not None for r in rows)
    out["money"] = [sum(r["money"][k] for r in rows) for k in (0, 1)] if priced else None
    return out | {"unpriced": unknown, "by_role": rows}


def _row(role: str, low: Tally, high: Tally, models: Mapping[str, str]) -> dict[str, Any]:
    from mores.models.spec import identity

    spec = models.get(role) or models.get("*")
    name = identity(spec)[0] if spec else ""
    ends = [{n: getattr(low, n) for n in SUMS}, {n: TRIES * getattr(high, n) for n in SUMS}]
    price = Prices.known().of(name)
    money: list[float] | None = None
    if price is not None:
        money = [price.cost(round(e["prompt_tokens"]), round(e["completion_tokens"])) for e in ends]
    elif name.startswith(FREE):
        money = [0.0, 0.0]
    return {"role": role, "model": name, "money": money} | {
        n: [round(e[n]) for e in ends] for n in SUMS
    }
