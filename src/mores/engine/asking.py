"""Asking: the one path from an Ask to a Reply.

What generators ask is gathered, looked up in the call store, sent to whoever answers the role, written down and
read through the space that was offered. A reply that cannot be read is asked for again with the reason, then it
is what it is: a missing value with its text and why.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from mores.actions import Space, Utterance
from mores.agent import Ask, Asking, Reply
from mores.engine.store import Store, Stored
from mores.errors import BadValue
from mores.thread import Thread, digest


@dataclass(slots=True)
class Request:
    """What is sent to an answerer."""

    key: bytes
    thread: Thread
    space: Space
    role: str
    draw: str


@dataclass(slots=True)
class Response:
    """What an answerer gave back: text, or the fault that it ended in."""

    key: bytes
    text: str
    fault: str | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    attempts: tuple[Any, ...] = ()
    """Every attempt that was made: `kind`, `status`, `wait`, `seconds`."""
    flags: tuple[str, ...] = ()
    """What is odd about the reply without making it useless: `length`, `answered by X`..."""
    reasoning: str | None = None
    """What a reasoning model thought, apart from what it answered."""
    reasoning_tokens: int | None = None


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


class Observer(Protocol):
    """Whoever counts: a mapping of answerers that has an attribute `observer` is watched by it."""

    def asked(self, role: str, requests: Sequence[Request]) -> int:
        """Requests that are about to be sent: how many of them may be."""

    def exhausted(self) -> Exception:
        """Why no more may be sent."""

    def answered(self, role: str, responses: Sequence[Response]) -> None:
        """Responses that are stored now."""

    def used(self, pending: Pending, request: Request, why: str | None, stored: bool) -> None:
        """A reply was read: why it could not be, and whether it came from the store."""


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
    value: Any = None
    """What the last reply was read as."""


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


Hit = tuple[Request, "Pending", str, "str | None"]
"""A reply for one who waits: text, and the fault it ended in."""


def _nobody() -> Pending:
    """One who takes whatever reply comes, and asks no more."""

    def nothing() -> Asking:
        yield Ask(Thread(None, "user", ""), Utterance())

    generator = nothing()
    ask = next(generator)
    return Pending(None, 0, "", generator, ask=ask, thread=ask.thread, tries=ask.tries)


class Asker:
    """Drives generators until each is done; keeps the store, the answerers and the counts."""

    def __init__(self, store: Store, answerers: Mapping[str, Answerer]) -> None:
        self.store = store
        self.observer: Observer | None = getattr(answerers, "observer", None)
        self.answerers = dict(answerers)
        self.seats = any(role.startswith("seat.") for role in self.answerers)
        """Whether some seats have an answerer of their own, as role `seat.N`."""
        self.waiting: dict[bytes, list[tuple[Request, Pending]]] = {}
        self.asked: Counter[str] = Counter()
        """Requests that wait, by role."""
        self.todo: list[Pending] = []
        self.ended: list[Ended] = []
        self.faults: list[Fault] = []
        self.made = 0
        self.from_store = 0

    def start(self, pending: Pending) -> None:
        """Begin a generator; what it asks joins the next round."""
        self._send(pending, None)

    def _send(self, pending: Pending, reply: Reply | None) -> None:
        try:
            ask: Any = pending.generator.send(reply)  # type: ignore[arg-type]
        except StopIteration as stop:
            self.ended.append(Ended(pending, stop.value))
        except Exception as error:  # one that raises ends its own turn and nobody else's
            self.ended.append(Ended(pending, None, error))
        else:
            if not isinstance(ask, Ask):
                what = TypeError(f"a mind yields Ask, not {type(ask).__name__}")
                self.ended.append(Ended(pending, None, what))
                return
            pending.ask, pending.thread, pending.tries = ask, ask.thread, 0
            self.todo.append(pending)

    @property
    def busy(self) -> bool:
        """Whether anything was asked and not answered."""
        return bool(self.todo or self.waiting)

    def forget(self) -> None:
        """Drop whoever asks, because their tables are played anew; what was sent is still kept when it arrives."""
        self.todo.clear()
        self.ended.clear()
        self.faults.clear()
        for pairs in self.waiting.values():
            del pairs[1:]
            pairs[0] = (pairs[0][0], _nobody())

    def take(self) -> list[Ended]:
        """The generators that are done since the last time."""
        done, self.ended = self.ended, []
        return done

    def round(self, block: bool) -> None:
        """Look up, send, collect, read: one pass over what was asked."""
        todo, self.todo = self.todo, []
        hits = self._look_up(todo) if todo else []
        for hit in hits:
            self._read(*hit, stored=True)
        if self.waiting:
            for hit in self._collect(block and not hits and not self.ended):
                self._read(*hit, stored=False)

    def _look_up(self, todo: list[Pending]) -> list[Hit]:
        """What the store holds; the rest is sent."""
        keyed = [(self._request(p), p) for p in todo]
        found = self.store.get(list({r.key for r, _ in keyed}))
        fresh: dict[str, list[Request]] = {}
        hits: list[Hit] = []
        for request, pending in keyed:
            key = request.key
            if key in found:
                hits.append((request, pending, *found[key]))
            elif key in self.waiting:
                self.waiting[key].append((request, pending))
            else:
                fresh.setdefault(request.role, []).append(request)
                self.waiting[key] = [(request, pending)]
        self.from_store += len(hits)
        for role, requests in fresh.items():
            may = len(requests) if self.observer is None else self.observer.asked(role, requests)
            self.asked[role] += may
            self._answerer(role).submit(requests[:may])
            if self.observer is not None and may < len(requests):
                while any(self.asked.values()):  # what is paid for is stored
                    self._collect(True)
                raise self.observer.exhausted()
        return hits

    def _collect(self, block: bool) -> list[Hit]:
        """Responses that are there, kept before they are used."""
        roles = sorted(role for role, n in self.asked.items() if n)
        # one who answers several roles is asked once what is there
        who = list({id(a): a for a in map(self._answerer, roles)}.values())
        came: dict[bytes, tuple[Answerer, Response]] = {}
        for n, answerer in enumerate(who):
            last = n == len(who) - 1
            came.update((r.key, (answerer, r)) for r in answerer.poll(block and not came and last))
        keep, told = [], dict[str, list[Response]]()
        for key, (answerer, r) in came.items():
            if key not in self.waiting:
                continue  # answered before
            q = self.waiting[key][0][0]
            self.asked[q.role] -= 1
            told.setdefault(q.role, []).append(r)
            more = r if r.flags or r.reasoning or len(r.attempts) > 1 else None
            keep.append(
                Stored(r.key, q.thread, q.space.key, answerer.model, q.role, q.draw, r.text, r.fault,
                       r.prompt_tokens, r.completion_tokens, more)
            )  # fmt: skip
        if self.observer is not None:
            for role, responses in told.items():
                self.observer.answered(role, responses)
        return self._keep(keep)

    def _keep(self, keep: list[Stored]) -> list[Hit]:
        """Write replies down; where another process has stored one first, that one is what was said."""
        if not keep:
            return []
        first = self.store.put(keep)
        self.made += len(keep)
        hits: list[Hit] = []
        for r in keep:
            said = first.get(r.key, (r.text, r.fault))
            hits += [(request, p, *said) for request, p in self.waiting.pop(r.key)]
        return hits

    def _read(
        self, request: Request, pending: Pending, text: str, fault: str | None, *, stored: bool
    ) -> None:
        ask = pending.ask
        assert ask is not None and pending.thread is not None
        pending.tries += 1
        value, why = (None, fault) if fault is not None else ask.space.parse(text)
        if self.observer is not None:
            self.observer.used(pending, request, why, stored)
        if why is not None and fault is None and pending.tries < ask.tries:
            again = f"That could not be used: {why}. Answer with {ask.space.words()}."
            pending.thread = pending.thread.said(text).say(again)
            self.todo.append(pending)
            return
        if why is not None:
            self.faults.append(Fault(pending, why, text))
        pending.value = value
        self._send(pending, Reply(text, value, why, pending.tries))

    def _request(self, pending: Pending) -> Request:
        ask = pending.ask
        assert ask is not None and pending.thread is not None
        role = ask.role
        if self.seats and role == "players" and f"seat.{pending.seat}" in self.answerers:
            role = f"seat.{pending.seat}"
        answerer = self._answerer(role)
        at = (pending.seat, pending.purpose)
        nth = pending.counter.get(at, 0)
        pending.counter[at] = nth + 1
        draw = "0" if answerer.deterministic else f"{pending.who}/{pending.purpose}/{nth}"
        key = digest(answerer.model.encode(), pending.thread.hash, ask.space.key, draw.encode())
        return Request(key, pending.thread, ask.space, role, draw)

    def _answerer(self, role: str) -> Answerer:
        found = self.answerers.get(role) or self.answerers.get("*")
        if found is None:
            raise BadValue(
                "--model", None, f"somebody has to answer for the role {role!r}; name one"
            )
        return found

    def close(self) -> None:
        """Close the answerers and the store."""
        try:
            for answerer in {id(a): a for a in self.answerers.values()}.values():
                answerer.close()
        finally:
            self.store.close()
