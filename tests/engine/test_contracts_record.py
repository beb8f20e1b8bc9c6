"""The record says what happened: values of any type, every level, and a directory that survives every moment."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

import mores
from mores import Case, Intervention, Mind, Population, Probe, Study
from mores.actions import Actions
from mores.agent import Memory, Rule
from mores.chance import Chance
from mores.engine import chunk
from mores.engine import folder as disk
from mores.errors import BadValue, RecordError
from mores.record import Record
from mores.world import OVER, Events, Outcome, State, Turn
from tests.engine.test_probes import Mood
from tests.engine.worlds import Drunk, Pause, Scene, Walk, talker


@dataclass(frozen=True)
class Saying(Walk):
    """Writes one batch of events with the values it is given, from all seats."""

    name: ClassVar[str] = "saying"
    emits: ClassVar[tuple[str, ...]] = ("say",)
    values: tuple[Any, ...] = ()
    dtype: str = "float32"
    said: tuple[str, ...] = ()

    def step(self, state: State, turn: Turn, actions: Actions, chance: Chance) -> Outcome:
        assert turn.texts is not None
        state.phase[:] = OVER
        t = len(state.phase)
        value = np.tile(np.array(self.values).astype(self.dtype), t) if self.values else None
        text = None
        if self.said:
            numbers = [turn.texts.add(k, s) if s else -1 for k in range(t) for s in self.said]
            text = np.array(numbers, np.int32)
        return Outcome(state, [Events("say", value=value, text=text)])


def written(n: int = 2, **world: Any) -> Record:
    """The record of some tables of it."""
    return mores.run(Study.of(Saying(**world), Population.all(Drunk()), replicates=n))


@pytest.mark.parametrize(
    ("dtype", "values", "expected"),
    [
        ("int8", (0, 127, -1), [0.0, 127.0, None]),
        ("bool", (True, False, True), [1.0, 0.0, 1.0]),
        ("uint8", (200, 0, 255), [200.0, 0.0, 255.0]),
        ("int16", (300, 0, -1), [300.0, 0.0, None]),
        ("int64", (70_000, 2**24, -1), [70_000.0, 2.0**24, None]),
        ("float64", (0.5, -3.0, np.nan), [0.5, -3.0, None]),
        ("float32", (1e30, -0.0, np.nan), [np.float32(1e30).item(), 0.0, None]),
    ],
)
def test_values_of_any_type_are_kept(
    dtype: str, values: tuple[Any, ...], expected: list[float | None]
) -> None:
    """Flat, in SQL and as columns a value is what the world wrote; missing is missing, never a number."""
    record = written(values=values, dtype=dtype)
    assert [r["value"] for r in record.events.rows()] == expected * 2
    flat = record.sql('select value from events order by "table", seat').rows()
    assert [r["value"] for r in flat] == expected * 2
    column = record.column("say").value
    assert [None if np.isnan(v) else v for v in column.tolist()] == expected * 2
    known = [v for v in expected if v is not None]
    mean = record.sql("select avg(value) as m, count(value) as n from events").rows()[0]
    assert (mean["m"], mean["n"]) == (pytest.approx(sum(known) / len(known)), 2 * len(known))
    sums = mores.run(
        Study.of(Saying(values=values, dtype=dtype), Population.all(Drunk()), replicates=2),
        record="aggregate",
    )
    assert sums.array("aggregates", "values").sum() == 2 * len(known)


def test_the_two_zeros_are_one_content() -> None:
    """-0.0 and 0.0 say the same; NaN is not 0, and equals itself."""
    hashes = [
        written(values=values).hashes["events"]
        for values in ((0.0, 1.0, 2.0), (-0.0, 1.0, 2.0), (np.nan, 1.0, 2.0), (np.nan, 1.0, 2.0))
    ]
    assert hashes[0] == hashes[1]
    assert hashes[0] != hashes[2]
    assert hashes[2] == hashes[3]


def test_texts_of_everybody_at_several_tables() -> None:
    """Texts of events without actors are those of the seats in order, at each table its own."""
    record = written(n=3, said=("one", "", "three"))
    assert list(record.events["text"]) == ["one", None, "three"] * 3
    assert list(record.events["table"]) == [0, 0, 0, 1, 1, 1, 2, 2, 2]
    assert record.hashes["events"] != written(n=3, said=("three", "", "one")).hashes["events"]


def test_all_kinds_and_groups_at_once() -> None:
    """`column()` without kinds is every event; `sample` groups by arm and further labels."""
    study = Study.of(
        Pause(Walk(stop=0.3)), Population.all(Drunk()), condition={"who": "x"}, replicates=6
    )
    record = mores.run(study)
    column = record.column()
    assert (
        len(column)
        == len(record.events)
        == len(record.column("rest")) + len(record.column("choose"))
    )
    late = column.round >= 2
    sample = record.sample(
        column.arm, column.table, column.value, {"late": late, "seat": column.seat}
    )
    assert len(sample.condition) == 6
    for k, condition in enumerate(sample.condition):
        mine = (late == condition["late"]) & (column.seat == condition["seat"])
        assert condition["who"] == "x"
        assert sample.value[sample.which == k].tolist() == column.value[mine].tolist()
    nothing = record.sample(
        column.arm[:0], column.table[:0], column.value[:0], {"seat": column.seat[:0]}
    )
    assert nothing.condition == ()


def test_events_of_scattered_tables_are_found_again() -> None:
    """Tables that end one after the other leave blocks with gaps: flat and SQL name the same tables."""
    record = mores.run(Study.of(Walk(stop=0.4), Population.all(Drunk()), replicates=2000))
    flat = record.column("choose")
    rows = record.sql('select "table", count(*)::int as n from events group by 1 order by 1').rows()
    assert [r["n"] for r in rows] == np.bincount(flat.table).tolist()
    assert record.table("blocks")["tables"].null_count < len(record.table("blocks"))


# ---------------------------------------------------------------- directories
STUDY = Study.of(Walk(), Population.all(Drunk()), replicates=40)


def test_parts_of_another_size_are_not_mixed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where another version shared the tables out differently, its parts are played again: each table once."""
    whole = mores.run(STUDY, seed=1)
    monkeypatch.setattr(chunk, "SEATS", 30)
    _cut(monkeypatch, tmp_path, after=3)
    assert len(disk.part_folders(tmp_path)) == 3
    monkeypatch.setattr(chunk, "SEATS", 45)
    record = mores.run(STUDY, seed=1, out=tmp_path)
    assert sorted(record.episodes["table"]) == list(range(40))
    assert record.hashes == whole.hashes


def _cut(monkeypatch: pytest.MonkeyPatch, out: Path, after: int) -> None:
    """Run, and be interrupted after some parts."""
    from mores.engine import run as engine

    real = engine.play_into
    made: list[Any] = []

    def play_into(player: Any, chunk_: Any, folder: Path) -> None:
        if len(made) == after:
            raise KeyboardInterrupt
        made.append(chunk_)
        real(player, chunk_, folder)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(engine, "play_into", play_into)
        mores.run(STUDY, seed=1, out=out)


@pytest.mark.parametrize("moment", range(11))
def test_cut_off_while_finishing(
    moment: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cut off at any rename while tables are written, the same command comes to the same record."""
    whole = mores.run(STUDY, seed=1, out=tmp_path / "whole").hashes
    out, real, left = tmp_path / "cut", os.replace, [moment]

    def replace(a: Any, b: Any) -> None:
        if Path(b).suffix in (".parquet", ".json"):
            if left[0] == 0:
                raise KeyboardInterrupt
            left[0] -= 1
        real(a, b)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(os, "replace", replace)
        mores.run(STUDY, seed=1, out=out)
    record = mores.run(STUDY, seed=1, out=out)
    assert record.hashes == whole
    assert not list(out.glob("*.tmp"))
    assert record.manifest["status"] == "finished"


def test_cut_off_before_the_parts_are_cleared(tmp_path: Path) -> None:
    """A finished directory with its parts still there is finished; they go."""
    hashes = mores.run(STUDY, seed=1, out=tmp_path).hashes
    (tmp_path / "parts" / "0000-00000000-40").mkdir(parents=True)
    assert mores.run(STUDY, seed=1, out=tmp_path).hashes == hashes
    assert not (tmp_path / "parts").exists()


def test_other_models_need_another_directory(tmp_path: Path) -> None:
    """A directory in which one model answered is not gone on with by another, nor shown as its work."""
    study = Study.of(Scene(), Population.all(Mind()), replicates=2)
    mores.run(study, out=tmp_path, models={"players": talker()})
    other = talker()
    other.model = "scripted:other"
    with pytest.raises(RecordError, match="scripted:talker answered, not scripted:other"):
        mores.run(study, out=tmp_path, models={"players": other})


@dataclass(frozen=True, kw_only=True)
class Questions(Mood):
    """Two questions and a field that is a set."""

    name: ClassVar[str] = "questions"
    groups: frozenset[str] = frozenset()


@pytest.mark.parametrize("change", ["instrument", "seats", "field", "intervention"])
def test_another_design_is_another_run(change: str, tmp_path: Path) -> None:
    """Who is asked what, and what is changed when, is part of the design of a directory."""

    def study(on: bool) -> Study:
        groups = frozenset({"a", "b"} if on and change == "field" else {"a"})
        probe = Probe(
            name="p",
            instrument=Mood() if on and change == "instrument" else Questions(groups=groups),
            at=(0,),
            seats=(1,) if on and change == "seats" else None,
        )
        then = Intervention(at=3 if on and change == "intervention" else 2, settings={"gain": 2.0})
        case = Case(
            world=Walk(), population=Population.all(Drunk()), probes=(probe,), interventions=(then,)
        )
        return Study(name="x", cases=(case,), replicates=2)

    mores.run(study(False), out=tmp_path)
    mores.run(study(False), out=tmp_path)
    with pytest.raises(RecordError, match="holds another run"):
        mores.run(study(True), out=tmp_path)


@dataclass(frozen=True)
class Trait(Rule):
    """Has a trait."""

    name: ClassVar[str] = "trait"
    fields: ClassVar[Any] = {"height": (np.float32, ())}

    def act(self, turn: Turn, memory: Memory, chance: Chance) -> Actions:
        return np.zeros(len(turn), np.int8)


@pytest.mark.parametrize(
    ("people", "says"),
    [
        (Population((Drunk(), Drunk(0.1)), ((0, 1, 0), (0, 1))), "population"),
        (Population((Drunk(),), ((0, 1, 0),)), "layout"),
        (Population.all(Trait()).with_traits(height=np.zeros((2, 3))), "traits.height"),
        (Population.all(Trait()).with_traits(height=np.zeros(4)), "traits.height"),
    ],
)
def test_populations_that_do_not_fit_are_refused(people: Population, says: str) -> None:
    """Rows of unequal length, policies that are not there and traits that are too short are named at once."""
    with pytest.raises(BadValue, match=says):
        mores.run(Study.of(Walk(), people, replicates=3))


def test_a_store_is_closed_when_a_run_fails(tmp_path: Path) -> None:
    """After a failure nothing holds the files: the directory can be removed and made anew."""

    @dataclass(frozen=True)
    class Refuses(Mind):
        """Asks someone who is not there."""

        name: ClassVar[str] = "refuses"
        role: str = "nobody"

    study = Study.of(Scene(), Population.all(Refuses()), replicates=1)
    with pytest.raises(BadValue, match="nobody"):
        mores.run(study, out=tmp_path / "x", models={"players": talker()})
    held = [os.readlink(f"/proc/self/fd/{n}") for n in os.listdir("/proc/self/fd") if _is_link(n)] \
        if Path("/proc/self/fd").is_dir() else []  # fmt: skip
    assert not [name for name in held if str(tmp_path) in name]
    shutil.rmtree(tmp_path / "x")


def _is_link(number: str) -> bool:
    try:
        os.readlink(f"/proc/self/fd/{number}")
    except OSError:
        return False
    return True


def test_a_manifest_is_plain_json(tmp_path: Path) -> None:
    """What made a record can be read by anyone, whatever its parts hold."""

    @dataclass(frozen=True)
    class Rich(Drunk):
        """Has fields of many types."""

        name: ClassVar[str] = "rich"
        kinds: frozenset[str] = frozenset({"b", "a"})
        at: Path = Path("x")
        dtype: Any = field(default_factory=lambda: np.dtype(np.int8))

    mores.run(Study.of(Walk(), Population.all(Rich()), replicates=1), out=tmp_path)
    made = json.loads((tmp_path / "manifest.json").read_text())
    policy = made["design"]["cases"][0]["population"]["policies"][0]
    assert policy["kinds"] == ["a", "b"]
    assert policy["dtype"] == "int8"
