"""The plainest loop that plays a world by rules: the reference that the engine is compared with.

It batches only what agrees in phase, keeps everything, knows no minds, and does nothing for speed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mores.actions import Actions
from mores.agent import Memory, Rule
from mores.chance import Chance
from mores.errors import DoesNotFit
from mores.population import Population
from mores.world import OVER, Events, Outcome, State, Texts, Turn, World, put, take

Index = NDArray[np.intp]
Fact = tuple[Any, ...]
"""(step, kind, actor, target, value, text) with seats of the table."""


@dataclass
class Table:
    """Tables that move together: all that a step needs."""

    world: World
    state: State
    chance: Chance
    who: NDArray[np.int16]
    memory: list[Memory]
    texts: Texts
    step: NDArray[np.int32]

    def take(self, index: Index) -> Table:
        """Some of the tables (copies)."""
        memory = [{k: v[index] for k, v in m.items()} for m in self.memory]
        return Table(
            self.world,
            take(self.state, index),
            self.chance.take(index),
            self.who[index],
            memory,
            self.texts.take(index.tolist()),
            self.step[index],
        )

    def put(self, index: Index, part: Table) -> None:
        """Write tables back that were taken out."""
        self.state = put(self.state, index, part.state)
        self.chance.put(index, part.chance)
        for mine, theirs in zip(self.memory, part.memory, strict=True):
            for name, column in theirs.items():
                mine[name][index] = column
        self.texts.put(index.tolist(), part.texts)
        self.step[index] = part.step


@dataclass
class Move:
    """One step of some tables, as it is shown to a watcher right after it happened."""

    part: Table
    turn: Turn
    actions: Actions
    valid: NDArray[np.bool_]
    """Which rows acted legally, before illegal actions became missing."""
    outcome: Outcome

    @property
    def events(self) -> list[Events]:
        """What happened."""
        return self.outcome.events


Before = Callable[[Table, Turn, Actions], None]
After = Callable[[Move], None]


class Tables:
    """A world, played by a population of rules at the given replicates."""

    def __init__(
        self, world: World, population: Population, seed: int, tables: Sequence[int] = (0,)
    ) -> None:
        population.check(world.seats)
        self.world = world
        self.rules, self.group = _groups(population)
        chance = Chance(seed, np.asarray(tables, np.int64))
        who = population.seating(world.seats, chance)
        memory = [_remember(rule, number, who, population, chance) for rule, number in self.rules]
        n = len(chance)
        self.all = Table(
            world, world.begin(chance), chance, who, memory, Texts(), np.zeros(n, np.int32)
        )

    def parts(self) -> Iterator[tuple[Index | None, Table]]:
        """The tables of each phase that is not over."""
        phase = self.world.phase(self.all.state).copy()
        for value in np.unique(phase[phase != OVER]).tolist():
            index = np.flatnonzero(phase == value)
            yield (None, self.all) if len(index) == len(phase) else (index, self.all.take(index))

    def move(self, before: Before | None = None, after: After | None = None) -> list[Move]:
        """Every table that is not over makes one step; watchers are called around each step."""
        moves = []
        for index, part in self.parts():
            moves.append(self._step(part, before))
            if after is not None:
                after(moves[-1])
            if index is not None:
                self.all.put(index, part)
        return moves

    def _step(self, part: Table, before: Before | None) -> Move:
        turn = self.world.turn(part.state)
        turn.texts = part.texts
        actions = self._act(part, turn)
        valid = turn.spaces.valid(actions, turn.mask)
        bad = np.flatnonzero(~valid)
        if len(bad):
            actions[bad] = turn.spaces.empty(len(bad))
        if before is not None:
            before(part, turn, actions)
        outcome = self.world.advance(part.state, turn, actions, part.chance)
        part.state = outcome.state
        for (rule, _), memory in zip(self.rules, part.memory, strict=True):
            rule.notice(outcome.events, memory, self.world.seats)
            if outcome.born is not None:
                rule.born(memory, outcome.born, part.chance.at(f"{rule.name}/born"))
        if outcome.born is not None:  # the clock of births goes on where somebody was born
            tables = np.unique(outcome.born.child // self.world.seats)
            for name in {rule.name for rule, _ in self.rules}:
                part.chance.at(f"{name}/born").clock()[tables] += 1
        part.step += 1
        return Move(part, turn, actions, valid, outcome)

    def _act(self, part: Table, turn: Turn) -> Actions:
        actions = turn.spaces.empty(len(turn))
        group = self.group[part.who.reshape(-1)[turn.all_rows]]
        for g, (rule, _) in enumerate(self.rules):
            rows = np.flatnonzero(group == g)
            if len(rows):
                chance = part.chance.at(f"{rule.name}:{turn.role}")
                actions[rows] = rule.act(turn.pick(rows), part.memory[g], chance)
        for name in {rule.name for rule, _ in self.rules}:
            # also where none of its seats act: clocks must not depend on the batch
            part.chance.at(f"{name}:{turn.role}").tick()
        return actions


def _groups(
    population: Population,
) -> tuple[list[tuple[Rule, NDArray[np.int16]]], NDArray[np.int16]]:
    """Rules that act in one call with the member number of each policy, and the group of each policy."""
    families: dict[Hashable, list[int]] = {}
    for k, policy in enumerate(population.policies):
        if not isinstance(policy, Rule):
            raise DoesNotFit(f"{policy.name} is not a rule; this loop plays rules only")
        families.setdefault((type(policy).unite, policy.family()), []).append(k)
    group = np.zeros(len(population.policies), np.int16)
    rules = []
    for g, members in enumerate(families.values()):
        group[members] = g
        number = np.full(len(population.policies), -1, np.int16)
        number[members] = np.arange(len(members))
        of_family = [p for k in members if isinstance(p := population.policies[k], Rule)]
        rules.append((type(of_family[0]).unite(of_family), number))
    return rules, group


def _remember(
    rule: Rule,
    number: NDArray[np.int16],
    who: NDArray[np.int16],
    population: Population,
    chance: Chance,
) -> Memory:
    memory: Memory = {
        name: np.zeros((*who.shape, *shape), dtype) for name, (dtype, shape) in rule.fields.items()
    }
    if "member" in memory:
        memory["member"][:] = number[who]
    rule.start(memory, chance.at(f"{rule.name}/start"))
    for name, trait in population.traits.items():
        if name in memory:
            memory[name][:, : trait.shape[-1]] = trait if trait.ndim == 1 else trait[chance.tables]
    return memory


def play(
    world: World,
    population: Population,
    seed: int = 0,
    tables: Sequence[int] = (0,),
    *,
    limit: int = 10_000,
    before: Before | None = None,
    after: After | None = None,
) -> Tables:
    """Play to the end (at most `limit` steps a table), showing each move to the watchers."""
    game = Tables(world, population, seed, tables)
    for _ in range(limit):
        if not game.move(before, after):
            break
    return game


def record(
    world: World,
    population: Population,
    seed: int = 0,
    tables: Sequence[int] = (0,),
    limit: int = 10_000,
) -> dict[int, list[Fact]]:
    """What happened at each replicate: the facts that must not depend on what was batched with what."""
    kept: dict[int, list[Fact]] = {int(t): [] for t in tables}

    def keep(move: Move) -> None:
        for events in move.events:
            for table, fact in facts(move, events):
                kept[table].append(fact)

    play(world, population, seed, tables, limit=limit, after=keep)
    return kept


def facts(move: Move, events: Events) -> Iterator[tuple[int, Fact]]:
    """One batch of events, event by event: (replicate, fact)."""
    n, part = move.turn.seats, move.part
    actors = np.arange(len(part.step) * n) if events.actor is None else events.actor
    for j, row in enumerate(np.asarray(actors).tolist()):
        t, seat = divmod(int(row), n)
        target = None if events.target is None else int(events.target[j])
        if target is not None:
            target = target % n if target >= 0 else -1
        value = None if events.value is None else events.value[j].tolist()
        if isinstance(value, float) and math.isnan(value):
            value = "missing"  # NaN would not equal itself
        text = None
        if events.text is not None:
            number = int(events.text[j])
            text = part.texts.get(t, number) if number >= 0 else ""
        fact = (int(part.step[t]), events.kind, seat, target, value, text)
        yield int(part.chance.tables[t]), fact
