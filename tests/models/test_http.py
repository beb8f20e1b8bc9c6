"""Endpoints: every fault is met, every attempt on record, nothing lost and nothing paid for twice."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.engine.worlds import Scene

import mores
from mores import Mind, Population, Study
from mores.actions import Amount, Choice, Space
from mores.engine.asking import Request, Response
from mores.engine.store import Store
from mores.errors import MoresError, UsageError
from mores.models.face import Model
from mores.models.http import Http, Sampling
from mores.models.transport import Patience, Transport
from mores.testing import Endpoint
from mores.testing.faults import KINDS, MIXED, Dice
from mores.thread import Thread, digest

QUICK = Patience(attempts=4, connect=2, first_byte=0.3, whole=1.5, backoff=0.01)
PLAY = Choice("left", "right")


def ask(model: Http, count: int = 1, space: Space = PLAY, text: str = "Go.") -> list[Response]:
    """Some replies to one question, in order."""
    thread = Thread(None, "system", "rules").say(f"{text}\n\nAnswer with {space.words()}.")
    requests = []
    for k in range(count):
        draw = f"test/{k}"
        key = digest(model.model.encode(), thread.hash, space.key, draw.encode())
        requests.append(Request(key, thread, space, "players", draw))
    model.submit(requests)
    found: dict[bytes, Response] = {}
    while len(found) < count:
        found.update((r.key, r) for r in model.poll(True))
    return [found[r.key] for r in requests]


def saying(text: str) -> Callable[[Mapping[str, Any], Dice], str]:
    """A server's reply that is always the same."""
    return lambda body, dice: text


def study(replicates: int = 8, turns: int = 6) -> Study:
    """A few scenes."""
    return Study.of(Scene(turns=turns), Population.all(Mind()), replicates=replicates)


def test_a_run_by_an_endpoint_equals_the_same_run_through_faults(tmp_path: Path) -> None:
    """With a fifth of attempts broken the record is the same, and the attempts are in the store."""
    hashes = []
    for faults in ("", ",".join(f"{k}:0.02" for k in MIXED if k not in ("stall", "429"))):
        out = tmp_path / ((faults and "faults") or "plain")
        server = Endpoint(reply="choice", faults=faults)
        with server as url:
            record = mores.run(study(), out=out, models={"players": Http(url, "m")})
        hashes.append(record.hashes)
        assert set(server.answered.values()) == {1}
    assert hashes[0] == hashes[1]
    store = Store(tmp_path / "faults" / "store.sqlite")
    failed = [kind for _, _, kind, *_ in store.attempts() if kind != "ok"]
    assert len(failed) == store.counts()["retried"] == server.stats["faults"] > 0
    assert store.counts()["failed"] == 0


@pytest.mark.parametrize(
    ("kind", "fault"),
    [
        ("500", "4 attempts failed: 500"),
        ("429-bare", "4 attempts failed: 429"),
        ("502", "4 attempts failed: 502"),
        ("cut-before", "4 attempts failed: cut off"),
        ("cut-in", "4 attempts failed: cut off"),
        ("cut-after", "4 attempts failed: cut off"),
        ("truncated-json", "4 attempts failed: broken JSON"),
        ("invalid-json", "4 attempts failed: broken JSON"),
        ("empty-choices", "4 attempts failed: no choices"),
        ("null-content", "4 attempts failed: no content"),
        ("non-utf8", "4 attempts failed: not UTF-8"),
        ("hang", "4 attempts failed: time-out"),
        ("refusal", "refused: I can't help with that."),
        ("filter", "ended by a content filter"),
        ("truncated-text", "3 attempts failed: cut at max_tokens"),
        ("wrong-model", None),
        ("double-usage", None),
        ("slow", None),
    ],
)
def test_what_every_fault_comes_to(kind: str, fault: str | None) -> None:
    """When no attempt succeeds the reply says what happened; what can be used is used, with a flag."""
    model: Http
    with Endpoint(faults=f"{kind}:1", reply="choice") as url:
        model = Http(url, "m", patience=QUICK)
        (reply,) = ask(model)
        model.close()
    assert reply.fault == fault
    assert KINDS[kind]
    if fault is None:
        assert reply.text in PLAY.options and reply.prompt_tokens
        assert ("answered by somebody-else" in reply.flags) == (kind == "wrong-model")
    elif "attempts" in fault:
        assert len(reply.attempts) == int(fault[0])
        assert all(a.kind == fault.rpartition(": ")[2] for a in reply.attempts)


def test_retry_after_is_honoured() -> None:
    """An endpoint that asks for a second gets it."""
    with Endpoint(faults="429:1", reply="choice") as url:
        model = Http(url, "m", patience=Patience(attempts=2))
        began = time.monotonic()
        (reply,) = ask(model)
        model.close()
    assert time.monotonic() - began >= 1.0
    assert reply.attempts[0].kind == "429" and reply.attempts[0].wait >= 1.0


def test_an_endpoint_that_bears_little_gets_little() -> None:
    """The limiter finds what a server with room for four bears; every call is answered."""
    server = Endpoint(capacity=4, latency_ms=5, reply="choice")
    with server as url:
        model = Http(url, "m", patience=Patience(attempts=40, backoff=0.02))
        replies = ask(model, 60)
        limit = model.lane.limiter.limit
        model.close()
    assert [r.fault for r in replies] == [None] * 60
    assert limit < 40


def test_a_server_without_schemas_is_asked_in_words() -> None:
    """The first refusal is enough: the space is asked in words from then on, and no attempt is spent on it."""
    server = Endpoint(schemas=False, reply="choice")
    with server as url:
        model = Http(url, "m", patience=Patience(attempts=1))
        first, second = ask(model)[0], ask(model, text="And now?")[0]
        model.close()
    for reply in (first, second):
        assert reply.fault is None and reply.text in PLAY.options and "no schema" in reply.flags
    assert server.stats["requests"] == 3


def test_values_come_out_of_their_object() -> None:
    """A number that a schema put into an object is stored as the number."""
    with Endpoint(reply="choice") as url:
        model = Http(url, "m")
        (reply,) = ask(model, space=Amount(0, 10, step=1))
        model.close()
    assert reply.text.isdecimal()


def test_reasoning_is_kept_apart(tmp_path: Path) -> None:
    """What a model thinks aloud is not its answer, and is in the store beside it."""
    said = '<think>What would he do?</think>\n{"do": "leave"}'
    with Endpoint(reply=saying(said)) as url:
        record = mores.run(
            study(1, 1), out=tmp_path, models={"players": Http(url, "m", schemas="off")}
        )
    assert record.table("calls")["text"].to_pylist() == ['{"do": "leave"}']
    store = Store(tmp_path / "store.sqlite")
    assert store.more()[0][2] == "What would he do?"


def test_nobody_there_ends_the_run_and_a_later_one_goes_on(tmp_path: Path) -> None:
    """A server that is gone is an error that says so, not a record full of missing actions."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with pytest.raises(MoresError, match=r"nothing answers at http://127\.0\.0\.1"):
        mores.run(
            study(), out=tmp_path, models={"players": Http(f"http://127.0.0.1:{port}/v1", "m")}
        )
    with Endpoint(port=port, reply="choice") as url:
        record = mores.run(study(), out=tmp_path, models={"players": Http(url, "m")})
    assert record.table("faults").num_rows == 0


def test_a_short_outage_costs_nothing() -> None:
    """While nobody is there one call at a time tries; when the server is back all are answered."""
    first = Endpoint(reply="choice")
    with first as url:
        model = Http(url, "m", patience=Patience(attempts=6))
        ask(model)
    second = Endpoint(reply="choice", port=first.port)
    stop = threading.Event()

    def later() -> None:
        time.sleep(0.6)
        with second:
            stop.wait()

    thread = threading.Thread(target=later)
    thread.start()
    try:
        replies = ask(model, 30, text="Still there?")
    finally:
        stop.set()
        thread.join()
        model.close()
    assert [r.fault for r in replies] == [None] * 30


def test_a_wrong_path_is_said() -> None:
    """404 before anything was answered is a mistake in --model, said with the remedy."""
    with Endpoint() as url:
        model = Http(url.replace("/v1", "/v7"), "m")
        with pytest.raises(UsageError, match="is the path right"):
            ask(model)
        model.close()


def test_faults_are_stored_and_replayed(tmp_path: Path) -> None:
    """A call whose attempts were spent is a missing action with its reason, also when replayed."""
    with Endpoint(faults="500:1") as url:
        model = Http(url, "m", patience=Patience(attempts=1))
        record = mores.run(study(2, 3), out=tmp_path, models={"players": model})
    reasons = set(record.table("faults")["reason"].to_pylist())
    assert reasons == {"1 attempt failed: 500"}
    again = mores.replay(study(2, 3), tmp_path, models={"players": Http(url, "m")})
    assert again.match


def test_a_model_is_asked_directly() -> None:
    """The face: choose by log-probabilities, generate draws, embed; score says that it cannot."""
    with Endpoint(reply="choice") as url:
        model = Http(url, "m")
        assert isinstance(model, Model)
        talk = [{"role": "user", "content": "Answer with one of: tea, milk."}]
        chosen = model.choose(talk, ["tea", "milk"])
        assert chosen.way == "log-probabilities" and chosen.probabilities.sum() == pytest.approx(1)
        assert len({r.key for r in model.generate(talk, draws=3)}) == 3
        vectors = model.embed(["a b c", "a b c", "nothing alike"])
        assert np.array_equal(vectors[0], vectors[1]) and vectors.shape == (3, 64)
        with pytest.raises(MoresError, match="log-probability"):
            model.score(talk, "tea")
        model.close()


def test_roles_share_a_transport() -> None:
    """Two models at one endpoint share its limiter and thread; the last to close ends it."""
    with Endpoint(reply="choice") as url:
        transport = Transport()
        one, two = (Http(url, name, transport=transport) for name in ("one", "two"))
        assert one.lane is two.lane
        assert ask(one)[0].fault is None
        one.close()
        assert ask(two)[0].fault is None
        two.close()
    assert not [t for t in threading.enumerate() if t.name == "mores-http"]


def test_how_it_draws_is_part_of_who_it_is() -> None:
    """The identity in the store names the sampling, not the place; temperature 0 is deterministic."""
    here = Http("http://localhost:1/v1", "m", Sampling(temperature=0.0))
    there = Http("http://example.org/v1", "m", Sampling(temperature=0.5, max_tokens=9))
    assert (here.model, here.deterministic) == ("m?temperature=0.0", True)
    assert (there.model, there.deterministic) == ("m?temperature=0.5&max_tokens=9", False)
    assert here.capabilities.schema and "key" not in repr(here)
