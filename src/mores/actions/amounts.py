"""Spaces of numbers: an amount, and shares of a budget."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mores import reading
from mores.actions.base import Array, Intern, Space, no_text
from mores.chance import Words, below, unit
from mores.errors import BadValue


@dataclass(frozen=True)
class Amount(Space):
    """A number between two bounds (whole, if `step` is 1); a batch is float32 [m], NaN where missing."""

    low: float
    high: float
    unit: str = ""
    step: float | None = None

    def __post_init__(self) -> None:
        if not self.low <= self.high:
            raise BadValue("high", self.high, f"at least low={self.low}")

    def empty(self, m: int) -> Array:
        return np.full(m, np.nan, np.float32)

    def valid(self, actions: Array, mask: Array | None = None) -> NDArray[np.bool_]:
        ok: NDArray[np.bool_] = (actions >= np.float32(self.low)) & (
            actions <= np.float32(self.high)
        )
        return ok if self.step is None else ok & self._on_step(np.asarray(actions, np.float64))

    def _on_step(self, value: Any) -> Any:
        steps = (value - self.low) / (self.step or 1.0)
        # as exact as single precision is
        return np.abs(steps - np.rint(steps)) <= 1e-4 + 1e-6 * np.abs(steps)

    def sample(self, words: Words, mask: Array | None = None) -> Array:
        if self.step is None:
            return np.float32(self.low) + unit(words[:, 0]) * np.float32(self.high - self.low)
        steps = int((self.high - self.low) / self.step + 1e-6) + 1
        return (self.low + below(words[:, 0], steps) * self.step).astype(np.float32)

    def read(self, actions: Array, row: int, text: Callable[[int], str] = str) -> Any:
        value = actions[row].item()
        return None if value != value else value  # -1 is an amount like others

    def parse(self, text: str) -> tuple[Any, str | None]:
        value, why = reading.number(text)
        if value is None:
            return None, why
        if not self.low <= value <= self.high:
            return None, f"{value:g} is not {self.words()}"
        if self.step is not None and not self._on_step(value):
            return None, f"{value:g} is not {self.words()}"
        return value, None

    def schema(self) -> dict[str, Any]:
        kind = "integer" if self.step == 1 else "number"
        step = {"multipleOf": self.step} if self.step not in (None, 1) else {}
        return {"type": kind, "minimum": self.low, "maximum": self.high, **step}

    def words(self) -> str:
        whole = "a whole number" if self.step == 1 else "a number"
        of = f" of {self.unit}" if self.unit else ""
        by = f" in steps of {self.step:g}" if self.step not in (None, 1) else ""
        return f"{whole}{of} from {self.low:g} to {self.high:g}{by}"

    def gym(self) -> Any:
        from gymnasium.spaces import Box

        return Box(np.float32(self.low), np.float32(self.high), (), np.float32)


@dataclass(frozen=True)
class Allocation(Space):
    """Shares of a budget over named parts that sum to it; a batch is float32 [m, k], NaN where missing."""

    parts: tuple[str, ...]
    budget: float = 1.0

    @property
    def width(self) -> int:  # type: ignore[override]
        """One word a part."""
        return len(self.parts)

    def empty(self, m: int) -> Array:
        return np.full((m, len(self.parts)), np.nan, np.float32)

    def valid(self, actions: Array, mask: Array | None = None) -> NDArray[np.bool_]:
        with np.errstate(invalid="ignore"):
            total = actions.sum(1)
        near = np.abs(total - self.budget) <= 1e-3 * max(1.0, abs(self.budget))
        ok: NDArray[np.bool_] = near & (actions >= 0).all(1)
        return ok

    def sample(self, words: Words, mask: Array | None = None) -> Array:
        # spacings of sorted uniforms are uniform on the simplex
        cuts = np.sort(unit(words[:, 1:]), axis=1)
        ends = np.concatenate([np.zeros((len(words), 1)), cuts, np.ones((len(words), 1))], axis=1)
        return (np.diff(ends, axis=1) * self.budget).astype(np.float32)

    def write(self, actions: Array, row: int, value: Any, intern: Intern = no_text) -> None:
        given = value if not isinstance(value, Mapping) else [value[p] for p in self.parts]
        actions[row] = np.asarray(given, np.float32)

    def read(self, actions: Array, row: int, text: Callable[[int], str] = str) -> Any:
        if np.isnan(actions[row]).any():
            return None
        return dict(zip(self.parts, actions[row].tolist(), strict=True))

    def parse(self, text: str) -> tuple[Any, str | None]:
        value, why = reading.shares(text, self.parts)
        if value is None:
            return None, why
        bad = self.check(value)
        return (None, bad) if bad else (value, None)

    def schema(self) -> dict[str, Any]:
        part = {"type": "number", "minimum": 0, "maximum": self.budget}
        return {
            "type": "object",
            "properties": dict.fromkeys(self.parts, part),
            "required": list(self.parts),
            "additionalProperties": False,
            "description": f"the parts sum to {self.budget:g}",
        }

    def words(self) -> str:
        names = ", ".join(self.parts)
        return (
            f"JSON that divides {self.budget:g} among: {names} (the parts sum to {self.budget:g})"
        )

    def gym(self) -> Any:
        from gymnasium.spaces import Box

        return Box(0.0, np.float32(self.budget), (len(self.parts),), np.float32)
