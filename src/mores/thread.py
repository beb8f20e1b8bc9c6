"""Threads and logs: what a seat has been told, stored once and known by its hash.

A :class:`Thread` is an immutable chain of messages that shares its prefix with others. A :class:`Log` is what was said
at one table, each line once; a seat hears a run of it as a :class:`Segment`, whose words are joined only when an
endpoint wants words. So a turn costs what is new, whoever listens.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from typing import Literal

Role = Literal["system", "user", "assistant"]

_SHORT = 1024
_LENGTHS = [n.to_bytes(8, "little") for n in range(_SHORT)]


def digest(*parts: bytes) -> bytes:
    """A 16-byte hash of parts, each with its length so that borders cannot move."""
    whole = b""
    for part in parts:
        n = len(part)
        whole += (_LENGTHS[n] if n < _SHORT else n.to_bytes(8, "little")) + part
    return hashlib.blake2b(whole, digest_size=16).digest()


class Thread:
    """One message and all that came before it; immutable, known by `hash`."""

    __slots__ = ("_text", "depth", "hash", "parent", "role")

    def __init__(self, parent: Thread | None, role: Role, text: str) -> None:
        self.parent = parent
        self.role: Role = role
        self._text = text
        self.depth: int = 1 if parent is None else parent.depth + 1
        self.hash: bytes = digest(
            b"" if parent is None else parent.hash, role.encode(), text.encode()
        )

    @property
    def text(self) -> str:
        """The words of this message."""
        return self._text

    def say(self, text: str) -> Thread:
        """The thread with one more message to the one who thinks."""
        return Thread(self, "user", text)

    def said(self, text: str) -> Thread:
        """The thread with one more message from the one who thinks."""
        return Thread(self, "assistant", text)

    def messages(self) -> list[dict[str, str]]:
        """The whole thread as chat messages, neighbours of one role joined, oldest first."""
        nodes: list[Thread] = []
        node: Thread | None = self
        while node is not None:
            nodes.append(node)
            node = node.parent
        out: list[dict[str, str]] = []
        for n in reversed(nodes):
            if out and out[-1]["role"] == n.role:
                out[-1]["content"] += "\n\n" + n.text
            else:
                out.append({"role": n.role, "content": n.text})
        return out


class Log:
    """What was said at one table: each line once, and by number who hears it.

    A seat looks only at what is for it: what others are told in private costs it nothing.
    """

    __slots__ = ("chain", "lines", "public", "whispers")

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.public: list[int] = []
        """Numbers of the lines that everybody hears."""
        self.whispers: dict[int, list[int]] = {}
        """Seat -> numbers of the lines that it hears and not everybody."""
        self.chain: list[bytes] = [b""]

    def add(self, line: str, ears: frozenset[int] | None) -> None:
        """Append a line that the given seats hear (None: all)."""
        number = len(self.lines)
        self.lines.append(line)
        # the chain runs over public lines only: what a seat did not hear is not in its keys
        last = self.chain[-1]
        if ears is None:
            self.public.append(number)
            self.chain.append(digest(last, line.encode()))
            return
        self.chain.append(last)
        for seat in ears:
            self.whispers.setdefault(seat, []).append(number)

    def whispered(self, start: int, stop: int, seat: int) -> list[int]:
        """Numbers of the lines of a run that one seat hears and not everybody."""
        return _between(self.whispers.get(seat, _NONE), start, stop)

    def hears(self, start: int, stop: int, seat: int) -> bool:
        """Whether one seat hears any line of a run."""
        return bool(self.whispered(start, stop, seat) or _between(self.public, start, stop))

    def heard(self, start: int, stop: int, seat: int) -> list[str]:
        """The lines of a run that one seat hears."""
        if not self.whispers:
            return self.lines[start:stop]
        numbers = _between(self.public, start, stop) + self.whispered(start, stop, seat)
        return [self.lines[k] for k in sorted(numbers)]

    def fork(self) -> Log:
        """A copy that goes its own way."""
        other = Log()
        other.lines, other.public, other.chain = self.lines[:], self.public[:], self.chain[:]
        other.whispers = {seat: numbers[:] for seat, numbers in self.whispers.items()}
        return other


_NONE: list[int] = []


def _between(numbers: list[int], start: int, stop: int) -> list[int]:
    """The numbers from start up to stop, of numbers in order."""
    if not numbers or numbers[-1] < start:
        return []
    return numbers[bisect_left(numbers, start) : bisect_left(numbers, stop)]


class Segment(Thread):
    """Lines start..stop of a log as one seat hears them; joined only when somebody wants words.

    `late`: whether the seat was not there from the first line on.
    """

    __slots__ = ("log", "seat", "start", "stop")

    def __init__(
        self, parent: Thread | None, log: Log, start: int, stop: int, seat: int, late: bool = False
    ) -> None:
        self.log, self.start, self.stop, self.seat = log, start, stop, seat
        self.parent, self.role = parent, "user"
        self.depth: int = 1 if parent is None else parent.depth + 1
        before = b"" if parent is None else parent.hash
        if late or log.whispered(start, stop, seat):
            # identity is what this seat heard, not where the gaps are nor, if it came late, what was said before
            heard = "\n".join(log.heard(start, stop, seat)).encode()
            self.hash = digest(before, b"user", b"heard", heard)
        else:
            self.hash = digest(before, b"user", log.chain[start], log.chain[stop])

    @property
    def text(self) -> str:
        """The heard lines, one below the other."""
        return "\n".join(self.log.heard(self.start, self.stop, self.seat))
