"""Stated preference: one is told what one cares about, and picks an allocation for oneself and another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from mores.actions import Actions, Choice
from mores.chance import Chance
from mores.errors import BadValue
from mores.world import OVER, Array, Events, Outcome, Turn, World
from mores.worlds.games.pairs import number
from mores.worlds.quizzes.items import LETTERS

Preference = Literal["equality", "common-interest", "self-interest", "altruism"]
Menu = tuple[tuple[float, float], ...]
"""Allocations to choose from: what oneself and the other get."""

TOLD: Mapping[str, str] = {
    "equality": "What you care about is that both of you get the same, as nearly as can be.",
    "common-interest": "What you care about is how much both of you get together.",
    "self-interest": "What you care about is how much you get yourself.",
    "altruism": "What you care about is how much the other person gets.",
}
PREFERENCES = tuple(TOLD)
MENUS: tuple[Menu, ...] = (
    ((300, 300), (500, 100), (100, 500), (250, 450)),
    ((20, 20), (45, 5), (5, 45), (40, 30)),
    ((8, 8), (12, 2), (3, 13), (9, 10)),
    ((60, 60), (100, 0), (0, 110), (90, 50)),
)
"""Menus of our own in which each preference has a best allocation of its own."""


def worth(menu: NDArray[np.float32]) -> NDArray[np.float32]:
    """How good each allocation [..., option, 2] is by each preference: [..., preference, option], in their order."""
    own, other = menu[..., 0], menu[..., 1]
    return np.stack([-np.abs(own - other), own + other, own, other], axis=-2)


@dataclass
class MenuState:
    """Only the phase, which menu [T], the order of its options [T, K], and whether the best one was taken [T, 1]."""

    phase: NDArray[np.int8]
    item: NDArray[np.int32]
    order: NDArray[np.int8]
    score: NDArray[np.float32]


@dataclass(frozen=True)
class StatedPreference(World):
    """A dictator who is told what to care about picks one of a few allocations; the best one can be computed.

    Table t has menu t modulo their number; the order of the options is drawn. Every menu must have one best
    allocation by the preference. A missing choice is missing. Events: `choose` (number of the allocation in the
    menu) and, told to nobody, `optimal` (1 the best one, 0 another).

    The menus of the paper could not be read; a public re-implementation has (300, 300) against (100, 500), whose totals
    are equal, so that nothing shows a common interest. Fan, Chen, Jin and He 2023 (arXiv 2312.05488), the dictator
    game.
    """

    name: ClassVar[str] = "stated-preference"
    source: ClassVar[str] = "Fan, Chen, Jin and He 2023, arXiv 2312.05488"
    ports: ClassVar[tuple[str, ...]] = ("score",)
    emits: ClassVar[tuple[str, ...]] = ("choose", "optimal")
    missing: ClassVar[Mapping[str, str]] = {"allocator": "allocates nothing"}

    preference: Preference = "equality"
    menus: tuple[Menu, ...] = MENUS

    def __post_init__(self) -> None:
        if self.preference not in TOLD:
            raise BadValue("preference", self.preference, " or ".join(TOLD))
        if not self.menus or len({len(m) for m in self.menus}) > 1 or len(self.menus[0]) < 2:
            raise BadValue("menus", self.menus, "menus of equally many allocations, at least 2")
        value = self._worth
        best = (value == value.max(1, keepdims=True)).sum(1)
        if (best > 1).any():
            menu = self.menus[int(np.flatnonzero(best > 1)[0])]
            raise BadValue("menus", menu, f"one best allocation by {self.preference}")

    @cached_property
    def _menus(self) -> NDArray[np.float32]:
        return np.array(self.menus, np.float32)

    @property
    def _worth(self) -> NDArray[np.float32]:
        """How good each allocation of each menu is by the preference [menu, option]."""
        found: NDArray[np.float32] = worth(self._menus)[:, PREFERENCES.index(self.preference)]
        return found

    @property
    def seats(self) -> int:  # type: ignore[override]
        """Who allocates; the other only receives."""
        return 1

    @cached_property
    def space(self) -> Choice:
        """The letters of the options."""
        return Choice(*LETTERS[: len(self.menus[0])])

    def reset(self, chance: Chance) -> MenuState:
        t = len(chance)
        return MenuState(
            np.zeros(t, np.int8),
            (chance.tables % len(self.menus)).astype(np.int32),
            chance.permutation("order", len(self.menus[0])).astype(np.int8),
            np.full((t, 1), np.nan, np.float32),
        )

    def turn(self, state: MenuState) -> Turn:
        t = len(state.phase)
        menu = np.take_along_axis(
            self._menus[state.item], state.order[:, :, None].astype(int), axis=1
        )
        code = np.full(t, PREFERENCES.index(self.preference), np.int8)
        seen: dict[str, Array] = {"menu": menu, "preference": code}
        return Turn(1, t, "allocator", self.space, seen)

    def step(self, state: MenuState, turn: Turn, actions: Actions, chance: Chance) -> Outcome:
        shown = np.asarray(actions, np.int8)
        there, rows = shown >= 0, np.arange(len(shown), dtype=np.int32)
        chosen = np.where(there, state.order[rows, np.maximum(shown, 0)], -1).astype(np.int8)
        right = np.where(there, chosen == self._worth.argmax(1)[state.item], -1).astype(np.int8)
        state.score[:, 0] = np.where(there, right, np.nan)
        state.phase[:] = OVER
        return Outcome(
            state,
            [
                Events("choose", rows, value=chosen, audience=None),
                Events("optimal", rows, value=right, audience=None),
            ],
        )

    # ---------------------------------------------------------------- in words
    def brief(self, state: MenuState, table: int, seat: int) -> str:
        return (
            "You decide how much you and another person get. The other person has no decision to make. "
            f"{TOLD[self.preference]}"
        )

    def describe(self, state: MenuState, turn: Turn, j: int) -> str:
        menu = self.menus[int(state.item[j])]
        lines = []
        for k, i in enumerate(state.order[j].tolist()):
            own, other = menu[i]
            lines.append(
                f"{LETTERS[k]}) You get {number(own)}, the other person gets {number(other)}."
            )
        return "\n".join([*lines, "Which do you choose?"])
