"""Agents act and answer: a persona, a memory and a policy.

A policy is frozen; the engine owns what it remembers. A :class:`Rule` takes arrays and gives
arrays, for any number of seats at once. A :class:`Mind` thinks in words: a plain generator that
yields :class:`Ask` and receives :class:`Reply`; it never awaits, opens no connection, sees no key.
A model, a script, a recording and a person are the same to it.
"""

from __future__ import annotations

import json
from collections.abc import Generator, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import DTypeLike, NDArray

from mores.actions import Actions, Space
from mores.chance import Chance
from mores.thread import Log, Segment, Thread
from mores.world import Born, Events, Turn

if TYPE_CHECKING:
    from mores.instrument import Item

Memory = dict[str, NDArray[Any]]
"""What the rules of one group remember: the declared fields, each [table, seat, ...]."""


@dataclass(frozen=True, kw_only=True)
class Persona:
    """Who an agent is: a name, facts in words, and traits as numbers.

    Put into words by :func:`mores.people.personas.rendered`; all of it is data there, whatever it says.
    """

    name: str = ""
    text: str = ""
    """A description as it stands, such as a biography or an interview."""
    public: Mapping[str, str] = field(default_factory=dict)
    """What others may know of it: {"age": "36"}."""
    private: Mapping[str, str] = field(default_factory=dict)
    """What it alone knows of itself."""
    traits: Mapping[str, float] = field(default_factory=dict)
    """Numbers such as the Big Five; from 0 to 1 where they are to be put into words."""
    values: tuple[str, ...] = ()
    goals: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    wording: str = "second-person"
    """In which words it is told who it is: second-person, third-person, interview, list."""


# ---------------------------------------------------------------- asking
@dataclass(frozen=True, slots=True)
class Ask:
    """A question put to whoever thinks for the seat: a thread, and what an answer must be."""

    thread: Thread
    space: Space
    role: str = "players"
    """Which answerer: players, people, judge..."""
    tries: int = 3
    """How often a reply that cannot be read is asked for again, with the reason."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back: the text as it was, the value read from it, or why there is none."""

    text: str
    value: Any = None
    why: str | None = None
    tries: int = 1


Asking = Generator[Ask, Reply, Any]
"""A generator that asks, is answered, and returns a plain value (None: missing)."""


@dataclass(slots=True)
class View:
    """What a mind is shown at its turn."""

    turn: Turn
    j: int
    text: str

    @property
    def space(self) -> Space:
        """What it may do, as it may do it now."""
        return self.turn.space(self.j)

    def prompt(self) -> str:
        """The cue and what may be answered."""
        return f"{self.text}\n\nAnswer with {self.space.words()}."

    def __getitem__(self, word: str) -> Any:
        """One observation as a plain value."""
        return self.turn.observation[word][self.j].item()


class Seat:
    """What the engine keeps for a seat that thinks: thread, place in the log, plain data."""

    __slots__ = ("at", "born", "episode", "log", "mind", "persona", "policy", "seat", "thread")

    def __init__(self, episode: int, seat: int, policy: Mind, persona: Persona, log: Log) -> None:
        self.episode, self.seat, self.policy, self.persona = episode, seat, policy, persona
        self.log = log
        self.at = 0
        self.born = 0
        """The line of the log at which its life began; what was said before was not said to it."""
        self.thread: Thread | None = None
        self.mind: dict[str, Any] = {}

    def read(self) -> Thread:
        """The thread with all that was heard since it was last read."""
        assert self.thread is not None
        stop = len(self.log.lines)
        if stop > self.at:
            if self.log.hears(self.at, stop, self.seat):
                late = self.born > 0
                self.thread = Segment(self.thread, self.log, self.at, stop, self.seat, late)
            self.at = stop
        return self.thread

    def begin_anew(self) -> None:
        """Someone new sits here: told the standing rules, with nothing heard and nothing in mind."""
        node = self.thread
        while node is not None and node.parent is not None:
            node = node.parent
        self.thread, self.mind = node, {}
        self.at = self.born = len(self.log.lines)

    def fork(self, log: Log) -> Seat:
        """A copy at the same point; threads are shared because they never change."""
        other = Seat(self.episode, self.seat, self.policy, self.persona, log)
        other.at, other.born, other.thread = self.at, self.born, self.thread
        other.mind = json.loads(json.dumps(self.mind))  # plain data is part of the contract
        return other


# ---------------------------------------------------------------- policies
@dataclass(frozen=True)
class Policy:
    """How an agent acts and answers; a frozen dataclass whose fields are its parameters."""

    name: ClassVar[str] = "policy"
    source: ClassVar[str] = ""
    """Where it comes from."""
    roles: ClassVar[tuple[str, ...]] = ()
    """The turns it can act in; empty: any."""

    @property
    def label(self) -> str:
        """How it is told from others in records and tables."""
        return self.name


@dataclass(frozen=True)
class Rule(Policy):
    """A policy of arrays in and arrays out, for all of its seats at all tables in one call."""

    fields: ClassVar[Mapping[str, tuple[DTypeLike, tuple[int, ...]]]] = {}
    """What it remembers: name -> (dtype, shape a seat); held as [table, seat, *shape], zero at first."""

    def family(self) -> Hashable:
        """Rules with equal families act in one call (see :meth:`unite`); by default only equal rules do."""
        return self

    @classmethod
    def unite(cls, members: Sequence[Rule]) -> Rule:
        """One rule for all members of a family; its memory field `member` says which a seat is."""
        return members[0]

    def start(self, memory: Memory, chance: Chance) -> None:
        """Fill the memory of fresh tables; chance is keyed by the policy."""

    def act(self, turn: Turn, memory: Memory, chance: Chance) -> Actions:
        """Actions for the rows of the turn, in their order; draw with :func:`draws`."""
        raise NotImplementedError(f"{self.name} cannot act")

    def notice(self, events: Sequence[Events], memory: Memory, seats: int) -> None:
        """See what happened at all tables."""

    def born(self, memory: Memory, born: Born, chance: Chance) -> None:
        """Children take over what their (first) parent remembers; override to mutate."""
        parent = born.parent if born.parent.ndim == 1 else born.parent[:, 0]
        for column in memory.values():
            cells = column.reshape(-1, *column.shape[2:])
            cells[born.child] = cells[parent]

    def answer(self, item: Item, memory: Memory, chance: Chance, seats: int) -> Actions:
        """Answers of every seat [T*N] to an item; missing where the rule has none (the default)."""
        return item.space.empty(len(chance) * seats)


@dataclass(frozen=True)
class Mind(Policy):
    """A policy of words: its methods are generators of :class:`Ask`. The plain one asks once and answers."""

    name: ClassVar[str] = "mind"
    role: str = "players"
    """Which answerer its asks go to."""

    def act(self, seat: Seat, view: View) -> Asking:
        """Choose an action; return a plain value of `view.space`, or None for missing."""
        reply = yield Ask(seat.read().say(view.prompt()), view.space, self.role)
        return reply.value

    def answer(self, seat: Seat, item: Item) -> Asking:
        """Answer an item of an instrument; leaves no trace in the seat when the engine probes."""
        reply = yield Ask(seat.read().say(item.prompt()), item.space, self.role)
        return reply.value

    def reflect(self, seat: Seat, occasion: str) -> Asking:
        """Think between turns; by default not."""
        yield from ()  # a generator that asks nothing
        return None

    def born(self, seat: Seat, parents: Sequence[Seat]) -> Asking:
        """Begin as the child of others; by default a blank mind."""
        yield from ()
        return None

    def notice(self, seat: Seat, events: Sequence[Events]) -> None:
        """See what happened, as arrays; the log carries the words."""

    def opening(self, seat: Seat, brief: str) -> str:
        """The first message of its thread: the standing rules, and who it is."""
        from mores.people.personas import rendered  # words are a part, not a noun

        who = rendered(seat.persona)
        return f"{brief}\n\n{who}" if who else brief


def draws(chance: Chance, purpose: str, turn: Turn) -> NDArray[np.uint32]:
    """One random word for each row of a turn, the same whoever else acts."""
    if turn.rows is None:
        return chance.words(purpose, turn.seats).reshape(-1)
    return chance.pick(purpose, turn.seats, turn.rows)
