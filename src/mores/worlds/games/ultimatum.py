"""The ultimatum game: one offers a division, the other takes it or nobody gets anything."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from mores.actions import Actions, Amount, Choice
from mores.chance import Chance
from mores.errors import BadValue
from mores.world import PAIR, Events, Outcome, Turn, World
from mores.worlds.games.pairs import PairState, check, close_round, number, player, rows, times

OFFER, RESPOND, LIMIT = 0, 1, 2
ANSWERS = Choice("reject", "accept")


@dataclass
class UltimatumState(PairState):
    """`offer` float32 [T, pairs]: units on the table (NaN: no decision); `limit` the smallest acceptable ones."""

    offer: NDArray[np.float32]
    limit: NDArray[np.float32]


@dataclass(frozen=True)
class Ultimatum(World):
    """A proposer offers part of an amount; if the responder rejects, both get nothing.

    Seat i < `pairs` proposes, seat `pairs + i` responds. Under `method="direct"` the responder hears the offer and
    accepts or rejects it; under `method="strategy"` the responder first states the smallest offer that is acceptable
    (role `responder`, an amount), unseen by the proposer, as in `human-games-moblab`.

    Events: `limit` and `offer` as shares of the endowment (NaN where missing), `respond` 1 accepted, 0 rejected, -1
    missing. A limit is told to nobody.

    Güth, Schmittberger and Schwarze 1982, "An experimental analysis of ultimatum bargaining". People (Mei et al.
    2024): mean offer 42.6, mean smallest acceptable offer 32.8 of 100.
    """

    pairs: int = 1
    endowment: float = 100.0
    unit: float | None = 1.0
    rounds: int = 1
    method: Literal["direct", "strategy"] = "direct"

    name: ClassVar[str] = "ultimatum"
    source: ClassVar[str] = "Güth et al. 1982, Journal of Economic Behavior & Organization 3"
    ports: ClassVar[tuple[str, ...]] = ("score",)
    emits: ClassVar[tuple[str, ...]] = ("limit", "offer", "respond")
    missing: ClassVar[Mapping[str, str]] = {
        "proposer": "offers nothing",
        "responder": "rejects the offer (every offer, where limits are stated)",
    }

    def __post_init__(self) -> None:
        check(self.pairs, self.rounds, endowment=self.endowment)
        if self.method not in ("direct", "strategy"):
            raise BadValue("method", self.method, "'direct' or 'strategy'")

    @property
    def seats(self) -> int:  # type: ignore[override]
        """Two a pair."""
        return 2 * self.pairs

    def all_emits(self) -> tuple[str, ...]:
        return self.emits[1:] if self.method == "direct" else self.emits

    @cached_property
    def space(self) -> Amount:
        """What may be offered, or stated as a limit."""
        return Amount(0.0, self.endowment, "units", self.unit)

    @property
    def opening(self) -> int:
        """The phase a round begins with."""
        return OFFER if self.method == "direct" else LIMIT

    def reset(self, chance: Chance) -> UltimatumState:
        t = len(chance)
        none = np.full((t, self.pairs), np.nan, np.float32)
        score = np.zeros((t, self.seats), np.float32)
        phase = np.full(t, self.opening, np.int8)
        return UltimatumState(phase, np.zeros(t, np.int32), score, none, none.copy())

    def turn(self, state: UltimatumState) -> Turn:
        tables, phase = len(state.phase), int(state.phase[0])
        proposing = phase == OFFER
        acting = rows(tables, self.pairs, first=proposing)
        observation = {
            "endowment": np.full(len(acting), self.endowment, np.float32),
            "partner": rows(tables, self.pairs, first=not proposing),
        }
        if phase == RESPOND:
            observation["offer"] = np.nan_to_num(state.offer / np.float32(self.endowment)).ravel()
        role = "proposer" if proposing else "responder"
        space = ANSWERS if phase == RESPOND else self.space
        return Turn(self.seats, tables, role, space, observation, acting, clock=state.round)

    def step(self, state: UltimatumState, turn: Turn, actions: Actions, chance: Chance) -> Outcome:
        phase = int(state.phase[0])
        whole = np.float32(self.endowment)
        partner = turn.observation["partner"]
        if phase == LIMIT:
            state.limit[:] = actions.reshape(-1, self.pairs)
            state.phase[:] = OFFER
            return Outcome(
                state, [Events("limit", turn.rows, None, actions / whole, audience=None)]
            )
        if phase == OFFER:
            state.offer[:] = actions.reshape(-1, self.pairs)
            offered = Events("offer", turn.rows, partner, actions / whole, audience=PAIR)
            if self.method == "direct":
                state.phase[:] = RESPOND
                return Outcome(state, [offered])
            answer = np.where(np.isnan(state.limit), -1, np.nan_to_num(state.offer) >= state.limit)
            return Outcome(state, [offered, self._settle(state, answer.astype(np.int8))])
        return Outcome(state, [self._settle(state, actions.reshape(-1, self.pairs).copy())])

    def _settle(self, state: UltimatumState, answer: NDArray[np.int8]) -> Events:
        """Pay what was agreed and end the round."""
        agreed = answer == 1
        offer = np.nan_to_num(state.offer)
        state.score[:, : self.pairs] += (np.float32(self.endowment) - offer) * agreed
        state.score[:, self.pairs :] += offer * agreed
        tables = len(state.phase)
        close_round(state, self.rounds, self.opening)
        responders = rows(tables, self.pairs, first=False)
        proposers = rows(tables, self.pairs, first=True)
        return Events("respond", responders, proposers, answer.ravel(), audience=PAIR)

    def brief(self, state: UltimatumState, table: int, seat: int) -> str:
        proposing = seat < self.pairs
        other = player(seat + self.pairs if proposing else seat - self.pairs, self.seats)
        whole = number(self.endowment)
        text = f"You are {player(seat, self.seats)}. There are {whole} units to divide. "
        if proposing:
            text += (
                f"You offer {other} some of them. If {other} accepts, {other} gets what is offered "
            )
            text += "and you keep the rest. If not, both get nothing. "
        else:
            text += f"{other.capitalize()} offers you some of them. If you accept, you get what is offered "
            text += f"and {other} keeps the rest. If not, both get nothing. "
        if self.method == "strategy":
            states = f"{other.capitalize()} states" if proposing else "You state"
            text += f"{states} beforehand the smallest offer that is acceptable. "
        return text + times(self.rounds)

    def describe(self, state: UltimatumState, turn: Turn, j: int) -> str:
        other = player(int(turn.observation["partner"][j]), self.seats)
        whole = number(self.endowment)
        if turn.role == "proposer":
            return f"There are {whole} units. How many of them do you offer to {other}?"
        if "offer" not in turn.observation:
            return (
                f"There are {whole} units. What is the smallest offer from {other} that you accept?"
            )
        offer = number(turn.observation["offer"][j] * self.endowment)
        return f"{other.capitalize()} offers you {offer} of {whole} units. Do you accept or reject?"

    def narrate(self, state: UltimatumState, turn: Turn, events: Events, j: int) -> str | None:
        if events.actor is None or events.value is None or events.target is None:
            return None
        actor = player(int(events.actor[j]), self.seats).capitalize()
        other = player(int(events.target[j]), self.seats)
        value = float(events.value[j])
        if events.kind == "offer":
            whole = number(self.endowment)
            if value != value:
                return f"{actor} made no decision: the offer to {other} is 0 of {whole} units."
            return f"{actor} offered {number(value * self.endowment)} of {whole} units to {other}."
        if events.kind == "respond":
            if value < 0:
                return f"{actor} gave no answer: the offer of {other} counts as rejected."
            return f"{actor} {'accepted' if value else 'rejected'} the offer of {other}."
        return None
