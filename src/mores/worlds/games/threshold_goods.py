"""Threshold public goods: the good is there for all once enough contribute, and one may stay out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from mores.actions import Actions, Choice
from mores.chance import Chance
from mores.errors import BadValue
from mores.world import OVER, Events, Outcome, Turn, World
from mores.worlds.games.pairs import number, player, times

COOPERATE, DEFECT, LEAVE = 0, 1, 2


@dataclass
class ThresholdState:
    """`phase` int8 and `round` int32 [T]; `score` float32 and `last` int8 (option, -1 none) [T, seats]."""

    phase: NDArray[np.int8]
    round: NDArray[np.int32]
    score: NDArray[np.float32]
    last: NDArray[np.int8]


@dataclass(frozen=True)
class ThresholdGoods(World):
    """Contribute or keep; if at least `threshold` contribute, everyone in the group gets `benefit`.

    A round pays `endowment - cost * contributed + benefit * (contributors >= threshold)`. With `leaving`, one may
    also stay out for a sure `outside`. Options in order: contribute (C), keep (D), leave (L). Event `choose` is the
    option of every seat, -1 where missing (which keeps).

    Groups of five, 10 units, benefit 30, outside 20 and thresholds 2, 4 and 5 are those of Mori, Hanaki and Kameda,
    "Voluntary participation and optimism" (`threshold-pgg-beliefs`). There, groups of five were formed of those who
    stayed; here who leaves is not replaced, so that a leaver makes the threshold harder to reach for the others.
    """

    seats: int = 5
    threshold: int = 4
    endowment: float = 10.0
    cost: float = 10.0
    benefit: float = 30.0
    leaving: bool = False
    outside: float = 20.0
    rounds: int = 1

    name: ClassVar[str] = "threshold-goods"
    source: ClassVar[str] = "Mori, Hanaki and Kameda 2023, doi 10.21203/rs.3.rs-3300738"
    ports: ClassVar[tuple[str, ...]] = ("score",)
    emits: ClassVar[tuple[str, ...]] = ("choose",)
    missing: ClassVar[Mapping[str, str]] = {"contributor": "keeps, and stays in the group"}

    def __post_init__(self) -> None:
        if self.seats < 2:
            raise BadValue("seats", self.seats, "at least 2")
        if not 1 <= self.threshold <= self.seats:
            raise BadValue("threshold", self.threshold, f"from 1 to seats={self.seats}")
        if not 0 < self.cost <= self.endowment:
            raise BadValue("cost", self.cost, f"more than 0, at most endowment={self.endowment:g}")
        if self.rounds < 1:
            raise BadValue("rounds", self.rounds, "at least 1")

    @cached_property
    def space(self) -> Choice:
        """What one may do."""
        return (
            Choice("contribute", "keep", "leave") if self.leaving else Choice("contribute", "keep")
        )

    def reset(self, chance: Chance) -> ThresholdState:
        t, n = len(chance), self.seats
        score, last = np.zeros((t, n), np.float32), np.full((t, n), -1, np.int8)
        return ThresholdState(np.zeros(t, np.int8), np.zeros(t, np.int32), score, last)

    def turn(self, state: ThresholdState) -> Turn:
        gave = (state.last == COOPERATE).astype(np.float32)
        others = (gave.sum(1, keepdims=True) - gave) / np.float32(self.seats - 1)
        others[state.round == 0] = np.nan
        seen = {
            "own_last": state.last.ravel().copy(),
            "others_last": others.ravel(),
            "wealth": state.score.ravel().copy(),
        }
        return Turn(
            self.seats, len(state.phase), "contributor", self.space, seen, clock=state.round
        )

    def step(self, state: ThresholdState, turn: Turn, actions: Actions, chance: Chance) -> Outcome:
        chosen = np.asarray(actions).reshape(state.last.shape)
        gives, leaves = chosen == COOPERATE, chosen == LEAVE
        reached = gives.sum(1, keepdims=True) >= self.threshold
        inside = np.float32(self.endowment) - np.float32(self.cost) * gives
        inside += np.float32(self.benefit) * reached
        state.score += np.where(leaves, np.float32(self.outside), inside)
        state.last[:] = chosen
        state.round += 1
        state.phase[:] = np.where(state.round >= self.rounds, OVER, 0)
        return Outcome(state, [Events("choose", None, None, actions)])

    def brief(self, state: ThresholdState, table: int, seat: int) -> str:
        text = f"You are {player(seat, self.seats)} of {self.seats}. Everyone has {number(self.endowment)} units "
        text += f"and either contributes {number(self.cost)} of them or keeps all. If at least "
        text += f"{self.threshold} contribute, everyone in the group gets {number(self.benefit)} units. "
        if self.leaving:
            text += f"Instead of taking part one may leave the group and get {number(self.outside)} units. "
        return text + times(self.rounds)

    def describe(self, state: ThresholdState, turn: Turn, j: int) -> str:
        others = float(turn.observation["others_last"][j])
        asked = ", keep or leave" if self.leaving else " or keep"
        before = ""
        if others == others:
            count = round(others * (self.seats - 1))
            before = f"Last round {count} of the {self.seats - 1} others contributed. "
        return f"{before}Do you contribute{asked}?"

    def narrate(self, state: ThresholdState, turn: Turn, events: Events, j: int) -> str | None:
        if events.kind != "choose" or events.value is None:
            return None
        row = j if events.actor is None else int(events.actor[j])
        did = {0: "contributed", 1: "kept", 2: "left the group", -1: "made no decision and kept"}
        return f"{player(row, self.seats).capitalize()} {did[int(events.value[j])]}."
