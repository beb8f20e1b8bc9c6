"""Does a world keep the contract of worlds?"""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from mores.actions import Actions, Choice
from mores.errors import DoesNotFit
from mores.institution import Institution
from mores.population import Population
from mores.registry import load, names
from mores.testing.contract import columns, difference, plain, require, shapes
from mores.testing.loop import Fact, Index, Move, Table, Tables, play, record
from mores.testing.rules import Sampler, Silent
from mores.world import OVER, Turn, World, put, take

TABLES = (0, 1, 2, 3, 4)
_SHOWN = 3  # how many rows of a turn are put into words
_WORDED = 40  # moves that are put into words


@dataclass(frozen=True)
class PassThrough(Institution):
    """An institution that changes nothing."""

    name = "pass-through"


def check_world(
    world: World,
    *,
    population: Population | None = None,
    seed: int = 1,
    limit: int = 5_000,
    tables: Sequence[int] = TABLES,
) -> None:
    """Raise ContractBroken unless the world keeps its contract, played by `population` (at random, by default).

    What is checked: the state holds arrays of constant type and shape with the table axis first; `take` commutes with
    `step`; putting back what was taken changes nothing; five replicates stepped together are five stepped alone; the
    same seed gives the same record; an institution that does nothing, or a noise of zero, changes nothing; missing
    actions are borne; whoever acts has a legal action and samples are legal; words are words; ports are there; it
    ends; it writes exactly the kinds of events and asks exactly the roles that it declares.
    """
    people = population or Population.all(Sampler())
    watch = _Watch(world)
    game = play(world, people, seed, tables, limit=limit, before=watch.before, after=watch.after)
    _ended(world, game, limit)
    _declared(world, watch)
    together = record(world, people, seed, tables, limit)
    require(
        together == record(world, people, seed, tables, limit),
        f"{world.name}: the same seed gives another record",
    )
    for table in tables:
        alone = record(world, people, seed, (table,), limit)
        _same(together[table], alone[table], f"{world.name}: replicate {table} alone")
    for around in _nothing(world):
        wrapped = record(around, people, seed, tables, limit)
        for table in tables:
            _same(together[table], wrapped[table], f"{world.name} inside {around.name}")
    silence = play(world, Population.all(Silent()), seed, tables, limit=limit)
    _ended(world, silence, limit)


@dataclass
class _Watch:
    """Looks at every move of a game."""

    world: World
    shapes: dict[str, tuple[object, ...]] = field(default_factory=dict)
    kinds: set[str] = field(default_factory=set)
    roles: set[str] = field(default_factory=set)
    moves: int = 0
    expected: tuple[Table, Index] | None = None

    def before(self, part: Table, turn: Turn, actions: Actions) -> None:
        """Before a step: the state, the turn and the words; and half of the tables step on their own."""
        _state(self, part)
        _turn(self.world, part, turn)
        self.roles.add(turn.role)
        if self.moves < _WORDED:
            _words(self.world, part, turn)
        _round_trip(self.world, part)
        self.expected = _half(self.world, part, turn, actions)

    def after(self, move: Move) -> None:
        """After it: the same half of the whole step."""
        self.moves += 1
        _state(self, move.part)
        if self.expected is not None:
            half, index = self.expected
            where = difference(half.state, take(move.part.state, index))
            require(
                where is None,
                f"{self.world.name}: take does not commute with step in role {move.turn.role!r}: {where} differs",
            )
        for events in move.events:
            self.kinds.add(events.kind)
        if self.moves < _WORDED:
            _narrated(self.world, move)


def _state(watch: _Watch, part: Table) -> None:
    tables = len(part.step)
    for path, column in columns(part.state).items():
        require(
            len(column) == tables,
            f"{watch.world.name}: {path} has {len(column)} rows for {tables} tables (the table axis comes first)",
        )
    now = shapes(part.state)
    watch.shapes = watch.shapes or now
    changed = [p for p in now.keys() | watch.shapes.keys() if now.get(p) != watch.shapes.get(p)]
    require(
        not changed,
        f"{watch.world.name}: {', '.join(changed)} changed type or shape: "
        f"{[watch.shapes.get(p) for p in changed]} -> {[now.get(p) for p in changed]}",
    )
    for name in watch.world.all_ports():
        port = watch.world.port(part.state, name)
        whole = (tables, watch.world.seats)
        require(
            np.shape(port)[:2] == whole or (np.shape(port) == (tables,) and name != "score"),
            f"{watch.world.name}: port {name!r} is not an array [table, seat] (or [table])",
        )


def _turn(world: World, part: Table, turn: Turn) -> None:
    name, tables, m = f"{world.name} ({turn.role})", len(part.step), len(turn)
    require(
        (turn.tables, turn.seats) == (tables, world.seats),
        f"{name}: the turn is of {turn.tables} tables and {turn.seats} seats, not {tables} and {world.seats}",
    )
    rows = turn.all_rows
    require(rows.dtype == np.int32, f"{name}: rows are {rows.dtype}, not int32")
    require(len(np.unique(rows)) == m, f"{name}: a row acts twice in one turn")
    require(
        m == 0 or (rows.min() >= 0 and rows.max() < tables * world.seats),
        f"{name}: rows reach outside the tables",
    )
    for word, column in turn.observation.items():
        require(len(column) == m, f"{name}: {word!r} has {len(column)} values for {m} rows")
    if turn.mask is not None:
        require(isinstance(turn.spaces, Choice), f"{name}: only a Choice can be masked")
        assert isinstance(turn.spaces, Choice)
        shape = (m, len(turn.spaces.options))
        require(turn.mask.shape == shape, f"{name}: the mask is {turn.mask.shape}, not {shape}")
        require(turn.mask.any(1).all(), f"{name}: a row has no open option")
    _samples(name, part, turn)


def _samples(name: str, part: Table, turn: Turn) -> None:
    """Every row has legal actions, and missing ones are not among them."""
    actions = Sampler().act(turn, {}, part.chance.at("testing"))
    legal = turn.spaces.valid(actions, turn.mask)
    require(
        legal.all(), f"{name}: a sampled action is not legal in row {np.flatnonzero(~legal)[:3]}"
    )
    empty = turn.spaces.valid(turn.spaces.empty(len(turn)), turn.mask)
    require(not empty.any(), f"{name}: a missing action counts as legal")


def _words(world: World, part: Table, turn: Turn) -> None:
    for seat in range(min(_SHOWN, world.seats)):
        plain(world.brief(part.state, 0, seat), f"{world.name}.brief(seat {seat})")
    for j in range(min(_SHOWN, len(turn))):
        plain(world.describe(part.state, turn, j), f"{world.name}.describe({turn.role} {j})")
        plain(turn.space(j).words(), f"{world.name}: space of {turn.role} {j}")


def _narrated(world: World, move: Move) -> None:
    for events in move.events:
        count = len(move.part.step) * world.seats if events.actor is None else len(events.actor)
        for j in range(min(_SHOWN, count)):
            line = world.narrate(move.part.state, move.turn, events, j)
            if line is not None:
                plain(line, f"{world.name}.narrate({events.kind} {j})")


def _round_trip(world: World, part: Table) -> None:
    index = np.arange(0, len(part.step), 2)
    own = copy.deepcopy(part.state)
    where = difference(put(own, index, take(own, index)), part.state)
    require(where is None, f"{world.name}: putting back what was taken changes {where}")


def _half(world: World, part: Table, turn: Turn, actions: Actions) -> tuple[Table, Index]:
    """Every other table steps on its own, by the same actions."""
    index = np.arange(0, len(part.step), 2)
    half = copy.deepcopy(part).take(index)
    own = world.turn(half.state)
    own.texts = half.texts
    mine = np.flatnonzero(np.isin(turn.all_rows // turn.seats, index))
    require(len(own) == len(mine), f"{world.name}: who acts at a table depends on the other tables")
    outcome = world.advance(half.state, own, copy.deepcopy(actions[mine]), half.chance)
    half.state = outcome.state
    return half, index


def _ended(world: World, game: Tables, limit: int) -> None:
    over = (world.phase(game.all.state) == OVER).all()
    require(over, f"{world.name} has not ended after {limit} steps")


def _declared(world: World, watch: _Watch) -> None:
    declared = set(world.all_emits())
    unknown = watch.kinds - declared
    require(
        not unknown,
        f"{world.name} writes {', '.join(sorted(unknown))}, which it does not declare in `emits`",
    )
    never = declared - watch.kinds
    require(
        not never,
        f"{world.name} declares {', '.join(sorted(never))} in `emits`, but never writes it",
    )
    told = {role for layer in world.layers for role in layer.missing}
    silent = watch.roles - told
    require(
        not silent,
        f"{world.name} does not say in `missing` what a missing action does in the role {', '.join(sorted(silent))}",
    )


def _same(one: list[Fact], other: list[Fact], what: str) -> None:
    if one == other:
        return
    for k, (a, b) in enumerate(zip(one, other, strict=False)):
        require(a == b, f"{what} differs at event {k}: {a} became {b}")
    require(False, f"{what} has {len(other)} events, not {len(one)}")


def _nothing(world: World) -> list[World]:
    """The world inside institutions that change nothing."""
    around: list[World] = [PassThrough(world)]
    if "noise" in names("institution"):
        with contextlib.suppress(DoesNotFit):
            around.append(load("institution", "noise")(world, 0.0))
    return around
