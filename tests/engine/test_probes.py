"""Probes leave no trace; interventions change one thing at one moment; forks and twins share chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

import mores
from mores import Case, Intervention, Item, Mind, Population, Probe, Study
from mores.actions import Actions, Choice
from mores.agent import Memory
from mores.chance import Chance
from mores.instrument import Instrument
from mores.metric import Metric
from mores.record import Record
from tests.engine.worlds import Drunk, Scene, Walk, talker


@dataclass(frozen=True, kw_only=True)
class Mood(Instrument):
    """Two questions."""

    name: ClassVar[str] = "mood"

    def items(self) -> Sequence[Item]:
        yes = Choice("yes", "no")
        return [Item("well", "Are you well?", yes), Item("safe", "Are you safe?", yes)]

    def metrics(self) -> Sequence[Metric]:
        return ()


@dataclass(frozen=True)
class Candid(Drunk):
    """A walker that answers by chance."""

    name: ClassVar[str] = "drunk"

    def answer(self, item: Item, memory: Memory, chance: Chance, seats: int) -> Actions:
        return chance.integers("answer", seats, 2).reshape(-1).astype(np.int8)


def probed(study: Study, **when: Any) -> Study:
    """The same study with a probe in every case."""
    probe = Probe(name="mood", instrument=Mood(), **when)
    return replace(study, cases=tuple(replace(c, probes=(probe,)) for c in study.cases))


def without_answers(record: Record) -> dict[str, str]:
    """The hashes of all but the answers (and the calls that asking them took)."""
    return {k: v for k, v in record.hashes.items() if k not in ("answers", "calls")}


def test_a_probe_of_rules_leaves_no_trace() -> None:
    """Asked in the middle and at the end, walkers walk as if they had not been asked."""
    study = Study.of(Walk(stop=0.05), Population.all(Candid()), replicates=6)
    plain, asked = mores.run(study), mores.run(probed(study, at=(0, 3), end=True))
    assert without_answers(plain) == without_answers(asked)
    rounds = set(asked.answers["round"])
    assert {0, 3} <= rounds and set(asked.answers["outcome"]) == {"answered"}
    assert asked.answers.rows()[0]["value"] in ("0", "1")


def test_a_probe_of_minds_leaves_no_trace() -> None:
    """Asked in the middle of a talk, minds go on as if they had not been asked."""
    study = Study.of(Scene(), Population.all(Mind()), replicates=3)

    def script(request: Any) -> str:
        if isinstance(request.space, Choice):
            return "yes"
        return talker().script(request)

    def run(s: Study) -> Record:
        model = talker()
        model.script = script
        return mores.run(s, models={"players": model})

    plain, asked = run(study), run(probed(study, at=(2,), end=True))
    assert without_answers(plain) == without_answers(asked)
    assert len(asked.answers) == 3 * 2 * 2 * 2
    assert len(asked.calls) == len(plain.calls) + len(asked.answers)


def test_who_cannot_answer_is_missing() -> None:
    """A rule without answers is on record as giving none, never as a default."""
    record = mores.run(probed(Study.of(Walk(), Population.all(Drunk()), replicates=2), at=(0,)))
    assert set(record.answers["outcome"]) == {"no answer"}
    assert set(record.answers["value"]) == {None}


def test_an_intervention_counts_rounds() -> None:
    """Until round 3 both twins are the same; from then on steps to the right earn ten times as much."""
    change = Intervention(at=3, settings={"gain": 10.0})
    study = Study.of(Walk(stop=0.0, gain=1.0), Population.all(Drunk()), replicates=4)
    study = replace(study, cases=(replace(study.cases[0], world=Walk(stop=0.1)),)).twins(change)
    record = mores.run(study)
    same = record.sql(
        "select count(*) as n from (select * exclude arm from events where arm=0 except "
        "select * exclude arm from events where arm=1)"
    )
    assert same.rows()[0]["n"] == 0  # the moves are the same, only what they earn differs
    early = record.sql(
        "select coalesce(sum(value), 0) as v from events where arm=1 and round < 3"
    ).rows()[0]["v"]
    late = record.sql(
        "select coalesce(sum(value), 0) as v from events where arm=1 and round >= 3"
    ).rows()[0]["v"]
    total = record.sql("select sum(score) as s from seats where arm=1").rows()[0]["s"]
    assert total == early + 10 * late


def test_an_intervention_can_write_ports() -> None:
    """A gift of 100 to everyone at round 2 is in the scores of those who got there."""
    gift = Intervention(at=2, ports={"score": lambda column: column + 100})
    case = Case(world=Walk(stop=0.2), population=Population.all(Drunk()), interventions=(gift,))
    record = mores.run(Study(name="gift", cases=(case,), replicates=30))
    rich = record.sql('select "table", min(score) >= 100 as rich from seats group by 1 order by 1')[
        "rich"
    ]
    order = record.array("episodes", "table").argsort()
    assert (rich == (record.array("episodes", "rounds")[order] > 2)).all()


def test_a_fork_is_a_twin_until_chance_is_fresh() -> None:
    """Forked, an episode goes on as the original; under a branch number it does not; the original is untouched."""
    episode = mores.play(Walk(stop=0.01), Population.all(Drunk()), seed=4).run(5)
    twin, other = episode.fork(), episode.fork(branch=1)
    before = list(episode.events)
    assert twin.run().events == episode.fork().run().events
    assert other.run().events != twin.events
    assert episode.events == before
    assert episode.run().events == twin.events


def test_an_episode_equals_the_study() -> None:
    """Played by hand, table 2 of a study is table 2 of the study."""
    study = Study.of(Walk(), Population.all(Drunk()), replicates=4)
    record = mores.run(study, seed=9)
    episode = mores.play(Walk(), Population.all(Drunk()), seed=9, table=2).run()
    rows = record.sql(
        'select step, seat, value from events where "table"=2 order by step, seat'
    ).rows()
    assert rows == [{k: e[k] for k in ("step", "seat", "value")} for e in episode.events]
