"""Threads and logs: what a seat was told, known by what it says and by nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mores.thread import Log, Segment, Thread, digest

PARTS = st.lists(
    st.tuples(st.sampled_from(["user", "assistant"]), st.text(max_size=20)), max_size=6
)


def _thread(parts: list[tuple[str, str]]) -> Thread:
    thread = Thread(None, "system", "rules")
    for role, text in parts:
        thread = thread.say(text) if role == "user" else thread.said(text)
    return thread


@given(PARTS, PARTS)
def test_equal_hash_means_equal_words(
    one: list[tuple[str, str]], two: list[tuple[str, str]]
) -> None:
    """Two threads have one hash exactly when they were said the same."""
    assert (_thread(one).hash == _thread(two).hash) == (one == two)


def test_borders_of_messages_matter() -> None:
    """Words cannot move across the border of two messages, or of two parts of a hash."""
    assert (
        _thread([("user", "ab"), ("user", "c")]).hash
        != _thread([("user", "a"), ("user", "bc")]).hash
    )
    assert digest(b"ab", b"c") != digest(b"a", b"bc")


def test_prefixes_are_shared_and_unchanged() -> None:
    """Going on from a thread leaves it as it was; neighbours of one role are joined for an endpoint."""
    start = _thread([("user", "one")])
    before = start.hash
    left, right = start.say("two"), start.said("three")
    assert start.hash == before
    assert left.parent is start is right.parent
    assert left.messages() == [
        {"role": "system", "content": "rules"},
        {"role": "user", "content": "one\n\ntwo"},
    ]
    assert right.depth == 3


def test_private_lines_are_heard_by_some() -> None:
    """A private line reaches those it is for, and nobody else."""
    log = Log()
    log.add("all", None)
    log.add("secret", frozenset({1}))
    log.add("end", None)
    assert Segment(None, log, 0, 3, 0).text == "all\nend"
    assert Segment(None, log, 0, 3, 1).text == "all\nsecret\nend"
    assert Segment(None, log, 0, 3, 0).hash != Segment(None, log, 0, 3, 1).hash


def test_those_who_heard_the_same_share_a_hash() -> None:
    """Two seats that heard the same lines of one log have the same thread, secrets of others or not."""
    log = Log()
    for line, ears in (("a", None), ("for two", frozenset({2})), ("b", None)):
        log.add(line, ears)
    assert Segment(None, log, 0, 3, 0).hash == Segment(None, log, 0, 3, 1).hash


def test_a_log_that_differs_in_private_differs_for_who_heard_it() -> None:
    """Another secret is another thread for the one who heard it, and the same for the one who did not."""
    logs = []
    for secret in ("red", "blue"):
        log = Log()
        log.add("a", None)
        log.add(secret, frozenset({1}))
        logs.append(log)
    heard = [[Segment(None, log, 0, 2, seat).hash for log in logs] for seat in (0, 1)]
    assert heard[0][0] == heard[0][1]
    assert heard[1][0] != heard[1][1]


def test_forked_logs_go_their_own_way() -> None:
    """What is said after a fork is heard at one table only."""
    log = Log()
    log.add("a", None)
    other = log.fork()
    other.add("b", frozenset({0}))
    assert log.lines == ["a"]
    assert other.heard(0, 2, 0) == ["a", "b"]
    assert log.whispers == {}


@pytest.mark.parametrize("start", [0, 1, 2])
def test_segments_of_equal_lines_are_equal(start: int) -> None:
    """Equal public logs give equal segments from every point on."""
    logs = [Log(), Log()]
    for log in logs:
        for line in ("a", "b", "c"):
            log.add(line, None)
    one, two = (Segment(None, log, start, 3, 0) for log in logs)
    assert one.hash == two.hash


def test_a_log_costs_a_seat_what_it_hears() -> None:
    """Among ten thousand lines for others a seat finds its own two, in their order."""
    log = Log()
    for k in range(10_000):
        log.add(f"for {k}", frozenset({k}))
    log.add("for all", None)
    log.add("again for 7", frozenset({7, 8}))
    assert log.heard(0, 10_002, 7) == ["for 7", "for all", "again for 7"]
    assert log.whispered(0, 10_002, 7) == [7, 10_001]
    assert not log.hears(0, 10_000, 20_000) and log.hears(0, 10_001, 20_000)
