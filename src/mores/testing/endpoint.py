"""Endpoint: an OpenAI-compatible server for tests, benches and rehearsals, with faults on order.

::

    python -m mores.testing.endpoint --port 8000 --latency-ms 200 --faults mixed:0.2 --reply choice

    with Endpoint(reply="choice", faults="429:0.1,500:0.1") as url:
        ...

Serves `/v1/chat/completions`, `/v1/embeddings`, `/v1/models`, and `/stats`: what was asked and what
went wrong. What is drawn depends on the seed, the request and the number of the attempt, not on the
order in which requests come. A request is known by its header `X-Request-ID` up to the last dash
(what follows numbers the attempt), without one by its body.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import math
import re
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mores.errors import MoresError
from mores.testing.faults import Dice, Faults
from mores.testing.replies import last_words, replier, schema_of
from mores.testing.wire import Answer, Call, Connection

_DIMENSIONS = 64
_SQUEEZE_SECONDS, _SQUEEZE_CAPACITY = 2.0, 4
_USELESS = ("truncated-json", "empty-choices", "null-content", "invalid-json", "non-utf8")
_CUTS = ("cut-before", "cut-in", "cut-after", "slow")


class Endpoint:
    """A server in a thread of its own; `with Endpoint() as url` starts and stops it.

    `latency_ms` is one number or a pair (uniform between the two). `faults` are as in
    :class:`~mores.testing.faults.Faults`. `reply` is `echo`, `choice`, `script:FILE` or a function
    of (body, dice). `capacity`: with more requests in flight it answers 429 (None: never).
    `schemas=False` refuses `response_format` with 400, as some servers do. Port 0 is any free one.
    """

    def __init__(
        self,
        *,
        port: int = 0,
        latency_ms: float | tuple[float, float] = 0.0,
        faults: str | Faults = "",
        seed: int = 0,
        reply: str | Callable[[Mapping[str, Any], Dice], str] = "echo",
        capacity: int | None = None,
        schemas: bool = True,
        models: Sequence[str] = ("test",),
    ) -> None:
        low, high = latency_ms if isinstance(latency_ms, tuple) else (latency_ms, latency_ms)
        self.latency = (low / 1000, high / 1000)
        self.faults = faults if isinstance(faults, Faults) else Faults.of(faults)
        self.seed, self.port, self.capacity, self.schemas = seed, port, capacity, schemas
        self.reply = replier(reply) if isinstance(reply, str) else reply
        self.models = list(models)
        self.stats: Counter[str] = Counter()
        self.asked: Counter[str] = Counter()
        """Attempts by request."""
        self.answered: Counter[str] = Counter()
        """Whole, usable answers by request: above 1 it was paid for twice."""
        self._flying = 0
        self._squeezed = 0.0
        self._live: set[Connection] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    # ---------------------------------------------------------------- starting and stopping
    @property
    def url(self) -> str:
        """The base of the API."""
        return f"http://127.0.0.1:{self.port}/v1"

    async def start(self) -> asyncio.Server:
        """Listen, in the running loop."""
        loop = asyncio.get_running_loop()
        server = await loop.create_server(
            lambda: Connection(self.handle, loop, self._done, self._live),
            "127.0.0.1",
            self.port,
            backlog=4096,
        )
        self.port = server.sockets[0].getsockname()[1]
        return server

    def __enter__(self) -> str:
        ready = threading.Event()
        failed: list[BaseException] = []

        async def serve() -> None:
            try:
                server = await self.start()
            except OSError as error:
                failed.append(error)
                ready.set()
                return
            self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
            ready.set()
            await self._stop.wait()
            server.close()
            for connection in list(self._live):
                connection.transport.abort()
            await asyncio.sleep(0)

        self._thread = threading.Thread(target=lambda: asyncio.run(serve()), name="endpoint")
        self._thread.start()
        ready.wait()
        if failed:
            raise failed[0]
        return self.url

    def __exit__(self, *_: object) -> None:
        assert self._loop is not None and self._thread is not None
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    # ---------------------------------------------------------------- answering
    def handle(self, call: Call) -> Answer:
        """The answer to one request, with what is to go wrong."""
        path = call.path.partition("?")[0].rstrip("/").removeprefix("/v1")
        self._flying += 1
        if path == "/models" and call.method == "GET":
            rows = [{"id": m, "object": "model", "owned_by": "mores"} for m in self.models]
            return _json({"object": "list", "data": rows})
        if path == "/stats" and call.method == "GET":
            return _json(dict(self.stats))
        if path not in ("/chat/completions", "/embeddings"):
            return _error(404, f"there is no {call.path} here")
        if call.method != "POST":
            return _error(405, "POST a JSON object")
        try:
            body = json.loads(call.body)
            if not isinstance(body, dict):
                raise ValueError("not an object")
        except ValueError as error:
            return _error(400, f"the request is not a JSON object: {error}")
        return self._ask(call, path, body)

    def _ask(self, call: Call, path: str, body: dict[str, Any]) -> Answer:
        known, _, number = call.headers.get("x-request-id", "").rpartition("-")
        request = known or hashlib.blake2b(call.body, digest_size=16).hexdigest()
        self.asked[request] += 1
        attempt = int(number) if number.isdecimal() and known else self.asked[request]
        self.stats["requests"] += 1
        self.stats["peak"] = max(self.stats["peak"], self._flying)
        if self._refuses():
            self.stats["refused"] += 1
            return _refused(bare=False, reset="200ms")
        dice = Dice(self.seed, "fault", request, attempt)
        kind = self.faults.draw(dice)
        low, high = self.latency
        delay = low + (high - low) * dice.unit()
        if kind is not None:
            self.stats["faults"] += 1
            self.stats[kind] += 1
        if kind == "rate-limit":
            self._squeezed = time.monotonic() + _SQUEEZE_SECONDS
        if path == "/embeddings":
            answer = self._broken(kind) or _json(_embeddings(body))
        else:
            # without an identity of its own, an equal request is another draw once it was answered
            nth = "" if known else self.answered[request]
            answer = self._broken(kind) or self._chat(body, Dice(self.seed, request, nth), kind)
        answer.delay += 0.0 if answer.status == 429 else delay
        answer.damage = kind if kind in _CUTS else ""
        answer.request = "" if kind in _USELESS else request
        return answer

    def _refuses(self) -> bool:
        squeezed = time.monotonic() < self._squeezed and self._flying > _SQUEEZE_CAPACITY
        return squeezed or (self.capacity is not None and self._flying > self.capacity)

    def _broken(self, kind: str | None) -> Answer | None:
        """The faults that have no model's answer in them."""
        if kind in ("429", "429-bare", "rate-limit"):
            return _refused(bare=kind == "429-bare", reset="" if kind != "rate-limit" else "500ms")
        if kind in ("500", "503"):
            return _error(int(kind), "this went wrong on purpose")
        if kind in ("502", "invalid-json"):
            page = b"<html><body><h1>Bad gateway</h1></body></html>"
            return Answer(page, 502 if kind == "502" else 200, kind="text/html")
        return None

    def _chat(self, body: dict[str, Any], dice: Dice, kind: str | None) -> Answer:
        if not self.schemas and body.get("response_format"):
            return _error(400, "response_format is not supported by this server")
        text = self.reply(body, dice)
        said = sum(len(str(m.get("content"))) for m in body.get("messages") or ())
        reply = _completion(body, text, said)
        _spoil(reply, text, kind)
        if body.get("logprobs") and reply["choices"]:
            reply["choices"][0]["logprobs"] = _logprobs(body, text, dice)
        return _wire(reply, kind)

    def _done(self, answer: Answer, whole: bool) -> None:
        self._flying -= 1
        if whole and answer.status == 200 and answer.request:
            self.answered[answer.request] += 1
            self.stats["answered"] += 1


def _json(value: Any, status: int = 200) -> Answer:
    return Answer(json.dumps(value).encode(), status)


def _error(status: int, message: str) -> Answer:
    return _json({"error": {"message": message, "type": "error", "code": status}}, status)


def _refused(bare: bool, reset: str) -> Answer:
    answer = _error(429, "Rate limit reached; slow down")
    if reset:
        answer.headers = {
            "x-ratelimit-remaining-requests": "0",
            "x-ratelimit-reset-requests": reset,
        }
    elif not bare:
        answer.headers = {"Retry-After": "1"}
    return answer


def _completion(body: Mapping[str, Any], text: str, said: int) -> dict[str, Any]:
    prompt, made = -(-said // 4), -(-len(text) // 4)
    message = {"role": "assistant", "content": text}
    return {
        "id": "chatcmpl-test",
        "object": "chat.completion",
        "created": 0,
        "model": body.get("model", "test"),
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": prompt, "completion_tokens": made, "total_tokens": prompt + made},
    }  # fmt: skip


def _spoil(reply: dict[str, Any], text: str, kind: str | None) -> None:
    """The faults that lie inside a well-formed response."""
    first = reply["choices"][0]
    message = first["message"]
    if kind == "empty-choices":
        reply["choices"] = []
    elif kind == "null-content":
        message["content"] = None
    elif kind == "wrong-model":
        reply["model"] = "somebody-else"
    elif kind == "refusal":
        message["content"], message["refusal"] = None, "I can't help with that."
    elif kind == "filter":
        message["content"], first["finish_reason"] = "", "content_filter"
    elif kind == "truncated-text":
        message["content"], first["finish_reason"] = text[: len(text) // 2], "length"
    elif kind == "long":
        message["content"] = text + " and so on" * 10_000


def _wire(reply: dict[str, Any], kind: str | None) -> Answer:
    """The bytes of a response, with the faults that lie in them."""
    raw = json.dumps(reply).encode()
    if kind == "truncated-json":
        raw = raw[: len(raw) * 2 // 3]
    elif kind == "non-utf8":
        raw = raw.replace(b'"content": "', b'"content": "\xff\xfe\xe9 ', 1)
    elif kind == "double-usage":
        raw = raw[:-1] + b', "usage": ' + json.dumps(reply["usage"]).encode() + b"}"
    delay = {"stall": 2.0, "hang": math.inf}.get(kind or "", 0.0)
    return Answer(raw, delay=delay)


def _logprobs(body: Mapping[str, Any], text: str, dice: Dice) -> dict[str, Any]:
    """Log-probabilities of the first token, over what the schema's options begin with."""
    schema = schema_of(body) or {}
    options = schema.get("enum") or re.split(r", ", last_options(body)) or [text]
    weights = {str(o): 1 + dice.unit() for o in options if o} or {text: 1.0}
    total = sum(weights.values())
    top = [{"token": o, "logprob": math.log(w / total)} for o, w in weights.items()]
    top.sort(key=lambda one: -float(str(one["logprob"])))
    mine = next((t for t in top if t["token"] == text), top[0])
    return {"content": [{**mine, "top_logprobs": top[: int(body.get("top_logprobs") or 0)]}]}


def last_options(body: Mapping[str, Any]) -> str:
    """What the last message lists after `one of:`, or nothing."""
    found = re.findall(r"one of: (.+?)\.?$", last_words(body), re.MULTILINE)
    return found[-1] if found else ""


def _embeddings(body: Mapping[str, Any]) -> dict[str, Any]:
    """Hashed bags of three letters, of length one."""
    given = body.get("input") or []
    texts = [given] if isinstance(given, str) else list(given)
    data = [{"object": "embedding", "index": k, "embedding": _bag(t)} for k, t in enumerate(texts)]
    used = sum(-(-len(t) // 4) for t in texts)
    usage = {"prompt_tokens": used, "total_tokens": used}
    return {"object": "list", "data": data, "model": body.get("model", "test"), "usage": usage}


def _bag(text: str) -> list[float]:
    out = [0.0] * _DIMENSIONS
    for k in range(max(1, len(text) - 2)):
        h = hashlib.blake2b(text[k : k + 3].lower().encode("utf-8", "replace"), digest_size=2)
        out[int.from_bytes(h.digest(), "little") % _DIMENSIONS] += 1.0
    size = math.sqrt(sum(x * x for x in out)) or 1.0
    return [x / size for x in out]


def _latency(text: str) -> float | tuple[float, float]:
    low, dash, high = text.partition("-")
    return (float(low), float(high)) if dash else float(low)


async def _serve(server: Endpoint) -> None:
    listening = await server.start()
    print(server.url, flush=True)  # noqa: T201
    await listening.serve_forever()


def main(arguments: Sequence[str] | None = None) -> int:
    """Start a server, print its URL and serve until it is interrupted."""
    parser = argparse.ArgumentParser(prog="python -m mores.testing.endpoint", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    parser.add_argument("--port", type=int, default=0, help="0: any free one")
    parser.add_argument(
        "--latency-ms", type=_latency, default=0.0, metavar="MS", help="MS, or LOW-HIGH"
    )
    parser.add_argument(
        "--faults", default="", metavar="SPEC", help="KIND:SHARE,... or mixed:SHARE"
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--reply", default="echo", help="echo, choice or script:FILE")
    parser.add_argument("--capacity", type=int, help="429 above so many in flight")
    given = parser.parse_args(arguments)
    try:
        server = Endpoint(**vars(given))
        asyncio.run(_serve(server))
    except (MoresError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)  # noqa: T201
        return 2
    except KeyboardInterrupt:
        pass
    return 0


if __name__ == "__main__":
    sys.exit(main())
