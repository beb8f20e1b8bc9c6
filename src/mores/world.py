"""World: the rules of a society, as arrays inside and words at the edge.

A world is a frozen dataclass whose fields are its parameters. Its state is a dataclass of arrays `[table, seat, ...]`
(what belongs to a table: `[table]`); replicates are tables of one state, stepped together. Words exist only
where somebody asks for them: :meth:`World.brief` says the standing rules, :meth:`World.describe` what one row of
the turn sees now, :meth:`World.narrate` one event as a line of the shared log.

Rows are flat: `table * seats + seat`, as int32. The engine never shows a world tables of two phases at once.
"""

from __future__ import annotations

import dataclasses
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from mores.actions import Actions, Choice, Space
from mores.chance import Chance

Array = NDArray[Any]
Rows = NDArray[np.int32]
State = Any
"""A dataclass of arrays with the table axis first; nested states, tuples and dicts of arrays are fine."""

OVER = -1
"""The phase of a table that has ended."""

RESET = "/reset"
"""What is added to an owner's name for the draws of its resets."""

PUBLIC = "public"
PAIR = "pair"
"""Audiences: everyone at the table; actor and target only; a channel's members by name; None: nobody is told."""


class Texts:
    """The text heap of a cohort: what was said at each table, by number."""

    __slots__ = ("heaps",)

    def __init__(self) -> None:
        self.heaps: dict[int, list[str]] = {}

    def add(self, table: int, text: str) -> int:
        """Keep a text and say its number at that table."""
        heap = self.heaps.setdefault(table, [])
        heap.append(text)
        return len(heap) - 1

    def get(self, table: int, number: int) -> str:
        """The text with that number."""
        return self.heaps[table][number]

    def take(self, index: Sequence[int]) -> Texts:
        """The heaps of some of the tables, copied."""
        part = Texts()
        if self.heaps:
            part.heaps = {k: list(self.heaps[t]) for k, t in enumerate(index) if t in self.heaps}
        return part

    def put(self, index: Sequence[int], part: Texts) -> None:
        """Write heaps back that were taken out."""
        for k, heap in part.heaps.items():
            self.heaps[index[k]] = heap


@dataclass(slots=True)
class Turn:
    """Who acts now, what they see and what they may do.

    `rows` [m] are the flat rows that act, in the order of `observation` and of the actions; None: every seat of
    every table, in order. `observation` holds arrays of length m under the agreed words (docs: "Words of
    observations"). `mask` [m, options] closes options of a :class:`Choice`.
    """

    seats: int
    tables: int
    role: str
    spaces: Space
    observation: dict[str, Array]
    rows: Rows | None = None
    mask: NDArray[np.bool_] | None = None
    clock: Array | None = None
    """How many rounds the acting world has played, a table [T]; None: not told."""
    texts: Texts | None = None
    """Set by the engine: the heap that Utterance actions point into."""

    def __len__(self) -> int:
        return self.tables * self.seats if self.rows is None else len(self.rows)

    @property
    def all_rows(self) -> Rows:
        """The rows that act, written out."""
        if self.rows is None:
            return np.arange(self.tables * self.seats, dtype=np.int32)
        return self.rows

    def space(self, j: int) -> Space:
        """What row j may do now, its mask applied: what it is offered and what its reply is checked against."""
        if self.mask is None or not isinstance(self.spaces, Choice):
            return self.spaces
        return self.spaces.masked(self.mask[j])

    def row(self, j: int) -> tuple[int, int]:
        """Table and seat of row j."""
        return divmod(int(j if self.rows is None else self.rows[j]), self.seats)

    def pick(self, index: NDArray[np.intp]) -> Turn:
        """The same turn for some of its rows."""
        return Turn(
            self.seats,
            self.tables,
            self.role,
            self.spaces,
            {k: v[index] for k, v in self.observation.items()},
            index.astype(np.int32) if self.rows is None else self.rows[index],
            None if self.mask is None else self.mask[index],
            self.clock,
            self.texts,
        )


@dataclass(slots=True)
class Events:
    """A batch of things that happened: one kind, k of them.

    `actor` and `target` are flat rows [k] (actor None: every seat in order). `value` [k] is an amount (float) or
    a choice (int8). `text` are numbers in the table's heap. `audience` says who hears of it.
    """

    kind: str
    actor: Rows | None = None
    target: Rows | None = None
    value: Array | None = None
    text: NDArray[np.int32] | None = None
    audience: str | None = PUBLIC


@dataclass(slots=True)
class Born:
    """Seats that are someone new: flat rows of the children [b] and of their parents [b] or [b, 2]."""

    child: Rows
    parent: Rows


@dataclass(slots=True)
class Outcome:
    """What followed from a step: the state (the same object or a new one), what happened, who was born."""

    state: State
    events: list[Events] = field(default_factory=list)
    born: Born | None = None


class World(ABC):
    """The rules of a society. Subclass it as a frozen dataclass; `mores.testing.check_world` checks the contract."""

    name: ClassVar[str]
    """What it is called in the registry and as the owner of its chance."""
    source: ClassVar[str] = ""
    """The paper or system it follows."""
    ports: ClassVar[tuple[str, ...]] = ()
    """Live columns [table, seat] that others may read or write; `score` is what a seat has earned."""
    emits: ClassVar[tuple[str, ...]] = ()
    """Kinds of events that it writes."""
    missing: ClassVar[Mapping[str, str]] = {}
    """What a missing action does, a role, in words: {"donor": "gives nothing"}."""
    seats: int

    # ---------------------------------------------------------------- what a world writes
    @abstractmethod
    def reset(self, chance: Chance) -> State:
        """A fresh state for the tables of `chance`."""

    @abstractmethod
    def turn(self, state: State) -> Turn:
        """Who acts now. All tables of the state are in one phase. Draws nothing, changes nothing."""

    @abstractmethod
    def step(self, state: State, turn: Turn, actions: Actions, chance: Chance) -> Outcome:
        """What follows. Owns the state and may write into it; missing actions have their declared effect."""

    def phase(self, state: State) -> NDArray[np.int8]:
        """The phase each table is in [T]; -1 when over."""
        phase: NDArray[np.int8] = state.phase
        return phase

    @abstractmethod
    def brief(self, state: State, table: int, seat: int) -> str:
        """The standing rules as one seat is told them, in plain and neutral words."""

    @abstractmethod
    def describe(self, state: State, turn: Turn, j: int) -> str:
        """The cue: what row j of the turn sees now and what it is asked, in words."""

    def narrate(self, state: State, turn: Turn, events: Events, j: int) -> str | None:
        """Event j of a batch as a line of the log that its audience hears; None: no line."""
        return None

    def members(self, state: State, channel: str) -> NDArray[np.bool_]:
        """Who hears a channel [table, seat]."""
        raise KeyError(f"{self.name} has no channel {channel!r}")

    def port(self, state: State, name: str) -> Array:
        """A live column [table, seat] that others may read or write."""
        column: Array = getattr(state, name)
        return column

    # ---------------------------------------------------------------- what the engine and institutions call
    @property
    def core(self) -> World:
        """The innermost world."""
        return self

    @cached_property
    def layers(self) -> tuple[World, ...]:
        """This world and what it wraps, outermost first."""
        return (self,)

    @cached_property
    def owner(self) -> str:
        """Whose chance it draws: its name, the second of one name (counted from the inside) as `name#2`."""
        return self.name

    def begin(self, chance: Chance) -> State:
        """Reset, with chance of its own: a clock that counts resets, apart from the one that counts steps."""
        mine = chance.at(self.owner + RESET)
        state = self.reset(mine)
        mine.tick()
        return state

    def advance(self, state: State, turn: Turn, actions: Actions, chance: Chance) -> Outcome:
        """Step as this world's own step of its own clock."""
        mine = chance.at(self.owner)
        outcome = self.step(state, turn, actions, mine)
        mine.tick()
        return outcome

    def all_ports(self) -> tuple[str, ...]:
        """The ports of this world and of all it wraps."""
        return self.ports

    def all_emits(self) -> tuple[str, ...]:
        """The kinds of events of this world and of all it wraps."""
        return self.emits


# ---------------------------------------------------------------- states as columns of tables
def take(state: State, tables: NDArray[np.intp]) -> State:
    """The same state for some of its tables (a copy); works on any state by walking its fields."""
    if isinstance(state, np.ndarray):
        return state[tables]
    if dataclasses.is_dataclass(state) and not isinstance(state, type):
        parts = {f.name: take(getattr(state, f.name), tables) for f in dataclasses.fields(state)}
        return dataclasses.replace(state, **parts)
    if isinstance(state, tuple):
        return tuple(take(v, tables) for v in state)
    if isinstance(state, dict):
        return {k: take(v, tables) for k, v in state.items()}
    if isinstance(state, list):
        return [state[int(i)] for i in tables]
    if state is None:
        return None
    raise TypeError(
        f"a state may hold arrays with the table axis first, not {type(state).__name__}"
    )


def put(state: State, tables: NDArray[np.intp], part: State) -> State:
    """Write some tables back into a state; what :func:`take` took out. Returns the state."""
    if isinstance(state, np.ndarray):
        state[tables] = part
    elif dataclasses.is_dataclass(state):
        for f in dataclasses.fields(state):
            setattr(state, f.name, put(getattr(state, f.name), tables, getattr(part, f.name)))
    elif isinstance(state, tuple):
        return tuple(put(s, tables, p) for s, p in zip(state, part, strict=True))
    elif isinstance(state, dict):
        for k in state:
            state[k] = put(state[k], tables, part[k])
    elif isinstance(state, list):
        for i, v in zip(tables.tolist(), part, strict=True):
            state[i] = v
    return state


def flat(local: Array, seats: int) -> Rows:
    """Seats per table [T, k] as flat rows [T*k]."""
    if len(local) == 1:
        return np.ascontiguousarray(local.reshape(-1), np.int32)
    offset = (np.arange(len(local), dtype=np.int32) * np.int32(seats))[:, None]
    rows: Rows = (local + offset).reshape(-1)
    return rows if rows.dtype == np.int32 else rows.astype(np.int32)


def cells(column: Array) -> Array:
    """A column [T, N, ...] seen by flat row [T*N, ...]; a view, so writing writes into the state."""
    return column.reshape(-1, *column.shape[2:])
