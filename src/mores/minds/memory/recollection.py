"""Recollection: from what a seat has heard to the thread in which it thinks; all of it, none, or a window."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

from mores.agent import Asking, Seat
from mores.errors import BadValue
from mores.minds.memory.lines import CHARACTERS_A_TOKEN, heard, last, past, root, state
from mores.thread import Thread


@dataclass(frozen=True)
class Budget:
    """How much of the past fits: characters, or about so many tokens (four characters each). 0: no limit."""

    characters: int = 0

    def __post_init__(self) -> None:
        if self.characters < 0:
            raise BadValue("budget", self.characters, "0 (no limit) or more characters")

    @classmethod
    def read(cls, text: str) -> Budget:
        """`8000` characters, or `2000t` for about 2,000 tokens."""
        if text.endswith("t"):
            return cls(int(text[:-1]) * CHARACTERS_A_TOKEN)
        return cls(int(text))

    def __str__(self) -> str:
        return str(self.characters)

    def first_kept(self, lines: list[str], start: int) -> int:
        """From which line on they are kept: `start` while they fit, else so few that a quarter is free again.

        Leaving a quarter free keeps the beginning of the prompt the same for many turns, which prefix caches need.
        """
        if not self.characters or _size(lines[start:]) <= self.characters:
            return start
        room, first = self.characters * 3 // 4, len(lines)
        while first > start and (room := room - len(lines[first - 1]) - 1) >= 0:
            first -= 1
        newest_fits = first == len(lines) and _size(lines[-1:]) <= self.characters
        return first - newest_fits


_NO_LIMIT = Budget()


def _size(lines: list[str]) -> int:
    return sum(map(len, lines)) + len(lines)


class Recollection(ABC):
    """What a mind is shown of the past; frozen, with all that it needs to keep in `seat.mind["memory"]`."""

    @abstractmethod
    def thread(self, seat: Seat, cue: str, role: str) -> Asking:
        """The thread that ends where the cue is to be said; may ask (for a summary, for importance)."""

    def shown(self, seat: Seat, lines: list[str], left_out: int, why: str = "") -> Thread:
        """The standing rules and some lines; what is left out is said and counted."""
        kept = state(seat)
        kept["shown"], kept["left_out"] = len(lines), left_out
        said = []
        if left_out:
            earlier = "1 earlier line is" if left_out == 1 else f"{left_out} earlier lines are"
            said.append(f"({earlier} left out{why}.)")
        if not said and not lines:
            return root(seat)
        return root(seat).say("\n".join(said + lines))


@dataclass(frozen=True)
class All(Recollection):
    """Everything that was heard; with a budget, the oldest lines are left out when it is passed.

    Without a budget the thread grows by what is new, so that a turn costs what is new.
    """

    budget: Budget = _NO_LIMIT

    def __str__(self) -> str:
        return f"all/{self.budget}" if self.budget.characters else "all"

    def thread(self, seat: Seat, cue: str, role: str) -> Asking:
        yield from ()  # a generator that asks nothing
        kept = state(seat)
        if not self.budget.characters:
            if past(seat) and not kept.get("told"):
                assert seat.thread is not None
                seat.thread = seat.thread.say("\n".join(past(seat)))
                kept["told"] = True
            return seat.read()
        lines = heard(seat)
        kept["from"] = self.budget.first_kept(lines, int(kept.get("from", 0)))
        return self.shown(seat, lines[kept["from"] :], kept["from"])


@dataclass(frozen=True)
class Nothing(Recollection):
    """The standing rules alone: every turn is the first."""

    def __str__(self) -> str:
        return "none"

    def thread(self, seat: Seat, cue: str, role: str) -> Asking:
        kept = state(seat)
        kept["shown"], kept["left_out"] = 0, len(heard(seat))
        yield from ()
        return root(seat)


@dataclass(frozen=True)
class Window(Recollection):
    """The last `lines` lines; with a budget, fewer where they are long."""

    lines: int = 20
    budget: Budget = _NO_LIMIT

    def __post_init__(self) -> None:
        if self.lines < 1:
            raise BadValue("lines", self.lines, "at least 1 (for nothing at all: none)")

    def __str__(self) -> str:
        return f"window/{self.lines}" + (f"/{self.budget}" if self.budget.characters else "")

    def thread(self, seat: Seat, cue: str, role: str) -> Asking:
        lines, before = last(seat, self.lines)
        cut = self.budget.first_kept(lines, 0)
        yield from ()
        return self.shown(seat, lines[cut:], before + cut)
