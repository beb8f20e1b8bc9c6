"""mores with language models: any endpoint answers, nothing is paid twice, caps end a run, keys are nowhere."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mores.models.ledger import Ledger
from mores.models.meter import Meter
from mores.testing import Endpoint
from tests.cli.calling import Call

pytest.importorskip("aiohttp")

SMALL = (
    "donor-game",
    "seats=4",
    "rounds=2",
    "generations=1",
    "institution=none,reputation",
    "replicates=2",
)
RUN = ("run", *SMALL, "--no-report", "--json")
KEY = "sk-never-to-be-seen-0123456789"
FAST = "backoff=0.01&attempts=20&first_byte=1"
CALLS = {
    "made",
    "from_store",
    "retried",
    "failed",
    "prompt_tokens",
    "completion_tokens",
    "cacheable_share",
}


def spec(url: str, more: str = "") -> str:
    """A model at an endpoint."""
    return f"{url}#test{'?' + more if more else ''}"


def test_a_model_for_the_players_makes_them_think(call: Call) -> None:
    """Without a population everyone thinks, as is said; the counts have their fixed names; nothing is asked twice."""
    with Endpoint(reply="choice") as url:
        first = call(*RUN, "--model", spec(url))
        assert first.code == 0, first.err
        assert "population=mind" in first.err
        asked = first.json["calls"]
        assert set(asked) == CALLS and first.json["parse_rate"] == 1
        assert asked["made"] > 0 and asked["from_store"] == 0 and asked["prompt_tokens"] > 0
        assert 0 < asked["cacheable_share"] < 1
        again = call(*RUN, "--model", spec(url)).json
        assert again["calls"]["made"] == 0 and again["calls"]["from_store"] == asked["made"]
        assert again["hashes"] == first.json["hashes"]
    assert call("replay", first.json["out"], "--json").json["match"] is True


def test_a_deterministic_model_is_replayed_too(call: Call) -> None:
    """At temperature 0 equal requests are asked once; the replay knows that from the store."""
    with Endpoint(reply="choice") as url:
        done = call(*RUN, "--model", spec(url, "temperature=0"), "--out", "run")
    assert done.json["calls"]["made"] > 0
    assert call("replay", "run", "--json").json["match"] is True


def test_nobody_asked_is_null(call: Call) -> None:
    """A run of rules has zero calls, and neither a parse rate nor a cacheable share."""
    found = call("run", "little.py", "--no-report", "--json").json
    assert found["calls"]["made"] == 0 and found["parse_rate"] is None
    assert found["calls"]["cacheable_share"] is None


def test_faults_of_an_endpoint_change_nothing(call: Call) -> None:
    """A fifth of all requests go wrong: the record is that of a run without faults, and the attempts are on record."""
    with Endpoint(reply="choice") as url:
        plain = call(*RUN, "--model", spec(url, FAST), "--out", "plain").json
    with Endpoint(reply="choice", faults="mixed:0.2") as url:
        rough = call(*RUN, "--model", spec(url, FAST), "--out", "rough").json
    assert rough["calls"]["retried"] > 0 and rough["calls"]["failed"] == 0
    assert rough["hashes"]["events"] == plain["hashes"]["events"]
    assert rough["calls"]["made"] == plain["calls"]["made"]
    with Ledger.open("rough") as ledger:
        tried = [c for c in ledger.calls() if c["attempts"] > 1]
        assert tried and ledger.exchange(tried[0]["key"])["attempts"][0]["kind"] != "ok"


def test_a_cap_ends_a_run_and_a_higher_one_goes_on(call: Call) -> None:
    """Exit 1 with what was reached and what is kept; without the cap only the calls that lack are made."""
    with Endpoint(reply="choice") as url:
        words = (*RUN, "--model", spec(url), "--out", "run")
        ended = call(*words, "--max-calls", "5")
        assert ended.code == 1, ended.out
        for word in ("5 calls", "kept", "goes on", "5 replies are in run"):
            assert word in ended.json["error"]
        done = call(*words).json
        assert done["calls"]["from_store"] >= 5
        whole = call(*RUN, "--model", spec(url), "--out", "whole").json
        assert done["calls"]["made"] + 5 == whole["calls"]["made"]
        assert done["hashes"] == whole["hashes"]


def test_caps_that_cannot_be_held_are_refused(call: Call) -> None:
    """Money needs a price, and processes do not count together."""
    model = ("--model", "http://localhost:9/v1#test")
    assert "MORES_PRICES" in call(*RUN, *model, "--max-money", "1").json["error"]
    assert call(*RUN, *model, "--max-calls", "9", "--workers", "2").code == 2


def test_a_killed_run_goes_on_without_paying_twice(here: Path, call: Call) -> None:
    """kill -9 in the middle, then the same command: the endpoint gave every answer once, the record is the same."""
    server = Endpoint(reply="choice", latency_ms=60)
    with server as url:
        words = [*RUN, "--model", spec(url, "limit=4"), "--out", "killed"]
        process = subprocess.Popen(
            [sys.executable, "-m", "mores", *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env=dict(os.environ), cwd=here,
        )  # fmt: skip
        stop = time.monotonic() + 30
        while server.stats["requests"] < 6 and not server.answered and time.monotonic() < stop:
            time.sleep(0.02)
        time.sleep(0.15)
        process.kill()
        process.wait()
        kept = 0
        if (here / "killed" / "store.sqlite").exists():
            with Ledger.open("killed") as ledger:
                kept = len(ledger.store)
        found = call(*words).json
        whole = call(*RUN, "--model", spec(url), "--out", "whole").json
    assert found["calls"]["made"] == whole["calls"]["made"] - kept
    assert found["hashes"] == whole["hashes"]


def test_a_key_is_in_no_file(call: Call, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The key reaches the endpoint, and is neither printed nor in any file of the run."""
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    with Endpoint(reply="choice") as url:
        done = call("run", *SMALL, "--model", spec(url), "--out", "run")
        refused = call(
            "run", *SMALL, "--model", url.replace("http://", f"http://me:{KEY}@") + "#test"
        )
    assert done.code == 0 and refused.code == 2
    assert KEY not in done.out + done.err + refused.out + refused.err
    for path in (here / "run").rglob("*"):
        assert not path.is_file() or KEY.encode() not in path.read_bytes(), path


def test_calls_are_listed_and_shown_in_full(call: Call) -> None:
    """By role and fault, and one exchange with its messages; wrong keys and roles are named."""
    words = (*RUN, "--model", "scripted:garbled", "--out", "run")
    made = call(*words).json
    assert made["parse_rate"] == 0
    found = call("calls", "run", "--json", "--limit", "3").json
    assert len(found["calls"]) == 3 and found["roles"][0]["calls"] == made["calls"]["made"]
    one = call("calls", "run", found["calls"][0]["key"][:10], "--json").json
    assert one["messages"][0]["role"] == "system" and one["text"].startswith("I would rather")
    assert "I would rather" in call("calls", "run", one["key"]).out
    assert call("calls", "run", "--fault", "--json").json["calls"] == []
    assert call("calls", "run", "zz").code == 2
    assert call("calls", "run", "--role", "judge").code == 2
    assert call("calls", "little.py").code == 1


def test_a_dry_run_says_what_asking_takes(
    call: Call, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Calls, tokens and money as ranges that hold the run; an unknown price is said; nothing is written or asked."""
    (here / "prices.toml").write_text('[models."test*"]\nprompt = 1.0\ncompletion = 2.0\n')
    server = Endpoint(reply="choice")
    with server as url:
        model = ("--model", spec(url, "max_tokens=50"))
        unknown = call(*RUN, *model, "--dry-run").json["cost"]
        assert unknown["money"] is None and unknown["unpriced"] == ["test?max_tokens=50"]
        assert not server.asked and not (here / "runs").exists()
        monkeypatch.setenv("MORES_PRICES", str(here / "prices.toml"))
        cost = call(*RUN, *model, "--dry-run").json["cost"]
        made = call(*RUN, *model).json["calls"]
    assert cost["calls"][0] <= made["made"] <= cost["calls"][1]
    assert 0.5 * cost["prompt_tokens"][0] <= made["prompt_tokens"] <= cost["prompt_tokens"][1]
    assert 0 < cost["money"][0] < cost["money"][1]


def test_an_instrument_is_put_to_an_endpoint(call: Call) -> None:
    """`mores ask --model URL#NAME` asks the model, and a folder keeps the models apart."""
    with Endpoint(reply="choice") as url:
        words = ("ask", "fairness", "--n", "2", "--out", "asked", "--json", "--model")
        found = call(*words, spec(url))
        assert found.code == 0 and found.json["cost"]["calls"] > 0
        other = call(*words, "recorded:asked")
        assert other.code == 1 and "other models" in other.json["error"]


def test_the_state_is_said_while_a_run_waits(capsys: pytest.CaptureFixture[str]) -> None:
    """Where standard error is no terminal a line comes at times, once something was asked."""
    from mores.cli.metering import said_at_times

    meter = Meter()
    meter.total.read = meter.total.made = 3
    with said_at_times(meter, every=0.01):
        time.sleep(0.1)
    assert "3 calls" in capsys.readouterr().err


def test_seats_may_have_models_of_their_own(call: Call) -> None:
    """`seat.0=SPEC` answers for that seat, the others for theirs; both are in the list of calls."""
    call(*RUN, "--model", "scripted:random", "--model", "seat.0=scripted:first", "--out", "run")
    roles = {r["role"]: r["model"] for r in call("calls", "run", "--json").json["roles"]}
    assert roles == {"players": "scripted:random", "seat.0": "scripted:first"}
    manifest = json.loads(Path("run/manifest.json").read_text())
    assert manifest["command"]["models"] == {"*": "scripted:random", "seat.0": "scripted:first"}
