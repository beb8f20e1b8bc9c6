"""Person: somebody at the terminal answers. The words are the same that a model would get."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from typing import Any, TextIO

from mores.actions import Choice, Form, OneOf, Space
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
        self.write("\n".join(self._news(request.thread)))
        found = self._answer(request.space)
        text = found if isinstance(found, str) else json.dumps(found, ensure_ascii=False)
        return Response(request.key, text)

    def _answer(self, space: Space) -> Any:
        """What is typed, asked again until it can be used; several answers in one are asked for one by one."""
        if isinstance(space, Form):
            return {name: self._field(name, part) for name, part in space.fields if part}
        if isinstance(space, OneOf):
            kinds = Choice(*space.kinds)
            kind = space.kinds[kinds.parse(self._answer(kinds))[0]]
            content = dict(space.fields)[kind]
            return {"do": kind} if content is None else {"do": kind, "with": self._answer(content)}
        while True:
            said = self._choice(space) if isinstance(space, Choice) else self._line(space)
            why = space.parse(said)[1]
            if why is None:
                return said
            self.write(f"That could not be used: {why}.")

    def _field(self, name: str, space: Space) -> Any:
        self.write(f"{name}:")
        return self._answer(space)

    def _line(self, space: Space) -> str:
        self.write(f"  ({space.words()})")
        return self.read()

    def _choice(self, space: Choice) -> str:
        """An option by its number or its name."""
        listed = "  ".join(f"[{k}] {o}" for k, o in enumerate(space.allowed, 1))
        self.write(f"  {listed}")
        said = self.read().strip()
        numbered = said.isdecimal() and 1 <= int(said) <= len(space.allowed)
        if numbered and said not in space.allowed:
            return space.allowed[int(said) - 1]
        return next((o for o in space.allowed if o.casefold() == said.casefold()), said)

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
