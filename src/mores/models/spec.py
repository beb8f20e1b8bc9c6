"""Specs: who answers, in the words of `--model`.

::

    http://localhost:8000/v1#qwen                        any OpenAI-compatible server; https too
    http://localhost:8000/v1#qwen?temperature=0&max_tokens=200&attempts=5
    scripted:NAME  recorded:DIR  person                  without a model
    hf:PATH  inspect:PROVIDER/MODEL                      in process; by Inspect AI's providers
    judge=SPEC  seat.0=SPEC                              for one role, or one seat; SPEC alone: for all others
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from mores.engine.asking import Answerer
from mores.errors import BadValue, MoresError, UnknownName

if TYPE_CHECKING:
    from mores.models.meter import Meter, Team
    from mores.models.transport import Transport

EVERYONE = "*"
ALLOWED = (
    "http://HOST:PORT/v1#MODEL (any OpenAI-compatible server), hf:PATH, inspect:PROVIDER/MODEL, "
    "scripted:NAME, recorded:DIR or person"
)
_ROLE = re.compile(r"([A-Za-z][\w.-]*|\*)=(.+)", re.DOTALL)
_SAMPLING: dict[str, Callable[[str], Any]] = {
    "temperature": float, "max_tokens": int, "top_p": float, "seed": int, "reasoning_effort": str,
}  # fmt: skip
_PATIENCE: dict[str, Callable[[str], Any]] = {
    "attempts": int, "connect": float, "first_byte": float, "whole": float, "backoff": float,
}  # fmt: skip
_OTHER: dict[str, Callable[[str], Any]] = {"limit": int, "schemas": str}
LATE = {
    "hf": ("mores.models.hf", "HuggingFace", "hf"),
    "inspect": ("mores.models.inspect", "Inspect", "inspect"),
}
"""Kinds whose module is imported when one is used: module, class, extra."""


@dataclass(frozen=True)
class Endpoint:
    """An `http` spec, taken apart."""

    url: str
    name: str
    given: Mapping[str, Any] = field(default_factory=dict)

    def part(self, names: Mapping[str, Any]) -> dict[str, Any]:
        """The parameters of one kind."""
        return {k: v for k, v in self.given.items() if k in names}


def parse(words: Sequence[str]) -> dict[str, str]:
    """`[ROLE=]SPEC` words: role -> spec; `*` stands for all other roles. Raises BadValue on a role given twice."""
    found: dict[str, str] = {}
    for word in words:
        match = _ROLE.fullmatch(word)
        role, spec = (match[1], match[2]) if match else (EVERYONE, word)
        if role in found:
            raise BadValue("--model", shown(word), f"one spec a role: {role!r} is given twice")
        if role.startswith("seat.") and not role[5:].isdecimal():
            raise BadValue("--model", shown(word), "seat.NUMBER=SPEC")
        found[role] = spec
    return found


def answerers(
    specs: Sequence[str] | Mapping[str, str], meter: Meter | None = None
) -> Callable[[], Mapping[str, Answerer]]:
    """What makes the answerers of `--model` words, once a process; wrong words are refused at once.

    Answerers at one endpoint share its limiter, and all share a transport. A meter watches all that this makes.
    """
    found = dict(specs) if isinstance(specs, Mapping) else parse(specs)
    for spec in found.values():
        check(spec)

    def make() -> Team:
        from mores.models.meter import Team

        shared: list[Transport] = []
        return Team({role: answerer(spec, shared) for role, spec in found.items()}, meter)

    return make


def answerer(spec: str, shared: list[Transport] | None = None) -> Answerer:
    """Who one spec means; `shared` holds the transport that endpoints have in common, or will."""
    kind, _, rest = spec.partition(":")
    if kind in ("http", "https"):
        return _http(spec, [] if shared is None else shared)
    if kind in LATE:
        return _late(spec)
    if kind == "scripted":
        from mores.models.scripted import scripted

        return scripted(rest or "random")
    if kind == "recorded":
        from mores.models.recorded import Recorded

        return Recorded(rest)
    if spec == "person":
        from mores.models.person import Person

        return Person()
    raise BadValue("--model", shown(spec), ALLOWED)


def check(spec: str) -> None:
    """Raise BadValue or UnknownName for a spec that cannot be meant; opens and imports nothing heavy."""
    kind, _, rest = spec.partition(":")
    if kind in ("http", "https"):
        endpoint(spec)
    elif kind == "scripted":
        from mores.models.scripted import scripted

        scripted(rest or "random")
    elif kind in ("recorded", *LATE) and not rest:
        raise BadValue("--model", spec, ALLOWED)
    elif kind not in ("recorded", *LATE) and spec != "person":
        raise BadValue("--model", shown(spec), ALLOWED)


def endpoint(spec: str) -> Endpoint:
    """An `http` spec taken apart; raises BadValue and UnknownName."""
    base, _, rest = spec.partition("#")
    name, _, query = rest.partition("?")
    parts = urlsplit(base)
    if parts.username or parts.password:
        raise BadValue(
            "--model",
            shown(spec),
            "a URL without a password: keys come from the environment or .env",
        )
    if not parts.hostname:
        raise BadValue("--model", shown(spec), "http://HOST:PORT/v1#MODEL")
    if not name:
        allowed = f"a URL with the model's name, {base}#NAME; {base.rstrip('/')}/models lists what is served"
        raise BadValue("--model", shown(spec), allowed)
    known = {**_SAMPLING, **_PATIENCE, **_OTHER}
    given: dict[str, Any] = {}
    for key, value in parse_qsl(query, keep_blank_values=True):
        if key not in known:
            raise UnknownName("model parameter", key, known)
        try:
            given[key] = known[key](value)
        except ValueError:
            raise BadValue(key, value, "a number") from None
    if given.get("schemas", "auto") not in ("auto", "on", "off"):
        raise BadValue("schemas", given["schemas"], "auto, on or off")
    for key in ("attempts", "limit", "max_tokens"):
        if given.get(key, 1) < 1:
            raise BadValue(key, given[key], "at least 1")
    return Endpoint(base, name, given)


def identity(spec: str) -> tuple[str, bool]:
    """The model's name in the call store and whether it is deterministic, without opening anything."""
    kind, _, rest = spec.partition(":")
    if kind in ("http", "https"):
        from mores.models.http import Sampling, identity

        found = endpoint(spec)
        sampling = Sampling(**found.part(_SAMPLING))
        return identity(found.name, sampling), sampling.temperature == 0
    if kind == "recorded":
        return f"recorded:{Path(rest).name}", False
    return spec if kind != "scripted" or rest else "scripted:random", False


def shown(spec: str) -> str:
    """A spec as it may be printed: without what stands before an @ in its URL."""
    return re.sub(r"//[^/@]*@", "//", spec)


def _http(spec: str, shared: list[Transport]) -> Answerer:
    from mores.models.http import Http, Sampling
    from mores.models.transport import Patience, Transport

    found = endpoint(spec)
    if not shared:
        shared.append(Transport())
    return Http(
        found.url,
        found.name,
        Sampling(**found.part(_SAMPLING)),
        Patience(**found.part(_PATIENCE)),
        transport=shared[0],
        **found.part(_OTHER),
    )


def _late(spec: str) -> Answerer:
    kind, _, rest = spec.partition(":")
    module, name, extra = LATE[kind]
    path, _, query = rest.partition("?")
    given = {k: _number(v) for k, v in parse_qsl(query)}
    try:
        made: Answerer = getattr(importlib.import_module(module), name)(path, **given)
    except ModuleNotFoundError as error:
        if error.name == module:
            raise MoresError(f"{kind}: is not in this version of Mores yet; {ALLOWED}") from None
        raise MoresError(
            f"{spec} needs {error.name}: install the extra {extra} (pip install 'mores[{extra}]')"
        ) from None
    except TypeError as error:
        raise BadValue("--model", spec, f"parameters that {kind} takes ({error})") from None
    return made


def _number(text: str) -> Any:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text
