"""The engine keeps its promises: the same record whatever the batches, workers and order; failures are rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import mores
from mores import Mind, Population, Study
from mores.engine import chunk
from mores.engine.asking import Answerer
from mores.errors import BadValue
from mores.record import Record
from tests.engine.worlds import Broken, Cheat, Drunk, Quitter, Scene, Shuffled, Walk, talker


def walk(**more: Any) -> Study:
    """A study of tables that change phase and end each in its own time."""
    return Study.of(Walk(), Population.all(Drunk()), replicates=40, **more)


def content(record: Record) -> dict[str, str]:
    """The hashes of what must not depend on scheduling."""
    return record.hashes


def test_same_seed_same_record() -> None:
    """Two runs with one seed have equal content; another seed has not."""
    assert content(mores.run(walk(), seed=1)) == content(mores.run(walk(), seed=1))
    assert content(mores.run(walk(), seed=1)) != content(mores.run(walk(), seed=2))


@pytest.mark.parametrize("size", [1, 7, 20])
def test_batching_changes_no_content(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cohorts of one table, of seven or of all give the same events, scores and episodes."""
    whole = mores.run(walk(), seed=3).hashes
    monkeypatch.setattr(chunk, "SEATS", size * 3)
    assert mores.run(walk(), seed=3).hashes == whole


def test_workers_change_no_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two processes make the same record as one."""
    monkeypatch.setattr(chunk, "SEATS", 15)
    one = mores.run(walk(), seed=3, out=tmp_path / "one")
    two = mores.run(walk(), seed=3, out=tmp_path / "two", workers=2)
    assert one.hashes == two.hashes == mores.run(walk(), seed=3, workers=2).hashes


def test_tables_in_mixed_phases_meet_again() -> None:
    """Tables end at different times and each is recorded once, with as many steps as it made."""
    record = mores.run(walk(), seed=5)
    steps = record.array("episodes", "steps")
    assert len(steps) == 40 and len(set(steps.tolist())) > 5
    made = record.sql('select "table", max(step) + 1 as n from events group by 1 order by 1')["n"]
    order = record.array("episodes", "table").argsort()
    assert (made == steps[order]).all()


def test_a_policy_that_raises_takes_only_its_table_down() -> None:
    """Table 3 is a failed row with the reason; the other 39 are as without it."""
    good = mores.run(walk(), seed=1)
    study = Study.of(Walk(), Population.all(Broken()), replicates=40)
    record = mores.run(study, seed=1)
    status = dict(zip(record.array("episodes", "table"), record.episodes["status"], strict=True))
    assert [t for t, s in status.items() if s == "failed"] == [3]
    assert (
        "a bug in the policy"
        in record.sql("select reason from episodes where status='failed'").rows()[0]["reason"]
    )
    assert len(record.events) < len(good.events)


def test_a_policy_that_always_raises_ends_as_failed_rows() -> None:
    """Nothing hangs and nothing is lost count of when every table fails."""
    study = Study.of(Walk(), Population.all(Broken(always=True)), replicates=40)
    record = mores.run(study)
    assert set(record.episodes["status"]) == {"failed"} and len(record.episodes) == 40


def test_illegal_moves_are_missing_and_counted() -> None:
    """A move that does not exist is struck, counted and explained; the table goes on."""
    record = mores.run(Study.of(Walk(stop=0.5), Population.all(Cheat()), replicates=4))
    assert record.array("episodes", "missing").sum() == len(record.events)
    assert "is not legal" in record.faults.rows()[0]["reason"]
    assert set(record.episodes["status"]) == {"done"}


def test_order_of_replies_does_not_matter() -> None:
    """Answers that come one at a time, last asked first, make the same record."""
    study = Study.of(Scene(), Population.all(Mind()), replicates=8)
    a = mores.run(study, models={"players": talker()})
    b = mores.run(study, models={"players": Shuffled()})
    assert a.hashes == b.hashes and len(a.calls) == 8 * 6


def test_a_mind_that_raises_ends_its_own_turn() -> None:
    """The action is missing with the error, the table goes on."""
    study = Study.of(Scene(), Population.all(Quitter()), replicates=2)
    record = mores.run(study, models={"players": talker()})
    assert len(record.events) == 2 * 3
    assert "it lost its mind" in record.faults.rows()[0]["reason"]
    assert set(record.array("episodes", "missing").tolist()) == {3}


def test_unreadable_replies_are_missing_with_their_text() -> None:
    """A reply that cannot be read is asked for three times, then it is missing with what was said."""
    from mores.models.scripted import scripted

    study = Study.of(Scene(turns=2), Population.all(Mind()), replicates=1)
    record = mores.run(study, models={"players": scripted("garbled")})
    assert len(record.calls) == 6 and len(record.events) == 0
    assert record.faults.rows()[0]["text"] == "I would rather not say {"


def test_rules_and_minds_share_a_table() -> None:
    """One seat thinks, the others follow a rule, in one unchanged world."""
    mixed = Population.by_seat(Mind(), Drunk(), Drunk())
    record = mores.run(Study.of(Walk(), mixed, replicates=3), models={"players": _right()})
    mine = record.sql("select avg(value) as v from events where seat = 0").rows()[0]["v"]
    assert mine == 1.0


def _right() -> Answerer:
    from mores.models.scripted import Scripted

    return Scripted(lambda request: "right", "right")


@pytest.mark.parametrize("level", ["full", "decisions", "sample:2", "aggregate", "none"])
def test_levels_of_record(level: str) -> None:
    """The level is in the manifest; scores never depend on it; sums agree with the events."""
    full = mores.run(walk(), seed=2)
    record = mores.run(walk(), seed=2, record=level)
    assert record.manifest["record"] == level
    assert record.hashes["seats"] == full.hashes["seats"]
    count = {"full": len(full.events), "decisions": len(full.events), "aggregate": 0, "none": 0}
    if level == "sample:2":
        assert set(record.events["table"]) == {0, 1}
    else:
        assert len(record.events) == count[level]
    if level == "aggregate":
        assert record.array("aggregates", "events").sum() == len(full.events)
        assert record.array("aggregates", "sum").sum() == full.events["value"].sum()


@pytest.mark.parametrize(
    ("name", "value"), [("workers", 0), ("record", "everything"), ("record", "sample:0")]
)
def test_bad_options_are_named(name: str, value: object) -> None:
    """An option that cannot be meant is refused with its name and what is allowed."""
    options: dict[str, Any] = {name: value}
    with pytest.raises(BadValue, match=name):
        mores.run(walk(), **options)


def test_zero_replicates_are_refused() -> None:
    """A study needs at least one replicate."""
    with pytest.raises(BadValue, match="replicates"):
        Study.of(Walk(), Population.all(Drunk()), replicates=0)
