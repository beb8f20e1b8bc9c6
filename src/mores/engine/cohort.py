"""Cohort: tables that move together, with everything that belongs to them."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mores.agent import Memory, Seat
from mores.chance import Chance
from mores.engine.seating import Seating
from mores.study import Intervention
from mores.thread import Log
from mores.world import OVER, RESET, State, Texts, Turn, World, put, take

Index = NDArray[np.intp]


class Cohort:
    """Some tables of one case: state, memories, clocks, seats that think; one object, so that it can be forked."""

    __slots__ = (
        "actions",
        "asked",
        "case",
        "chance",
        "legal",
        "log",
        "memory",
        "missing",
        "probed",
        "seating",
        "seats",
        "single",
        "state",
        "step",
        "texts",
        "thinking",
        "turn",
        "waiting",
        "who",
        "world",
    )  # fmt: skip

    def __init__(self, case: int, seating: Seating, chance: Chance) -> None:
        self.case = case
        self.seating = seating
        self.world: World = seating.case.world
        self.chance = chance
        self.who = seating.sit(chance)
        self.memory: list[Memory] = seating.remember(self.who, chance)
        self.state: State = self.world.begin(chance)
        self.step = np.zeros(len(chance), np.int32)
        self.missing = np.zeros(len(chance), np.int32)
        self.texts = Texts()
        self.thinking = bool(seating.minds) and len(chance) == 1
        self.log = Log()
        self.seats: dict[int, Seat] = {}
        self.asked: dict[tuple[int, str], int] = {}
        """How often each seat has asked, apart for acting and each probe: the draw of the next ask."""
        self.probed: set[tuple[int, int]] = set()
        self.single = len(seating.groups) == 1 and not seating.minds
        self.turn: Turn | None = None
        self.actions = None
        self.waiting = 0
        self.legal = 0
        """How many actions of this turn are known to be legal."""

    @classmethod
    def unborn(cls, case: int, seating: Seating, chance: Chance) -> Cohort:
        """Tables whose world could not be reset: only what their rows in the record need."""
        cohort = cls.__new__(cls)
        cohort.case, cohort.seating, cohort.world = case, seating, seating.case.world
        cohort.chance, cohort.who = chance, seating.sit(chance)
        cohort.step, cohort.missing = (np.zeros(len(chance), np.int32) for _ in range(2))
        return cohort

    def __len__(self) -> int:
        return len(self.chance.tables)

    @property
    def tables(self) -> NDArray[np.int64]:
        """The numbers of its tables within the case."""
        return self.chance.tables

    def take(self, index: Index) -> Cohort:
        """Some of its tables as a cohort of their own (copies)."""
        part = copy.copy(self)
        part.chance = self.chance.take(index)
        part.who = self.who[index]
        part.memory = [{k: v[index] for k, v in m.items()} for m in self.memory]
        part.state = take(self.state, index)
        part.step, part.missing = self.step[index], self.missing[index]
        part.texts = self.texts.take(index.tolist())
        part.probed = set(self.probed)
        return part

    def put(self, index: Index, part: Cohort) -> None:
        """Write tables back that were taken out and moved."""
        self.chance.put(index, part.chance)
        for mine, theirs in zip(self.memory, part.memory, strict=True):
            for name, column in theirs.items():
                mine[name][index] = column
        self.state = put(self.state, index, part.state)
        self.step[index], self.missing[index] = part.step, part.missing
        self.texts.put(index.tolist(), part.texts)

    def fork(self, branch: int | None = None) -> Cohort:
        """A copy that goes its own way; with a branch number, under fresh chance from here on."""
        other = copy.copy(self)
        other.chance = self.chance.fork(branch)
        other.state = copy.deepcopy(self.state)
        other.memory = copy.deepcopy(self.memory)
        other.who, other.step, other.missing = (
            self.who.copy(),
            self.step.copy(),
            self.missing.copy(),
        )
        other.texts = self.texts.take(range(len(self)))
        other.log = self.log.fork()
        other.seats = {i: s.fork(other.log) for i, s in self.seats.items()}
        other.asked, other.probed = dict(self.asked), set(self.probed)
        return other

    def rounds(self) -> NDArray[np.int64]:
        """How many rounds the innermost world has played, a table [T]."""
        return self.chance.at(self.world.core.owner).clock()

    def seasons(self) -> NDArray[np.int64]:
        """How often the innermost world has been reset, less the first time, a table [T]."""
        return self.chance.at(self.world.core.owner + "/reset").clock() - 1

    def clocks(self) -> list[NDArray[np.int64]]:
        """The clocks in which tables that move together agree: what is on record, and what interventions count."""
        core = self.world.core.owner
        named = (owner_of(i, self.world) for i in self.seating.case.interventions)
        owners = dict.fromkeys((core, core + RESET, *named))
        return [c for owner in owners if (c := self.chance.clocks.get(owner)) is not None]

    def now(self) -> tuple[int, int, int]:
        """Step, season and round of the first table."""
        owner, clocks = self.world.core.owner, self.chance.clocks
        resets, rounds = clocks.get(owner + RESET), clocks.get(owner)
        season = -1 if resets is None else int(resets[0]) - 1
        return int(self.step[0]), season, 0 if rounds is None else int(rounds[0])


def owner_of(intervention: Intervention, world: World) -> str:
    """Whose steps an intervention counts."""
    return world.core.owner if intervention.owner in ("", "world") else intervention.owner


def lockstep(cohort: Cohort) -> Iterator[tuple[Index | None, Cohort]]:
    """The parts of a cohort that agree in phase and clocks: (None, itself) when all do, which copies nothing."""
    phase = cohort.world.phase(cohort.state)
    if len(phase) == 1:
        if phase[0] != OVER:
            yield None, cohort
        return
    marks: list[NDArray[Any]] = [phase, cohort.step, *cohort.clocks()]
    if all((mark == mark[0]).all() for mark in marks):
        if phase[0] != OVER:
            yield None, cohort
        return
    keys = np.stack([mark.astype(np.int64) for mark in marks])
    for column in np.unique(keys, axis=1).T:
        if column[0] != OVER:
            index = np.flatnonzero((keys == column[:, None]).all(0))
            yield index, cohort.take(index)


def split_over(cohort: Cohort) -> tuple[Cohort | None, Cohort | None]:
    """The tables that are over and those that are not, each as a cohort (None: none)."""
    over = cohort.world.phase(cohort.state) == OVER
    if not over.any():
        return None, cohort
    if over.all():
        return cohort, None
    return cohort.take(np.flatnonzero(over)), cohort.take(np.flatnonzero(~over))
