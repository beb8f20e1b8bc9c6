"""Transport: one event loop in one thread that sends calls to endpoints, and sends them again.

Each endpoint (scheme, host, port) has one :class:`~mores.models.limiter.Limiter`, whoever asks there. What is
waiting is data in a queue; only what is under way is a task.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol

from mores.errors import MoresError, UsageError
from mores.models.envelope import BUSY, Outcome, quota_reset
from mores.models.limiter import Limiter
from mores.thread import digest

if TYPE_CHECKING:
    import aiohttp

_LONGEST_WAIT = 15.0
_LONGEST_ASKED = 300.0
"""An endpoint that asks to wait longer is asked again after this."""
_NEVER_REACHED = 4
"""So many failed connections to an endpoint that never answered end the run."""


@dataclass(frozen=True, kw_only=True)
class Patience:
    """How often a call is tried, and how long each stage of it may take, in seconds."""

    attempts: int = 10
    connect: float = 5.0
    first_byte: float = 30.0
    whole: float = 120.0
    backoff: float = 0.25
    """The bound of the first random wait between attempts; it doubles from one to the next."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt at a call: how it ended (`ok`, `429`, `broken JSON`...), its status, and the wait after it."""

    kind: str
    status: int = 0
    wait: float = 0.0
    """Seconds waited before the next."""
    seconds: float = 0.0
    """How long it took."""


class Call(Protocol):
    """What is called for; its methods run in the loop."""

    key: bytes
    url: Any
    headers: Any
    patience: Patience

    def body(self) -> bytes:
        """What is sent."""

    def read(self, status: int, headers: Any, raw: bytes) -> Outcome:
        """What a response means."""

    def settle(self, job: Job, outcome: Outcome) -> None:
        """The call has come to its end."""


@dataclass(slots=True, eq=False)
class Job:
    """One call until it is settled."""

    call: Call
    lane: Lane
    tries: int = 0
    attempts: list[Attempt] = field(default_factory=list)
    waiting: str = ""
    """Why it waits for its next attempt."""
    task: asyncio.Task[None] | None = None
    sent: float = 0.0
    begun: bool = False
    """Whether the response has begun."""
    expired: bool = False


@dataclass(eq=False)
class Lane:
    """The calls to one endpoint."""

    name: str
    limiter: Limiter
    ready: deque[Job] = field(default_factory=deque)
    waiting: set[Job] = field(default_factory=set)
    """Calls that wait for their next attempt."""
    alarm: asyncio.TimerHandle | None = None


class Transport:
    """Sends jobs from any thread; begins its own at the first one."""

    def __init__(self) -> None:
        self.lanes: dict[str, Lane] = {}
        self.arrived = 0
        """Replies for anybody so far; counted in the loop."""
        self.taken = 0
        """Replies that were polled so far; counted by who polls."""
        self._bell = threading.Event()
        self.users = 0
        self.error: Exception | None = None
        """What ended everything: an endpoint that is not there, a key that is refused."""
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._flying: set[Job] = set()
        self._watch: asyncio.TimerHandle | None = None
        self._session: aiohttp.ClientSession | None = None

    def lane(self, name: str, limiter: Limiter) -> Lane:
        """The lane of an endpoint; the first to name it says how its limiter begins."""
        return self.lanes.setdefault(name, Lane(name, limiter))

    # ---------------------------------------------------------------- from the caller's thread
    def send(self, jobs: list[Job]) -> None:
        """Take jobs; returns at once."""
        self.begin()
        assert self._loop is not None
        self._loop.call_soon_threadsafe(self._take, jobs)

    def wait(self) -> None:
        """Wait until a reply is there for anybody, or nothing more will come."""
        while self.arrived == self.taken and self.error is None:
            self._bell.clear()
            if self.arrived == self.taken and self.error is None:
                self._bell.wait()

    def ring(self) -> None:
        """A reply has arrived (called in the loop)."""
        self.arrived += 1
        if not self._bell.is_set():
            self._bell.set()

    def begin(self) -> None:
        """Start the loop if it does not run; raises MoresError where aiohttp is not installed."""
        if self._loop is not None:
            return
        try:
            import aiohttp  # noqa: F401
        except ImportError:
            raise MoresError("endpoints need the extra http: pip install 'mores[http]'") from None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="mores-http", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        assert self._loop is not None
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()
        self._loop.close()

    def close(self) -> None:
        """Give up what is under way, close connections and the thread."""
        self.users -= 1
        if self._loop is None or self.users > 0:
            return
        loop, thread = self._loop, self._thread
        asyncio.run_coroutine_threadsafe(self._end(), loop).result(timeout=10)
        loop.call_soon_threadsafe(loop.stop)
        assert thread is not None
        thread.join()
        self._loop = self._thread = None

    async def _end(self) -> None:
        for lane in self.lanes.values():
            lane.ready.clear()
            if lane.alarm is not None:
                lane.alarm.cancel()
        if self._watch is not None:
            self._watch.cancel()
        tasks = [job.task for job in self._flying if job.task is not None]
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.gather(*tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()
            self._session = None

    # ---------------------------------------------------------------- in the loop
    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            import aiohttp

            # no limit of its own: the limiter knows what the endpoint bears
            connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=30, ttl_dns_cache=300)
            self._session = aiohttp.ClientSession(
                connector=connector, cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=True
            )
        return self._session

    def _take(self, jobs: list[Job]) -> None:
        for job in jobs:
            job.lane.ready.append(job)
        for lane in {id(j.lane): j.lane for j in jobs}.values():
            self._pump(lane)

    def _pump(self, lane: Lane) -> None:
        """Send what may be sent now."""
        assert self._loop is not None
        now = self._loop.time()
        while lane.ready and self.error is None and lane.limiter.room(now):
            lane.limiter.sent()
            job = lane.ready.popleft()
            job.sent, job.begun = now, False
            self._flying.add(job)
            job.task = self._loop.create_task(self._attempt(job))
        if self._flying and self._watch is None:
            self._watch = self._loop.call_later(self._pace(), self._look)
        if lane.ready and lane.limiter.paused > now and lane.alarm is None:
            lane.alarm = self._loop.call_at(lane.limiter.paused, self._awake, lane)

    def _awake(self, lane: Lane) -> None:
        lane.alarm = None
        self._pump(lane)

    def _pace(self) -> float:
        """Seconds between two looks at what takes too long."""
        shortest = min(min(p.first_byte, p.whole) for p in (j.call.patience for j in self._flying))
        return max(0.01, min(1.0, shortest / 4))

    def _look(self) -> None:
        """End what takes too long: one timer for all instead of some for each."""
        assert self._loop is not None
        now = self._loop.time()
        for job in self._flying:
            p, took = job.call.patience, now - job.sent
            if took > p.whole or (took > p.first_byte and not job.begun):
                job.expired = True
                if job.task is not None:
                    job.task.cancel()
        self._watch = self._loop.call_later(self._pace(), self._look) if self._flying else None

    async def _attempt(self, job: Job) -> None:
        assert self._loop is not None
        job.tries += 1
        reset: float | None = None
        try:
            outcome, reset = await self._exchange(job)
        except asyncio.CancelledError:
            if not job.expired:
                raise
            job.expired, outcome = False, Outcome("time-out", again=None)
        except Exception as error:  # a bug in here must not leave the run waiting for ever
            outcome = Outcome("client error", fault=f"client error: {error!r}")
        finally:
            self._flying.discard(job)
        now = self._loop.time()
        job.lane.limiter.back(_verdict(outcome), job.sent, now, outcome.wait)
        if reset:
            job.lane.limiter.pause(now + min(reset, _LONGEST_ASKED))
        self._settle(job, outcome, now - job.sent)
        if job.lane.ready:
            self._pump(job.lane)

    async def _exchange(self, job: Job) -> tuple[Outcome, float | None]:
        """One request and its response; whatever goes wrong on the way is an outcome."""
        import aiohttp

        call = job.call
        headers = call.headers.copy()
        headers["X-Request-ID"] = f"{call.key.hex()}-{job.tries}"
        data = aiohttp.BytesPayload(call.body())
        limits = self._limits(call.patience)
        try:
            async with self._open().post(
                call.url, data=data, headers=headers, timeout=limits, allow_redirects=False
            ) as response:
                job.begun = True
                raw = await response.read()
            return call.read(response.status, response.headers, raw), quota_reset(response.headers)
        except aiohttp.ConnectionTimeoutError:
            return Outcome("no connection", again=None, message="it took too long"), None
        except (TimeoutError, aiohttp.ServerTimeoutError):
            return Outcome("time-out", again=None), None
        except aiohttp.ClientConnectorError as error:
            return Outcome("no connection", again=None, message=str(error.os_error)), None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return Outcome("cut off", again=None, message=type(error).__name__), None

    @staticmethod
    @lru_cache(maxsize=64)
    def _limits(patience: Patience) -> Any:
        """The time-out that aiohttp keeps: that of connecting, which only a new connection costs."""
        import aiohttp

        return aiohttp.ClientTimeout(total=None, sock_connect=patience.connect)

    def _settle(self, job: Job, outcome: Outcome, seconds: float) -> None:
        """Give the reply, or put the job back for its next attempt."""
        assert self._loop is not None
        most = job.call.patience.attempts
        most = most if outcome.again is None else min(most, outcome.again)
        if outcome.kind == "ok" or job.tries >= most:
            job.attempts.append(Attempt(outcome.kind, outcome.status, 0.0, seconds))
            if outcome.kind != "ok" and outcome.fault is None:
                outcome.fault = _spent(job)
            self._give_up(job, outcome)
            job.call.settle(job, outcome)
            return
        if outcome.kind == "no connection":
            self._give_up(job, outcome)
        wait = self._wait(job, outcome)
        job.attempts.append(Attempt(outcome.kind, outcome.status, wait, seconds))
        job.waiting = f"retry {job.tries + 1} of {most}, {outcome.kind}"
        job.lane.waiting.add(job)
        self._loop.call_later(wait, self._again, job)

    def _wait(self, job: Job, outcome: Outcome) -> float:
        """Full jitter (Brooker 2015) below a bound that doubles, or what the endpoint asks for and some more."""
        bound = min(_LONGEST_WAIT, job.call.patience.backoff * 2.0 ** min(job.tries - 1, 30))
        word = digest(job.call.key, job.tries.to_bytes(4, "little"))[:8]
        jitter = bound * int.from_bytes(word, "little") / 2**64
        if outcome.wait is None:
            return jitter
        return min(_LONGEST_ASKED, outcome.wait) + 0.1 * jitter

    def _again(self, job: Job) -> None:
        job.lane.waiting.discard(job)
        job.waiting = ""
        job.lane.ready.appendleft(job)  # it has waited already
        self._pump(job.lane)

    def _give_up(self, job: Job, outcome: Outcome) -> None:
        """End everything where no call can come to anything; replies so far are stored."""
        limiter, where = job.lane.limiter, job.lane.name
        if outcome.kind == "no connection":
            most = max(job.call.patience.attempts, _NEVER_REACHED)
            if limiter.failures >= (most if limiter.reached else _NEVER_REACHED):
                why = f" ({outcome.message})" if outcome.message else ""
                self.fail(MoresError(
                    f"nothing answers at {where}{why}; start the server and give the same command again: "
                    "every reply that came is kept"
                ))  # fmt: skip
        elif outcome.status in (401, 403, 404) and not limiter.answered:
            self.fail(UsageError(f"{where} answers {outcome.fault}; {_REMEDY[outcome.status]}"))
        elif outcome.fault is not None and outcome.status == 429 and "quota" in outcome.message:
            self.fail(MoresError(f"{where}: {outcome.message}; every reply that came is kept"))

    def fail(self, error: Exception) -> None:
        """End everything with an error that whoever polls will raise."""
        self.error = self.error or error
        self._bell.set()


_REMEDY = {
    401: "is the key in the environment or in .env?",
    403: "does the key allow this model?",
    404: "is the path right (most servers want .../v1), and does it serve this model (GET /v1/models)?",
}


def _verdict(outcome: Outcome) -> Any:
    if outcome.status in BUSY or outcome.kind == "time-out":
        return "busy"
    if outcome.kind == "no connection":
        return "down"
    return "good" if outcome.kind == "ok" else "bad"


def _spent(job: Job) -> str:
    kinds = ", ".join(dict.fromkeys(a.kind for a in job.attempts))
    return f"{job.tries} attempt{'s' if job.tries > 1 else ''} failed: {kinds}"
