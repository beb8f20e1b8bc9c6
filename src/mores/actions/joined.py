"""Spaces that join others: several answers at once, or one of several kinds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mores import reading
from mores.actions.base import Actions, Array, Columns, Intern, Space, no_text
from mores.chance import Words, below


class _Joined(Space):
    """What Form and OneOf share."""

    fields: tuple[tuple[str, Space | None], ...]

    @property
    def width(self) -> int:  # type: ignore[override]
        """One word for the kind, then those of the fields."""
        return 1 + sum(s.width for _, s in self.fields if s is not None)

    def _spaces(self) -> list[tuple[str, Space]]:
        return [(n, s) for n, s in self.fields if s is not None]

    def _sampled(self, words: Words) -> dict[str, Actions]:
        out, at = {}, 1
        for name, space in self._spaces():
            out[name] = space.sample(words[:, at : at + space.width])
            at += space.width
        return out


@dataclass(frozen=True)
class Form(_Joined):
    """Several answers in one, each of its own space; a batch is :class:`Columns` without tags."""

    fields: tuple[tuple[str, Space | None], ...]

    def __init__(self, **fields: Space) -> None:
        object.__setattr__(self, "fields", tuple(fields.items()))

    def empty(self, m: int) -> Columns:
        return Columns({n: s.empty(m) for n, s in self._spaces()})

    def valid(self, actions: Columns, mask: Array | None = None) -> NDArray[np.bool_]:
        ok = np.ones(len(actions), bool)
        for name, space in self._spaces():
            ok &= space.valid(actions.fields[name])
        return ok

    def sample(self, words: Words, mask: Array | None = None) -> Columns:
        return Columns(self._sampled(words))

    def write(self, actions: Columns, row: int, value: Any, intern: Intern = no_text) -> None:
        for name, space in self._spaces():
            space.write(actions.fields[name], row, value[name], intern)

    def read(self, actions: Columns, row: int, text: Callable[[int], str] = str) -> Any:
        return {n: s.read(actions.fields[n], row, text) for n, s in self._spaces()}

    def parse(self, text: str) -> tuple[Any, str | None]:
        return reading.form(text, dict(self._spaces()))

    def schema(self) -> dict[str, Any]:
        return {
            "type": "object",
            "properties": {n: s.schema() for n, s in self._spaces()},
            "required": [n for n, _ in self._spaces()],
            "additionalProperties": False,
        }

    def words(self) -> str:
        parts = "; ".join(f'"{n}": {s.words()}' for n, s in self._spaces())
        return f"a JSON object with {parts}"

    def gym(self) -> Any:
        from gymnasium.spaces import Dict

        return Dict({n: s.gym() for n, s in self._spaces()})


@dataclass(frozen=True)
class OneOf(_Joined):
    """One of several kinds of action, some with a value (speak, act), some without (pass, leave).

    A batch is :class:`Columns` with a tag a row (-1 where missing); a value is `(kind, value or None)`.
    """

    fields: tuple[tuple[str, Space | None], ...]

    def __init__(self, **fields: Space | None) -> None:
        object.__setattr__(self, "fields", tuple(fields.items()))

    @property
    def kinds(self) -> tuple[str, ...]:
        """The names of the kinds, in order of their tags."""
        return tuple(n for n, _ in self.fields)

    def empty(self, m: int) -> Columns:
        return Columns({n: s.empty(m) for n, s in self._spaces()}, np.full(m, -1, np.int8))

    def valid(self, actions: Columns, mask: Array | None = None) -> NDArray[np.bool_]:
        assert actions.tag is not None
        ok: NDArray[np.bool_] = (actions.tag >= 0) & (actions.tag < len(self.fields))
        for k, (name, space) in enumerate(self.fields):
            if space is not None:
                ok &= (actions.tag != k) | space.valid(actions.fields[name])
        return ok

    def sample(self, words: Words, mask: Array | None = None) -> Columns:
        tag = below(words[:, 0], len(self.fields)).astype(np.int8)
        return Columns(self._sampled(words), tag)

    def write(self, actions: Columns, row: int, value: Any, intern: Intern = no_text) -> None:
        assert actions.tag is not None
        kind, content = value if isinstance(value, tuple | list) else (value, None)
        k = self.kinds.index(kind)
        space = self.fields[k][1]
        if space is not None:
            space.write(actions.fields[kind], row, content, intern)
        actions.tag[row] = k

    def read(self, actions: Columns, row: int, text: Callable[[int], str] = str) -> Any:
        assert actions.tag is not None
        k = int(actions.tag[row])
        if k < 0:
            return None
        name, space = self.fields[k]
        return (name, None if space is None else space.read(actions.fields[name], row, text))

    def parse(self, text: str) -> tuple[Any, str | None]:
        return reading.tagged(text, dict(self.fields))

    def schema(self) -> dict[str, Any]:
        def one(name: str, space: Space | None) -> dict[str, Any]:
            props: dict[str, Any] = {"do": {"const": name}}
            if space is not None:
                props["with"] = space.schema()
            return {
                "type": "object",
                "properties": props,
                "required": list(props),
                "additionalProperties": False,
            }

        return {"anyOf": [one(n, s) for n, s in self.fields]}

    def words(self) -> str:
        kinds = "; ".join(
            f'{{"do": "{n}"}}'
            if s is None
            else f'{{"do": "{n}", "with": ...}} where "with" is {s.words()}'
            for n, s in self.fields
        )
        return f"one JSON object: {kinds}"

    def gym(self) -> Any:
        from gymnasium.spaces import Discrete
        from gymnasium.spaces import OneOf as GymOneOf

        return GymOneOf([Discrete(1) if s is None else s.gym() for _, s in self.fields])
