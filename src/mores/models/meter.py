"""Meter: what asking costs while it goes on, and the caps that end a run cleanly.

A :class:`Team` is a mapping of answerers with a meter beside it; the engine tells the meter what it asks, what
came back and what was read. A cap is checked before a call is sent: when it is reached, what is under way is waited
for and stored, then the run ends with :class:`~mores.errors.Budget`, and the same command goes on from there.
"""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mores.engine.asking import Answerer, Pending, Request, Response
from mores.errors import Budget
from mores.models.prices import Prices

_WINDOW = 10.0
"""Seconds over which calls per second are counted."""


@dataclass(frozen=True, kw_only=True)
class Caps:
    """Where a run has to end; None: nowhere. Money is in US dollars and counts models whose price is known."""

    calls: int | None = None
    tokens: int | None = None
    money: float | None = None
    seconds: float | None = None


@dataclass
class Totals:
    """Sums over some calls."""

    made: int = 0
    """Replies that an answerer gave, those that failed included."""
    from_store: int = 0
    retried: int = 0
    """Attempts after the first."""
    failed: int = 0
    """Calls whose attempts were spent, or that were refused for good."""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    reasoning_tokens: int = 0
    uncounted: int = 0
    """Replies whose tokens the endpoint did not say."""
    read: int = 0
    """Replies that were used, from wherever."""
    unread: int = 0
    """Of these, those that could not be read as what was asked."""

    def as_dict(self) -> dict[str, int]:
        """The sums by name."""
        return dict(vars(self))

    @property
    def parse_rate(self) -> float:
        """The share of replies that could be read; NaN before there are any."""
        return 1 - self.unread / self.read if self.read else float("nan")


@dataclass
class Meter:
    """Counts calls, tokens and money, in all and by role, seat and case; raises Budget at a cap."""

    caps: Caps = field(default_factory=Caps)
    prices: Prices = field(default_factory=Prices.known)
    expected: int | None = None
    """How many calls the whole run is expected to make (from a rehearsal), for the time that is left."""
    clock: Callable[[], float] = time.monotonic

    def __post_init__(self) -> None:
        self.total = Totals()
        self.by_role: dict[str, Totals] = {}
        self.by_seat: dict[int, Counter[str]] = {}
        """Replies used (`read`, `unread`, `from_store`) by seat."""
        self.by_case: dict[int, Counter[str]] = {}
        """The same by number of the study's case."""
        self.models: dict[str, str] = {}
        """Role -> model, as far as asked."""
        self.spent = 0.0
        """US dollars, of the models whose price is known."""
        self.unpriced: set[str] = set()
        """Models that were asked and whose price is not known."""
        self.under_way = 0
        self.answerers: Mapping[str, Answerer] = {}
        self._started: float | None = None
        self._reached = ""
        self._arrived: deque[tuple[float, int]] = deque()

    # ---------------------------------------------------------------- what the engine tells
    def asked(self, role: str, requests: Sequence[Request]) -> int:
        now = self.clock()
        if self._started is None:
            self._started = now
        room = self._room(len(requests), now)
        self.under_way += room
        return room

    def answered(self, role: str, responses: Sequence[Response]) -> None:
        mine = self.by_role.setdefault(role, Totals())
        for response in responses:
            for sums in (self.total, mine):
                _count(sums, response)
        self.under_way -= len(responses)
        self._pay(role, responses)
        now = self.clock()
        self._arrived.append((now, len(responses)))
        while self._arrived[0][0] < now - _WINDOW:
            self._arrived.popleft()

    def used(self, pending: Pending, request: Request, why: str | None, stored: bool) -> None:
        bad = why is not None
        mine = self.by_role.get(request.role)
        if mine is None:
            mine = self.by_role[request.role] = Totals()
        for sums in (self.total, mine):
            sums.read += 1
            sums.unread += bad
            sums.from_store += stored
        case = getattr(pending.owner, "case", -1)
        for table, at in ((self.by_seat, pending.seat), (self.by_case, case)):
            counts = table.get(at)
            if counts is None:
                counts = table[at] = Counter()
            counts["read"] += 1
            if bad:
                counts["unread"] += 1
            if stored:
                counts["from_store"] += 1

    # ---------------------------------------------------------------- caps
    def _room(self, more: int, now: float) -> int:
        """How many of some calls the caps allow."""
        caps, t = self.caps, self.total
        tokens = t.prompt_tokens + t.completion_tokens
        elapsed = now - (now if self._started is None else self._started)
        reached = None
        if caps.calls is not None and t.made + self.under_way + more > caps.calls:
            reached = f"{caps.calls} calls"
        if caps.tokens is not None and tokens >= caps.tokens:
            reached, more = f"{caps.tokens} tokens: {tokens} were used", 0
        if caps.money is not None and self.spent >= caps.money:
            reached, more = f"${caps.money:g}: ${self.spent:.4f} were spent", 0
        if caps.seconds is not None and elapsed >= caps.seconds:
            reached, more = f"{caps.seconds:g} s", 0
        if reached is None:
            return more
        self._reached = reached
        calls = more if caps.calls is None else max(0, caps.calls - t.made - self.under_way)
        return min(more, calls)

    def exhausted(self) -> Budget:
        return Budget(
            f"the cap of {self._reached} is reached. Every reply that came is kept; the same command with a "
            "higher cap goes on from there"
        )

    def _pay(self, role: str, responses: Sequence[Response]) -> None:
        answerer = self.answerers.get(role) or self.answerers.get("*")
        model = "" if answerer is None else answerer.model
        self.models[role] = model
        price = self.prices.of(model)
        if price is None:
            if not model.startswith(("scripted:", "recorded:", "person", "hf:")):
                self.unpriced.add(model)
            return
        for r in responses:
            self.spent += price.cost(r.prompt_tokens or 0, r.completion_tokens or 0)

    # ---------------------------------------------------------------- what a person is told
    def rate(self) -> float:
        """Calls answered a second, over the last ten."""
        if not self._arrived or self._started is None:
            return 0.0
        span = min(_WINDOW, max(self.clock() - self._started, 1e-3))
        return sum(n for _, n in self._arrived) / span

    def seconds_left(self) -> float | None:
        """How long the expected calls will take at this rate; None: not known."""
        rate = self.rate()
        if self.expected is None or not rate:
            return None
        return max(0, self.expected - self.total.made - self.total.from_store) / rate

    def waiting(self) -> tuple[int, str]:
        """How many calls wait to be tried again, and why one of them does."""
        found = [w() for a in self.answerers.values() if (w := getattr(a, "waiting", None))]
        return sum(n for n, _ in found), next((why for _, why in found if why), "")

    def line(self) -> str:
        """The state in one line, for a progress bar."""
        t = self.total
        parts = [f"{t.made} calls, {self.rate():.0f}/s", f"{self.under_way} under way"]
        if t.from_store:
            parts.append(f"{t.from_store} from store")
        parts.append(f"{_short(t.prompt_tokens)} tokens in, {_short(t.completion_tokens)} out")
        waiting, why = self.waiting()
        if waiting:
            parts.append(f"{waiting} waiting, {why}")
        if t.failed:
            parts.append(f"{t.failed} failed")
        parts.append(self.money())
        left = self.seconds_left()
        if left is not None:
            parts.append(f"{left:.0f} s left")
        return "; ".join(p for p in parts if p)

    def money(self) -> str:
        """What was spent, in words; says which prices are not known."""
        if not self.unpriced:
            return f"${self.spent:.4f}" if self.spent else ""
        unknown = f"price of {', '.join(sorted(self.unpriced))} unknown"
        return f"${self.spent:.4f} and more: {unknown}" if self.spent else unknown

    def totals(self) -> dict[str, Any]:
        """Everything that was counted, as plain data."""
        return {
            **self.total.as_dict(),
            "parse_rate": self.total.parse_rate,
            "money": None if self.unpriced else self.spent,
            "unpriced": sorted(self.unpriced),
            "by_role": {k: v.as_dict() for k, v in self.by_role.items()},
            "by_seat": {k: dict(v) for k, v in self.by_seat.items()},
            "by_case": {k: dict(v) for k, v in self.by_case.items()},
        }


class Team(dict[str, Answerer]):
    """Who answers each role, with the meter that watches them; what `mores.run(models=...)` takes."""

    def __init__(self, answerers: Mapping[str, Answerer], meter: Meter | None = None) -> None:
        super().__init__(answerers)
        self.observer = Meter() if meter is None else meter
        self.observer.answerers = self


def _count(sums: Totals, response: Response) -> None:
    sums.made += 1
    sums.retried += max(0, len(response.attempts) - 1)
    sums.failed += response.fault is not None
    if response.prompt_tokens is None and response.completion_tokens is None:
        sums.uncounted += 1
    sums.prompt_tokens += response.prompt_tokens or 0
    sums.completion_tokens += response.completion_tokens or 0
    sums.reasoning_tokens += response.reasoning_tokens or 0


def _short(n: int) -> str:
    if n >= 1_000_000:
        return f"{n / 1e6:.1f} M"
    return f"{n / 1e3:.1f} k" if n >= 10_000 else str(n)
