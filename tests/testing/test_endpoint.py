"""The test server: what it answers, what it breaks, and that both are the same again."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mores.actions import Allocation, Amount, Choice, Form, OneOf, Ranking, Space, Utterance
from mores.errors import BadValue, UnknownName
from mores.models.envelope import response_format, unwrapped
from mores.testing import Endpoint
from mores.testing.faults import KINDS, MIXED, Dice, Faults
from mores.testing.replies import choice

SPACES: list[Space] = [
    Choice("give", "keep", "hold on"),
    Amount(0, 10, "points", 1),
    Amount(-1.5, 2.5),
    Amount(0, 1, step=0.25),
    Allocation(("a", "b", "c"), 10.0),
    Ranking(("x", "y", "z")),
    Utterance(60),
    Form(reason=Utterance(100), move=Choice("left", "right"), sure=Amount(0, 100, step=1)),
    OneOf(speak=Utterance(50), pay=Amount(0, 5), leave=None),
]


def post(url: str, body: dict[str, Any], path: str = "/chat/completions") -> tuple[int, bytes, Any]:
    """One request without any help: status, bytes, headers."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=10)
    try:
        connection.request("POST", parts.path + path, json.dumps(body))
        response = connection.getresponse()
        return response.status, response.read(), response.headers
    finally:
        connection.close()


def ask(text: str, **more: Any) -> dict[str, Any]:
    """A request with one message."""
    return {"model": "m", "messages": [{"role": "user", "content": text}], **more}


def text_of(raw: bytes) -> Any:
    """What the model said."""
    return json.loads(raw)["choices"][0]["message"]["content"]


def test_it_echoes_counts_tokens_and_lists_models() -> None:
    """The plain server speaks the protocol: content, usage, models, embeddings."""
    with Endpoint(models=["one", "two"]) as url:
        status, raw, _ = post(url, ask("hello there"))
        assert status == 200 and text_of(raw) == "hello there"
        assert json.loads(raw)["usage"] == {
            "prompt_tokens": 3,
            "completion_tokens": 3,
            "total_tokens": 6,
        }
        with urllib.request.urlopen(f"{url}/models") as models:
            assert [m["id"] for m in json.load(models)["data"]] == ["one", "two"]
        _, raw, _ = post(url, {"model": "e", "input": ["same", "same", "other"]}, "/embeddings")
        first, second, third = (row["embedding"] for row in json.loads(raw)["data"])
        assert first == second != third and sum(x * x for x in first) == pytest.approx(1)
        assert post(url, ask("x"), "/nothing")[0] == 404


@given(space=st.sampled_from(SPACES), key=st.integers(0, 10_000))
@settings(max_examples=150, deadline=None)
def test_choice_fits_any_space(space: Space, key: int) -> None:
    """A random answer is legal, asked for by schema or in words alone."""
    form = json.loads(response_format(space) or "null")
    bodies = [ask(f"Go on.\n\nAnswer with {space.words()}.")]
    bodies += [ask("Go on.", response_format=form)] if form else []
    for body in bodies:
        said = unwrapped(choice(body, Dice(key)))
        value, why = space.parse(said)
        assert why is None, (said, why)
        assert value is not None


def test_choice_picks_from_listed_options() -> None:
    """Options that are listed a line each are answered by their label."""
    said = {choice(ask("Which?\nA) tea\nB) milk\nC) wine"), Dice(k)) for k in range(40)}
    assert said == {"A", "B", "C"}


def test_the_same_seed_breaks_the_same(tmp_path: Path) -> None:
    """Faults and answers are drawn by request and attempt: a second server repeats the first."""

    def run() -> list[tuple[int, bytes]]:
        seen: list[tuple[int, bytes]] = []
        faults = "429:0.2,500:0.2,truncated-json:0.2,cut-before:0.2"
        with Endpoint(faults=faults, reply="choice", seed=4) as url:
            for k in range(30):
                try:
                    status, raw, _ = post(url, ask(f"{k % 3}. Answer with one of: a, b, c, d."))
                except http.client.HTTPException:
                    status, raw = -1, b""
                seen.append((status, raw))
        return seen

    first = run()
    assert first == run()
    assert {s for s, _ in first} == {200, 429, 500, -1}


@pytest.mark.parametrize("kind", [k for k in KINDS if k not in ("hang", "stall")])
def test_every_fault_is_what_it_says(kind: str) -> None:
    """Each kind, ordered for every attempt, is seen by a plain client."""
    with Endpoint(faults=f"{kind}:1") as url:
        try:
            status, raw, headers = post(url, ask("hello"))
        except (http.client.HTTPException, ConnectionError):
            assert kind.startswith("cut-")
            return
    if kind == "cut-in":
        assert raw == b""  # this client takes half a header for a whole one
        return
    assert not kind.startswith("cut-")
    expected = {"429-bare": 429, "rate-limit": 429}.get(kind, int(kind) if kind.isdigit() else 200)
    assert status == expected
    assert (headers["Retry-After"] == "1") == (kind == "429")
    if status == 200:
        _check_content(kind, raw)


def _check_content(kind: str, raw: bytes) -> None:
    if kind == "non-utf8":
        with pytest.raises(UnicodeDecodeError):
            raw.decode()
        return
    if kind in ("truncated-json", "invalid-json"):
        with pytest.raises(ValueError):
            json.loads(raw)
        return
    body = json.loads(raw)
    checks: dict[str, Callable[[], bool]] = {
        "empty-choices": lambda: body["choices"] == [],
        "null-content": lambda: text_of(raw) is None,
        "wrong-model": lambda: body["model"] != "m",
        "refusal": lambda: bool(body["choices"][0]["message"]["refusal"]),
        "filter": lambda: body["choices"][0]["finish_reason"] == "content_filter",
        "truncated-text": lambda: body["choices"][0]["finish_reason"] == "length",
        "long": lambda: len(text_of(raw)) > 50_000,
        "double-usage": lambda: raw.count(b'"usage"') == 2,
        "slow": lambda: text_of(raw) == "hello",
    }
    assert checks[kind]()


def test_shares_of_faults() -> None:
    """`mixed` is the transport faults in equal shares; orders that cannot be are refused."""
    assert dict(Faults.of("mixed:0.24").shares) == pytest.approx(dict.fromkeys(MIXED, 0.02))
    drawn = [Faults.of("500:0.1,mixed:0.12").draw(Dice(k)) for k in range(4000)]
    assert drawn.count(None) / 4000 == pytest.approx(0.78, abs=0.03)
    assert drawn.count("500") / 4000 == pytest.approx(0.11, abs=0.02)
    with pytest.raises(UnknownName, match="wrong-model"):
        Faults.of("wrong-modle:0.1")
    for bad in ("500", "500:2", "500:x", "500:0.7,502:0.7"):
        with pytest.raises((BadValue, UnknownName)):
            Faults.of(bad)


def test_a_crowd_is_refused_and_schemas_can_be() -> None:
    """With a capacity, more at once get 429; a server without schemas says 400."""
    with Endpoint(capacity=0, schemas=False) as url:
        status, _, headers = post(url, ask("x"))
        assert status == 429 and headers["x-ratelimit-remaining-requests"] == "0"
    with Endpoint(schemas=False) as url:
        assert post(url, ask("x", response_format={"type": "json_schema"}))[0] == 400


def test_scripts(tmp_path: Path) -> None:
    """Replies from a file: rules a line each, or a function."""
    lines = tmp_path / "s.jsonl"
    lines.write_text('{"when": "price", "say": "ten"}\n{"say": "hm"}\n')
    code = tmp_path / "s.py"
    code.write_text("def reply(body):\n    return body['model'].upper()\n")
    with Endpoint(reply=f"script:{lines}") as url:
        assert text_of(post(url, ask("what price?"))[1]) == "ten"
        assert text_of(post(url, ask("hello"))[1]) == "hm"
    with Endpoint(reply=f"script:{code}") as url:
        assert text_of(post(url, ask("hello"))[1]) == "M"
    with pytest.raises(BadValue, match="script"):
        Endpoint(reply="script:/not/there")


def test_the_command_prints_its_url_and_serves() -> None:
    """`python -m mores.testing.endpoint` is a server for anybody."""
    command = [sys.executable, "-W", "error", "-m", "mores.testing.endpoint", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        assert text_of(post(url, ask("are you there?"))[1]) == "are you there?"
        process.terminate()
    wrong = [*command, "--faults", "nonsense:1"]
    done = subprocess.run(wrong, capture_output=True, text=True, timeout=30)
    assert done.returncode == 2 and "no fault named 'nonsense'" in done.stderr
