"""Held out: seeds and agents that an aligner never saw, on which its result is judged."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mores.chance import Chance
from mores.population import Population
from mores.study import Case, Study


def stream(seed: int, *purpose: object) -> int:
    """A seed of its own for a purpose: what is drawn under one tells nothing about another."""
    text = "/".join(str(p) for p in (seed, *purpose)).encode()
    return int.from_bytes(hashlib.blake2b(text, digest_size=4).digest(), "big")


def fresh(study: Study, seed: int) -> Study:
    """The study with fresh agents: each is drawn, with all of its traits, from the study's agents.

    Sampling is with replacement: whole tables where every table has agents of its own, else the seats
    of the one population where all of them play the same policies. The same seed draws the same places,
    so that populations before and after a change are paired. A study without traits stays as it is.
    """
    chance = Chance(seed, np.array([0])).at("held-out")
    cases = tuple(_fresh(case, arm, chance) for arm, case in enumerate(study.cases))
    return replace(study, cases=cases)


def _fresh(case: Case, arm: int, chance: Chance) -> Case:
    people = case.population
    shapes = {column.shape for column in people.traits.values()}
    if len(shapes) != 1:
        return case
    shape = shapes.pop()
    rows = shape[0] if len(shape) == 2 else 1
    if rows > 1:
        index = _drawn(chance, f"tables/{arm}", rows)
        traits = {name: column[index] for name, column in people.traits.items()}
    elif _alike(people):
        index = _drawn(chance, f"seats/{arm}", shape[-1])
        traits = {name: column[..., index] for name, column in people.traits.items()}
    else:
        return case
    return replace(case, population=replace(people, traits=traits))


def _alike(people: Population) -> bool:
    return not people.personas and people.shares is None and len(set(people.layout[0])) == 1


def _drawn(chance: Chance, purpose: str, n: int) -> NDArray[np.int32]:
    index: NDArray[np.int32] = chance.integers(purpose, n, n)[0]
    return index
