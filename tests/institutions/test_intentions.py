"""Intentions: what was meant is in the record beside what was done."""

from __future__ import annotations

import numpy as np

import mores
from mores.institutions.intentions import Intentions
from mores.institutions.noise import Noise
from mores.policies.spec import policy
from mores.population import Population
from mores.study import Study
from mores.worlds.games.named import PrisonersDilemma


def test_certain_mistakes_turn_every_intention_around() -> None:
    """Cooperators under noise of probability 1 mean to cooperate and defect; nobody hears what was meant."""
    world = Intentions(Noise(PrisonersDilemma(rounds=3), p=1.0))
    people = Population.all(policy("all-cooperate"))
    record = mores.run(Study.of(world, people, replicates=4))
    meant, done = record.column("intend"), record.column("choose")
    assert (meant.value == 0).all() and (done.value == 1).all()
    for name in ("arm", "table", "round", "seat"):
        np.testing.assert_array_equal(getattr(meant, name), getattr(done, name))


def test_it_changes_nothing_but_the_record() -> None:
    """The same game with and without it: equal moves and scores."""
    noisy = Noise(PrisonersDilemma(rounds=9), p=0.2)
    people = Population.all(policy("tit-for-tat"))
    plain, told = (
        mores.run(Study.of(world, people, replicates=20), seed=2)
        for world in (noisy, Intentions(noisy))
    )
    np.testing.assert_array_equal(plain.column("choose").value, told.column("choose").value)
    np.testing.assert_array_equal(plain.array("seats", "score"), told.array("seats", "score"))
