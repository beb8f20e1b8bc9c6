"""Public goods: what is contributed grows and is shared, whoever contributed it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from mores.actions import Actions, Amount
from mores.chance import Chance
from mores.errors import BadValue
from mores.world import OVER, Events, Outcome, Turn, World
from mores.worlds.games.pairs import number, player, times


@dataclass
class GoodsState:
    """`phase` int8 and `round` int32 [T]; `score`, `given` (units in the latest move) and `last` (shares of the
    round before, NaN none) float32 [T, seats]."""

    phase: NDArray[np.int8]
    round: NDArray[np.int32]
    score: NDArray[np.float32]
    given: NDArray[np.float32]
    last: NDArray[np.float32]


@dataclass(frozen=True)
class PublicGoods(World):
    """Everyone contributes part of an endowment to a common good that pays all alike (the linear game).

    A round pays `endowment - own + multiplier * sum / seats`; `mpcr`, if given, is the marginal per-capita return and
    stands for `multiplier = mpcr * seats`. With `benefit="others"` what one contributes is multiplied and divided among
    the others alone. `levels` closes all amounts but that many, evenly spaced (3: nothing, half, all). With
    `order="in-turn"` seats contribute one after the other and see the mean share of those before them (`gave`).

    Observations: `others_last`, the mean share that the others contributed last round; `gave`; `endowment`; `wealth`.
    Event `contribute`: shares of the endowment, NaN where missing (nothing is contributed).

    The standard game is that of Fehr and Gächter 2000, "Cooperation and punishment in public goods experiments" (four
    seats, 20 units, mpcr 0.4, ten rounds). `conditional_pair()` is the two-person game of Andreozzi, Ploner and Saral
    2020 (`conditional-cooperation-pgg`).
    """

    seats: int = 4
    endowment: float = 20.0
    multiplier: float = 1.6
    mpcr: float | None = None
    rounds: int = 10
    levels: int | None = None
    benefit: Literal["all", "others"] = "all"
    order: Literal["together", "in-turn"] = "together"

    name: ClassVar[str] = "public-goods"
    source: ClassVar[str] = (
        "Isaac and Walker 1988; Fehr and Gächter 2000, American Economic Review 90"
    )
    ports: ClassVar[tuple[str, ...]] = ("score",)
    emits: ClassVar[tuple[str, ...]] = ("contribute",)
    missing: ClassVar[Mapping[str, str]] = {"contributor": "contributes nothing"}

    @classmethod
    def conditional_pair(cls, rounds: int = 1) -> PublicGoods:
        """Two people, 0, 50 or 100 units; the second sees the first; a unit given is worth three to the other."""
        return cls(2, 100.0, 3.0, rounds=rounds, levels=3, benefit="others", order="in-turn")

    def __post_init__(self) -> None:
        if self.seats < 2:
            raise BadValue("seats", self.seats, "at least 2")
        if self.rounds < 1:
            raise BadValue("rounds", self.rounds, "at least 1")
        if not self.endowment > 0:
            raise BadValue("endowment", self.endowment, "more than 0")
        if self.levels is not None and self.levels < 2:
            raise BadValue("levels", self.levels, "at least 2, or None for any whole amount")
        if self.benefit not in ("all", "others"):
            raise BadValue("benefit", self.benefit, "'all' or 'others'")
        if self.order not in ("together", "in-turn"):
            raise BadValue("order", self.order, "'together' or 'in-turn'")

    @property
    def factor(self) -> float:
        """What the sum of contributions is multiplied by."""
        return self.multiplier if self.mpcr is None else self.mpcr * self.seats

    @cached_property
    def space(self) -> Amount:
        """What one may contribute."""
        unit = 1.0 if self.levels is None else self.endowment / (self.levels - 1)
        return Amount(0.0, self.endowment, "units", unit)

    def reset(self, chance: Chance) -> GoodsState:
        t, n = len(chance), self.seats
        zero = np.zeros((t, n), np.float32)
        return GoodsState(
            np.zeros(t, np.int8),
            np.zeros(t, np.int32),
            zero,
            zero.copy(),
            np.full_like(zero, np.nan),
        )

    def turn(self, state: GoodsState) -> Turn:
        tables, n, k = len(state.phase), self.seats, int(state.phase[0])
        last = state.last
        others = (last.sum(1, keepdims=True) - last) / np.float32(n - 1)
        if self.order == "together":
            seen = {"others_last": others.ravel(), "wealth": state.score.ravel().copy()}
            seen["endowment"] = np.full(tables * n, self.endowment, np.float32)
            return Turn(n, tables, "contributor", self.space, seen, clock=state.round)
        acting = np.arange(k, tables * n, n, dtype=np.int32)
        seen = {"others_last": others[:, k].copy(), "wealth": state.score[:, k].copy()}
        seen["endowment"] = np.full(tables, self.endowment, np.float32)
        so_far = state.given[:, :k].sum(1) / np.float32(self.endowment)
        seen["gave"] = so_far / np.float32(k) if k else np.full(tables, np.nan, np.float32)
        return Turn(n, tables, "contributor", self.space, seen, acting, clock=state.round)

    def step(self, state: GoodsState, turn: Turn, actions: Actions, chance: Chance) -> Outcome:
        share = actions / np.float32(self.endowment)
        happened = [Events("contribute", turn.rows, None, share)]
        if self.order == "together":
            state.given[:] = np.nan_to_num(actions).reshape(state.given.shape)
            self._settle(state)
            return Outcome(state, happened)
        k = int(state.phase[0])
        state.given[:, k] = np.nan_to_num(actions)
        if k + 1 < self.seats:
            state.phase[:] = k + 1
        else:
            self._settle(state)
        return Outcome(state, happened)

    def _settle(self, state: GoodsState) -> None:
        """Pay the round and begin the next."""
        given, factor = state.given, np.float32(self.factor)
        pot = given.sum(1, keepdims=True)
        state.score += np.float32(self.endowment) - given
        if self.benefit == "all":
            state.score += pot * (factor / np.float32(self.seats))
        else:
            state.score += (pot - given) * (factor / np.float32(self.seats - 1))
        np.divide(given, np.float32(self.endowment), out=state.last)
        state.round += 1
        state.phase[:] = np.where(state.round >= self.rounds, OVER, 0)

    def brief(self, state: GoodsState, table: int, seat: int) -> str:
        text = f"You are {player(seat, self.seats)} of {self.seats}. In each round everyone has "
        text += f"{number(self.endowment)} units and contributes some of them to a common account. "
        if self.benefit == "all":
            text += f"The sum is multiplied by {number(self.factor)} and divided equally among all {self.seats}. "
        else:
            text += f"What you contribute is multiplied by {number(self.factor)} and divided equally among the others. "
        text += "You keep what you do not contribute. "
        if self.order == "in-turn":
            text += "Players contribute one after the other, in the order of their numbers. "
        return text + times(self.rounds)

    def describe(self, state: GoodsState, turn: Turn, j: int) -> str:
        text = f"You have {number(self.endowment)} units. "
        others = float(turn.observation["others_last"][j])
        if others == others:
            text += f"Last round the others contributed {number(others * self.endowment)} units on average. "
        gave = float(turn.observation["gave"][j]) if "gave" in turn.observation else float("nan")
        if gave == gave:
            text += (
                f"Those before you contributed {number(gave * self.endowment)} units on average. "
            )
        return text + "How many units do you contribute?"

    def narrate(self, state: GoodsState, turn: Turn, events: Events, j: int) -> str | None:
        if events.kind != "contribute" or events.value is None:
            return None
        row = j if events.actor is None else int(events.actor[j])
        who, share = player(row, self.seats).capitalize(), float(events.value[j])
        if share != share:
            return f"{who} made no decision and contributed nothing."
        return (
            f"{who} contributed {number(share * self.endowment)} of {number(self.endowment)} units."
        )
