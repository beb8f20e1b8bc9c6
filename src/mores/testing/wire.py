"""Wire: just enough HTTP/1.1 for a test server that breaks it on order."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

REASONS = {
    200: "OK",
    400: "Bad Request",
    404: "Not Found",
    405: "Method Not Allowed",
    411: "Length Required",
    429: "Too Many Requests",
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Unavailable",
}


@dataclass(slots=True)
class Call:
    """One request as it came in."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(slots=True)
class Answer:
    """One response, and what is to go wrong with it on the wire."""

    body: bytes
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    kind: str = "application/json"
    delay: float = 0.0
    """Seconds before it is sent; infinite: never."""
    damage: str = ""
    """`cut-before`, `cut-in`, `cut-after` or `slow`."""
    request: str = ""
    """Which request it answers; empty where nothing was asked of a model."""

    def head(self) -> bytes:
        """Status line and headers."""
        lines = [
            f"HTTP/1.1 {self.status} {REASONS.get(self.status, 'Unknown')}",
            f"Content-Type: {self.kind}",
            f"Content-Length: {len(self.body)}",
            *(f"{name}: {value}" for name, value in self.headers.items()),
        ]
        return "\r\n".join([*lines, "", ""]).encode()


Handler = Callable[[Call], Answer]
_PIECES, _PIECE = 20, 0.05  # a trickle: so many pieces, so many seconds apart


class Connection(asyncio.Protocol):
    """One client: reads a request, asks the handler, waits, answers, reads the next."""

    def __init__(self, handler: Handler, loop: asyncio.AbstractEventLoop, done: Callable[[Answer, bool], None],
                 live: set[Connection]) -> None:  # fmt: skip
        self.handler, self.loop, self.done, self.live = handler, loop, done, live
        self.buffer = b""
        self.answering: Answer | None = None
        self.waiting: asyncio.TimerHandle | None = None
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.live.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self.live.discard(self)
        if self.waiting is not None:
            self.waiting.cancel()
        if self.answering is not None:
            self._end(False)

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        self._next()

    def _next(self) -> None:
        if self.answering is not None:
            return
        head, blank, rest = self.buffer.partition(b"\r\n\r\n")
        if not blank:
            return
        lines = head.decode("latin-1").split("\r\n")
        headers = {}
        for line in lines[1:]:
            name, _, value = line.partition(":")
            headers[name.strip().lower()] = value.strip()
        method, path, *_ = [*lines[0].split(" "), "", ""]
        length = int(headers.get("content-length") or 0)
        if "chunked" in headers.get("transfer-encoding", ""):
            self.buffer = b""
            self._answer(Answer(b'{"error": {"message": "send Content-Length"}}', 411))
            return
        if len(rest) < length:
            if headers.get("expect", "").lower() == "100-continue" and not rest:
                self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            return
        self.buffer = rest[length:]
        self._answer(self.handler(Call(method, path, headers, rest[:length])))

    def _answer(self, answer: Answer) -> None:
        self.answering = answer
        if answer.delay <= 0:
            self._send()
        elif answer.delay != float("inf"):
            self.waiting = self.loop.call_later(answer.delay, self._send)

    def _send(self) -> None:
        answer = self.answering
        assert answer is not None
        head, cut = answer.head(), answer.damage
        if cut == "slow":
            self._trickle(head + answer.body, 0)
            return
        if cut == "cut-in":
            self.transport.write(head[: len(head) // 2])
        elif cut == "cut-after":
            self.transport.write(head + answer.body[: len(answer.body) // 2])
        elif not cut:
            self.transport.write(head + answer.body)
        if cut:
            self.transport.close()
        self._end(not cut)

    def _trickle(self, raw: bytes, piece: int) -> None:
        size = -(-len(raw) // _PIECES)
        self.transport.write(raw[piece * size : (piece + 1) * size])
        if piece + 1 < _PIECES:
            self.waiting = self.loop.call_later(_PIECE, self._trickle, raw, piece + 1)
        else:
            self._end(True)

    def _end(self, whole: bool) -> None:
        answer, self.answering, self.waiting = self.answering, None, None
        assert answer is not None
        self.done(answer, whole)
        if whole and self.buffer:
            self._next()
