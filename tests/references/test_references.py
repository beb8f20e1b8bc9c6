"""The references that ship with Mores: readable without data, sourced, and equal to what the data give."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mores import references
from mores.errors import BadValue, UnknownName
from mores.references import derive
from mores.references.bins import SHARE_EDGES, share_bin, share_counts

needs_data = pytest.mark.skipif(not os.environ.get("MORES_DATA"), reason="MORES_DATA is not set")


def value(name: str, metric: str, **condition: object) -> float:
    """The one value of a metric under exactly this condition, derived before published."""
    found = [
        each
        for each in references.load(name)
        if each.metric == metric and dict(each.condition) == condition
    ]
    assert found and found[0].value is not None
    return found[0].value


@pytest.mark.parametrize("name", references.names())
def test_every_reference_says_where_it_comes_from(name: str) -> None:
    """Each has a source; its interval holds its value; derived ones have a licence."""
    for each in references.load(name):
        assert len(each.source) > 20 and each.value is not None
        if each.low is not None and each.high is not None:
            assert each.low <= each.value <= each.high
        assert each.licence or each.year
        if each.distribution:
            places, counts = each.distribution
            assert len(places) - len(counts) in (0, 1) and sum(counts) > 0


def test_they_need_no_data_folder() -> None:
    """Without MORES_DATA the games of `make demo` still have their references."""
    code = "from mores.references import load; print(len(load('dictator')), len(load('trust')))"
    bare = {key: of for key, of in os.environ.items() if key != "MORES_DATA"}
    done = subprocess.run(
        [sys.executable, "-c", code], env=bare, capture_output=True, text=True, cwd="/", check=True
    )
    assert done.stdout.split() == ["6", "4"]


def test_check_numbers_of_the_data_sets() -> None:
    """The figures that the data sets' own descriptions state come out."""
    assert value("dictator", "share_given") == pytest.approx(0.252, abs=0.0005)
    assert value("dictator", "gave_nothing") == pytest.approx(0.269, abs=0.0005)
    assert value("dictator", "gave_half") == pytest.approx(0.168, abs=0.0005)
    assert value("public-goods", "contribution", period=1) == pytest.approx(0.515, abs=0.0005)
    assert value("public-goods", "contribution", period=10) == pytest.approx(0.287, abs=0.0005)
    cooperation = {"participation": "compulsory", "threshold": 4, "action": "C"}
    assert value("threshold-public-goods", "action_share", **cooperation) == pytest.approx(
        0.707, abs=0.0005
    )
    for mine, theirs, share in (("C", "C", 0.916), ("C", "D", 0.403), ("D", "C", 0.292)):
        after = {"data": "ipd-human-pooled", "my_previous": mine, "other_previous": theirs}
        assert value("prisoners-dilemma", "cooperation", **after) == pytest.approx(
            share, abs=0.0005
        )
    played = {"data": "df2011", "treatment": "D75R40"}
    assert value("prisoners-dilemma", "cooperation", **played) == pytest.approx(0.694, abs=0.0005)


def test_the_dictator_distribution_has_ten_bins() -> None:
    """25,247 decisions over ten bins; the first holds at least those who gave nothing."""
    edges, counts = references.distribution("dictator")
    assert edges == SHARE_EDGES and len(counts) == 10
    assert sum(counts) == 25_247 and counts[0] >= 0.269 * sum(counts)


def test_distributions_of_named_actions() -> None:
    """Cooperate, defect, leave: counts of a cell of the threshold game, as in the data's description."""
    cell = references.distribution("threshold-public-goods", participation="voluntary", threshold=5)
    assert cell == (("C", "D", "L"), (133, 0, 58))


def test_unclear_or_unknown_distributions_say_what_there_is() -> None:
    """Two that match, none that matches, and a game without references."""
    with pytest.raises(BadValue, match="acceptance_threshold"):
        references.distribution("ultimatum")
    with pytest.raises(BadValue, match="0 match"):
        references.distribution("public-goods", period=11)
    with pytest.raises(UnknownName, match="dictator"):
        references.load("dictators")


@given(st.integers(0, 100))
def test_shares_at_an_edge_fall_above_it_however_computed(hundredths: int) -> None:
    """k/100 and 1 - (100 - k)/100 are the same share, in bin k // 10; 1 is in the last."""
    expected = min(hundredths // 10, 9)
    assert share_bin([hundredths / 100, 1 - (100 - hundredths) / 100]).tolist() == [expected] * 2


@given(st.lists(st.floats(0, 1) | st.just(float("nan")), max_size=50))
def test_missing_shares_are_in_no_bin(shares: list[float]) -> None:
    """Counts add up to the shares that are there."""
    assert share_counts(shares).sum() == np.count_nonzero(~np.isnan(np.array(shares, float)))


def test_impossible_shares_are_refused() -> None:
    """A share above 1 is an error, not a member of the last bin."""
    with pytest.raises(BadValue, match=r"1\.2"):
        share_counts([0.1, 1.2])


@needs_data
def test_the_file_is_what_the_data_give() -> None:
    """derived.json equals what `python -m mores.references.derive` would write."""
    assert json.loads(derive.FILE.read_text(encoding="utf-8")) == json.loads(derive.derive())


@needs_data
def test_the_command_writes_and_checks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It rewrites the file, --check accepts it, and --check refuses an edited one."""
    file = tmp_path / "derived.json"
    monkeypatch.setattr(derive, "FILE", file)
    assert derive.main([]) == 0 and derive.main(["--check"]) == 0
    file.write_text(file.read_text().replace("0.25199", "0.35199"))
    assert derive.main(["--check"]) == 1
    assert "differs from the data" in capsys.readouterr().err


def test_without_data_the_command_says_how_to_get_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit 1 and the source of the first missing set."""
    monkeypatch.setenv("MORES_DATA", str(tmp_path))
    assert derive.main(["--check"]) == 1
    assert "yutxie/ChatGPT-Behavioral" in capsys.readouterr().err
