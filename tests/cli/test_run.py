"""mores run, report, replay, compare: what they print, where runs go, and which exit code they give."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.calling import Call

RUN = ("run", "little.py", "--no-report")
FIELDS = {"metric", "condition", "value", "low", "high", "n", "missing", "unit"}


def test_a_run_prints_estimates_beside_people(call: Call, here: Path) -> None:
    """A person reads metrics with intervals, n and missing, differences, and whose figures stand beside."""
    done = call(*RUN)
    assert done.code == 0, done.err
    for word in ("cooperation", "95% interval", "missing", "people", "Differences", "People 2001"):
        assert word in done.out
    assert (here / "runs" / "little" / "manifest.json").is_file()


def test_json_has_the_fixed_names_and_nothing_else(call: Call) -> None:
    """Scripts find study, out, estimates, comparisons, references, hashes and cost."""
    found = call(*RUN, "--json").json
    assert found["study"] == "little" and found["out"] == "runs/little"
    assert all(set(e) == FIELDS for e in found["estimates"]) and found["estimates"]
    wanted = {"metric", "a", "b", "difference", "low", "high", "p_adjusted"}
    assert found["comparisons"] and all(wanted <= set(c) for c in found["comparisons"])
    first = found["references"][0]
    assert first["source"] == "People 2001" and first["n"] == 20
    assert first["distance"] == pytest.approx(abs(found["estimates"][0]["value"] - 0.5))
    assert found["hashes"]["events"] and found["cost"]["calls"] == 0


def test_quiet_prints_nothing(call: Call) -> None:
    """--quiet leaves only the exit code."""
    done = call(*RUN, "--quiet")
    assert (done.code, done.out, done.err) == (0, "", "")


def test_replicates_as_option_and_as_setting_are_the_same(call: Call) -> None:
    """Both give the same run, so the second finds the first."""
    first = call(*RUN, "--replicates", "3", "--json").json
    second = call(*RUN, "replicates=3", "--json")
    assert second.json["hashes"] == first["hashes"] and "already" in second.err
    assert call(*RUN, "replicates=3", "--replicates", "4").code == 2


def test_a_run_has_a_folder_of_its_own(call: Call, here: Path) -> None:
    """The same run is reused, another one gets the next number, and --out is kept to."""
    assert call(*RUN, "--json").json["out"] == "runs/little"
    assert call(*RUN, "--seed", "1", "--json").json["out"] == "runs/little-2"
    again = call(*RUN, "--json")
    assert again.json["out"] == "runs/little" and "nothing is played again" in again.err
    refused = call(*RUN, "--seed", "2", "--out", "runs/little", "--json")
    assert refused.code == 1 and "another run" in refused.json["error"]


def test_settings_reach_the_study_and_its_parts(call: Call) -> None:
    """A parameter, a field of the world and a population by name."""
    found = call(*RUN, "players=grim,all-defect", "world.rounds=6", "noise=0", "--json").json
    players = [
        e["condition"]["players"] for e in found["estimates"] if e["metric"] == "cooperation"
    ]
    assert players == ["grim", "all-defect"]
    everyone = call(*RUN, "population=all-defect", "noise=0", "--json").json
    assert everyone["estimates"][0]["value"] == 0


def test_vary_makes_conditions(call: Call) -> None:
    """Each cell of the grid is a condition of its own."""
    found = call(
        *RUN, "noise=0", "--vary", "rounds=2,3", "--vary", "players=grim,random", "--json"
    ).json
    cells = [e["condition"] for e in found["estimates"] if e["metric"] == "cooperation"]
    assert [(c["rounds"], c["players"]) for c in cells] == [
        (2, "grim"),
        (2, "random"),
        (3, "grim"),
        (3, "random"),
    ]


def test_a_dry_run_says_what_would_be_and_does_nothing(call: Call, here: Path) -> None:
    """Arms, tables, steps and an upper bound of asks; no folder is made."""
    found = call(*RUN, "--dry-run", "--json").json
    assert found["tables"] == 8 and found["asks"] is False and found["asks_at_most"] == 0
    assert found["arms"][0]["steps_a_table"] == 4
    asked = call(*RUN, "population=mind", "--model", "scripted:random", "--dry-run", "--json").json
    assert asked["asks"] is True and asked["asks_at_most"] == 8 * 4 * 2 * 3
    assert "Nothing was written" in call(*RUN, "--dry-run").out
    assert not (here / "runs").exists()


def test_a_report_is_written_beside_the_record(call: Call, here: Path) -> None:
    """A run writes report.html, and `mores report` writes it anew and prints the same numbers."""
    pytest.importorskip("vl_convert")
    pytest.importorskip("vl_convert")
    ran = call("run", "little.py", "--json").json
    page = here / "runs" / "little" / "report.html"
    assert page.is_file()
    page.unlink()
    again = call("report", "runs/little", "--json").json
    assert page.is_file() and again == ran


# ---------------------------------------------------------------- models
def test_models_answer_and_a_replay_needs_none(call: Call) -> None:
    """Scripted models fill the call store; the replay and a recorded model use it."""
    words = (*RUN, "population=mind", "replicates=2", "noise=0")
    ran = call(*words, "--model", "scripted:random", "--json").json
    assert ran["cost"]["calls"] > 0
    assert call("replay", ran["out"], "--json").json["match"] is True
    recorded = call(*words, "--model", f"players=recorded:{ran['out']}", "--json").json
    assert recorded["out"] != ran["out"]
    assert recorded["estimates"] == ran["estimates"]


def test_somebody_has_to_answer(call: Call, here: Path) -> None:
    """A study whose seats ask needs a model, and says so before a folder is made."""
    done = call(*RUN, "population=mind")
    assert done.code == 2 and "--model" in done.err and not (here / "runs").exists()
    unused = call(*RUN, "--model", "scripted:random")
    assert unused.code == 0 and "nobody in this study asks" in unused.err


@pytest.mark.parametrize("spec", ["gpt", "scripted:nobody", "recorded:nowhere", "players=a=b"])
def test_a_model_that_is_not_there_is_named(call: Call, spec: str) -> None:
    """Whatever is wrong with --model is said."""
    done = call(*RUN, "population=mind", "--model", spec)
    assert done.code in (1, 2) and done.err.startswith("mores: ")


# ---------------------------------------------------------------- replay
def test_replay_verifies_a_record_and_finds_a_change(call: Call, here: Path) -> None:
    """The hashes match; after one value was changed they do not, the place is named, and the exit code is 1."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    call(*RUN, "--quiet")
    fine = call("replay", "runs/little", "--json")
    assert fine.code == 0 and set(fine.json) == {"match", "hashes", "first_difference"}
    assert fine.json["match"] is True and fine.json["first_difference"] is None
    file = here / "runs" / "little" / "seats.parquet"
    table = pq.read_table(file)
    wrong = table["score"].to_pylist()
    wrong[0] += 1
    pq.write_table(
        table.set_column(table.column_names.index("score"), "score", pa.array(wrong)), file
    )
    bad = call("replay", "runs/little", "--json")
    assert bad.code == 1 and bad.json["match"] is False and "score" in bad.json["first_difference"]
    assert "differs" in call("replay", "runs/little").out


def test_a_study_that_has_changed_since_is_told(call: Call, here: Path) -> None:
    """A report or replay with another version of the file says that it is another study."""
    call(*RUN, "--quiet")
    file = here / "little.py"
    file.write_text(
        file.read_text().replace("rounds: Annotated[int, Field(ge=1)] = 4", "rounds: int = 5")
    )
    assert "has changed since" in call("report", "runs/little").err
    (here / "little.py").unlink()
    gone = call("report", "runs/little", "--json")
    assert gone.code == 0 and "cannot be made again" in gone.err and gone.json["estimates"]
    assert call("replay", "runs/little").code == 1


# ---------------------------------------------------------------- compare
def test_two_runs_are_compared_pairwise(call: Call) -> None:
    """First minus second, paired on shared seeds, unpaired on others; each condition by itself."""
    call(*RUN, "noise=0.3", "--out", "a", "--quiet")
    call(*RUN, "noise=0.3", "rounds=8", "--out", "b", "--quiet")
    call(*RUN, "noise=0.3", "--seed", "9", "--out", "c", "--quiet")
    same = call("compare", "a", "b", "--json").json
    first = same["comparisons"][0]
    assert first["a"]["run"] == "a" and first["b"]["run"] == "b" and first["paired"] is True
    values = {
        e["condition"]["run"]: e["value"] for e in same["estimates"] if e["metric"] == "cooperation"
    }
    assert first["difference"] == pytest.approx(values["a"] - values["b"])
    assert set(same) >= {"study", "out", "estimates", "comparisons", "references", "hashes", "cost"}
    other = call("compare", "a", "c", "--json").json
    assert other["comparisons"][0]["paired"] is False and "different seeds" in " ".join(
        other["notes"]
    )
    assert call("compare", "a", "a").code == 0
    assert call("compare", "a", "nowhere").code == 1


# ---------------------------------------------------------------- what is less than its design
def test_a_run_with_failed_episodes_exits_1_with_the_counts(call: Call, here: Path) -> None:
    """A policy that raises is rows of the record; the others are kept, and the counts are said."""
    done = call(*RUN, "players=breaks,grim", "noise=0", "--json")
    assert done.code == 1 and "4 of 8 episodes" in done.err and "broken on purpose" in done.err
    assert "4 of 8" in done.json["error"]
    by = {
        e["condition"]["players"]: e for e in done.json["estimates"] if e["metric"] == "cooperation"
    }
    assert by["grim"]["n"] == 4 and by["breaks"]["missing"] == 4 and by["breaks"]["value"] is None


def test_illegal_moves_are_missing_and_counted(call: Call) -> None:
    """A policy that returns what is not an option has no move there; nothing else changes."""
    done = call(*RUN, "players=cheats", "noise=0", "--json")
    assert done.json["estimates"][0]["missing"] == 4


# ---------------------------------------------------------------- wrong usage
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("run",), "STUDY"),
        (("run", "donor-gam"), "donor-game"),
        ((*RUN, "round=3"), "'rounds'"),
        ((*RUN, "rounds=-1"), "at least 1"),
        ((*RUN, "rounds=x"), "a whole number"),
        ((*RUN, "rounds"), "field=value"),
        ((*RUN, "rounds=1", "rounds=2"), "twice"),
        ((*RUN, "--rounds", "3"), "without dashes"),
        ((*RUN, "noise=2"), "at most 1"),
        ((*RUN, "players=tit-for-tatt"), "'tit-for-tat'"),
        ((*RUN, "--replicates", "0"), "at least 1"),
        ((*RUN, "--workers", "0"), "--workers"),
        ((*RUN, "--record", "most"), "aggregate"),
        ((*RUN, "--sync", "never"), "normal or full"),
        ((*RUN, "--vary", "rounds="), "values"),
        ((*RUN, "rounds=1", "--vary", "rounds=1,2"), "varied too"),
        (("run", "nowhere.toml"), "no such file"),
        (("repot", "x"), "repot"),
        (("list", "wrld"), "world"),
        (("new", "house", "x"), "study"),
    ],
)
def test_wrong_usage_exits_2_and_says_what_was_meant(
    call: Call, words: tuple[str, ...], said: str
) -> None:
    """Every mistake names itself and what is possible; with --json as {"error": ...}."""
    done = call(*words)
    assert done.code == 2 and said in done.err and done.out == ""
    assert said in call(*words, "--json").json["error"]


def test_folders_that_are_no_runs_are_refused(call: Call, here: Path) -> None:
    """A file, another schema, a damaged manifest, a truncated table: exit 1, and what to do."""
    (here / "file").write_text("")
    assert "cannot be written" in call(*RUN, "--out", "file").err
    old = here / "old"
    old.mkdir()
    (old / "manifest.json").write_text(json.dumps({"schema": 0, "mores": "0.0.1"}))
    for words in ((*RUN, "--out", "old"), ("report", "old"), ("replay", "old")):
        done = call(*words)
        assert done.code == 1 and "schema 0" in done.err
    (old / "manifest.json").write_text("{")
    assert "damaged" in call("report", "old").err
    assert call("report", "nowhere").code == 1
    call(*RUN, "--quiet")
    file = here / "runs" / "little" / "events.parquet"
    file.write_bytes(file.read_bytes()[:100])
    for ask in (
        ("report", "runs/little"),
        ("replay", "runs/little"),
        ("sql", "runs/little", "from events"),
    ):
        done = call(*ask)
        assert done.code == 1 and "events.parquet" in done.err and "damaged" in done.err


def test_runs_that_differ_in_one_setting_are_compared(call: Call) -> None:
    """A condition that has one value in each run does not keep them apart; the conditions of both are said."""
    call(*RUN, "players=grim", "--quiet", "--out", "first")
    call(*RUN, "players=random", "--quiet", "--out", "second")
    found = call("compare", "first", "second", "--json").json["comparisons"]
    mine = [c for c in found if c["metric"] == "cooperation"]
    assert [(c["a"]["players"], c["b"]["players"]) for c in mine] == [("grim", "random")] * 2
    assert [c["a"]["noise"] for c in mine] == [c["b"]["noise"] for c in mine] == [0.0, 0.2]
    assert mine[0]["difference"] > 0 and mine[0]["paired"] is True
