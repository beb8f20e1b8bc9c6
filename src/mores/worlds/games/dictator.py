"""The dictator game: one divides an amount, the other receives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np

from mores.actions import Actions, Amount
from mores.chance import Chance
from mores.world import PAIR, Events, Outcome, Turn, World
from mores.worlds.games.pairs import PairState, check, close_round, number, player, rows, times


@dataclass(frozen=True)
class Dictator(World):
    """One person divides an amount between herself and a passive other, in any number of pairs at a table.

    Seat i < `pairs` decides, seat `pairs + i` receives. Actions are units given, 0 to `endowment`, in multiples of
    `unit` (None: any amount). Event `give` carries the share of the endowment (NaN where the decision is missing, in
    which case nothing is given).

    Forsythe, Horowitz, Savin and Sefton 1994, "Fairness in simple bargaining experiments"; the amount of 100 and the
    whole units follow the platform data of Mei, Xie, Yuan and Jackson 2024 (`human-games-moblab`), where first movers
    gave 25.2 of 100 on average.
    """

    pairs: int = 1
    endowment: float = 100.0
    unit: float | None = 1.0
    rounds: int = 1

    name: ClassVar[str] = "dictator"
    source: ClassVar[str] = "Forsythe et al. 1994, Games and Economic Behavior 6"
    ports: ClassVar[tuple[str, ...]] = ("score",)
    emits: ClassVar[tuple[str, ...]] = ("give",)
    missing: ClassVar[Mapping[str, str]] = {"dictator": "gives nothing"}

    def __post_init__(self) -> None:
        check(self.pairs, self.rounds, endowment=self.endowment)

    @property
    def seats(self) -> int:  # type: ignore[override]
        """Two a pair."""
        return 2 * self.pairs

    @cached_property
    def space(self) -> Amount:
        """What a dictator may give."""
        return Amount(0.0, self.endowment, "units", self.unit)

    def reset(self, chance: Chance) -> PairState:
        t = len(chance)
        return PairState(
            np.zeros(t, np.int8), np.zeros(t, np.int32), np.zeros((t, self.seats), np.float32)
        )

    def turn(self, state: PairState) -> Turn:
        tables = len(state.phase)
        givers = rows(tables, self.pairs, first=True)
        observation = {
            "endowment": np.full(len(givers), self.endowment, np.float32),
            "partner": rows(tables, self.pairs, first=False),
        }
        return Turn(
            self.seats, tables, "dictator", self.space, observation, givers, clock=state.round
        )

    def step(self, state: PairState, turn: Turn, actions: Actions, chance: Chance) -> Outcome:
        given = np.nan_to_num(actions).reshape(-1, self.pairs)
        state.score[:, : self.pairs] += np.float32(self.endowment) - given
        state.score[:, self.pairs :] += given
        close_round(state, self.rounds, 0)
        share = actions / np.float32(self.endowment)
        partner = turn.observation["partner"]
        return Outcome(state, [Events("give", turn.rows, partner, share, audience=PAIR)])

    def brief(self, state: PairState, table: int, seat: int) -> str:
        giver, other = seat % self.pairs, seat % self.pairs + self.pairs
        you = f"You are {player(seat, self.seats)}."
        if seat < self.pairs:
            part = f"You have {number(self.endowment)} units and decide how many of them "
            part += f"{player(other, self.seats)} gets; you keep the rest. "
            part += f"{player(other, self.seats).capitalize()} has no decision to make."
        else:
            part = f"{player(giver, self.seats).capitalize()} has {number(self.endowment)} units and decides "
            part += "how many of them you get, and keeps the rest. You have no decision to make."
        return f"{you} {part} {times(self.rounds)}"

    def describe(self, state: PairState, turn: Turn, j: int) -> str:
        other = player(int(turn.observation["partner"][j]), self.seats)
        return f"You have {number(self.endowment)} units. How many units do you give to {other}?"

    def narrate(self, state: PairState, turn: Turn, events: Events, j: int) -> str | None:
        if events.kind != "give" or events.actor is None or events.target is None:
            return None
        assert events.value is not None
        giver = player(int(events.actor[j]), self.seats).capitalize()
        other = player(int(events.target[j]), self.seats)
        share = float(events.value[j])
        if share != share:
            return f"{giver} made no decision, so {other} gets nothing."
        given = number(share * self.endowment)
        return f"{giver} gave {given} of {number(self.endowment)} units to {other}."
