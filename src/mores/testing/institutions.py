"""Does an institution keep the contract of institutions?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from mores.actions import Actions, Choice
from mores.chance import Chance
from mores.errors import DoesNotFit
from mores.institution import Institution
from mores.testing.contract import require
from mores.testing.worlds import PassThrough, check_world
from mores.world import OVER, Outcome, State, Turn, World

__all__ = ["Bare", "PassThrough", "check_institution"]


@dataclass
class BareState:
    """`phase` int8 [T]."""

    phase: NDArray[np.int8]


@dataclass(frozen=True)
class Bare(World):
    """A world with no ports and no events: nothing that an institution could need."""

    seats: int = 2
    name: ClassVar[str] = "bare"
    missing: ClassVar[dict[str, str]] = {"player": "nothing follows"}

    def reset(self, chance: Chance) -> BareState:
        return BareState(np.zeros(len(chance), np.int8))

    def turn(self, state: State) -> Turn:
        return Turn(self.seats, len(state.phase), "player", Choice("yes", "no"), {})

    def step(self, state: State, turn: Turn, actions: Actions, chance: Chance) -> Outcome:
        state.phase[:] = OVER
        return Outcome(state)

    def brief(self, state: State, table: int, seat: int) -> str:
        return "Nothing follows from what you say."

    def describe(self, state: State, turn: Turn, j: int) -> str:
        return "Yes or no?"


def check_institution(
    institution: Callable[..., Institution],
    worlds: Sequence[World] | None = None,
    *,
    seed: int = 1,
    limit: int = 5_000,
    **settings: Any,
) -> list[str]:
    """Raise ContractBroken unless the institution keeps its contract around every world it fits.

    `institution(world, **settings)` is composed with the given worlds (by default, all that are registered, as they are
    without settings). Each composition must keep the contract of worlds; one that does not fit must say so with
    DoesNotFit (when composed, or, where only play can tell, at the first turn); one that needs something must refuse
    a world that has nothing. Returns the names of the worlds it fits, of which there must be one.
    """
    fits = []
    for world in worlds if worlds is not None else registered():
        try:
            composed = institution(world, **settings)
            check_world(composed, seed=seed, limit=limit)
        except DoesNotFit:
            continue
        require(
            composed.core is world.core and composed.layers[1:] == world.layers,
            f"{composed.name}: the composition loses what it wraps",
        )
        fits.append(world.name)
    require(fits, f"{institution} fits none of the worlds")
    if getattr(institution, "needs", ()) or getattr(institution, "needs_events", ()):
        try:
            institution(Bare(), **settings)
        except DoesNotFit:
            pass
        else:
            require(False, f"{institution} needs something, but accepts a world that has nothing")
    return fits


def registered() -> list[World]:
    """Every registered world, as it is without settings."""
    from mores.registry import load, names

    return [load("world", name)() for name in names("world")]
