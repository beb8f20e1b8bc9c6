"""Policies, worlds and metrics that do everything wrong: failures are rows and messages, and take nothing else down."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.calling import Call, Done
from tests.cli.hostile import STUDY

RUN = ("run", "hostile.py", "--no-report", "--json", "--out", "it")


@pytest.fixture
def hostile(here: Path) -> Path:
    """The study in the folder that commands are called in."""
    (here / "hostile.py").write_text(STUDY)
    return here


def episodes(call: Call, status: str) -> int:
    """How many episodes of the run ended so."""
    query = f"select count(*) as n from episodes where status = '{status}'"
    n = call("sql", "it", query, "--json").json[0]["n"]
    assert isinstance(n, int)
    return n


def foreseen(done: Done) -> bool:
    """Whether it ended in words that were meant for it."""
    return "unforeseen" not in done.err and bool(done.out)


@pytest.mark.parametrize("how", ["long integers", "list"])
def test_actions_of_another_type_that_mean_the_same_are_taken(
    hostile: Path, call: Call, how: str
) -> None:
    """64-bit integers and lists are what a newcomer returns; the record is that of the right type."""
    call(*RUN[:-1], "fine")
    found = call(*RUN, f"how={how}")
    assert found.code == 0 and found.json["estimates"][0]["value"] == 1.0
    asked = ("select * from events", "--json")
    assert call("sql", "it", *asked).json == call("sql", "fine", *asked).json


@pytest.mark.parametrize("how", ["halves", "nan", "too large", "below"])
def test_illegal_moves_are_missing_and_counted(hostile: Path, call: Call, how: str) -> None:
    """What means no option is never made one: it is missing, with a count and a reason."""
    assert call(*RUN, f"how={how}").code == 0
    missing = call("sql", "it", "select sum(missing) as n from episodes", "--json").json
    assert missing == [{"n": 12.0}]
    assert call("sql", "it", "select count(*) as n from faults", "--json").json[0]["n"] > 0


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("raises", "no move today"),
        ("exits", "SystemExit"),
        ("short", "gave 0 actions for 1 rows"),
        ("words", "an array of <U1"),
        ("nothing", "NoneType, not an array"),
        ("number", "int, not an array"),
        ("table", "1 x 2 actions"),
    ],
)
def test_a_policy_that_cannot_play_is_named(hostile: Path, call: Call, how: str, said: str) -> None:
    """Every episode is a failed row with the reason; exit 1 says how many, and a note what is not measured."""
    done = call(*RUN, f"how={how}")
    assert done.code == 1 and foreseen(done) and said in done.err and "0 of 4 episodes" in done.err
    assert episodes(call, "failed") == 4 and done.json["estimates"] == []
    assert any("chosen" in n for n in done.json["notes"])


@pytest.mark.parametrize("mind", [False, True], ids=["rules", "minds"])
@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("turn", "turn broke"),
        ("step", "step broke"),
        ("phase", "phase broke"),
        ("port", "port broke"),
        ("lengths", "1 actors and 3 values"),
        ("outcome", "not an Outcome"),
    ],
)
def test_a_world_that_breaks_is_named(
    hostile: Path, call: Call, where: str, said: str, mind: bool
) -> None:
    """The same for whatever a world gets wrong."""
    models = ("mind=true", "--model", "scripted:random") if mind else ()
    done = call(*RUN, f"where={where}", *models)
    assert done.code == 1 and foreseen(done) and said in done.err
    assert episodes(call, "failed") == 4


@pytest.mark.parametrize("mind", [False, True], ids=["rules", "minds"])
def test_one_table_that_cannot_begin_takes_no_other_down(
    hostile: Path, call: Call, mind: bool
) -> None:
    """Table 1 fails at its reset; the other three are played and measured."""
    models = ("mind=true", "--model", "scripted:random") if mind else ()
    done = call(*RUN, "where=reset", *models)
    assert done.code == 1 and "3 of 4 episodes" in done.err and "reset broke" in done.err
    assert (episodes(call, "done"), episodes(call, "failed")) == (3, 1)
    assert done.json["estimates"][0]["n"] == 3
    assert call("replay", "it", "--json").json["match"] is True


def test_words_that_break_matter_only_where_somebody_reads_them(hostile: Path, call: Call) -> None:
    """Rules never see a description."""
    assert call(*RUN, "where=describe").code == 0
    done = call(*RUN[:-1], "minds", "where=describe", "mind=true", "--model", "scripted:random")
    assert done.code == 1 and "describe broke" in done.err


@pytest.mark.parametrize("level", ["full", "aggregate"])
def test_a_world_without_events_exits_1_with_the_counts(
    hostile: Path, call: Call, level: str
) -> None:
    """A run that yields nothing is not a result."""
    done = call(*RUN, "where=silence", "--record", level)
    assert done.code == 1 and "0 events in 4 episodes" in done.err


def test_what_a_level_of_record_cannot_measure_is_said(hostile: Path, call: Call) -> None:
    """No estimate is not silence."""
    done = call(*RUN, "--record", "aggregate")
    assert done.code == 0 and "record=aggregate keeps no single events" in done.json["notes"][0]


def test_a_metric_that_breaks_is_named_and_the_episodes_are_kept(hostile: Path, call: Call) -> None:
    """The run is not lost: once the metric is mended the same command goes on without playing again."""
    done = call(*RUN, "metric=x")
    assert done.code == 1 and "the metric 'chosen'" in done.err and "nobody there" in done.err
    file = hostile / "hostile.py"
    file.write_text(file.read_text().replace("broken if metric", "chosen if metric"))
    again = call(*RUN, "metric=x")
    assert again.code == 0 and "going on from there" in again.err and "has changed" in again.err
    assert again.json["estimates"][0]["n"] == 4


def test_a_mended_file_is_played_anew(hostile: Path, call: Call) -> None:
    """What was finished with another version of the file is not shown as this one's result."""
    words = ("run", "hostile.py", "--no-report", "--json", "how=raises")
    assert call(*words).json["out"] == "runs/hostile"
    file = hostile / "hostile.py"
    file.write_text(file.read_text().replace('raise RuntimeError("no move today")', "pass"))
    refused = call(*words, "--out", "runs/hostile")
    assert refused.code == 1 and "as its file was before" in refused.err
    anew = call(*words)
    assert anew.code == 1 and anew.json["out"] == "runs/hostile-2", anew.err
