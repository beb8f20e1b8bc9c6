"""Births: seats that are someone new. Rules take over columns, minds begin blank and may think about their parents."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from mores.agent import Mind, Seat
from mores.engine.cohort import Cohort
from mores.world import Born


@dataclass
class Newborn:
    """A mind that begins as the child of others, and its parents as they were when it was born."""

    seat: Seat
    parents: list[Seat]


@dataclass
class Nursery:
    """The owner of generators of births: the table that waits for them."""

    cohort: Cohort
    children: list[Newborn] = field(default_factory=list)
    left: int = 0


def bear_rules(cohort: Cohort, born: Born) -> None:
    """Children of rules take over memories; only at the tables of births does the clock of births go on."""
    tables = np.unique(np.asarray(born.child) // cohort.world.seats)
    if len(tables) == 0:
        return
    for memory, group in zip(cohort.memory, cohort.seating.groups, strict=True):
        group.rule.born(memory, born, cohort.chance.at(f"{group.rule.name}/born"))
    for name in cohort.seating.names:
        # what a table draws must not depend on whether others of its batch have births
        cohort.chance.at(f"{name}/born").clock()[tables] += 1


def bear_minds(cohort: Cohort, born: Born) -> Nursery:
    """Children of minds begin blank: the standing rules, nothing heard, nothing in mind."""
    nursery, n = Nursery(cohort), cohort.world.seats
    parents = np.asarray(born.parent).reshape(len(born.child), -1) % n
    rows = list(zip((np.asarray(born.child) % n).tolist(), parents.tolist(), strict=True))
    thinking = [(i, p) for i, p in rows if i in cohort.seats]
    for i, of in thinking:  # all parents as they were, before any child begins
        if type(cohort.seats[i].policy).born is not Mind.born:
            before = [cohort.seats[p].fork(cohort.log) for p in of if p in cohort.seats]
            nursery.children.append(Newborn(cohort.seats[i], before))
    for i, _ in thinking:
        cohort.seats[i].begin_anew()
    return nursery
