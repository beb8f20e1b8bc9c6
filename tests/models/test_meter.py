"""The meter: sums that agree with the record, prices that are known or said to be unknown, caps that keep all."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.engine.worlds import Scene

import mores
from mores import Mind, Population, Study
from mores.engine.store import Store
from mores.errors import BadValue, Budget
from mores.models.http import Http
from mores.models.meter import Caps, Meter, Team
from mores.models.prices import Price, Prices
from mores.models.scripted import scripted
from mores.models.transport import Patience
from mores.record import Record
from mores.testing import Endpoint

QUICK = Patience(backoff=0.01)
STUDY = Study.of(Scene(turns=6), Population.all(Mind()), replicates=5)


def play(url: str, meter: Meter, out: Path | None = None) -> Record:
    """The study by an endpoint, watched."""
    return mores.run(
        STUDY, out=out, models=Team({"players": Http(url, "m", patience=QUICK)}, meter)
    )


def test_sums_agree_with_the_record(tmp_path: Path) -> None:
    """Calls, tokens and retries are those of the store; sums by role and seat add up to them."""
    meter = Meter()
    server = Endpoint(faults="500:0.2", reply="choice")
    with server as url:
        record = play(url, meter, tmp_path)
    calls = record.table("calls")
    total = meter.total
    assert total.made == calls.num_rows == meter.by_role["players"].made
    assert total.prompt_tokens == sum(calls["prompt_tokens"].to_pylist())
    counts = Store(tmp_path / "store.sqlite").counts()
    assert total.retried == counts["retried"] == server.stats["500"] > 0
    assert total.read == sum(s["read"] for s in meter.by_seat.values()) == meter.by_case[0]["read"]
    assert set(meter.by_seat) == {0, 1}
    assert "tokens in" in meter.line() and "price of m unknown" in meter.line()
    assert meter.totals()["money"] is None and meter.under_way == 0


def test_stored_replies_are_counted_apart(tmp_path: Path) -> None:
    """What a run takes from the store is no call and costs nothing."""
    with Endpoint(reply="choice") as url:
        play(url, Meter(caps=Caps(calls=10_000)), tmp_path)
        (tmp_path / "manifest.json").write_text(
            (tmp_path / "manifest.json").read_text().replace('"finished"', '"running"')
        )
        again = Meter()
        play(url, again, tmp_path)
    assert again.total.made == 0 and again.total.from_store == again.total.read > 0


@pytest.mark.parametrize(
    ("caps", "says"),
    [
        (Caps(calls=7), "cap of 7 calls"),
        (Caps(tokens=200), "cap of 200 tokens"),
        (Caps(money=0.001), r"cap of \$0.001"),
        (Caps(seconds=0.0), "cap of 0 s"),
    ],
)
def test_a_cap_ends_cleanly_and_the_run_goes_on_later(
    caps: Caps, says: str, tmp_path: Path
) -> None:
    """At a cap the run ends with an error, all that was paid for is stored, and nothing is asked twice."""
    prices = Prices({"m": Price(10.0, 20.0)})
    server = Endpoint(reply="choice", latency_ms=2)
    with server as url:
        with pytest.raises(Budget, match=says):
            play(url, Meter(caps=caps, prices=prices), tmp_path)
        stored = Store(tmp_path / "store.sqlite").counts()["replies"]
        assert stored == server.stats["answered"]
        assert caps.calls is None or stored == caps.calls
        record = play(url, Meter(), tmp_path)
        assert set(server.answered.values()) == {1}
    with Endpoint(reply="choice") as url:
        assert play(url, Meter()).hashes == record.hashes


def test_prices(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A price is found by name or beginning, one's own goes first, an unknown one is None."""
    own = tmp_path / "prices.toml"
    own.write_text('as_of = 2026-01-01\n[models."big-*"]\nprompt = 2\ncompletion = 8\n')
    monkeypatch.setenv("MORES_PRICES", str(own))
    prices = Prices.known()
    found = prices.of("big-one?temperature=0.0")
    assert found is not None and found.cost(1_000_000, 500_000) == pytest.approx(6.0)
    assert prices.of("small") is None and prices.as_of is not None
    own.write_text("[models.m]\nprompt = -1\ncompletion = 8\n")
    with pytest.raises(BadValue, match=r'models\."m"'):
        Prices.known()
    monkeypatch.setenv("MORES_PRICES", "/not/there")
    with pytest.raises(BadValue, match="MORES_PRICES"):
        Prices.known()


def test_what_a_script_costs_is_nothing() -> None:
    """A model without an endpoint has no price to be unknown."""
    meter = Meter()
    mores.run(STUDY, models=Team({"*": scripted("garbled")}, meter))
    assert meter.money() == "" and meter.total.parse_rate == 0.0
    assert meter.totals()["money"] == 0
