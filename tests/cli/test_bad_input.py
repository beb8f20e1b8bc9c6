"""What a hostile or hurried user types, and folders that are not what they should be: one clear message each."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mores.engine import size
from mores.engine.folder import SCHEMAS
from mores.record import Record
from tests.cli.calling import Call

RUN = ("run", "little.py", "--no-report")


def refused(call: Call, code: int, said: str, *words: str, **more: str) -> None:
    """The command ends with the code, and with one message that says it."""
    done = call(*words, **more)
    assert done.code == code, (done.out, done.err)
    assert said in done.err and "unforeseen" not in done.err, done.err
    assert done.err.count("mores: ") == 1, done.err


# ---------------------------------------------------------------- values
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("donor-game", "seats=0"), "at least 2"),
        (("donor-game", "seats=7"), "an even number"),
        (("donor-game", "generations=nan"), "a whole number"),
        (("donor-game", "generations=2.5"), "a whole number"),
        (("donor-game", "multiplier=nan"), "a number"),
        (("donor-game", "multiplier=inf"), "finite"),
        (("donor-game", "multiplier="), "a number"),
        (("donor-game", "population="), "at least one"),
        (("donor-game", "institution=,"), "at least one"),
        (("donor-game", "institution=reputaton"), "Did you mean 'reputation'"),
        (("little.py", "noise=0,0"), "the same condition"),
        (("donor-game", "rounds=1000000000000"), "at most seats=12"),
        (("donor-game", "--vary", "generations=1,1"), "the same condition"),
        (("donor-game", "--vary", "nothing=1,2"), "nothing"),
        (("donor-game", "--vary", "generations=1", "--vary", "generations=2"), "twice"),
        (("donor-game", "--vary", "replicates=1,2"), "cannot be varied"),
        (("donor-game", "--seed", "abc"), "--seed"),
        (("donor-game", "--workers", "-1"), "--workers"),
        (("donor-game", "--record", "sample:²"), "sample:K"),
        (("donor-game", "=3"), "field=value"),
        (("",), "no study named ''"),
        (("/",), "no study named '/'"),
        ((":x",), "package.module:name"),
        (("no_such_package:x",), "cannot be imported"),
        (("little.py:nothing",), "little"),
        (("little.py", "world.rounds=abc"), "a whole number"),
        (("little.py", "world=3"), "world."),
        (("little.py", "population=tit-for-tat,grim,random"), "2 seats"),
        (("little.py", "population=memory-one:nan,0,0,0"), "a probability"),
        (("little.py", "population=memory-one:2,0,0,0"), "a probability"),
        (("little.py", "players=☠"), "no policy named '☠'"),
        (("little.py", "rounds=١٢"), "a whole number"),
        (("repeated-games", "players=alternator"), "two policies"),
        (("repeated-games", "game=nothing"), "no game named"),
        (("axelrod-tournament", "noise=2"), "at most 1"),
    ],
)
def test_values_that_cannot_be_meant(call: Call, words: tuple[str, ...], said: str) -> None:
    """Exit 2 with the field, the value and what is possible; nothing is written."""
    refused(call, 2, said, "run", *words)
    assert not Path("runs").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("play", "public-goods", "seats=0"), "at least 2"),
        (("play", "dictator", "endowment=nan"), "finite"),
        (("play", "2x2:99,99"), "1 to 12"),
        (("play", "prisoners-dilemma", "--institution", "partner-selection"), "needs the port"),
        (("ask", "fairness", "--n", "0"), "--n"),
        (("ask", "fairness", "nothing=1"), "nothing"),
        (("plan", "donor-game", "--power", "2"), "0.8"),
        (("plan", "donor-game", "--effect", "nan"), "finite"),
        (("plan", "donor-game", "--metric", "nothing"), "gini"),
        (("align", "dictator-humans", "--with", "nothing"), "pevo"),
        (("loop", "dictator-humans", "--rounds", "0"), "--rounds"),
        (("loop", "donor-game", "--with", "pevo", "--rounds", "1"), "target"),
        (("new", "study", "x", "--in", "little.py"), "this is a file"),
    ],
)
def test_the_other_commands_refuse_as_clearly(
    call: Call, words: tuple[str, ...], said: str
) -> None:
    """The same for playing, asking, planning, aligning and templates."""
    refused(call, 2, said, *words)


def test_shares_must_sum(call: Call, here: Path) -> None:
    """A population by shares names the sum."""
    (here / "shares.toml").write_text(
        'name = "x"\npopulation = { shares = { grim = 0.5, random = 0.4 } }\n[world]\nname = "prisoners-dilemma"\n'
    )
    refused(call, 2, "0.9", "run", "shares.toml")


def test_a_template_overwrites_nothing(call: Call, here: Path) -> None:
    """`mores new` onto a file that is there leaves it as it is."""
    (here / "mine.py").write_text("precious")
    refused(call, 2, "already", "new", "study", "mine")
    assert (here / "mine.py").read_text() == "precious"


# ---------------------------------------------------------------- sizes
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("donor-game", "replicates=1000000000000"), "2,147,483,647"),
        (("donor-game", "seats=1000000000", "replicates=1"), "of memory"),
        (("dictator-humans", "replicates=1000000000000"), "2,147,483,647"),
        (("axelrod-tournament", "repetitions=10000000"), "of memory"),
    ],
)
def test_a_study_larger_than_the_machine_is_refused_before_it_is_begun(
    call: Call, words: tuple[str, ...], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A dry run says what it would take; the run itself does not begin."""
    monkeypatch.setattr(size, "available", lambda: 16_000_000_000)
    told = call("run", *words, "--dry-run", "--json")
    assert told.code == 0 and told.json["fits"] is False and told.json["memory_bytes"] > 16e9
    assert "it would be refused" in call("run", *words, "--dry-run").out
    refused(call, 2, said, "run", *words)
    assert not Path("runs").exists()


def test_more_workers_than_work_are_no_harm(call: Call) -> None:
    """A hundred processes for one chunk: as many as there is work for, and the same record."""
    one = call(*RUN, "--json", "--out", "one").json
    many = call(*RUN, "--json", "--out", "many", "--workers", "100").json
    assert many["hashes"] == one["hashes"]


# ---------------------------------------------------------------- SQL
@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("select nothing from seats", "could not be run"),
        ("selec", "could not be run"),
        ("", "0 statements"),
        ("select 1; select 2", "2 statements"),
        ("drop view events", "cannot be changed"),
        ("create table x as select 1", "cannot be changed"),
        ("set enable_external_access=true", "cannot be changed"),
        ("copy seats to 'out.csv'", "cannot be changed"),
        ("attach 'x.db'", "cannot be changed"),
        ("install httpfs", "cannot be changed"),
        ("select * from read_text('little.py')", "Permission Error"),
        ("select * from 'little.py'", "could not be run"),
        ("select * from read_csv('little.py')", "Permission Error"),
        ("select * from glob('*')", "Permission Error"),
    ],
)
def test_sql_reads_the_record_and_nothing_else(
    call: Call, here: Path, query: str, said: str
) -> None:
    """Neither files nor settings are reached, nothing is changed, and mistakes are the database's words."""
    call(*RUN, "--quiet", "--out", "it")
    before = sorted(p.name for p in here.iterdir())
    refused(call, 2, said, "sql", "it", query)
    assert sorted(p.name for p in here.iterdir()) == before


def test_columns_of_one_name_are_told_apart(call: Call) -> None:
    """No column of a result is lost."""
    call(*RUN, "--quiet", "--out", "it")
    assert call("sql", "it", "select 1 as a, 2 as a", "--json").json == [{"a": 1, "a_2": 2}]


# ---------------------------------------------------------------- folders
READERS = (("report", "it"), ("sql", "it", "from episodes"), ("export", "it"), ("replay", "it"))


@pytest.fixture
def ran(call: Call, here: Path) -> Path:
    """A finished run in which a model was asked."""
    words = ("population=mind", "--model", "scripted:random", "--quiet", "--out", "it")
    assert call(*RUN, *words).code == 0
    return here / "it"


def cut(file: Path) -> None:
    """Half of it is gone."""
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])


def junk(file: Path) -> None:
    """Something else has its name."""
    file.write_bytes(b"\xff\x00junk" * 20)


HARM: tuple[Callable[[Path], None], ...] = (cut, junk, Path.unlink)


@pytest.mark.parametrize(
    ("table", "damage"), [(t, HARM[k % 3]) for k, t in enumerate(sorted(SCHEMAS))]
)
def test_a_damaged_table_is_named_and_made_again(
    call: Call, ran: Path, table: str, damage: Callable[[Path], None]
) -> None:
    """Exit 1 with the file and the next step; that step brings the same record back."""
    before = Record.open(ran).hashes
    file = ran / f"{table}.parquet"
    damage(file)
    for words in READERS[1:]:
        done = call(*words)
        assert done.code == 1 and "`mores run`" in done.err and "unforeseen" not in done.err
        assert not file.exists() or str(file.relative_to(ran.parent)) in done.err
    file.unlink(missing_ok=True)
    again = (*RUN, "population=mind", "--model", "scripted:random", "--quiet", "--out", "it")
    assert call(*again).code == 0
    assert Record.open(ran).hashes == before


@pytest.mark.parametrize(
    "change",
    [
        {"schema": "1"}, {"seed": "x"}, {"seed": None}, {"replicates": []}, {"record": 3}, {"command": [1]},
        {"command": {"study": 3}}, {"command": {"study": "little.py", "settings": [1]}}, {"models": [1]},
        {"status": 7}, {"fingerprint": None}, {"study": None},
    ],
    ids=str,
)  # fmt: skip
def test_a_damaged_manifest_is_named(call: Call, ran: Path, change: dict[str, Any]) -> None:
    """Whatever it lacks is said, by every command that reads it."""
    file = ran / "manifest.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | change))
    for words in (*READERS, (*RUN, "--out", "it"), ("compare", "it", "it")):
        refused(call, 1, next(iter(change)), *words)


@pytest.mark.parametrize("content", ["", "{", "[]", "3", "{}", '{"schema": 99, "mores": "9"}'])
def test_a_manifest_that_is_none_is_refused(call: Call, ran: Path, content: str) -> None:
    """Also one of another version, which names the version to use."""
    (ran / "manifest.json").write_text(content)
    said = "use Mores 9" if "99" in content else "manifest.json"
    for words in (*READERS, (*RUN, "--out", "it")):
        refused(call, 1, said, *words)


@pytest.mark.parametrize("damage", HARM)
def test_a_damaged_store_of_replies_is_named(
    call: Call, ran: Path, damage: Callable[[Path], None]
) -> None:
    """The record still opens; what cannot be replayed says which file it is."""
    damage(ran / "store.sqlite")
    assert call("sql", "it", "from calls").code == 0
    refused(call, 1, "it/store.sqlite", "replay", "it")


def test_a_replay_of_a_changed_record_says_where(call: Call, ran: Path) -> None:
    """One score changed by hand: exit 1, and the first difference with its place."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pq.read_table(ran / "seats.parquet")
    scores = [99.0, *table["score"].to_pylist()[1:]]
    pq.write_table(table.set_column(4, "score", pa.array(scores)), ran / "seats.parquet")
    done = call("replay", "it", "--json")
    assert done.code == 1 and done.json["match"] is False
    assert "99" in done.json["first_difference"] and "'seat': 0" in done.json["first_difference"]


def test_folders_of_others(call: Call, here: Path, ran: Path) -> None:
    """Another study, a file, a full folder, the device of nothing: refused, and nothing in them changes."""
    refused(call, 1, "another run", *RUN, "--out", "it", "--seed", "9")
    refused(call, 1, "cannot be written", *RUN, "--out", "little.py")
    refused(call, 1, "--out", *RUN, "--out", "/dev/null")
    refused(call, 1, "no run directory", "report", "nowhere")
    refused(call, 1, "no manifest.json", "report", ".")
    refused(call, 2, "no metric in common", "compare", "it", _other(call))
    shutil.copytree(ran, here / "copy")
    assert call("compare", "it", "copy").code == 0


def _other(call: Call) -> str:
    words = ("run", "dictator-humans", "replicates=2", "--no-report", "--quiet", "--out", "other")
    assert call(*words).code == 0
    return "other"


def test_a_report_of_a_run_that_is_not_finished(call: Call, ran: Path) -> None:
    """It says so, shows what there is, and names the next step."""
    file = ran / "manifest.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"status": "running"}))
    done = call("report", "it", "--json")
    assert "is not finished; the same `mores run` goes on with it" in done.err and done.code == 0


def test_names_in_any_script_and_paths_with_spaces(call: Call, here: Path) -> None:
    """Conditions and folders may be called what people call them; the page is written."""
    file = here / "little.py"
    text = file.read_text().replace(
        '"players": name', '"spieler ☺ <b>": "ü" * 300 + "\\u202e" + name'
    )
    file.write_text(text)
    place = "a folder/ünï ☠"
    done = call("run", "little.py", "noise=0", "--out", place, "--json")
    assert done.code == 0 and done.json["out"] == place
    assert done.json["estimates"][0]["condition"]["spieler ☺ <b>"].startswith("üüü")
    page = (here / place / "report.html").read_text()
    assert "spieler ☺ &lt;b&gt;" in page and "<b>:" not in page
    assert "\u202e" not in call("report", place).out


# ---------------------------------------------------------------- data
def test_data_that_are_not_there(call: Call, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No folder, a file in its place, another content: exit 1 with where the data can be had."""
    for where in ("nowhere", "little.py"):
        monkeypatch.setenv("MORES_DATA", where)
        refused(call, 1, "github.com", "run", "human-repeated-pd")
    folder = here / "data" / "repeated-pd-human"
    folder.mkdir(parents=True)
    (folder / "df2011.csv").write_text("a,b\n1,2\n")
    monkeypatch.setenv("MORES_DATA", "data")
    refused(call, 1, "1 rows where", "run", "human-repeated-pd")
    found = {f["what"]: f for f in call("doctor", "--json").json["findings"]}
    damaged = found["data repeated-pd-human"]
    assert damaged["state"] == "wrong"
    assert damaged["found"] == "not as published: df2011.csv; without frd2012.csv"
