"""Scripted models: plain functions that answer, for tests, rehearsals and first steps without a key."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence

import numpy as np

from mores.actions import Allocation, Amount, Choice, Form, OneOf, Ranking, Space, Utterance
from mores.engine.asking import Request, Response
from mores.errors import UnknownName

Script = Callable[[Request], str]


class Scripted:
    """A model that is a function of the request; it answers at once and always the same."""

    deterministic = False

    def __init__(self, script: Script, name: str = "script") -> None:
        self.script = script
        self.model = f"scripted:{name}"
        self._ready: list[Response] = []

    def submit(self, requests: Sequence[Request]) -> None:
        for request in requests:
            try:
                self._ready.append(Response(request.key, self.script(request)))
            except (
                Exception
            ) as error:  # a script that fails is a fault on record, not the end of the run
                self._ready.append(
                    Response(request.key, "", f"script error: {type(error).__name__}: {error}")
                )

    def poll(self, block: bool) -> list[Response]:
        ready, self._ready = self._ready, []
        return ready

    def close(self) -> None:
        """Nothing to let go of."""


def words_for(request: Request) -> np.ndarray:
    """Random words that depend on the request alone: the same request and draw, the same answer."""
    digest = hashlib.blake2b(request.key, digest_size=64).digest()
    width = max(1, request.space.width)
    seed = np.frombuffer(digest, np.uint64)
    bits = np.random.Philox(key=seed[:2])
    return bits.random_raw(width).astype(np.uint32)[None, :]


def say(space: Space, words: np.ndarray, text: str = "Let us see.") -> str:
    """A random legal answer as a model would write it."""
    if isinstance(space, Choice):
        mask = None if space.open is None else np.array([space.open])
        return space.options[int(space.sample(words, mask)[0])]
    if isinstance(space, Amount):
        value = float(space.sample(words)[0])
        return f"{value:.0f}" if space.step == 1 else repr(round(value, 4))
    if isinstance(space, Utterance):
        return text[: space.limit]
    batch = space.sample(words)
    if isinstance(space, Allocation | Ranking):
        return json.dumps(space.read(batch, 0))
    if isinstance(space, Form):
        parts = {n: _plain(s, words, text) for n, s in space.fields if s is not None}
        return json.dumps(parts)
    if isinstance(space, OneOf):
        kind, inner = space.fields[int(batch.tag[0])]
        return json.dumps(
            {"do": kind} if inner is None else {"do": kind, "with": _plain(inner, words, text)}
        )
    raise TypeError(f"no random answer for {type(space).__name__}")


def _plain(space: Space, words: np.ndarray, text: str) -> object:
    said = say(space, words[:, : max(1, space.width)], text)
    try:
        return json.loads(said)
    except ValueError:
        return said


def _first(request: Request) -> str:
    space = request.space
    if isinstance(space, Choice):
        return space.allowed[0]
    if isinstance(space, Amount):
        return f"{space.low:g}"
    return say(space, np.zeros((1, max(1, space.width)), np.uint32))


SCRIPTS: dict[str, Script] = {
    "random": lambda request: say(request.space, words_for(request)),
    "first": _first,
    "silent": lambda request: "",
    "garbled": lambda request: "I would rather not say {",
}
"""Scripts by name, for `--model scripted:NAME`."""


def scripted(name: str) -> Scripted:
    """A registered script as a model."""
    if name not in SCRIPTS:
        raise UnknownName("scripted model", name, SCRIPTS)
    return Scripted(SCRIPTS[name], name)
