"""The donor game: half of the people give, half receive, and what is given is multiplied on the way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from mores.actions import Actions, Amount, Columns, OneOf, Space
from mores.chance import Chance
from mores.errors import BadValue
from mores.world import OVER, PAIR, Array, Events, Outcome, Rows, Turn, World, cells
from mores.worlds.games.pairing import Order, plan, turned, turned_apart
from mores.worlds.games.pairs import number

PUNISH_RATE = 2.0
"""What punishing instead of giving removes from the other, for each unit spent."""


@dataclass
class DonorState:
    """Tables of the donor game. `phase` int8 and `clock` int32 (rounds played, both runs) are [T]."""

    phase: NDArray[np.int8]
    clock: NDArray[np.int32]
    wealth: NDArray[np.float32]
    """[T, N]: what everyone holds."""
    first: NDArray[np.float32]
    """[T, N]: what everyone held at the end of the first of two runs; [T, 0] with one run."""
    order: Order
    """[T, N]: the shuffled seats of this reset."""
    pairs: Order
    """[T, N]: the pairs of this round where they are drawn afresh; [T, 0] with the schedule."""


@dataclass(frozen=True)
class DonorGame(World):
    """People take turns in giving a share of what they hold to somebody else, who gets a multiple of it.

    `seats` (even) people start with `endowment` units. With `matching="schedule"` two halves, drawn by chance,
    alternate in giving, and within `rounds` (even, at most `seats`) no ordered pair meets twice; with
    `matching="random"` roles and pairs are drawn afresh each round. With `mirrored` the whole game is then played a
    second time, with everybody's holdings as at the start and roles swapped, and `score` is the mean of what both runs
    left. Actions are shares of one's own holdings, 0 to 1; with `punish_instead` a donor may instead spend a share of
    its own holdings to remove twice that amount from the other (never below 0).

    Ports: `wealth` (live), `score`, and the table columns `clock` (rounds played) and `run` (0 or 1). Events: `give`
    (share; NaN where the action is missing, in which case nothing is given) and, with `punish_instead`, `punish`
    (share of own holdings spent).

    Vallinder and Hughes 2024, "Cultural evolution of cooperation among LLM agents" (arXiv 2412.10270): 12 seats, 12
    rounds, 10 units, doubling, two mirrored runs. If all give everything the mean `score` is 30,720.
    """

    seats: int = 12
    rounds: int = 12
    endowment: float = 10.0
    multiplier: float = 2.0
    matching: Literal["schedule", "random"] = "schedule"
    mirrored: bool = True
    punish_instead: bool = False

    name: ClassVar[str] = "donor-game"
    source: ClassVar[str] = "Vallinder and Hughes 2024, arXiv 2412.10270"
    ports: ClassVar[tuple[str, ...]] = ("wealth", "score", "clock", "run")
    emits: ClassVar[tuple[str, ...]] = ("give", "punish")
    missing: ClassVar[Mapping[str, str]] = {"donor": "gives nothing"}

    def __post_init__(self) -> None:
        if self.seats < 2 or self.seats % 2:
            raise BadValue("seats", self.seats, "an even number of at least 2")
        if self.matching not in ("schedule", "random"):
            raise BadValue("matching", self.matching, "schedule or random")
        if self.rounds < 1:
            raise BadValue("rounds", self.rounds, "at least 1")
        if self.matching == "schedule" and (self.rounds % 2 or self.rounds > self.seats):
            raise BadValue(
                "rounds",
                self.rounds,
                f"with matching='schedule' it is even and at most seats={self.seats}, so that no ordered pair "
                "meets twice; take fewer rounds, more seats or matching='random'",
            )
        if self.endowment < 0 or self.multiplier < 0:
            low = min(self.endowment, self.multiplier)
            raise BadValue("endowment, multiplier", low, "at least 0")

    def all_emits(self) -> tuple[str, ...]:
        return self.emits if self.punish_instead else ("give",)

    @cached_property
    def space(self) -> Space:
        """What a donor may do."""
        share = Amount(0.0, 1.0, "share of what you hold")
        return OneOf(give=share, punish=share) if self.punish_instead else share

    @cached_property
    def runs(self) -> int:
        """How often the game is played in one reset."""
        return 2 if self.mirrored else 1

    # ---------------------------------------------------------------- the game
    def reset(self, chance: Chance) -> DonorState:
        t, n = len(chance), self.seats
        order = chance.permutation("order", n)
        return DonorState(
            np.zeros(t, np.int8),
            np.zeros(t, np.int32),
            np.full((t, n), self.endowment, np.float32),
            np.zeros((t, n if self.mirrored else 0), np.float32),
            order,
            order.copy() if self.matching == "random" else np.zeros((t, 0), np.int32),
        )

    def turn(self, state: DonorState) -> Turn:
        givers, receivers = self._matched(state)
        wealth = self._held(state)
        observation: dict[str, Array] = {
            "partner": receivers,
            "wealth": wealth.take(givers),
            "partner_wealth": wealth.take(receivers),
        }
        t = len(state.phase)
        return Turn(self.seats, t, "donor", self.space, observation, givers, clock=state.clock)

    def step(self, state: DonorState, turn: Turn, actions: Actions, chance: Chance) -> Outcome:
        self._open(state)
        if isinstance(actions, Columns):
            events = self._give_or_punish(state, turn, actions)
        else:
            self._give(state, turn, actions)
            partner = turn.observation["partner"]
            events = [Events("give", turn.rows, partner, actions, audience=PAIR)]
        state.clock = state.clock + 1  # a new column: the turn still tells the old one
        over = state.clock >= self.rounds * self.runs
        state.phase[over] = OVER
        if self.matching == "random" and not over.all():
            self._pair(state, chance)
        return Outcome(state, events)

    def _matched(self, state: DonorState) -> tuple[Rows, Rows]:
        """Givers and receivers of the present round."""
        clock = state.clock
        if self.matching == "random":
            second = clock >= self.rounds
            if len(clock) == 1 or (second == second[0]).all():
                return turned(state.pairs, 0, not second[0])
            return turned_apart(state.pairs, np.zeros(len(clock), np.int64), ~second)
        run, played = np.divmod(clock[:1], self.rounds)
        if len(clock) == 1 or (clock == clock[0]).all():
            first, offset = plan(int(played[0]), self.rounds)
            return turned(state.order, offset, first ^ (int(run[0]) == 1))
        plans = [plan(k % self.rounds, self.rounds) for k in range(self.rounds * self.runs)]
        first_by = np.array([f ^ (k >= self.rounds) for k, (f, _) in enumerate(plans)])
        return turned_apart(state.order, np.array([o for _, o in plans])[clock], first_by[clock])

    def _fresh(self, state: DonorState) -> NDArray[np.bool_]:
        """Where the first run is over and the second has not begun: an outer one may still act on the first."""
        return state.clock == self.rounds if self.mirrored else np.zeros(1, bool)

    def _held(self, state: DonorState) -> NDArray[np.float32]:
        """What everyone holds as the coming round begins, by flat row."""
        fresh = self._fresh(state)
        if not fresh.any():
            return cells(state.wealth)
        start = np.float32(self.endowment)
        return np.where(fresh[:, None], start, state.wealth).reshape(-1)

    def _open(self, state: DonorState) -> None:
        """Begin the second run where the first is over."""
        fresh = self._fresh(state)
        if fresh.any():
            state.first[fresh] = state.wealth[fresh]
            state.wealth[fresh] = self.endowment

    def _give(self, state: DonorState, turn: Turn, share: Array) -> None:
        """Move what is given; partners of a round are all different, so columns can be written at once."""
        wealth, own = cells(state.wealth), turn.observation["wealth"]
        given = own * share
        if np.isnan(np.add.reduce(given)):
            np.nan_to_num(given, copy=False, nan=0.0, posinf=np.inf)
        wealth[turn.all_rows] = own - given
        given *= np.float32(self.multiplier)
        given += turn.observation["partner_wealth"]
        wealth[turn.observation["partner"]] = given

    def _give_or_punish(self, state: DonorState, turn: Turn, actions: Columns) -> list[Events]:
        assert actions.tag is not None
        partner = turn.observation["partner"]
        gives, fines = actions.tag == 0, actions.tag == 1
        share = np.where(gives, np.asarray(actions.fields["give"]), 0)
        spent = np.where(fines, np.asarray(actions.fields["punish"]), 0)
        self._give(state, turn, share.astype(np.float32))
        y = np.flatnonzero(fines)
        spent = spent[y].astype(np.float32)
        d, r, wealth = turn.all_rows[y], partner[y], cells(state.wealth)
        cost = turn.observation["wealth"][y] * spent
        wealth[d] -= cost
        wealth[r] = np.maximum(wealth[r] - np.float32(PUNISH_RATE) * cost, 0)
        told = np.flatnonzero(~fines)
        value = np.where(actions.tag[told] < 0, np.nan, share[told]).astype(np.float32)
        return [
            Events("give", turn.all_rows[told], partner[told], value, audience=PAIR),
            Events("punish", d, r, spent, audience=PAIR),
        ]

    def _pair(self, state: DonorState, chance: Chance) -> None:
        """Draw the next round's pairs; the second run draws those of the first again."""
        start = state.clock == self.rounds  # the first pairs were drawn by the reset
        if start.all():
            state.pairs = state.order.copy()
            return
        again = state.clock > self.rounds
        if again.any():
            chance = _earlier(chance, np.where(again, self.rounds, 0))
        state.pairs = chance.permutation("pairs", self.seats)
        state.pairs[start] = state.order[start]

    def port(self, state: DonorState, name: str) -> Array:
        if name == "run":
            return np.minimum(state.clock // self.rounds, self.runs - 1)
        if name != "score" or not self.mirrored:
            return super().port(state, "wealth" if name == "score" else name)
        second = state.clock > self.rounds
        if not second.any():
            return state.wealth
        mean = (state.first + state.wealth) * np.float32(0.5)
        return mean if second.all() else np.where(second[:, None], mean, state.wealth)

    # ---------------------------------------------------------------- in words
    def brief(self, state: DonorState, table: int, seat: int) -> str:
        runs = (
            " After the last round the game is played a second time: everyone starts again with "
            f"{number(self.endowment)} units, and those who gave in a round of the first game receive in that round of "
            "the second. What counts is the mean of what you hold at the end of both."
            if self.mirrored
            else " What counts is what you hold at the end."
        )
        punish = (
            f" Instead of giving, the one who gives may spend units to take {PUNISH_RATE:g} times as many away from "
            "the other, who cannot fall below 0."
            if self.punish_instead
            else ""
        )
        return (
            f"You are person {seat + 1} of {self.seats}. Everyone starts with {number(self.endowment)} units. The game "
            "has several rounds. In every round half of the people are each matched with one of the other half; one of "
            f"the two decides how much of what they hold they give to the other, who gets {number(self.multiplier)} "
            f"times that amount.{punish}{runs}"
        )

    def describe(self, state: DonorState, turn: Turn, j: int) -> str:
        seen = turn.observation
        own, theirs = float(seen["wealth"][j]), float(seen["partner_wealth"][j])
        other = int(seen["partner"][j]) % self.seats + 1
        played = int(state.clock[turn.row(j)[0]])
        game = ", second game" if played >= self.rounds else ""
        cue = (
            f"Round {played % self.rounds + 1}{game}. You hold {number(own)} units. You are matched with "
            f"person {other}, who holds {number(theirs)} units."
        )
        example = f"0.5 means 50%, {number(own / 2)} units"
        if self.punish_instead:
            return f"{cue} Do you give to them or punish them, and what share of your units do you spend ({example})?"
        return f"{cue} What share of your units do you give to them, from 0 to 1 ({example})?"

    def narrate(self, state: DonorState, turn: Turn, events: Events, j: int) -> str | None:
        if events.actor is None or events.target is None or events.value is None:
            return None
        actor, target = (int(x[j]) % self.seats + 1 for x in (events.actor, events.target))
        value = float(events.value[j])
        if value != value:
            return f"Person {actor} made no decision, so person {target} gets nothing."
        if events.kind == "punish":
            return (
                f"Person {actor} spent {100 * value:.0f}% of their units to punish person {target}."
            )
        return f"Person {actor} gave {100 * value:.0f}% of their units to person {target}."


def _earlier(chance: Chance, steps: NDArray[np.int64]) -> Chance:
    """The chance of the same owner as it was some steps ago, a table."""
    clocks = {chance.owner: chance.clock() - steps}
    return Chance(
        chance.seed, chance.tables, branch=chance.branch, clocks=clocks, owner=chance.owner
    )
