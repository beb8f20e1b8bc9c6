"""The space of words: bounded text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mores.actions.base import Array, Intern, Space, no_text
from mores.chance import Words


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

    def write(self, actions: Array, row: int, value: Any, intern: Intern = no_text) -> None:
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
