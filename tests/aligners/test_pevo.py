"""Tests of persona evolution: the card's rule exactly, what it must not touch, and its control."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import mores
from mores import registry
from mores.aligner import Aligner
from mores.aligners.loop import aligner
from mores.aligners.words.behaviour import Agents, agents, class_of
from mores.aligners.words.pevo import Gap, Pevo, RandomRewrite, Rewriting
from mores.chance import Chance
from mores.engine.levels import Level
from mores.engine.manifest import fingerprint
from mores.errors import BadValue, DoesNotFit, UnknownName
from mores.policies.givers import FixedGiver, TraitGiver
from mores.population import Population
from mores.study import Case, Study
from mores.worlds.games.dictator import Dictator

EDGES = np.linspace(0, 1, 5)
TENTHS = tuple(k / 10 for k in range(11))
EVEN = (1.0,) * 10


def _chance(seed: int = 0) -> Chance:
    return Chance(seed, np.array([0])).at("pevo")


def _study(n: int = 60, noise: float = 0.0) -> Study:
    people = Population.all(TraitGiver(noise=noise))
    case = Case(world=Dictator(), population=people)
    return Study(name="giving", cases=(case,), replicates=n)


@st.composite
def _gaps(draw: st.DrawFn) -> Gap:
    label = np.array(draw(st.lists(st.integers(-1, 3), min_size=1, max_size=80)))
    weight = np.array(draw(st.lists(st.integers(0, 9), min_size=4, max_size=4)), np.float64)
    weight[0] += 1e-9
    n = len(label)
    share = np.bincount(label[label >= 0], minlength=4) / n
    crowd = Agents(np.arange(n), np.zeros(n, np.int64), label)
    return Gap(crowd, EDGES, share, weight / weight.sum())


@settings(max_examples=150, deadline=None)
@given(_gaps(), st.integers(0, 9))
def test_who_moves_is_as_on_the_card(gap: Gap, seed: int) -> None:
    """floor(|gap| N) members of each surplus class move, to classes that lack members; the unknown stay."""
    member, to, value = Pevo().rewritten(gap, _study(len(gap.agents)), 0, _chance(seed))
    moved = gap.agents.label[member]
    assert len(np.unique(member)) == len(member)
    assert (moved >= 0).all()
    n = len(gap.agents)
    for b in range(4):
        expected = np.floor(max(0.0, -gap.gap[b]) * n + 1e-9) if gap.gap.max() > 0 else 0
        assert (moved == b).sum() == expected
    assert (gap.gap[to] > 0).all()
    assert (value >= EDGES[to]).all()
    assert (value <= EDGES[to + 1]).all()


def test_new_classes_are_drawn_with_the_gaps_as_weights() -> None:
    """Among the classes that lack members, a class is chosen in proportion to what it lacks."""
    n = 8000
    crowd = Agents(np.arange(n), np.zeros(n, np.int64), np.zeros(n, np.int64))
    gap = Gap(crowd, EDGES, np.array([1.0, 0, 0, 0]), np.array([0.2, 0.5, 0.3, 0]))
    _, to, _ = Pevo().rewritten(gap, _study(n), 0, _chance())
    assert len(to) == 6400
    assert np.bincount(to, minlength=4) / len(to) == pytest.approx([0, 0.625, 0.375, 0], abs=0.02)


def test_a_population_at_its_target_is_left_alone() -> None:
    """No gap, no change."""
    n = 40
    label = np.arange(n) % 4
    gap = Gap(
        Agents(np.arange(n), np.zeros(n, np.int64), label),
        EDGES,
        np.full(4, 0.25),
        np.full(4, 0.25),
    )
    assert len(Pevo().rewritten(gap, _study(n), 0, _chance())[0]) == 0


def test_one_step_without_noise_hits_the_target() -> None:
    """Agents who do what their trait says show, once rewritten, the classes that were meant, within rounding."""
    design, method = _study(1000), Pevo(edges=TENTHS, target=EVEN)
    change = method.align(mores.run(design), design, _chance())
    after = method.judge(mores.run(change.study), change.study)[0]
    assert change.log["cases"][0]["rewritten"] == 900
    # classes are drawn (sd .01); a share within .005 of an edge is rounded across it by whole units
    assert np.abs(after.gap).max() < 0.04


@pytest.mark.parametrize("name", ["pevo", "random-rewrite"])
def test_the_input_is_never_changed(name: str) -> None:
    """Neither the study, nor its traits, nor the record are touched; the result is another study."""
    giving = np.linspace(0, 1, 50, dtype=np.float32)[:, None]
    design = _study(50)
    design = design.with_population(design.cases[0].population.with_traits(giving=giving))
    record = mores.run(design)
    before = fingerprint(design, 0, Level()), giving.copy(), record.hashes
    method = aligner(name, {"edges": TENTHS, "target": EVEN})
    change = method.align(record, design, _chance())
    assert (fingerprint(design, 0, Level()), record.hashes) == (before[0], mores.run(design).hashes)
    assert (giving == before[1]).all()
    new = change.study.cases[0].population.traits["giving"]
    assert not np.shares_memory(new, giving)
    assert (new != np.pad(giving, ((0, 0), (0, 1)))).any()


def test_the_same_chance_gives_the_same_change() -> None:
    """An aligner is a function of record, study and chance."""
    design, method = _study(), Pevo(edges=TENTHS, target=EVEN)
    record = mores.run(design)
    one, two, other = (method.align(record, design, _chance(s)) for s in (1, 1, 2))
    traits = [c.study.cases[0].population.traits["giving"] for c in (one, two, other)]
    assert (traits[0] == traits[1]).all()
    assert (traits[0] != traits[2]).any()


def test_the_control_moves_nothing() -> None:
    """As many agents rewritten at random: a uniform population stays as it is, a mixed one only drifts."""
    design = _study(400)
    record = mores.run(design)
    change = Pevo(edges=TENTHS, target=EVEN).align(record, design, _chance())
    control = Pevo(edges=TENTHS, target=EVEN).control(change)
    assert control.count == (change.log["cases"][0]["rewritten"],) == (360,)
    same = control.align(record, design, _chance())
    assert (same.study.cases[0].population.traits["giving"] == 0).all()
    mixed = np.repeat(np.array([0.05, 0.55], np.float32), [300, 100])[:, None]
    design = design.with_population(design.cases[0].population.with_traits(giving=mixed))
    moved = control.align(mores.run(design), design, _chance()).study.cases[0].population
    assert (moved.traits["giving"][:, 0] > 0.5).mean() == pytest.approx(0.25, abs=0.07)


def test_a_trait_that_misses_its_class_is_refused() -> None:
    """Rewriting is validated: a number that does not lie in the class meant is not given to anyone."""
    design = _study(3)
    crowd = Agents(np.arange(3), np.zeros(3, np.int64), np.zeros(3, np.int64))
    value = np.array([0.3, 0.9, np.nan])
    row = Rewriting(crowd, np.arange(3), np.array([1, 1, 1]), value, EDGES, {})
    change = Pevo().fit((row,), design, _chance())
    assert change.log["cases"][0] == {"rewritten": 1, "refused": 2}
    assert change.study.cases[0].population.traits["giving"][:, 0] == pytest.approx([0.3, 0, 0])


def test_every_seat_that_acted_is_an_agent_and_its_last_act_counts() -> None:
    """Agents are seats of tables; who received only is none; with several rounds the last act is the label."""
    world = Dictator(pairs=2, rounds=3)
    people = Population.all(TraitGiver(noise=0)).with_traits(
        giving=np.array([0.1, 0.6], np.float32)
    )
    record = mores.run(Study.of(world, people, replicates=4))
    crowd = agents(record, 0, "give", TENTHS)
    assert crowd.table.tolist() == [0, 0, 1, 1, 2, 2, 3, 3]
    assert crowd.seat.tolist() == [0, 1] * 4
    assert crowd.label.tolist() == [1, 6] * 4


def test_classes_are_those_of_the_bins() -> None:
    """Bins hold their lower edge, the top one both; single precision does not shift a class; NaN is unknown."""
    shares = np.array([0, 0.1, 0.29, 0.3, 0.7, 1.0, np.nan], np.float32)
    assert class_of(shares, TENTHS).tolist() == [0, 1, 2, 3, 7, 9, -1]
    with pytest.raises(BadValue, match="within the classes"):
        class_of([1.5], TENTHS)


def test_what_does_not_fit_is_explained() -> None:
    """No target, no such act, no such trait, no such field: each is refused with the next step."""
    design = _study(4)
    record = mores.run(design)
    with pytest.raises(DoesNotFit, match=r"edges=.* and target="):
        Pevo().align(record, design, _chance())
    with pytest.raises(DoesNotFit, match="event="):
        Pevo(event="vote", edges=TENTHS, target=EVEN).align(record, design, _chance())
    with pytest.raises(BadValue, match="edges"):
        Pevo(edges=(0.0, 1.0), target=EVEN).align(record, design, _chance())
    fixed = replace(
        design, cases=(replace(design.cases[0], population=Population.all(FixedGiver())),)
    )
    with pytest.raises(DoesNotFit, match="trait-giver"):
        Pevo(edges=TENTHS, target=EVEN).align(mores.run(fixed), fixed, _chance())
    with pytest.raises(UnknownName, match="pevo"):
        aligner("pevoo")
    with pytest.raises(UnknownName, match="trait"):
        aligner("pevo", {"trayt": "giving"})


def test_registered_aligners_say_what_they_are() -> None:
    """Every registered aligner is one, with a name, a lever and a source."""
    for name in registry.names("aligner"):
        kind = registry.load("aligner", name)
        assert issubclass(kind, Aligner)
        assert kind.name == name
        assert kind.lever in ("weights", "activations", "words", "institution")
        assert kind.source
    assert issubclass(RandomRewrite, Pevo)
