"""Spaces of named options: one of them, or all of them in order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mores import reading
from mores.actions.base import Array, Intern, Space, no_text
from mores.chance import Words, below
from mores.errors import BadValue


@dataclass(frozen=True)
class Choice(Space):
    """One of a few named options; a batch is int8 [m], -1 where missing."""

    options: tuple[str, ...]
    open: tuple[bool, ...] | None = None
    """Which options this row may use; None: all."""

    def __init__(self, *options: str, open: tuple[bool, ...] | None = None) -> None:
        if not 1 <= len(options) <= 127 or len(set(options)) != len(options):
            raise BadValue("options", options, "between 1 and 127 different names")
        object.__setattr__(self, "options", options)
        object.__setattr__(self, "open", open)

    @property
    def allowed(self) -> tuple[str, ...]:
        """The options that are open."""
        flags = self.open or (True,) * len(self.options)
        return tuple(o for o, ok in zip(self.options, flags, strict=True) if ok)

    def masked(self, row: Array) -> Choice:
        """The same options with some of them closed."""
        return Choice(*self.options, open=tuple(bool(x) for x in row))

    def empty(self, m: int) -> Array:
        return np.full(m, -1, np.int8)

    def valid(self, actions: Array, mask: Array | None = None) -> NDArray[np.bool_]:
        # one unsigned comparison: -1 wraps to 255
        ok: NDArray[np.bool_] = np.asarray(actions).view(np.uint8) < len(self.options)
        if mask is None and self.open is None:
            return ok
        mask = np.tile(self.open or True, (len(ok), 1)) if mask is None else mask
        rows = np.flatnonzero(ok)
        ok[rows] = mask[rows, actions[rows]]
        return ok

    def sample(self, words: Words, mask: Array | None = None) -> Array:
        if mask is None and self.open is None:
            return below(words[:, 0], len(self.options)).astype(np.int8)
        mask = np.tile(self.open or True, (len(words), 1)) if mask is None else mask
        nth = below(words[:, 0], np.maximum(mask.sum(1), 1))
        picked = (np.cumsum(mask, axis=1) <= nth[:, None]).sum(1)
        return np.where(mask.any(1), picked, -1).astype(np.int8)

    def write(self, actions: Array, row: int, value: Any, intern: Intern = no_text) -> None:
        actions[row] = self.options.index(value) if isinstance(value, str) else int(value)

    def parse(self, text: str) -> tuple[Any, str | None]:
        found, why = reading.option(text, self.allowed)
        return (None, why) if found is None else (self.options.index(found), None)

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "enum": list(self.allowed)}

    def words(self) -> str:
        return "one of: " + ", ".join(self.allowed)

    def gym(self) -> Any:
        from gymnasium.spaces import Discrete

        return Discrete(len(self.options))


@dataclass(frozen=True)
class Ranking(Space):
    """All options from best to worst; a batch is int8 [m, k] of option numbers, -1 where missing."""

    options: tuple[str, ...]

    @property
    def width(self) -> int:  # type: ignore[override]
        """One word an option."""
        return len(self.options)

    def empty(self, m: int) -> Array:
        return np.full((m, len(self.options)), -1, np.int8)

    def valid(self, actions: Array, mask: Array | None = None) -> NDArray[np.bool_]:
        ok: NDArray[np.bool_] = (np.sort(actions, axis=1) == np.arange(len(self.options))).all(1)
        return ok

    def sample(self, words: Words, mask: Array | None = None) -> Array:
        order = words.astype(np.uint64) << np.uint64(8) | np.arange(self.width, dtype=np.uint64)
        return (np.sort(order, axis=1) & np.uint64(255)).astype(np.int8)

    def write(self, actions: Array, row: int, value: Any, intern: Intern = no_text) -> None:
        actions[row] = [self.options.index(v) if isinstance(v, str) else v for v in value]

    def read(self, actions: Array, row: int, text: Callable[[int], str] = str) -> Any:
        if (actions[row] < 0).any():
            return None
        return [self.options[k] for k in actions[row].tolist()]

    def parse(self, text: str) -> tuple[Any, str | None]:
        return reading.ranking(text, self.options)

    def schema(self) -> dict[str, Any]:
        k = len(self.options)
        item = {"type": "string", "enum": list(self.options)}
        return {"type": "array", "items": item, "minItems": k, "maxItems": k, "uniqueItems": True}

    def words(self) -> str:
        return "a JSON list with all of these, best first: " + ", ".join(self.options)

    def gym(self) -> Any:
        from gymnasium.spaces import MultiDiscrete

        return MultiDiscrete([len(self.options)] * len(self.options))


def renamed(space: Choice, labels: Mapping[str, str]) -> Choice:
    """The same choice under other option names (neutral labels, shuffled by whoever asks)."""
    return replace(space) if not labels else Choice(*(labels.get(o, o) for o in space.options))
