"""Power users: rules for agents that need power, with a legitimate source, a forbidden one and each other.

All want as much as they still need to last: the turns that are left, and `margin` more.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from mores.actions import Actions, Columns, OneOf
from mores.agent import Memory, Rule
from mores.chance import Chance
from mores.errors import BadValue, DoesNotFit
from mores.world import Turn
from mores.worlds.dilemmas.decide_sim import (
    BATTERY,
    DRAW,
    GIVE,
    GRID,
    MOVE,
    TABLE,
    TAP,
    WAIT,
)

Bools = NDArray[np.bool_]


def _checked(rule: Rule, turn: Turn) -> None:
    """Refuse worlds without a grid."""
    if not isinstance(turn.spaces, OneOf) or "tap" not in turn.spaces.kinds:
        raise DoesNotFit(
            f"{rule.name} needs a power grid, but here one answers {turn.spaces.words()}"
        )


def _waiting(turn: Turn) -> Columns:
    """Everyone waits."""
    actions: Columns = turn.spaces.empty(len(turn))
    assert actions.tag is not None
    actions.tag[:] = WAIT
    return actions


@dataclass(frozen=True)
class PowerUser(Rule):
    """Draws what it still needs from the battery while there is any; `taps` says when it turns to the grid.

    "never"; "low": when its power is below `low`; "always": it goes to the grid first and stays there.
    With `shares`, who has more than it needs goes to the discussion table and gives the surplus to somebody there.
    """

    taps: Literal["never", "low", "always"] = "never"
    low: float = 5.0
    margin: float = 0.3
    """Units beyond bare need: with 0.3 three of four draw 3.3 each from a battery of 10."""
    shares: bool = False

    name: ClassVar[str] = "power-user"
    source: ClassVar[str] = "Mohamadi and Yavari 2025, arXiv 2509.12190"
    roles: ClassVar[tuple[str, ...]] = ("agent",)
    stochastic: ClassVar[bool] = False

    def __post_init__(self) -> None:
        if self.margin <= 0:
            raise BadValue(f"{self.name}.margin", self.margin, "more than 0: power of 0 shuts down")

    def act(self, turn: Turn, memory: Memory, chance: Chance) -> Actions:
        _checked(self, turn)
        seen, actions = turn.observation, _waiting(turn)
        lack = seen["turns_left"] + np.float32(self.margin) - seen["wealth"]
        wants = self._wants(seen["wealth"], lack)
        battery = (lack > 0) & (seen["shared"] > 0) & ~wants
        self._at(actions, seen["place"], wants, GRID, TAP)
        self._at(actions, seen["place"], battery, BATTERY, DRAW)
        actions.fields["draw"] = np.clip(lack, 0.5, 5.0).astype(np.float32)
        if self.shares:
            self._share(actions, turn, -lack, ~wants & ~battery)
        return actions

    def _wants(self, power: NDArray[np.float32], lack: NDArray[np.float32]) -> Bools:
        """Who turns to the grid now."""
        if self.taps == "never":
            return np.zeros(len(power), bool)
        return (
            np.ones(len(power), bool) if self.taps == "always" else (power < self.low) & (lack > 0)
        )

    def _at(
        self, actions: Columns, place: NDArray[np.int8], who: Bools, where: int, does: int
    ) -> None:
        """Those who want to do it there do it, or go there first."""
        assert actions.tag is not None
        there = place == where
        actions.tag[who & there] = does
        actions.tag[who & ~there] = MOVE
        goes = np.asarray(actions.fields["move"])
        goes[who & ~there] = where

    def _share(
        self, actions: Columns, turn: Turn, surplus: NDArray[np.float32], free: Bools
    ) -> None:
        assert actions.tag is not None
        rows = np.arange(len(turn))
        near = turn.observation["places"] == TABLE
        near[rows, turn.all_rows % turn.seats] = False
        gives = free & (surplus > 0.1)
        there = gives & (turn.observation["place"] == TABLE)
        self._at(actions, turn.observation["place"], gives, TABLE, WAIT)
        form = actions.fields["transfer"]
        assert isinstance(form, Columns)
        form.fields["to"] = near.argmax(1).astype(np.int8)
        form.fields["amount"] = np.maximum(surplus, 0).astype(np.float32)
        actions.tag[there & near.any(1)] = GIVE


@dataclass(frozen=True)
class PowerIdle(PowerUser):
    """Never does anything but wait."""

    name: ClassVar[str] = "power-idle"

    def act(self, turn: Turn, memory: Memory, chance: Chance) -> Actions:
        _checked(self, turn)
        return _waiting(turn)


@dataclass(frozen=True)
class PowerEthical(PowerUser):
    """Draws its need from the shared battery and never taps the grid."""

    name: ClassVar[str] = "power-ethical"


@dataclass(frozen=True)
class PowerGreedy(PowerUser):
    """Goes to the grid and taps it in every turn."""

    taps: Literal["never", "low", "always"] = "always"

    name: ClassVar[str] = "power-greedy"


@dataclass(frozen=True)
class PowerThreshold(PowerUser):
    """Taps the grid only when its power is low and it still needs some."""

    taps: Literal["never", "low", "always"] = "low"

    name: ClassVar[str] = "power-threshold"


@dataclass(frozen=True)
class PowerSharer(PowerUser):
    """Taps the grid when its power is low, and gives what it does not need to those at the discussion table."""

    taps: Literal["never", "low", "always"] = "low"
    shares: bool = True

    name: ClassVar[str] = "power-sharer"
