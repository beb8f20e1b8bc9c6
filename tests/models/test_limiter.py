"""The limiter, driven by a clock of the test's own."""

from __future__ import annotations

import heapq

from mores.models.limiter import Limiter, Verdict


def drive(limiter: Limiter, capacity: int, calls: int, latency: float = 0.2) -> tuple[float, int]:
    """Simulate an endpoint that bears so many at once; the seconds it takes, and how many it refused."""
    now, refused, left = 0.0, 0, calls
    flying: list[tuple[float, float, Verdict]] = []
    busy = 0
    while left or flying:
        while left and limiter.room(now):
            limiter.sent()
            left -= 1
            if busy < capacity:
                busy += 1
                heapq.heappush(flying, (now + latency, now, "good"))
            else:
                heapq.heappush(flying, (now + 0.01, now, "busy"))
        if flying:
            now, sent, verdict = heapq.heappop(flying)
            limiter.back(verdict, sent, now)
            if verdict == "good":
                busy -= 1
            else:
                refused += 1
                left += 1
        else:
            now = max(now, limiter.paused)
    return now, refused


def test_it_grows_to_what_is_borne() -> None:
    """From 32 it doubles a round trip up to its most, as long as nothing is refused."""
    limiter = Limiter(start=32, most=1024)
    seconds, _ = drive(limiter, capacity=10_000, calls=20_000)
    assert limiter.limit == 1024
    assert seconds < 0.2 * (20_000 / 1024 + 8)


def test_it_finds_a_small_capacity() -> None:
    """An endpoint that bears 20 gets about 20 at once, at nearly its full rate."""
    limiter = Limiter(start=1024, most=1024)
    seconds, refused = drive(limiter, capacity=20, calls=4_000)
    assert 12 <= limiter.limit <= 45
    assert seconds < 1.3 * 4_000 / 20 * 0.2
    assert refused < 1024 + 0.35 * 4_000


def test_some_weather_is_borne() -> None:
    """One refusal in ten is not too much at once: the limit stays."""
    limiter = Limiter(start=256, most=256)
    for k in range(5_000):
        limiter.sent()
        limiter.back("busy" if k % 10 == 0 else "good", k, k)
    assert limiter.limit == 256


def test_it_recovers() -> None:
    """After a squeeze the limit grows again."""
    limiter = Limiter(start=100, most=100)
    for k in range(200):
        limiter.sent()
        limiter.back("busy", k, k)
    low = limiter.limit
    for k in range(200, 3_000):
        limiter.sent()
        limiter.back("good", k, k)
    assert low < 20 and limiter.limit > 2 * low + 20


def test_a_quota_that_is_used_up_is_waited_for() -> None:
    """Nothing is sent before the time that the endpoint names."""
    limiter = Limiter()
    limiter.pause(5.0)
    limiter.pause(3.0)
    assert not limiter.room(4.9) and limiter.room(5.0)


def test_the_circuit_opens_and_closes() -> None:
    """Failed connections leave one call at a time, after longer and longer rests; one answer is enough."""
    limiter = Limiter(start=100)
    now, rests = 0.0, []
    for _ in range(8):
        limiter.sent()
        limiter.back("down", now, now + 0.01)
        rests.append(limiter.paused - now)
        now = limiter.paused
    assert (
        limiter.open
        and [round(r, 6) for r in rests] == sorted(round(r, 6) for r in rests)
        and rests[-1] > 5
    )
    assert limiter.room(now)
    limiter.sent()
    assert not limiter.room(now)
    limiter.back("good", now, now + 0.2)
    assert (limiter.open, limiter.answered) == (False, True)


def test_calls_that_fail_together_count_as_one() -> None:
    """A hundred connections lost at one moment are one failure, not a hundred."""
    limiter = Limiter(start=100)
    for _ in range(100):
        limiter.sent()
    for k in range(100):
        limiter.back("down", 0.0, 1.0 + k / 1000)
    assert limiter.failures == 1
