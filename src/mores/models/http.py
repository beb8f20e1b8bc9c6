"""Http: any OpenAI-compatible server as whoever answers: vLLM, llama.cpp, Ollama, TGI, a vendor.

A thin client on aiohttp (extra `http`): `submit` hands calls to the transport's loop and returns, `poll` takes
what has arrived. A call is tried until it is answered or its attempts are spent; then it is a reply with a fault,
stored like every other, so that a replay repeats it. A server that is gone altogether, or refuses the key, ends
the run with an error instead: nothing is stored for the calls that were under way, and they are asked again.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
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
        self._headers: Any = None
        self._url = f"{self.url}/chat/completions"
        self.transport.users += 1
        self._closed = False

    def _fixed(self) -> dict[str, Any]:
        return {k: v for k, v in self.sampling.given().items() if k != "seed"}

    # ---------------------------------------------------------------- asking
    def submit(self, requests: Sequence[Request]) -> None:
        if self._headers is None:
            self._headers = self._make_headers()
        self.transport.send([self._job(r) for r in requests])

    def _job(self, request: Request) -> Job:
        free = isinstance(request.space, Utterance)
        body: list[bytes] = []
        schema = self._schema(request)

        def make() -> bytes:
            if not body:
                body.append(self._body(request, schema))
            return body[0]

        def understand(status: int, headers: Mapping[str, str], raw: bytes) -> Outcome:
            return self._hidden(read(status, headers, raw, self.name, free))

        def settle(job: Job, outcome: Outcome) -> None:
            if outcome.status in (400, 422) and schema and self.schemas == "auto":
                # the server, or this schema on it, cannot be constrained: ask in words alone
                self._plain.add(request.space.key)
                self._again(request, job)
            else:
                self._settle(request, job, outcome, bool(schema))

        return Job(request.key, self._url, make, self._headers, understand, settle, self.lane, self.patience)

    def _again(self, request: Request, before: Job) -> None:
        job = self._job(request)
        job.attempts, job.tries = before.attempts, before.tries - 1
        self.transport.send([job])

    def _hidden(self, outcome: Outcome) -> Outcome:
        """The outcome with the key cut out of every text that a server may have put it into."""
        if self.key:
            outcome.text = redact(outcome.text, self.key)
            outcome.message = redact(outcome.message, self.key)
            outcome.fault = outcome.fault and redact(outcome.fault, self.key)
            outcome.reasoning = outcome.reasoning and redact(outcome.reasoning, self.key)
            outcome.flags = tuple(redact(f, self.key) for f in outcome.flags)
        return outcome

    def _settle(self, request: Request, job: Job, outcome: Outcome, schema: bool) -> None:
        text = unwrapped(outcome.text) if schema else outcome.text
        text = redact(text, self.key)
        flags = outcome.flags if schema or isinstance(request.space, Utterance) else (*outcome.flags, "no schema")
        self._done.append(
            Response(
                request.key, text, outcome.fault, outcome.prompt_tokens, outcome.completion_tokens,
                tuple(job.attempts), flags, outcome.reasoning, outcome.reasoning_tokens,
            )
        )  # fmt: skip
        self.transport.ring()

    def poll(self, block: bool) -> list[Response]:
        """What has arrived; with `block` waits until something has, here or for another on the same transport."""
        if block and not self._done:
            self.transport.wait()
        if self.transport.error is not None:
            raise self.transport.error
        out = [self._done.popleft() for _ in range(len(self._done))]
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
            raise MoresError(f"{self.url} gave no embeddings with {self.name}; does it serve that model?")
        return np.array(rows, np.float32)

    def _direct(self, path: str, body: dict[str, Any], take: Callable[[Any], Any]) -> Any:
        """One call outside of any run; what `take` finds in the response, or None."""
        raw = json.dumps({"model": self.name, **body}).encode()
        back: SimpleQueue[Any] = SimpleQueue()
        got: list[Any] = []

        def understand(status: int, headers: Mapping[str, str], answer: bytes) -> Outcome:
            if status != 200:
                return self._hidden(read(status, headers, answer, self.name, True))
            try:
                got.append(take(json.loads(answer)))
            except (ValueError, KeyError, IndexError, TypeError):
                return Outcome("unknown form", status, again=3)
            return Outcome("ok", status)

        def settle(job: Job, outcome: Outcome) -> None:
            back.put(got[-1] if outcome.kind == "ok" else None)

        self._headers = self._headers or self._make_headers()
        job = Job(digest(path.encode(), raw), self.url + path, lambda: raw, self._headers, understand, settle,
                  self.lane, self.patience)  # fmt: skip
        self.transport.send([job])
        while True:
            try:
                return back.get(timeout=0.5)
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
    def _schema(self, request: Request) -> str:
        if self.schemas == "off" or request.space.key in self._plain:
            return ""
        return response_format(request.space)

    def _body(self, request: Request, schema: str) -> bytes:
        # parameters first, then what agents share, then what differs
        text = self._prefix + json.dumps(request.thread.messages())
        if schema:
            text += ', "response_format": ' + schema
        if self.sampling.seed is not None:
            mine = digest(str(self.sampling.seed).encode(), request.draw.encode())
            text += f', "seed": {int.from_bytes(mine[:4], "little") >> 1}'
        return (text + "}").encode()

    def _make_headers(self) -> Any:
        from multidict import CIMultiDict

        headers = {"Content-Type": "application/json", "Accept": "application/json", "User-Agent": "mores"}
        if self.key:
            headers["Authorization"] = f"Bearer {self.key}"
        return CIMultiDict(headers)


def identity(name: str, sampling: Sampling) -> str:
    """What tells a model from another in the call store: its name and how it draws, not where it runs."""
    given = "&".join(f"{k}={v}" for k, v in sampling.given().items())
    return f"{name}?{given}" if given else name
