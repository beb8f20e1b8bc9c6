"""What every action space is, and a batch of actions as columns."""

from __future__ import annotations

import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mores.chance import Words

Array = NDArray[Any]
Intern = Callable[[str], int]
"""Puts a text into the table's heap and says its number."""


def no_text(text: str) -> int:
    """Where a batch has no text heap, nothing can be put into it."""
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
            given: Any = other.fields[name]
            column[rows] = given
        if self.tag is not None:
            assert other.tag is not None
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

    def write(self, actions: Actions, row: int, value: Any, intern: Intern = no_text) -> None:
        """Put one plain value into the batch."""
        actions[row] = value

    def read(self, actions: Actions, row: int, text: Callable[[int], str] = str) -> Any:
        """One action as a plain value; None where missing."""
        value = actions[row].item()
        return None if value != value or value == -1 else value

    def check(self, value: Any) -> str | None:
        """Why a plain value is not legal here; None if it is."""
        batch = self.empty(1)
        try:
            with np.errstate(over="ignore"):  # what is too large becomes infinite: not legal
                self.write(batch, 0, value, lambda _: 0)
        except (TypeError, ValueError, KeyError, IndexError, OverflowError):
            return f"{value!r} is not {self.words()}"
        return None if self.valid(batch)[0] else f"{value!r} is not {self.words()}"

    @cached_property
    def key(self) -> bytes:
        """What tells this space from another in the call store."""
        return _key(self)


@lru_cache(maxsize=4096)
def _key(space: Space) -> bytes:
    body = json.dumps([type(space).__name__, space.schema()], sort_keys=True)
    return hashlib.blake2b(body.encode(), digest_size=16).digest()
