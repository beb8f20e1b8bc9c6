"""Asking: the one path from an Ask to a Reply.

What generators ask is gathered, looked up in the call store, sent to whoever answers the role, written down and
read through the space that was offered. A reply that cannot be read is asked for again with the reason, then it
is what it is: a missing value with its text and why.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from mores.actions import Space
from mores.agent import Ask, Asking, Reply
from mores.engine.store import Store, Stored
from mores.errors import BadValue
from mores.thread import Thread, digest


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent to an answerer."""

    key: bytes
    thread: Thread
    space: Space
    role: str
    draw: str


@dataclass(frozen=True, slots=True)
class Response:
    """What an answerer gave back: text, or the fault that it ended in."""

    key: bytes
    text: str
    fault: str | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


class Answerer(Protocol):
    """Whoever thinks: a model, a script, a recording, a person. Requests go in, responses come out in any order."""

    model: str
    """Its identity in the call store."""
    deterministic: bool
    """True where equal requests have equal answers (temperature 0): then the draw is always 0."""

    def submit(self, requests: Sequence[Request]) -> None:
        """Take requests; must not block."""

    def poll(self, block: bool) -> list[Response]:
        """Responses that are there; with `block`, wait for at least one."""

    def close(self) -> None:
        """Let go of connections and threads."""


@dataclass(slots=True)
class Pending:
    """One generator that waits for a reply."""

    owner: Any
    """What it belongs to (a cohort, a probe); given back with the result."""
    place: int
    """Which row of the owner it is."""
    who: str
    """Episode and seat, for the draw."""
    generator: Asking
    purpose: str = "act"
    counter: dict[tuple[int, str], int] = field(default_factory=dict)
    """Asks made so far by (seat, purpose); shared with the owner."""
    seat: int = 0
    ask: Ask | None = None
    thread: Thread | None = None
    tries: int = 0


@dataclass(slots=True)
class Ended:
    """A generator that is done: its value, or the error it raised; and faults met on the way."""

    pending: Pending
    value: Any = None
    error: Exception | None = None


@dataclass(slots=True)
class Fault:
    """A reply that could not be used, or a failure inside an episode; becomes a row of the record."""

    pending: Pending
    reason: str
    text: str = ""


class Asker:
    """Drives generators until each is done; keeps the store, the answerers and the counts."""

    def __init__(self, store: Store, answerers: Mapping[str, Answerer]) -> None:
        self.store = store
        self.answerers = dict(answerers)
        self.waiting: dict[bytes, list[tuple[Request, Pending]]] = {}
        self.todo: list[Pending] = []
        self.ended: list[Ended] = []
        self.faults: list[Fault] = []
        self.made = 0
        self.from_store = 0
        self.log: list[tuple[bytes, Pending, str]] = []
        """(key, who asked, why it could not be read) of every reply used, for `calls`."""

    def start(self, pending: Pending) -> None:
        """Begin a generator; what it asks joins the next round."""
        self._send(pending, None)

    def _send(self, pending: Pending, reply: Reply | None) -> None:
        try:
            pending.ask = pending.generator.send(reply)  # type: ignore[arg-type]
        except StopIteration as stop:
            self.ended.append(Ended(pending, stop.value))
        except Exception as error:  # one that raises ends its own turn and nobody else's
            self.ended.append(Ended(pending, None, error))
        else:
            pending.thread, pending.tries = pending.ask.thread, 0
            self.todo.append(pending)

    @property
    def busy(self) -> bool:
        """Whether anything was asked and not answered."""
        return bool(self.todo or self.waiting)

    def take(self) -> list[Ended]:
        """The generators that are done since the last time."""
        done, self.ended = self.ended, []
        return done

    def round(self, block: bool) -> None:
        """Look up, send, collect, read: one pass over what was asked."""
        todo, self.todo = self.todo, []
        keyed = [(self._request(p), p) for p in todo]
        found = self.store.get(list({r.key for r, _ in keyed})) if keyed else {}
        fresh: dict[str, list[Request]] = {}
        hits: list[tuple[Pending, bytes, str, str | None]] = []
        for request, pending in keyed:
            if request.key in found:
                self.from_store += 1
                hits.append((pending, request.key, *found[request.key]))
            else:
                if request.key not in self.waiting:
                    fresh.setdefault(request.role, []).append(request)
                self.waiting.setdefault(request.key, []).append((request, pending))
        for role, requests in fresh.items():
            self._answerer(role).submit(requests)
        hits += self._collect(block and not hits and not self.ended)
        for pending, key, text, fault in hits:
            self._read(pending, key, text, fault)

    def _collect(self, block: bool) -> list[tuple[Pending, bytes, str, str | None]]:
        """Responses that are there, kept before they are used."""
        if not self.waiting:
            return []
        roles = {pairs[0][0].role for pairs in self.waiting.values()}
        responses: list[tuple[str, Response]] = []
        for n, role in enumerate(sorted(roles)):
            last = block and not responses and n == len(roles) - 1
            responses += [(role, r) for r in self._answerer(role).poll(last)]
        keep = []
        for role, r in responses:
            q = self.waiting[r.key][0][0]
            keep.append(
                Stored(r.key, q.thread, q.space.key, self._answerer(role).model, role, q.draw, r.text, r.fault,
                       r.prompt_tokens, r.completion_tokens)
            )  # fmt: skip
        if keep:
            self.store.put(keep)
            self.made += len(keep)
        out = []
        for _, r in responses:
            out += [(p, r.key, r.text, r.fault) for _, p in self.waiting.pop(r.key)]
        return out

    def _read(self, pending: Pending, key: bytes, text: str, fault: str | None) -> None:
        ask = pending.ask
        assert ask is not None and pending.thread is not None
        pending.tries += 1
        value, why = (None, fault) if fault is not None else ask.space.parse(text)
        self.log.append((key, pending, why or ""))
        if why is not None and fault is None and pending.tries < ask.tries:
            again = f"That could not be used: {why}. Answer with {ask.space.words()}."
            pending.thread = pending.thread.said(text).say(again)
            self.todo.append(pending)
            return
        if why is not None:
            self.faults.append(Fault(pending, why, text))
        self._send(pending, Reply(text, value, why, pending.tries))

    def _request(self, pending: Pending) -> Request:
        ask = pending.ask
        assert ask is not None and pending.thread is not None
        answerer = self._answerer(ask.role)
        at = (pending.seat, pending.purpose)
        nth = pending.counter.get(at, 0)
        pending.counter[at] = nth + 1
        draw = "0" if answerer.deterministic else f"{pending.who}/{pending.purpose}/{nth}"
        key = digest(answerer.model.encode(), pending.thread.hash, ask.space.key, draw.encode())
        return Request(key, pending.thread, ask.space, ask.role, draw)

    def _answerer(self, role: str) -> Answerer:
        found = self.answerers.get(role) or self.answerers.get("*")
        if found is None:
            raise BadValue(
                "--model", None, f"somebody has to answer for the role {role!r}; name one"
            )
        return found

    def close(self) -> None:
        """Close the answerers and the store."""
        for answerer in {id(a): a for a in self.answerers.values()}.values():
            answerer.close()
        self.store.close()
