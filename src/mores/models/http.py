"""Http: any OpenAI-compatible server as whoever answers: vLLM, llama.cpp, Ollama, TGI, a vendor.

A thin client on aiohttp (extra `http`): `submit` hands calls to the transport's loop and returns, `poll` takes
what has arrived. A call is tried until it is answered or its attempts are spent; then it is a reply with a fault,
stored like every other, so that a replay repeats it. A server that is gone altogether, or refuses the key, ends
the run with an error instead: nothing is stored for the calls that were under way, and they are asked again.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from queue import Empty, SimpleQueue
from typing import Any
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray

from mores.actions import Space, Utterance
from mores.engine.asking import Request, Response
from mores.errors import BadValue, MoresError
from mores.models import face
from mores.models.envelope import (
    Outcome,
    by_first_token,
    first_token,
    read,
    response_format,
    unwrapped,
    vectors,
)
from mores.models.face import Capabilities, Chosen, Message
from mores.models.keys import key_for, local, redact
from mores.models.limiter import Limiter
from mores.models.transport import Job, Patience, Transport
from mores.thread import digest

_FEW = 8
_LOCAL, _REMOTE, _MOST = 1024, 32, 1024
"""Calls at once to begin with: a server of one's own queues what it cannot take, a vendor refuses it; the most."""


@dataclass(frozen=True, kw_only=True)
class Sampling:
    """How a model draws; what is None is left to the server. Part of the model's identity in the call store."""

    temperature: float | None = None
    max_tokens: int | None = None
    top_p: float | None = None
    seed: int | None = None
    """With a seed each call carries one of its own, made of this and the draw."""
    reasoning_effort: str | None = None

    def given(self) -> dict[str, Any]:
        """What was said."""
        return {k: v for k, v in vars(self).items() if v is not None}


@dataclass(eq=False)
class Http:
    """A model behind an OpenAI-compatible endpoint; `url` is the base, as in `http://localhost:8000/v1`.

    `schemas`: whether answers are constrained by `response_format` ("auto": until the server refuses one).
    `limit` bounds the calls at once. `transport` may be shared; equal endpoints then share a limiter.
    """

    url: str
    name: str
    sampling: Sampling = field(default_factory=Sampling)
    patience: Patience = field(default_factory=Patience)
    schemas: str = "auto"
    limit: int | None = None
    key: str | None = field(default=None, repr=False)
    transport: Transport = field(default_factory=Transport, repr=False)

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if parts.username or parts.password:
            raise BadValue(
                "--model",
                f"{parts.scheme}://...@{parts.hostname}",
                "a URL without a password: keys come from the environment or .env",
            )
        self.url = self.url.rstrip("/")
        self.key = self.key or key_for(self.url)
        self.model = identity(self.name, self.sampling)
        self.deterministic = self.sampling.temperature == 0
        host = parts.hostname or ""
        most = self.limit or _MOST
        start = most if local(host) and most <= _LOCAL else _LOCAL if local(host) else _REMOTE
        self.lane = self.transport.lane(
            f"{parts.scheme}://{parts.netloc}", Limiter(start=start, most=most)
        )
        self.capabilities = Capabilities(
            schema=self.schemas != "off", seeds=True, images=True, embeddings=True, logprobs=True
        )
        self._prefix = json.dumps({"model": self.name, **self._fixed()})[:-1] + ', "messages": '
        self._plain: set[bytes] = set()
        """Keys of spaces whose schema the server refused."""
        self._done: deque[Response] = deque()
        self.transport.users += 1
        self._closed = False

    def _fixed(self) -> dict[str, Any]:
        return {k: v for k, v in self.sampling.given().items() if k != "seed"}

    # ---------------------------------------------------------------- asking
    def submit(self, requests: Sequence[Request]) -> None:
        self.transport.begin()
        self.transport.send([self._job(r) for r in requests])

    def _job(self, request: Request) -> Job:
        return Job(_Asked(self, request), self.lane)

    def settled(self, asked: _Asked, job: Job, outcome: Outcome) -> None:
        """A call has come to its end (in the loop): a reply, or once more without a schema."""
        request, schema = asked.request, asked.schema
        if outcome.status in (400, 422) and schema and self.schemas == "auto":
            # the server, or this schema on it, cannot be constrained: ask in words alone
            self._plain.add(request.space.key)
            again = self._job(request)
            again.attempts, again.tries = job.attempts, job.tries - 1
            self.transport.send([again])
            return
        text = unwrapped(outcome.text) if schema else outcome.text
        flags = outcome.flags if schema or asked.free else (*outcome.flags, "no schema")
        self._done.append(
            Response(
                request.key, redact(text, self.key), outcome.fault, outcome.prompt_tokens,
                outcome.completion_tokens, tuple(job.attempts), flags, outcome.reasoning, outcome.reasoning_tokens,
            )
        )  # fmt: skip
        self.transport.ring()

    def hidden(self, outcome: Outcome) -> Outcome:
        """The outcome with the key cut out of every text that a server may have put it into."""
        if self.key:
            outcome.text = redact(outcome.text, self.key)
            outcome.message = redact(outcome.message, self.key)
            outcome.fault = outcome.fault and redact(outcome.fault, self.key)
            outcome.reasoning = outcome.reasoning and redact(outcome.reasoning, self.key)
            outcome.flags = tuple(redact(f, self.key) for f in outcome.flags)
        return outcome

    def poll(self, block: bool) -> list[Response]:
        """What has arrived; with `block` waits until something has, here or for another on the same transport."""
        if block and not self._done:
            self.transport.wait()
        if self.transport.error is not None:
            raise self.transport.error
        # some at a time: who is answered first asks again while the others are still read
        some = min(len(self._done), max(_FEW, len(self._done) // 4))
        out = [self._done.popleft() for _ in range(some)]
        self.transport.taken += len(out)
        return out

    # ---------------------------------------------------------------- asking directly
    def generate(
        self, messages: Sequence[Message], space: Space | None = None, draws: int = 1
    ) -> list[Response]:
        return face.generate(self, messages, space, draws)

    def choose(self, messages: Sequence[Message], options: Sequence[str], draws: int = 1) -> Chosen:
        """By the log-probabilities of the first token where the server gives them and they tell options apart."""
        body = {"messages": list(messages), "logprobs": True, "top_logprobs": 20, "max_tokens": 1}
        found = self._direct("/chat/completions", body, first_token)
        shares = None if found is None else by_first_token(found, options)
        if shares is not None:
            return Chosen(tuple(options), shares, "log-probabilities")
        way: face.Way = "words" if self.schemas == "off" or self._plain else "schema"
        return face.choose_by_draws(self, messages, options, draws, way)

    def score(self, messages: Sequence[Message], continuation: str) -> float:
        raise MoresError(
            f"{self.url} gives no log-probability of a text; a model in process does (hf:PATH)"
        )

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """A vector a text [text, dimension]."""
        rows = self._direct("/embeddings", {"input": list(texts)}, vectors)
        if rows is None or len(rows) != len(texts):
            raise MoresError(
                f"{self.url} gave no embeddings with {self.name}; does it serve that model?"
            )
        return np.array(rows, np.float32)

    def _direct(self, path: str, body: dict[str, Any], take: Callable[[Any], Any]) -> Any:
        """One call outside of any run; what `take` finds in the response, or None."""
        self.transport.begin()
        call = _Direct(self, path, json.dumps({"model": self.name, **body}).encode(), take)
        self.transport.send([Job(call, self.lane)])
        while True:
            try:
                return call.back.get(timeout=0.5)
            except Empty:
                if self.transport.error is not None:
                    raise self.transport.error from None

    def waiting(self) -> tuple[int, str]:
        """How many calls wait for another attempt, and what for: `retry 3 of 10, 429`."""
        jobs = list(self.lane.waiting)
        return len(jobs), max((j.waiting for j in jobs), default="")

    def close(self) -> None:
        """Give up what is under way; the last of those that share a transport closes it."""
        if not self._closed:
            self._closed = True
            self.transport.close()

    # ---------------------------------------------------------------- what is sent
    def schema(self, request: Request) -> str:
        """The `response_format` of a request; empty for none."""
        if self.schemas == "off" or request.space.key in self._plain:
            return ""
        return response_format(request.space)

    def body(self, request: Request, schema: str) -> bytes:
        """The bytes of a request: parameters, then what agents share, then what differs."""
        text = self._prefix + json.dumps(request.thread.messages())
        if schema:
            text += ', "response_format": ' + schema
        if self.sampling.seed is not None:
            mine = digest(str(self.sampling.seed).encode(), request.draw.encode())
            text += f', "seed": {int.from_bytes(mine[:4], "little") >> 1}'
        return (text + "}").encode()

    def address(self, path: str) -> Any:
        """The URL of a path, taken apart once."""
        from yarl import URL

        return URL(self.url + path)

    @cached_property
    def chat(self) -> Any:
        """The URL of chat completions."""
        return self.address("/chat/completions")

    @cached_property
    def headers(self) -> Any:
        """What goes with every call, the key among it."""
        from multidict import CIMultiDict

        headers = {
            "Content-Type": "application/json",
            "Accept": "application/json",
            "User-Agent": "mores",
        }
        if self.key:
            headers["Authorization"] = f"Bearer {self.key}"
        return CIMultiDict(headers)


class _Asked:
    """A request of the engine as a call."""

    __slots__ = ("_body", "free", "headers", "key", "model", "patience", "request", "schema", "url")

    def __init__(self, model: Http, request: Request) -> None:
        self.model, self.request = model, request
        self.key, self.url, self.headers = request.key, model.chat, model.headers
        self.patience = model.patience
        self.free = isinstance(request.space, Utterance)
        self.schema = model.schema(request)
        self._body: bytes | None = None

    def body(self) -> bytes:
        if self._body is None:
            self._body = self.model.body(self.request, self.schema)
        return self._body

    def read(self, status: int, headers: Any, raw: bytes) -> Outcome:
        return self.model.hidden(read(status, headers, raw, self.model.name, self.free))

    def settle(self, job: Job, outcome: Outcome) -> None:
        self._body = None
        self.model.settled(self, job, outcome)


class _Direct:
    """One call outside of any run; what `take` finds in the response arrives in `back`, or None."""

    def __init__(self, model: Http, path: str, raw: bytes, take: Callable[[Any], Any]) -> None:
        self.model, self.raw, self.take = model, raw, take
        self.key = digest(path.encode(), raw)
        self.url, self.headers, self.patience = model.address(path), model.headers, model.patience
        self.back: SimpleQueue[Any] = SimpleQueue()
        self.found: Any = None

    def body(self) -> bytes:
        return self.raw

    def read(self, status: int, headers: Any, raw: bytes) -> Outcome:
        if status != 200:
            return self.model.hidden(read(status, headers, raw, self.model.name, True))
        try:
            self.found = self.take(json.loads(raw))
        except (ValueError, KeyError, IndexError, TypeError):
            return Outcome("unknown form", status, again=3)
        return Outcome("ok", status)

    def settle(self, job: Job, outcome: Outcome) -> None:
        self.back.put(self.found if outcome.kind == "ok" else None)


def identity(name: str, sampling: Sampling) -> str:
    """What tells a model from another in the call store: its name and how it draws, not where it runs."""
    given = "&".join(f"{k}={v}" for k, v in sampling.given().items())
    return f"{name}?{given}" if given else name
