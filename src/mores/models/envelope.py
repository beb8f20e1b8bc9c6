"""Envelope: requests and responses of OpenAI-compatible servers, written and read."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mores.actions import Space, Utterance

ANSWER = "answer"
"""The field that carries a value which is not an object, because schemas must be objects."""
_SHOWN = 300
_SLIGHT = 1e-3  # a token that begins two options matters from this probability on
_THOUGHT = re.compile(r"\s*<think>(.*?)</think>\s*", re.DOTALL)
BUSY = frozenset({408, 429, 503, 529})
"""Statuses that say: too much at once."""
LATER = frozenset({409, 425, 500, 502, 504, 520, 521, 522, 523, 524})
"""Other statuses that may pass."""


@dataclass(slots=True)
class Outcome:
    """What one attempt came to: text, a fault that ends the call, or why to try again."""

    kind: str
    """`ok`, or what went wrong in a word or two."""
    status: int = 0
    text: str = ""
    fault: str | None = None
    """The call ends in this."""
    again: int | None = 0
    """Up to how many attempts it makes sense to try again; 0: none, None: as many as allowed."""
    wait: float | None = None
    """Seconds that the endpoint asks to wait."""
    flags: tuple[str, ...] = ()
    reasoning: str | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    reasoning_tokens: int | None = None
    message: str = ""


# ---------------------------------------------------------------- requests
@lru_cache(maxsize=4096)
def response_format(space: Space) -> str:
    """The JSON of `response_format` for a space; empty for free text."""
    if isinstance(space, Utterance):
        return ""
    schema = space.schema()
    if schema.get("type") != "object":
        schema = {
            "type": "object",
            "properties": {ANSWER: schema},
            "required": [ANSWER],
            "additionalProperties": False,
        }
    form = {"name": "answer", "schema": schema, "strict": True}
    return json.dumps({"type": "json_schema", "json_schema": form})


def unwrapped(text: str) -> str:
    """The value out of the object that carried it, as text; what is no such object stays as it is."""
    try:
        value = json.loads(text)
    except ValueError:
        return text
    if not isinstance(value, dict) or set(value) != {ANSWER}:
        return text
    inner = value[ANSWER]
    return inner if isinstance(inner, str) else json.dumps(inner)


# ---------------------------------------------------------------- responses
def read(status: int, headers: Any, raw: bytes, model: str, free_text: bool) -> Outcome:
    """What a response means."""
    if status != 200:
        return _refused(status, headers, raw)
    try:
        body = json.loads(raw.decode("utf-8"))
    except UnicodeDecodeError:
        return Outcome("not UTF-8", status, again=None)
    except ValueError:
        return Outcome("broken JSON", status, again=None)
    try:
        first = body["choices"][0]
        message = first["message"]
        content, finish = message.get("content"), first.get("finish_reason")
    except (KeyError, IndexError, TypeError, AttributeError):
        return Outcome("no choices", status, again=None, message=_error(body))
    out = _content(message, content, finish, free_text)
    out.status = status
    _usage(out, body.get("usage"))
    answered = body.get("model")
    if answered and answered != model:
        out.flags += (f"answered by {str(answered)[:80]}",)
    return out


def _content(message: Any, content: Any, finish: Any, free_text: bool) -> Outcome:
    reasoning = message.get("reasoning_content") or message.get("reasoning")
    if isinstance(content, list):  # parts, as some servers send them
        content = "".join(str(p.get("text", "")) for p in content if isinstance(p, dict))
    if message.get("refusal"):
        said = str(message["refusal"])
        return Outcome("refusal", text=said, fault=f"refused: {said[:_SHOWN]}")
    if finish == "content_filter":
        return Outcome("filter", text=content or "", fault="ended by a content filter")
    if not isinstance(content, str):
        return Outcome("no content", again=None)
    if content.lstrip().startswith("<think>") and (thought := _THOUGHT.match(content)):
        reasoning, content = thought[1].strip(), content[thought.end() :]
    out = Outcome("ok", text=content, reasoning=reasoning if isinstance(reasoning, str) else None)
    if finish == "length":
        out.flags = ("length",)
        if not free_text or not content:
            # half a value may read as another one: better none
            out.kind, out.again = "cut at max_tokens", 3
    return out


def _usage(out: Outcome, usage: Any) -> None:
    if not isinstance(usage, dict):
        return
    out.prompt_tokens = _count(usage.get("prompt_tokens"))
    out.completion_tokens = _count(usage.get("completion_tokens"))
    details = usage.get("completion_tokens_details")
    if isinstance(details, dict):
        out.reasoning_tokens = _count(details.get("reasoning_tokens"))


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _refused(status: int, headers: Any, raw: bytes) -> Outcome:
    text = raw.decode("utf-8", "replace")
    try:
        message = _error(json.loads(text))
    except ValueError:
        message = re.sub(r"<[^>]*>|\s+", " ", text[:2000]).strip()[:_SHOWN]
    again = None if status in BUSY or status in LATER or status >= 500 else 0
    if "insufficient_quota" in text:
        again = 0
    fault = None if again is None else f"status {status}: {message}".rstrip(": ")
    return Outcome(
        str(status), status, fault=fault, again=again, wait=asked_wait(headers), message=message
    )


def _error(body: Any) -> str:
    error = body.get("error", body.get("detail", "")) if isinstance(body, dict) else ""
    if isinstance(error, dict):
        error = error.get("message", "")
    return str(error)[:_SHOWN]


def asked_wait(headers: Any) -> float | None:
    """Seconds that a response asks to wait: Retry-After in its three forms."""
    exact = headers.get("retry-after-ms")
    given = headers.get("retry-after")
    try:
        if exact is not None:
            return max(0.0, float(exact) / 1000)
        if given is None:
            return None
        return max(0.0, float(given))
    except ValueError:
        return _until(given)


def _until(date: str) -> float | None:
    import time
    from email.utils import parsedate_to_datetime

    try:
        return max(0.0, parsedate_to_datetime(date).timestamp() - time.time())
    except (TypeError, ValueError):
        return None


_SPAN = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)?")
_UNITS = {"ms": 0.001, "s": 1.0, "": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


def quota_reset(headers: Any) -> float | None:
    """Seconds until a used-up quota is there again, from the x-ratelimit headers; None: there is some left."""
    waits = []
    for what in ("requests", "tokens"):
        if headers.get(f"x-ratelimit-remaining-{what}") == "0":
            spans = _SPAN.findall(headers.get(f"x-ratelimit-reset-{what}", ""))
            waits.append(sum(float(n) * _UNITS[unit] for n, unit in spans))
    return max(waits) if waits else None


# ---------------------------------------------------------------- what direct calls read
def first_token(body: Any) -> dict[str, float]:
    """The most likely first tokens of an answer and their log-probabilities."""
    top = body["choices"][0]["logprobs"]["content"][0]["top_logprobs"]
    return {str(t["token"]): float(t["logprob"]) for t in top}


def by_first_token(
    tokens: Mapping[str, float], options: Sequence[str]
) -> NDArray[np.float64] | None:
    """Probabilities of options from those of first tokens; None unless each option has some and no token two."""
    mass = np.zeros(len(options))
    for token, logprob in tokens.items():
        word = token.strip().strip("\"'").casefold()
        begun = [k for k, o in enumerate(options) if word and o.casefold().startswith(word)]
        if len(begun) > 1 and math.exp(logprob) > _SLIGHT:
            return None
        for k in begun:
            mass[k] += math.exp(logprob)
    return mass / mass.sum() if (mass > 0).all() else None


def vectors(body: Any) -> list[list[float]]:
    """The embeddings of a response in the order of the texts."""
    return [row["embedding"] for row in sorted(body["data"], key=lambda row: row["index"])]
