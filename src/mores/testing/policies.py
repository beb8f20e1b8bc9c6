"""Does a rule keep the contract of policies?"""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mores.actions import Actions, Columns
from mores.agent import Memory, Rule
from mores.chance import Chance
from mores.errors import DoesNotFit
from mores.population import Population
from mores.testing.contract import require, same_array
from mores.testing.institutions import registered
from mores.testing.loop import Move, Table, play, record
from mores.testing.rules import Sampler
from mores.testing.worlds import TABLES
from mores.world import Born, Events, Turn, World


@dataclass(frozen=True)
class _Guest(Rule):
    """Plays the rule in the roles it has, and at random in the others."""

    rule: Rule
    policy: Rule
    """As it was given: `rule` may be the rule that plays its whole family."""

    @property
    def name(self) -> str:  # type: ignore[override]
        return self.rule.name

    @property
    def fields(self):  # type: ignore[no-untyped-def,override]
        return self.rule.fields

    def plays(self, role: str) -> bool:
        """Whether the rule has this role."""
        return not self.policy.roles or role in self.policy.roles

    def start(self, memory: Memory, chance: Chance) -> None:
        self.rule.start(memory, chance)

    def act(self, turn: Turn, memory: Memory, chance: Chance) -> Actions:
        return (self.rule if self.plays(turn.role) else Sampler()).act(turn, memory, chance)

    def notice(self, events: Sequence[Events], memory: Memory, seats: int) -> None:
        self.rule.notice(events, memory, seats)

    def born(self, memory: Memory, born: Born, chance: Chance) -> None:
        self.rule.born(memory, born, chance)


def check_policy(
    policy: Rule,
    worlds: Sequence[World] | None = None,
    *,
    seed: int = 1,
    limit: int = 300,
    tables: Sequence[int] = TABLES,
) -> list[str]:
    """Raise ContractBroken unless the rule keeps its contract in every world that has one of its roles.

    In the roles it declares it acts legally; equal keys give equal play, whatever is batched with it and whoever else
    acts; its memory keeps type and shape; and if it declares `stochastic = False`, no draw changes what it does.
    `worlds` are by default all that are registered; a game is watched for at most `limit` steps. Returns the names of
    the worlds it acted in, of which there must be one.
    """
    guest = _Guest(type(policy).unite([policy]), policy)
    acted = []
    for world in worlds if worlds is not None else registered():
        watch = _Watch(guest, world)
        people = Population.all(guest)
        with contextlib.suppress(DoesNotFit):  # a world it refuses is not one it is for
            play(world, people, seed, tables, limit=limit, before=watch.before, after=watch.after)
            watch.played = True
        if not (watch.acted and watch.played):
            continue
        acted.append(world.name)
        together = record(world, people, seed, tables, limit)
        require(
            together == record(world, people, seed, tables, limit),
            f"{policy.name} in {world.name}: equal keys give other play",
        )
        for table in tables[:2]:
            alone = record(world, people, seed, (table,), limit)
            require(
                alone[table] == together[table],
                f"{policy.name} in {world.name}: play depends on the tables it is batched with",
            )
    require(acted, f"{policy.name} has a role in none of the worlds: {', '.join(policy.roles)}")
    return acted


@dataclass
class _Watch:
    """Looks at every turn of a rule."""

    guest: _Guest
    world: World
    acted: bool = False
    played: bool = False

    def before(self, part: Table, turn: Turn, actions: Actions) -> None:
        """Ask it again before the step: for half of the rows, and under other chance."""
        if not self.guest.plays(turn.role) or len(turn) == 0:
            return
        self.acted = True
        where = f"{self.guest.policy.name} as {turn.role} in {self.world.name}"
        _remembers(self.guest.rule, part, where)
        memory = copy.deepcopy(part.memory[0])
        chance = part.chance.at(f"{self.guest.name}:{turn.role}").fork()
        whole = self.guest.act(turn, copy.deepcopy(memory), chance)
        half = np.arange(0, len(turn), 2)
        few = self.guest.act(turn.pick(half), copy.deepcopy(memory), chance)
        require(_equal(few, whole[half]), f"{where}: what it does depends on who else acts")
        kind = turn.spaces.empty(1)
        if isinstance(kind, np.ndarray):
            require(
                whole.dtype == kind.dtype, f"{where}: actions are {whole.dtype}, not {kind.dtype}"
            )
        if getattr(self.guest.policy, "stochastic", True) is False:
            other = Chance(chance.seed + 7919, part.chance.tables).at("another")
            anew = self.guest.act(turn, copy.deepcopy(memory), other)
            require(_equal(whole, anew), f"{where}: it draws, but declares stochastic = False")

    def after(self, move: Move) -> None:
        """What it did was legal."""
        if self.guest.plays(move.turn.role):
            bad = np.flatnonzero(~move.valid)
            require(
                len(bad) == 0,
                f"{self.guest.policy.name} as {move.turn.role} in {self.world.name}: "
                f"{len(bad)} of {len(move.turn)} actions are not legal",
            )


def _remembers(rule: Rule, part: Table, where: str) -> None:
    tables, seats = part.who.shape
    memory = part.memory[0]
    require(
        memory.keys() == rule.fields.keys(), f"{where}: its memory has other fields than declared"
    )
    for name, (dtype, shape) in rule.fields.items():
        column = memory[name]
        require(
            column.dtype == np.dtype(dtype) and column.shape == (tables, seats, *shape),
            f"{where}: memory {name!r} changed type or shape",
        )


def _equal(one: Actions, other: Actions) -> bool:
    if isinstance(one, Columns):
        tags = (one.tag is None) == (other.tag is None)
        if one.tag is not None and tags:
            tags = same_array(one.tag, other.tag)
        return tags and all(_equal(v, other.fields[k]) for k, v in one.fields.items())
    return same_array(np.asarray(one), np.asarray(other))
