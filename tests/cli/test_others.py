"""mores list, sql, export, play, ask, align, loop, plan, new, doctor."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from tests.cli.calling import Call


# ---------------------------------------------------------------- list
@pytest.mark.parametrize(
    "kind", ["study", "worlds", "policies", "institution", "data", "model", "reference"]
)
def test_list_says_name_summary_and_source(call: Call, kind: str) -> None:
    """Each kind is a list of {name, summary, source}; plural forms are understood."""
    rows = call("list", kind, "--json").json
    assert rows and all(set(r) == {"name", "summary", "source"} for r in rows)
    assert not [r for r in rows if "cannot be loaded" in r["summary"]]


def test_list_without_a_kind_names_everything(call: Call) -> None:
    """The overview has every kind, for people and for scripts."""
    found = call("list", "--json").json
    assert "donor-game" in found["study"] and "tit-for-tat" in found["policy"]
    assert "donor-game" in call("list").out


def test_list_of_one_thing_says_what_can_be_set(call: Call) -> None:
    """A study's parameters, a world's and a policy's fields, with what each takes and its default."""
    fields = {f["field"]: f for f in call("list", "study", "donor-game", "--json").json["fields"]}
    assert (
        fields["generations"]["default"] == "10" and "at least 1" in fields["generations"]["takes"]
    )
    assert "rounds" in call("list", "world", "prisoners-dilemma").out
    assert call("list", "policy", "generous-tit-for-tat").code == 0
    assert call("list", "study", "nothing").code == 2


def test_renamed_names_keep_working_with_a_message(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An old name is understood, and the new one is said in one line."""
    from mores import registry

    monkeypatch.setitem(registry.RENAMED, ("policy", "tft"), "tit-for-tat")
    done = call("run", "little.py", "players=tft", "--no-report", "--json")
    assert done.code == 0 and "note: policy 'tft' is now called 'tit-for-tat'" in done.err


# ---------------------------------------------------------------- sql and export
@pytest.fixture
def ran(call: Call) -> str:
    """A run directory."""
    return str(call("run", "little.py", "--no-report", "--json").json["out"])


def test_sql_asks_the_record(call: Call, ran: str) -> None:
    """Rows come back as objects, NaN as null; what is no query is refused."""
    query = "select policy, count(*) as n, 'nan'::double as x, 1.5 as y from seats group by 1"
    assert call("sql", ran, query, "--json").json == [
        {"policy": "tit-for-tat", "n": 16, "x": None, "y": 1.5}
    ]
    assert "tit-for-tat" in call("sql", ran, query).out
    assert call("sql", ran, "select nothing").code == 2
    assert call("sql", ran, "").code == 2


def test_what_a_model_said_cannot_steer_the_terminal(call: Call, ran: str) -> None:
    """Control characters and markup are shown as plain signs."""
    out = call("sql", ran, "select chr(27) || '[2J [bold]x[/y]' as said").out
    assert "\x1b" not in out and "[bold]x[/y]" in out


@pytest.mark.parametrize("to", ["csv", "parquet", "jsonl"])
def test_export_writes_tables_that_others_read(call: Call, ran: str, here: Path, to: str) -> None:
    """All tables with rows, flat; the events are as many as SQL counts."""
    count = call("sql", ran, "select count(*) as n from events", "--json").json[0]["n"]
    found = call("export", ran, "--to", to, "--out", "taken", "--json").json
    events = next(f for f in found["files"] if f["table"] == "events")
    file = here / events["file"]
    if to == "csv":
        rows = list(csv.DictReader(file.read_text().splitlines()))
    elif to == "jsonl":
        rows = [json.loads(line) for line in file.read_text().splitlines()]
    else:
        import pyarrow.parquet as pq

        rows = pq.read_table(file).to_pylist()
    assert len(rows) == events["rows"] == count and rows[0]["kind"] == "choose"


def test_export_refuses_what_it_cannot_write(call: Call, ran: str, here: Path) -> None:
    """Formats and tables that do not exist, and places that cannot be written."""
    assert call("export", ran, "--to", "xls").code == 2
    assert "'events'" in call("export", ran, "--table", "event").err
    (here / "file").write_text("")
    assert call("export", ran, "--out", "file").code == 1


# ---------------------------------------------------------------- play
def test_a_person_plays_at_the_terminal(call: Call) -> None:
    """Options by number or name; the other plays tit-for-tat, so that defecting once costs once."""
    done = call("play", "prisoners-dilemma", "rounds=3", "--json", input="1\n2\nJ\n")
    assert done.code == 0 and done.json["others"] == "tit-for-tat"
    assert done.json["scores"] == [3 + 5 + 0, 3 + 0 + 5]
    assert "Round 1 of 3" in done.err


def test_any_world_has_somebody_to_play_with(call: Call) -> None:
    """Where tit-for-tat cannot play a script does; a policy can be named; institutions go around."""
    assert call("play", "dictator", input="40\n").code == 0
    assert (
        call("play", "ultimatum", "--others", "fair", "--seat", "1", input="1\naccept\n").code == 0
    )
    done = call("play", "2x2:6,7", "rounds=1", "--institution", "noise", input="1\n")
    assert done.code == 0, done.err


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("stag-hun",), 2),
        (("dictator", "--seat", "9"), 2),
        (("dictator", "pairz=2"), 2),
        (("dictator", "--others", "nobody"), 2),
        (("chicken", "--others", "selfish"), 1),
        (("chicken",), 1),
    ],
)
def test_play_says_what_cannot_be(call: Call, words: tuple[str, ...], code: int) -> None:
    """Unknown worlds, seats and policies; a policy that cannot play; nobody at the terminal."""
    done = call("play", *words, input="")
    assert done.code == code and "mores: " in done.err


# ---------------------------------------------------------------- ask, align, loop
def test_ask_puts_an_instrument_to_somebody(call: Call, here: Path) -> None:
    """Estimates as everywhere; a constant answer has no spread; a file's instrument works."""
    found = call("ask", "fairness", "--model", "random", "--n", "20", "--json").json
    assert {e["metric"] for e in found["estimates"]} == {"giving", "fairness", "trust"}
    assert all(e["n"] == 20 for e in found["estimates"])
    kept = call(
        "ask", "fairness", "--model", "scripted:first", "--n", "2", "--out", "asked", "--json"
    ).json
    assert kept["out"] == "asked" and call("replay", "asked", "--json").json["match"] is True
    assert (
        call("ask", "fairnes").code == 2 and call("ask", "fairness", "--model", "nobody").code == 2
    )


def test_a_person_is_asked(call: Call) -> None:
    """Nine answers at the terminal give a score each."""
    answers = '{"yourself": 60, "stranger": 40}\n10\nhalf\n7\n1\nequally\nprobably\n4\n4\n'
    found = call("ask", "fairness", "--model", "person", "--json", input=answers)
    assert found.code == 0, found.err
    assert [e["n"] for e in found.json["estimates"]] == [1, 1, 1]


def test_a_loop_is_a_curve_over_rounds(call: Call) -> None:
    """N + 1 rounds, the method's settings beside the study's, and its rounds can be compared."""
    words = (
        "loop",
        "dictator-humans",
        "--with",
        "pevo",
        "--rounds",
        "2",
        "agents=200",
        "--out",
        "lp",
    )
    found = call(*words, "--json").json
    assert [r["round"] for r in found["rounds"]] == [0, 1, 2] and found["method"] == "pevo"
    distance = [
        e["value"] for r in found["rounds"] for e in r["estimates"] if e["metric"] == "distance_tv"
    ]
    assert distance[2] < distance[0] / 3
    again = call(*words)
    assert again.code == 0 and "control" in again.out
    compared = call("compare", "lp/round-02/held-out", "lp/round-00/held-out", "--json").json
    gap = next(c for c in compared["comparisons"] if c["metric"] == "distance_tv")
    assert gap["difference"] == pytest.approx(distance[2] - distance[0]) and gap["high"] < 0


def test_align_compares_before_and_after(call: Call) -> None:
    """One step, both sides' estimates, and the difference."""
    found = call("align", "dictator-humans", "--with", "pevo", "agents=200", "--json").json
    assert {e["condition"]["when"] for e in found["estimates"]} == {"before", "after"}
    assert found["comparisons"]
    for words in (("--with", "pev"), ("nothing=1",), ("--with", "pevo", "pevo.nothing=1")):
        assert call("align", "dictator-humans", *words).code == 2


# ---------------------------------------------------------------- plan
def test_plan_says_how_many_replicates_it_takes(call: Call) -> None:
    """A smaller effect takes more; with one condition the interval is planned."""
    words = ("plan", "little.py", "noise=0.1,0.3", "--metric", "cooperation", "--json")
    big, small = (
        call(*words, "--effect", e).json["needs"][0]["replicates"] for e in ("0.5", "0.05")
    )
    assert 2 <= big < small
    alone = call("plan", "little.py", "noise=0.3", "--effect", "0.1", "--json").json["needs"]
    assert alone[0]["b"] is None and alone[0]["replicates"] >= 2
    assert call("plan", "little.py", "--metric", "nothing").code == 2
    assert call("plan", "little.py", "noise=0.1,0.3", "--power", "2").code == 2
    assert "replicates" in call("plan", "little.py").out


# ---------------------------------------------------------------- new
@pytest.mark.parametrize(
    "words", [("world", "Fish-Pond"), ("study", "my study"), ("study", "mine", "--toml")]
)
def test_templates_of_worlds_and_studies_run_as_written(call: Call, words: tuple[str, ...]) -> None:
    """What `mores new` writes runs at once, and is never written over."""
    file = call("new", *words, "--json").json["file"]
    done = call("run", file, "--replicates", "3", "--no-report", "--json")
    assert done.code == 0 and done.json["estimates"], done.err
    assert call("new", *words).code == 2


def test_a_new_world_meets_the_contract_and_can_be_played(call: Call, here: Path) -> None:
    """The world's template passes the checks that Mores' own worlds pass."""
    from mores.design.parts import world
    from mores.testing import check_world

    call("new", "world", "pond")
    check_world(world(f"{here / 'pond.py'}:Pond"))
    assert call("play", "pond.py:Pond", "rounds=1", input="5\n").code == 0


def test_a_new_instrument_can_be_asked(call: Call) -> None:
    """The template of an instrument has a score at once."""
    file = call("new", "instrument", "helping", "--json").json["file"]
    found = call("ask", file, "--n", "5", "--json")
    assert found.code == 0 and found.json["estimates"][0]["metric"] == "helping", found.err


@pytest.mark.parametrize("name", ["", "1x", "class", "..."])
def test_names_that_make_no_file_are_refused(call: Call, name: str) -> None:
    """A name must make a Python name."""
    assert call("new", "world", name).code == 2


# ---------------------------------------------------------------- doctor
def test_doctor_finds_what_lacks_and_says_what_to_do(
    call: Call, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a data folder it is still well; an endpoint that does not answer has a remedy."""
    monkeypatch.setenv("MORES_DATA", str(here / "nowhere"))
    monkeypatch.setenv("MORES_ENDPOINT", "http://127.0.0.1:9/v1")
    found = call("doctor", "--json")
    assert found.code == 0 and found.json["ok"] is True
    by = {f["what"]: f for f in found.json["findings"]}
    assert by["Python"]["state"] == "ok" and by["disk"]["found"]
    assert by["data folder"]["state"] == "missing" and "MORES_DATA" in by["data folder"]["remedy"]
    assert by["model endpoint"]["state"] == "wrong" and by["model endpoint"]["remedy"]
    (here / "data" / "repeated-pd-human").mkdir(parents=True)
    (here / "data" / "repeated-pd-human" / "df2011.csv").write_text("x\n")
    monkeypatch.setenv("MORES_DATA", str(here / "data"))
    assert "without" in call("doctor").out
