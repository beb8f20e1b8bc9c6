"""Action spaces: what may be done or answered, as columns.

Few and typed: :class:`Choice`, :class:`Amount`, :class:`Allocation`, :class:`Ranking`,
:class:`Utterance`, and the two that join them, :class:`Form` (several fields at once) and
:class:`OneOf` (one of several kinds). A batch of m actions is one array with m rows (or
:class:`Columns` of arrays); missing is part of the type: -1, NaN, no text. Each space samples,
validates, says its JSON schema, describes itself in words, reads a reply and maps to a Gymnasium
space.
"""

from __future__ import annotations

import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mores import reading
from mores.chance import Words, below, unit
from mores.errors import BadValue

Array = NDArray[Any]
Intern = Callable[[str], int]
"""Puts a text into the table's heap and says its number."""


def _no_text(text: str) -> int:
    raise TypeError("this batch has no text heap")


@dataclass(slots=True)
class Columns:
    """A batch of joined actions: one array a field, and for :class:`OneOf` which kind each row is."""

    fields: dict[str, Array | Columns]
    tag: NDArray[np.int8] | None = None

    def __len__(self) -> int:
        return len(next(iter(self.fields.values()))) if self.tag is None else len(self.tag)

    def __getitem__(self, rows: Any) -> Columns:
        tag = None if self.tag is None else self.tag[rows]
        return Columns({k: v[rows] for k, v in self.fields.items()}, tag)

    def __setitem__(self, rows: Any, other: Columns) -> None:
        for name, column in self.fields.items():
            column[rows] = other.fields[name]
        if self.tag is not None:
            self.tag[rows] = other.tag


Actions = Any
"""A batch: an array with one row an action, or :class:`Columns`."""


class Space(ABC):
    """What one seat may do; frozen and hashable."""

    width: int = 1
    """How many random words a sample takes."""

    @abstractmethod
    def empty(self, m: int) -> Actions:
        """A batch of m missing actions."""

    @abstractmethod
    def valid(self, actions: Actions, mask: Array | None = None) -> NDArray[np.bool_]:
        """Which rows are legal; a missing action is not."""

    @abstractmethod
    def sample(self, words: Words, mask: Array | None = None) -> Actions:
        """Random legal actions from raw words of shape [m, width]."""

    @abstractmethod
    def parse(self, text: str) -> tuple[Any, str | None]:
        """A reply as a value, or None and the reason why it cannot be read as one."""

    @abstractmethod
    def schema(self) -> dict[str, Any]:
        """The JSON schema of an answer."""

    @abstractmethod
    def words(self) -> str:
        """What may be answered, in words."""

    @abstractmethod
    def gym(self) -> Any:
        """The Gymnasium space (extra `games`)."""

    def write(self, actions: Actions, row: int, value: Any, intern: Intern = _no_text) -> None:
        """Put one plain value into the batch."""
        actions[row] = value

    def read(self, actions: Actions, row: int, text: Callable[[int], str] = str) -> Any:
        """One action as a plain value; None where missing."""
        value = actions[row].item()
        return None if value != value or value == -1 else value

    def check(self, value: Any) -> str | None:
        """Why a plain value is not legal here; None if it is."""
        batch = self.empty(1)
        texts: list[str] = []
        try:
            with np.errstate(over="ignore"):  # what is too large becomes infinite: not legal
                self.write(batch, 0, value, lambda t: (texts.append(t), 0)[1])
        except (TypeError, ValueError, KeyError, IndexError, OverflowError):
            return f"{value!r} is not {self.words()}"
        return None if self.valid(batch)[0] else f"{value!r} is not {self.words()}"

    @property
    def key(self) -> bytes:
        """What tells this space from another in the call store."""
        return _key(self)


@lru_cache(maxsize=4096)
def _key(space: Space) -> bytes:
    body = json.dumps([type(space).__name__, space.schema()], sort_keys=True)
    return hashlib.blake2b(body.encode(), digest_size=16).digest()


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

    def write(self, actions: Array, row: int, value: Any, intern: Intern = _no_text) -> None:
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

    def write(self, actions: Array, row: int, value: Any, intern: Intern = _no_text) -> None:
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

    def write(self, actions: Array, row: int, value: Any, intern: Intern = _no_text) -> None:
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


@dataclass(frozen=True)
class Utterance(Space):
    """Bounded text; a batch is int32 [m] into the table's text heap, -1 where missing."""

    limit: int = 2000

    def empty(self, m: int) -> Array:
        return np.full(m, -1, np.int32)

    def valid(self, actions: Array, mask: Array | None = None) -> NDArray[np.bool_]:
        ok: NDArray[np.bool_] = actions >= 0
        return ok

    def sample(self, words: Words, mask: Array | None = None) -> Array:
        return np.full(len(words), -1, np.int32)  # saying nothing is the only text chance can make

    def write(self, actions: Array, row: int, value: Any, intern: Intern = _no_text) -> None:
        if not isinstance(value, str) or len(value) > self.limit:
            raise ValueError(f"not {self.words()}")
        actions[row] = intern(value)

    def read(self, actions: Array, row: int, text: Callable[[int], str] = str) -> Any:
        return None if actions[row] < 0 else text(int(actions[row]))

    def parse(self, text: str) -> tuple[Any, str | None]:
        text = text.strip().encode("utf-8", "replace").decode()  # half a surrogate has no bytes
        if not text:
            return None, "the reply was empty"
        if len(text) > self.limit:
            return None, f"{len(text)} characters; {self.words()}"
        return text, None

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "minLength": 1, "maxLength": self.limit}

    def words(self) -> str:
        return f"text of at most {self.limit} characters"

    def gym(self) -> Any:
        from gymnasium.spaces import Text

        return Text(self.limit)


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

    def write(self, actions: Columns, row: int, value: Any, intern: Intern = _no_text) -> None:
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

    def write(self, actions: Columns, row: int, value: Any, intern: Intern = _no_text) -> None:
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


def renamed(space: Choice, labels: Mapping[str, str]) -> Choice:
    """The same choice under other option names (neutral labels, shuffled by whoever asks)."""
    return replace(space) if not labels else Choice(*(labels.get(o, o) for o in space.options))
