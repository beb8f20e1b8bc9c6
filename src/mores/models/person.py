"""Person: somebody at the terminal answers. The words are the same that a model would get."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import TextIO

from mores.actions import Choice, Space
from mores.engine.asking import Request, Response
from mores.errors import MoresError
from mores.thread import Thread


class Person:
    """Asks on a terminal, one question at a time; shows only what is new since the last one."""

    model = "person"
    deterministic = False

    def __init__(
        self,
        read: Callable[[], str] | None = None,
        write: Callable[[str], None] | None = None,
        stream: TextIO | None = None,
    ) -> None:
        self.read = read or (lambda: _line(sys.stdin))
        self.write = write or (lambda text: print(text, file=stream or sys.stderr, flush=True))
        self._waiting: list[Request] = []
        self._shown: set[bytes] = set()

    def submit(self, requests: Sequence[Request]) -> None:
        self._waiting += requests

    def poll(self, block: bool) -> list[Response]:
        if not self._waiting:
            return []
        return [self._ask(self._waiting.pop(0))]

    def _ask(self, request: Request) -> Response:
        """Ask until there is an answer that can be used: a slip of the finger costs nobody a turn."""
        self.write("\n".join(self._news(request.thread)))
        space = request.space
        while True:
            said = self._said(space)
            why = space.parse(said)[1]
            if why is None:
                return Response(request.key, said)
            self.write(f"That could not be used: {why}.")

    def _said(self, space: Space) -> str:
        if not isinstance(space, Choice):
            self.write(f"  ({space.words()})")
            return self.read()
        listed = "  ".join(f"[{k}] {o}" for k, o in enumerate(space.allowed, 1))
        self.write(f"  {listed}")
        said = self.read().strip()
        numbered = said.isdecimal() and 1 <= int(said) <= len(space.allowed)
        return space.allowed[int(said) - 1] if numbered and said not in space.allowed else said

    def _news(self, thread: Thread) -> list[str]:
        """What was told since the last question, oldest first."""
        node: Thread | None = thread
        new: list[str] = []
        while node is not None and node.hash not in self._shown:
            self._shown.add(node.hash)
            if node.role != "assistant":
                new.append(node.text)
            node = node.parent
        return new[::-1]

    def close(self) -> None:
        """The terminal stays."""


def _line(stream: TextIO) -> str:
    line = stream.readline()
    if not line:
        raise MoresError(
            "nobody is at the terminal any more (end of input); what was answered so far is kept"
        )
    return line.rstrip("\n")
