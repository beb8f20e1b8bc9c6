"""Batching changes speed, never content: whatever the tables do, alone or together, the record is the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import mores
from mores import Case, Intervention, Population, Study
from mores.chance import Chance
from mores.engine import chunk
from mores.engine.cohort import Cohort
from mores.engine.loop import Loop
from mores.engine.probing import Prober
from mores.engine.seating import Seating
from mores.errors import DoesNotFit
from mores.institutions.generations import Generations, Seasons
from mores.institutions.noise import Noise
from mores.institutions.stopping import RandomStopping
from mores.registry import load, names
from mores.testing import Sampler
from mores.testing.loop import record as reference
from mores.world import World
from mores.worlds.games.named import PrisonersDilemma
from tests.engine.worlds import Cheat, Drunk, Fragile, Mutant, Pause, Walk

CHANGING = Pause(Walk(seats=4, stop=0.15))
SOCIETIES: list[tuple[str, World, Population]] = [
    ("seasons that end apart", Seasons(Walk(stop=0.3), n=3), Population.all(Drunk())),
    ("stopped at random", Seasons(RandomStopping(PrisonersDilemma(), 0.6), n=3), Population.all(Drunk())),
    ("births", Generations(Walk(seats=4, stop=0.3), n=3), Population.all(Mutant())),
    ("births of two kinds", Generations(Walk(seats=4, stop=0.3), n=3),
     Population.by_share({Mutant(): 0.5, Mutant(0.2): 0.25, Drunk(): 0.25})),
    ("turns at some tables", CHANGING, Population.all(Drunk())),
    ("illegal moves", Walk(stop=0.2), Population.by_share({Cheat(): 0.5, Drunk(): 0.5})),
    ("failures", Walk(stop=0.2), Population.all(Fragile())),
    ("two of one name", Noise(Noise(Walk(stop=0.2), 0.3), 0.3),
     Population.by_share({Drunk(0.2): 0.5, Drunk(0.9): 0.5})),
]  # fmt: skip


@pytest.fixture(params=[1, 5])
def size(request: pytest.FixtureRequest) -> int:
    """How many tables move together."""
    return int(request.param)


@pytest.mark.parametrize(("what", "world", "people"), SOCIETIES, ids=[s[0] for s in SOCIETIES])
def test_together_as_apart(
    what: str, world: World, people: Population, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All tables at once, a few, or one by one: every table of the record has one content."""
    study = Study.of(world, people, replicates=30)
    whole = mores.run(study, seed=3).hashes
    monkeypatch.setattr(chunk, "SEATS", size * world.seats)
    assert mores.run(study, seed=3).hashes == whole


def test_aggregates_as_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sums over all chunks are those of the full record, however tables were batched."""
    study = Study.of(CHANGING, Population.all(Drunk()), replicates=30)
    full = mores.run(study, seed=3)
    for seats in (4, 20, 1000):
        monkeypatch.setattr(chunk, "SEATS", seats)
        sums = mores.run(study, seed=3, record="aggregate").sql(
            "select round, kind, sum(events)::int as n, sum(sum) as s from aggregates group by all order by all"
        )
        expected = full.sql(
            "select round, kind, count(*)::int as n, sum(value)::double as s from events group by all order by all"
        )
        assert sums.rows() == expected.rows()


def test_failures_take_down_their_own_tables() -> None:
    """However many tables fail, each is a row with its reason, and all others come to their end."""
    record = mores.run(Study.of(Walk(), Population.all(Fragile()), replicates=300))
    tables = record.array("episodes", "table")
    failed = {t for t, s in zip(tables, record.episodes["status"], strict=True) if s == "failed"}
    assert failed == {t for t in range(300) if t % 7 == 3}


# ---------------------------------------------------------------- rules of one name
def test_more_of_one_name_leave_the_others_their_chance() -> None:
    """A seat of a rule draws the same whether all are of that rule or half have other parameters: pairs stay pairs."""
    world = Walk(stop=0.1)
    alone = Population((Drunk(0.3),), ((0,),))
    mixed = Population((Drunk(0.3), Drunk(0.9)), ((0, 1, 1),))
    first = [
        mores.run(Study.of(world, p, replicates=20), seed=2).sql(
            'select "table", step, value from events where seat=0 order by all'
        )
        for p in (alone, mixed)
    ]
    assert first[0].rows() == first[1].rows()


@given(st.permutations(range(4)))
@settings(max_examples=10, deadline=None)
def test_the_order_of_policies_does_not_matter(order: list[int]) -> None:
    """Families are united in any order: who sits where is what counts."""
    policies = [
        load("policy", n)() for n in ("tit-for-tat", "grim", "random", "stochastic-cooperator")
    ]
    seats = [(0, 1), (2, 3), (1, 2)]

    def played(numbers: list[int]) -> dict[str, str]:
        people = Population(
            tuple(policies[k] for k in numbers),
            tuple((numbers.index(a), numbers.index(b)) for a, b in seats),
        )
        hashes = mores.run(Study.of(PrisonersDilemma(rounds=6), people, replicates=3)).hashes
        return {k: v for k, v in hashes.items() if k in ("events", "seats", "episodes")}

    assert played(list(order)) == played([0, 1, 2, 3])


def test_shares_are_drawn_a_replicate() -> None:
    """Who sits where depends on the replicate, not on which others are in the batch."""
    people = Population.by_share({Drunk(0.1): 0.3, Drunk(0.9): 0.7})
    together = people.seating(10, Chance(1, np.arange(50)))
    for table in (0, 7, 49):
        assert (people.seating(10, Chance(1, np.array([table])))[0] == together[table]).all()
    assert ((together == 0).sum(1) == 3).all()
    assert len({tuple(row) for row in together.tolist()}) > 10


def test_traits_and_starts_belong_to_tables() -> None:
    """A trait a table, and what a rule draws at its start, go by the table's number."""
    traits = np.linspace(0, 1, 24, dtype=np.float32).reshape(6, 4)
    people = Population.all(Mutant()).with_traits(luck=traits)
    seating = Seating(Case(world=Walk(seats=4), population=people))
    whole = Cohort(0, seating, Chance(1, np.arange(6)))
    one = Cohort(0, seating, Chance(1, np.array([4])))
    assert (whole.memory[0]["luck"] == traits).all()
    for name, column in one.memory[0].items():
        assert (column[0] == whole.memory[0][name][4]).all()


def test_layouts_are_a_table_of_the_replicate() -> None:
    """With three tables a replicate, table 3r + k is table k of replicate r; the first K are sampled."""
    people = Population.round_robin([Drunk(0.0), Drunk(1.0)])
    study = Study.of(Walk(seats=2, stop=0.3), people, replicates=4)
    record = mores.run(study, record="sample:2")
    assert set(record.events["table"]) == {0, 1}
    assert (record.array("episodes", "replicate") == record.array("episodes", "table") // 3).all()
    low = record.sql('select avg(value) as v from events where "table" = 0').rows()[0]["v"]
    assert low == 0.0


# ---------------------------------------------------------------- interventions
@pytest.mark.parametrize("owner", ["", "pause", "drunk:walker"])
def test_interventions_go_by_the_clock_of_each_table(
    owner: str, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where tables differ in the clock that is counted, each is changed at its own moment."""
    change = Intervention(at=3, owner=owner, ports={"score": lambda column: column + 100})
    case = Case(world=CHANGING, population=Population.all(Drunk()), interventions=(change,))
    study = Study(name="x", cases=(case,), replicates=20)
    whole = mores.run(study, seed=4)
    monkeypatch.setattr(chunk, "SEATS", size * 4)
    assert mores.run(study, seed=4).hashes == whole.hashes
    assert (whole.array("seats", "score") >= 100).any()


def test_the_inner_of_two_noises_is_the_one_without_a_number() -> None:
    """`noise` is the inner one, `noise#2` the outer: an intervention changes the one it names and counts."""
    from mores.institution import changed

    both = Noise(Noise(Walk(), 0.1), 0.2)
    inner, outer = changed(both, "noise", "p", 0.5), changed(both, "noise#2", "p", 0.5)
    assert [w.p for w in inner.layers[:2]] == [0.2, 0.5]  # type: ignore[attr-defined]
    assert [w.p for w in outer.layers[:2]] == [0.5, 0.1]  # type: ignore[attr-defined]
    with pytest.raises(DoesNotFit, match="noise#3"):
        changed(both, "noise#3", "p", 0.5)


def test_without_an_owner_the_innermost_world_is_meant() -> None:
    """A field that an institution has too is changed in the world whose rounds are counted."""
    stop = Intervention(at=2, settings={"stop": 1.0})
    world = Pause(Walk(stop=0.0), stop=0.5)
    case = Case(world=world, population=Population.all(Drunk()), interventions=(stop,))
    record = mores.run(Study(name="x", cases=(case,), replicates=5))
    assert set(record.array("episodes", "rounds").tolist()) == {3}


# ---------------------------------------------------------------- any composition
def _fits(world: World, numbers: list[int]) -> Iterator[World]:
    for k in numbers:
        kind = names("institution")[k]
        try:
            around = load("institution", kind)(world)
        except (DoesNotFit, TypeError):
            continue
        world = replace(around, n=2) if kind in ("seasons", "generations") else around
        yield world


@dataclass(frozen=True)
class _Small(Sampler):
    """Plays at random under a name of its own."""

    name: ClassVar[str] = "small"


@given(
    st.sampled_from([n for n in names("world") if not n.startswith(("decide", "talk"))]),
    st.lists(st.integers(0, len(names("institution")) - 1), max_size=3),
    st.integers(0, 2**40),
)
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_composition_is_as_the_plain_loop(name: str, around: list[int], seed: int) -> None:
    """Registered institutions around registered worlds: the engine makes what the reference loop makes, and so does
    every table alone."""
    world = load("world", name)()
    *_, world = [world, *_fits(world, around)]
    people = Population.by_share({Sampler(): 0.5, _Small(): 0.5})
    try:
        expected = reference(world, people, seed, range(4), limit=300)
    except (DoesNotFit, ValueError):
        assume(False)
        raise
    together = _engine(world, people, seed, np.arange(4), 300)
    for table in range(4):
        plain = [(fact[0] - 1, *fact[1:5]) for fact in expected[table]]
        assert together[table] == plain
    assert _engine(world, people, seed, np.array([2]), 300)[2] == together[2]


class _Limit(Exception):
    """Enough was played."""


class _Facts:
    """A sink that sorts events by table."""

    def __init__(self, limit: int) -> None:
        self.tables: dict[int, list[tuple[Any, ...]]] = {}
        self.limit = limit

    def add(self, cohort: Cohort, events: Any, role: str, clock: tuple[int, int, int]) -> None:
        """Keep what happened at each table."""
        if clock[0] >= self.limit:
            raise _Limit
        n = cohort.world.seats
        for e in events:
            actors = np.arange(len(cohort) * n) if e.actor is None else e.actor
            for j, row in enumerate(actors.tolist()):
                value = None if e.value is None else e.value[j].tolist()
                value = "missing" if value is not None and value != value else value
                target = None if e.target is None else int(e.target[j])
                target = target if target is None or target < 0 else target % n
                kept = self.tables.setdefault(int(cohort.tables[row // n]), [])
                kept.append((clock[0], e.kind, row % n, target, value))


def _engine(
    world: World, people: Population, seed: int, tables: Any, limit: int
) -> dict[int, list[tuple[Any, ...]]]:
    facts = _Facts(limit)
    cohort = Cohort(0, Seating(Case(world=world, population=people)), Chance(seed, tables))
    try:
        Loop(None, facts, Prober()).run([cohort])  # type: ignore[arg-type]
    except _Limit:
        assume(False)
    return {int(t): facts.tables.get(int(t), []) for t in tables}
