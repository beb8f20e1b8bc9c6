"""Tests of instruments put in the middle of an episode."""

from __future__ import annotations

import numpy as np

import mores
from mores.agent import Mind
from mores.instruments.fairness import ITEMS, Fairness
from mores.models.scripted import scripted
from mores.policies.givers import TraitGiver
from mores.population import Population
from mores.record import Record
from mores.study import Case, Probe, Study
from mores.worlds.games.public_goods import PublicGoods

FAIRNESS = Fairness()


def _record(people: Population, probes: tuple[Probe, ...]) -> Record:
    world = PublicGoods(rounds=4)
    case = Case(world=world, population=people, probes=probes)
    design = Study(name="probed", cases=(case,), replicates=3, metrics=tuple(FAIRNESS.metrics()))
    return mores.run(design, seed=5, models=lambda: {"players": scripted("random")})


PROBES = (
    Probe(name="before", instrument=FAIRNESS, at=(0,)),
    Probe(name="later", instrument=FAIRNESS, at=(2,), end=True),
)


def test_probing_rules_leaves_no_trace() -> None:
    """What rules do is the same whether or not they are asked in between."""
    people = Population.all(TraitGiver(noise=0.2)).with_traits(
        giving=np.array([0.1, 0.5, 0.9], np.float32)
    )
    asked, unasked = _record(people, PROBES), _record(people, ())
    for table in ("events", "seats", "episodes", "faults"):
        assert asked.hashes[table] == unasked.hashes[table]
    seats = PublicGoods(rounds=4).seats
    assert len(asked.table("answers")) == 3 * seats * 3 * len(ITEMS)


def test_probing_minds_leaves_no_trace() -> None:
    """What a model does is the same whether or not it is asked in between, though its answers are drawn."""
    people = Population.all(Mind())
    asked, unasked = _record(people, PROBES), _record(people, ())
    for table in ("events", "seats", "episodes", "faults"):
        assert asked.hashes[table] == unasked.hashes[table]
    assert len(asked.table("answers")) > 0
    assert len(unasked.table("answers")) == 0


def test_scores_tell_the_times_of_asking_apart() -> None:
    """An instrument put several times has a score for each time, under the conditions probe and round."""
    people = Population.all(TraitGiver())
    record = _record(people, PROBES)
    giving = [e for e in record.estimates if e.metric == "giving"]
    times = {(e.condition["probe"], e.condition["round"]) for e in giving}
    assert times == {("before", 0), ("later", 2), ("later", 4)}
    assert all(
        e.n == 3 for e in giving
    )  # tables, not seats: those at one table are not independent
