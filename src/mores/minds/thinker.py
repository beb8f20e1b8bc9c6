"""Thinker: what ways of thinking share. It recalls, thinks, and gives an answer that the space allows."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, ClassVar

from mores.actions import Space, Utterance
from mores.agent import Ask, Asking, Mind, Seat, View
from mores.errors import BadValue, DoesNotFit
from mores.instrument import Item
from mores.minds.memory import Recollection, recollection
from mores.minds.memory.lines import restore
from mores.thread import Thread
from mores.world import Events

THOUGHT = Utterance(20_000)
"""What a thought may be: free text. It is never an action."""


@dataclass(frozen=True, slots=True)
class Matter:
    """What is to be decided: what is remembered, what is asked now, and what may be answered."""

    thread: Thread
    """The rules, and what is remembered of the past."""
    text: str
    """The cue, without what may be answered."""
    space: Space
    view: View | None = None
    """The turn; None for an item of an instrument."""

    @property
    def form(self) -> str:
        """What may be answered, as a sentence."""
        return f"Answer with {self.space.words()}."

    @property
    def prompt(self) -> str:
        """The cue and what may be answered."""
        return f"{self.text}\n\n{self.form}"

    def with_note(self, note: str) -> Matter:
        """The same matter with something said before the cue; unchanged by an empty note."""
        return replace(self, text=f"{note}\n\n{self.text}") if note else self


@dataclass(frozen=True)
class Thinker(Mind):
    """A mind that thinks about what it remembers; the plain one asks once, as :class:`~mores.agent.Mind` does.

    `memory` says what it is shown of the past (see :mod:`mores.minds.memory`); `past` is what it brings along
    from earlier runs, as :func:`~mores.minds.memory.saving.saved` gives it. Subclasses say how it thinks: a
    generator that ends in a plain value of `matter.space`, or None. What they keep of a seat is plain data in
    `seat.mind`.
    """

    name: ClassVar[str] = "thinker"
    memory: Recollection | str = "all"
    """What it is shown of the past: all, none, window/20, summary/4000, retrieval/10..."""
    past: str = ""
    """What it remembers from before, as JSON; each seat that begins with it has a copy of its own."""

    def __post_init__(self) -> None:
        recollection(self.memory)
        if self.past:
            _checked(self.past)

    @property
    def label(self) -> str:
        return self.name if str(self.recall) == "all" else f"{self.name} [{self.recall}]"

    def __str__(self) -> str:
        from mores.policies.spec import written

        return written(self)

    @cached_property
    def recall(self) -> Recollection:
        """The memory as it works."""
        return recollection(self.memory)

    # ---------------------------------------------------------------- what subclasses write
    def think(self, seat: Seat, matter: Matter) -> Asking:
        """Come to an answer; a plain value of `matter.space`, or None for missing."""
        reply = yield Ask(matter.thread.say(matter.prompt), matter.space, self.role)
        return reply.value

    # ---------------------------------------------------------------- what the engine calls
    def opening(self, seat: Seat, brief: str) -> str:
        """The standing rules and who it is; a seat that brings a past along gets its own copy here."""
        if self.past:
            restore(seat, self.past)
        return super().opening(seat, brief)

    def act(self, seat: Seat, view: View) -> Asking:
        thread = yield from self.recall.thread(seat, view.text, self.role)
        value = yield from self.think(seat, Matter(thread, view.text, view.space, view))
        return value

    def answer(self, seat: Seat, item: Item) -> Asking:
        thread = yield from self.recall.thread(seat, item.text, self.role)
        value = yield from self.think(seat, Matter(thread, item.text, item.space))
        return value

    # ---------------------------------------------------------------- for ways of thinking
    def thought(self, thread: Thread, what: str) -> Asking:
        """Ask for free text: (the thread with it said, the text), or (the thread as it was, None) if none came."""
        asked = thread.say(what)
        reply = yield Ask(asked, THOUGHT, self.role)
        if reply.value is None:
            return thread, None
        return asked.said(reply.value), reply.value


@dataclass(frozen=True)
class Plain(Thinker):
    """Asks once and takes the answer: the baseline of every way of thinking."""

    name: ClassVar[str] = "plain"


@dataclass(frozen=True)
class Around(Thinker):
    """A way of thinking around another: it changes what the inner one is told, before or after.

    Memory and role are the inner one's unless they are given here. A seat has one mind: both keep what they know in
    the same `seat.mind`, each under names of its own.
    """

    inner: Thinker | str = "plain"

    def __post_init__(self) -> None:
        super().__post_init__()
        assert self.within is not None  # what cannot be meant is refused at once

    @cached_property
    def within(self) -> Thinker:
        """The inner way of thinking, with the memory and role of this one."""
        inner = thinker(self.inner)
        if recollection(self.memory) != recollection("all"):
            inner = replace(inner, memory=self.memory)
        return inner if self.role == "players" else replace(inner, role=self.role)

    @cached_property
    def recall(self) -> Recollection:
        return self.within.recall

    @property
    def label(self) -> str:
        return (
            f"{self.name} ({self.within.label})"
            if type(self.within) is not Plain
            else super().label
        )

    def opening(self, seat: Seat, brief: str) -> str:
        text = self.within.opening(seat, brief)
        if self.past:
            restore(seat, self.past)
        return text

    def think(self, seat: Seat, matter: Matter) -> Asking:
        value = yield from self.within.think(seat, matter)
        return value

    def notice(self, seat: Seat, events: Sequence[Events]) -> None:
        self.within.notice(seat, events)

    def born(self, seat: Seat, parents: Sequence[Seat]) -> Asking:
        yield from self.within.born(seat, parents)


def thinker(spec: Thinker | str) -> Thinker:
    """A way of thinking by its spec, such as `social-chain-of-thought:memory=window/20`.

    Raises UnknownName, BadValue, or DoesNotFit for a policy that is no way of thinking.
    """
    if isinstance(spec, Thinker):
        return spec
    from mores.policies.spec import policy

    found = policy(spec)
    if not isinstance(found, Thinker):
        raise DoesNotFit(
            f"{spec} is not a way of thinking that can be put into another; for example plain, reason-then-act, "
            f"social-chain-of-thought"
        )
    return found


def newborn(seat: Seat, events: Sequence[Events]) -> bool:
    """Whether the seat has just become someone new, to whom what happened until now did not happen."""
    return any(
        event.kind == "born" and event.actor is not None and seat.seat in event.actor
        for event in events
    )


def _checked(past: str) -> None:
    try:
        good = isinstance(json.loads(past), dict)
    except ValueError:
        good = False
    if not good:
        raise BadValue("past", past[:80], "the JSON that mores.minds.memory.saving.saved gives")


def count(seat: Seat, *path: str, by: int = 1) -> None:
    """Count something in the seat's plain data: `count(seat, "levels", "2")`."""
    place: dict[str, Any] = seat.mind
    for key in path[:-1]:
        place = place.setdefault(key, {})
    place[path[-1]] = place.get(path[-1], 0) + by


def told(value: object, space: Space) -> str:
    """An answer in words, as the space reads it."""
    options = getattr(space, "options", None)
    if options is not None and isinstance(value, int):
        return str(options[value])
    return f"{value:g}" if isinstance(value, float) else str(value)
