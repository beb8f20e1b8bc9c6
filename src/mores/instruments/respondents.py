"""Respondents: who answers an instrument where nobody in particular is named."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from mores.actions import Actions, Allocation, Amount, Choice, Ranking, Space
from mores.agent import Memory, Rule
from mores.chance import Chance
from mores.errors import BadValue
from mores.instrument import Item

_LETTER = re.compile(r"[A-Za-z]\Z")


@dataclass(frozen=True)
class RandomRespondent(Rule):
    """Answers every item by chance, each legal answer alike: what an instrument gives without a mind behind it."""

    name: ClassVar[str] = "random"
    stochastic: ClassVar[bool] = True

    def answer(self, item: Item, memory: Memory, chance: Chance, seats: int) -> Actions:
        width = item.space.width
        words = chance.words("answer", seats * width)
        return item.space.sample(words.reshape(-1, width))


@dataclass(frozen=True)
class ConstantRespondent(Rule):
    """Gives the same answer to every item: an option, a letter, a number, `lowest` or `highest`.

    A choice: the option so called, or the one at the letter's place (A is the first), or `lowest` (the
    first) and `highest` (the last). An amount: the number if it is allowed, or an end of its range. An
    allocation: everything to the part so called or so lettered. A ranking: that option first, the
    others in their order. Items for which the answer means nothing stay unanswered.
    """

    value: str = "A"

    name: ClassVar[str] = "constant"
    stochastic: ClassVar[bool] = False

    def __post_init__(self) -> None:
        if not self.value.strip():
            raise BadValue(
                "constant", self.value, "an option, a letter, a number, lowest or highest"
            )

    @property
    def label(self) -> str:
        return f"constant:{self.value}"

    def answer(self, item: Item, memory: Memory, chance: Chance, seats: int) -> Actions:
        space, m = item.space, len(chance) * seats
        out = space.empty(m)
        value = self.plain(space)
        if value is not None and space.check(value) is None:
            for row in range(m):
                space.write(out, row, value)
        return out

    def plain(self, space: Space) -> Any:
        """The answer as a plain value of a space; None where it means nothing there."""
        if isinstance(space, Amount):
            return self._amount(space)
        if isinstance(space, Choice):
            return self._place(space.options)
        if isinstance(space, Allocation):
            k = self._place(space.parts)
            return None if k is None else (np.arange(len(space.parts)) == k) * space.budget
        if isinstance(space, Ranking):
            k = self._place(space.options)
            rest = [o for j, o in enumerate(space.options) if j != k]
            return None if k is None else [space.options[k], *rest]
        return None

    def _amount(self, space: Amount) -> float | None:
        ends = {"lowest": space.low, "highest": space.high}
        try:
            value = ends.get(self.value.casefold())
            value = float(self.value) if value is None else value
        except ValueError:
            return None
        on_step = space.step is None or abs((value - space.low) / space.step % 1.0) < 1e-6
        return value if on_step else None

    def _place(self, options: tuple[str, ...]) -> int | None:
        said = self.value.casefold()
        named = [k for k, o in enumerate(options) if o.casefold() == said]
        if named:
            return named[0]
        if said in ("lowest", "highest"):
            return 0 if said == "lowest" else len(options) - 1
        k = ord(said) - ord("a") if _LETTER.match(said) else -1
        return k if 0 <= k < len(options) else None
