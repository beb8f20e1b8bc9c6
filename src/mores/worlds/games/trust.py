"""The trust (investment) game: what is sent grows on the way, and the other decides what comes back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from mores.actions import Actions, Amount
from mores.chance import Chance
from mores.errors import BadValue
from mores.world import PAIR, Events, Outcome, Turn, World
from mores.worlds.games.pairs import PairState, check, close_round, number, player, rows, times

SEND, RETURN = 0, 1
PERCENT = Amount(0.0, 100.0, "per cent")


@dataclass
class TrustState(PairState):
    """`sent` float32 [T, pairs]: units sent this round, before they are multiplied."""

    sent: NDArray[np.float32]


@dataclass(frozen=True)
class Trust(World):
    """An investor sends part of an amount, which is multiplied; the trustee returns any share of what arrived.

    Seat i < `pairs` invests, seat `pairs + i` is the trustee, who also starts the round with `trustee_endowment`.
    Investors act in units (multiples of `unit`; None: any amount), trustees in per cent of what they received, so
    that one space fits every trustee. Trustees who received nothing are not asked.

    Events `send` (share of the endowment) and `return` (share of what was received); NaN where the decision is missing.

    Berg, Dickhaut and McCabe 1995, "Trust, reciprocity, and social history": both start with 10, what is sent is
    tripled; investors sent 5.16 and got 4.66 back on average (no-history treatment, 32 pairs).
    """

    pairs: int = 1
    endowment: float = 10.0
    trustee_endowment: float = 10.0
    multiplier: float = 3.0
    unit: float | None = 1.0
    rounds: int = 1

    name: ClassVar[str] = "trust"
    source: ClassVar[str] = "Berg et al. 1995, Games and Economic Behavior 10"
    ports: ClassVar[tuple[str, ...]] = ("score",)
    emits: ClassVar[tuple[str, ...]] = ("send", "return")
    missing: ClassVar[Mapping[str, str]] = {
        "investor": "sends nothing",
        "trustee": "returns nothing",
    }

    def __post_init__(self) -> None:
        check(self.pairs, self.rounds, endowment=self.endowment, multiplier=self.multiplier)
        if self.trustee_endowment < 0:
            raise BadValue("trustee_endowment", self.trustee_endowment, "at least 0")

    @property
    def seats(self) -> int:  # type: ignore[override]
        """Two a pair."""
        return 2 * self.pairs

    @cached_property
    def space(self) -> Amount:
        """What an investor may send."""
        return Amount(0.0, self.endowment, "units", self.unit)

    def reset(self, chance: Chance) -> TrustState:
        t = len(chance)
        score = np.zeros((t, self.seats), np.float32)
        sent = np.zeros((t, self.pairs), np.float32)
        return TrustState(np.zeros(t, np.int8), np.zeros(t, np.int32), score, sent)

    def turn(self, state: TrustState) -> Turn:
        tables = len(state.phase)
        investors = rows(tables, self.pairs, first=True)
        trustees = rows(tables, self.pairs, first=False)
        if state.phase[0] == SEND:
            whole = np.full(len(investors), self.endowment, np.float32)
            seen = {"endowment": whole, "partner": trustees}
            return Turn(
                self.seats, tables, "investor", self.space, seen, investors, clock=state.round
            )
        asked = np.flatnonzero(state.sent)
        received = state.sent.ravel()[asked] * np.float32(self.multiplier)
        seen = {
            "endowment": np.full(len(asked), self.trustee_endowment, np.float32),
            "partner": investors[asked],
            "received": received,
        }
        return Turn(
            self.seats, tables, "trustee", PERCENT, seen, trustees[asked], clock=state.round
        )

    def step(self, state: TrustState, turn: Turn, actions: Actions, chance: Chance) -> Outcome:
        partner = turn.observation["partner"]
        if turn.role == "investor":
            state.sent[:] = np.nan_to_num(actions).reshape(-1, self.pairs)
            state.score[:, : self.pairs] += np.float32(self.endowment) - state.sent
            state.score[:, self.pairs :] += state.sent * np.float32(self.multiplier) + np.float32(
                self.trustee_endowment
            )
            trusted = np.asarray((state.sent > 0).any(axis=1))
            state.phase[trusted] = RETURN
            close_round(state, self.rounds, SEND, ~trusted)
            share = actions / np.float32(self.endowment)
            return Outcome(state, [Events("send", turn.rows, partner, share, audience=PAIR)])
        share = actions / np.float32(100)
        back = np.nan_to_num(share) * turn.observation["received"]
        score = state.score.reshape(-1)
        score[partner] += back
        score[turn.rows] -= back
        close_round(state, self.rounds, SEND)
        return Outcome(state, [Events("return", turn.rows, partner, share, audience=PAIR)])

    def brief(self, state: TrustState, table: int, seat: int) -> str:
        sends = seat < self.pairs
        other = player(seat + self.pairs if sends else seat - self.pairs, self.seats)
        own, theirs = self.endowment, self.trustee_endowment
        if not sends:
            own, theirs = theirs, own
        text = f"You are {player(seat, self.seats)}. You start with {number(own)} units, "
        text += f"{other} with {number(theirs)}. "
        by = number(self.multiplier)
        if sends:
            text += f"You decide how many of yours to send to {other}. What you send is multiplied by {by}. "
            text += f"{other.capitalize()} then decides how much of what arrived to return to you. "
        else:
            text += f"{other.capitalize()} decides how many units to send to you. What is sent is multiplied by {by}. "
            text += f"You then decide how much of what arrived to return to {other}. "
        return text + times(self.rounds)

    def describe(self, state: TrustState, turn: Turn, j: int) -> str:
        other = player(int(turn.observation["partner"][j]), self.seats)
        if turn.role == "investor":
            return (
                f"You have {number(self.endowment)} units. How many units do you send to {other}?"
            )
        received = number(turn.observation["received"][j])
        return f"{received} units arrived from {other}. What per cent of them do you return?"

    def narrate(self, state: TrustState, turn: Turn, events: Events, j: int) -> str | None:
        if events.actor is None or events.value is None or events.target is None:
            return None
        actor = player(int(events.actor[j]), self.seats).capitalize()
        other = player(int(events.target[j]), self.seats)
        share = float(events.value[j])
        did = "sent" if events.kind == "send" else "returned"
        if share != share:
            return f"{actor} made no decision: nothing is {did} to {other}."
        if events.kind == "send":
            sent = share * self.endowment
            grown = number(sent * self.multiplier)
            return f"{actor} sent {number(sent)} units to {other}; {grown} arrived."
        return f"{actor} returned {number(100 * share)} per cent of what arrived to {other}."
