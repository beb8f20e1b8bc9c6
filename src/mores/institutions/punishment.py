"""Punishment: after an act somebody may pay to fine the one who acted."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from mores.actions import Actions, Choice
from mores.chance import Chance, below
from mores.errors import BadValue, DoesNotFit
from mores.institution import Around, Institution
from mores.institutions.acts import KINDS, Acts, acts
from mores.institutions.pending import after, pending
from mores.world import PUBLIC, Array, Events, Outcome, Rows, Turn, cells
from mores.worlds.games.pairs import number

SPACE = Choice("pass", "punish")
ADDRESSED = ("give", "send", "return", "offer", "choose")
"""Kinds of acts that are done to one other person."""


@dataclass
class Pending(Around):
    """Who may punish whom before the world inside goes on."""

    waiting: NDArray[np.bool_]
    """[T]: whether a punishment turn is due."""
    punisher: NDArray[np.int32]
    """[T, N]: the seat that may punish each seat for its act; -1: nobody."""
    gave: NDArray[np.float32]
    """[T, N]: the share of that act."""
    clock: NDArray[np.int32]
    """[T]: rounds played before the act."""


@dataclass(frozen=True)
class Punishment(Institution):
    """After each act one other person may pay `cost` to take `fine` from the one who acted.

    `by="partner"`: the one to whom it was done (direct punishment); `by="bystander"`: somebody of the table whom it did
    not concern, drawn by chance and asked at most once a step where the table is large enough (third-party punishment).
    The occasion arises with probability `rate`. A punisher pays `cost` (negative: is paid), or `unjust_cost` for
    punishing an act of at least `threshold`; holdings cannot be fined below `floor` (None: no limit), and who would
    fall below it by paying does not punish. Payments go to the port `wealth` of the world inside, or `score` where it
    has none. Event `punish` names punisher and punished, only where it happened. The turn has the role "punisher", with
    the observations `partner` (who acted), `gave`, `wealth`, and `image` if the world inside gives it. A missing
    decision does not punish.

    Fehr and Gächter 2002, "Altruistic punishment in humans"; Fehr and Fischbacher 2004 (third parties); Dasgupta and
    Musolesi 2023, arXiv 2301.08278 (both in one population).
    """

    cost: float = 1.0
    fine: float = 2.0
    by: Literal["partner", "bystander"] = "partner"
    rate: float = 1.0
    floor: float | None = 0.0
    unjust_cost: float | None = None
    threshold: float = 0.5
    good: int = 0
    """Which option of a choice counts as cooperating."""

    name: ClassVar[str] = "punishment"
    source: ClassVar[str] = "Fehr and Gächter 2002, Nature 415; Fehr and Fischbacher 2004"
    emits: ClassVar[tuple[str, ...]] = ("punish",)
    missing: ClassVar[dict[str, str]] = {"punisher": "does not punish"}
    needs: ClassVar[tuple[str, ...]] = ("score",)
    needs_events: ClassVar[tuple[str, ...]] = KINDS

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.by not in ("partner", "bystander"):
            raise BadValue("by", self.by, "partner or bystander")
        if not 0 <= self.rate <= 1:
            raise BadValue("rate", self.rate, "a probability from 0 to 1")
        if self.by == "partner" and not set(self.inner.all_emits()) & set(ADDRESSED):
            raise DoesNotFit(
                f"punishment by the partner needs events that are done to somebody ({', '.join(ADDRESSED)}), but "
                f"{self.inner.name} writes {', '.join(self.inner.all_emits())}; use by='bystander'"
            )
        if self.by == "bystander" and self.seats < 3:
            raise DoesNotFit(
                f"punishment by a bystander needs at least 3 seats, but {self.inner.name} has {self.seats}; "
                "use by='partner' or a world with more seats"
            )

    @cached_property
    def account(self) -> str:
        """The port that costs and fines are taken from."""
        return "wealth" if "wealth" in self.inner.all_ports() else "score"

    @cached_property
    def shows_image(self) -> bool:
        """Whether the world inside keeps reputations."""
        return "image" in self.inner.all_ports()

    # ---------------------------------------------------------------- state
    def reset(self, chance: Chance) -> Pending:
        t, n = len(chance), self.seats
        return Pending(
            self.inner.begin(chance),
            np.zeros(t, bool),
            np.full((t, n), -1, np.int32),
            np.zeros((t, n), np.float32),
            np.zeros(t, np.int32),
        )

    def phase(self, state: Pending) -> NDArray[np.int8]:
        return pending(self, state.waiting, self.inner.phase(state.inner))

    def port(self, state: Pending, name: str) -> Array:
        column = super().port(state, name)
        if name != "clock":
            return column
        # the round is not over while somebody may still punish
        clock: Array = np.where(state.waiting, state.clock, column)
        return clock

    def turn(self, state: Pending) -> Turn:
        if not state.waiting[0]:
            return self.inner.turn(state.inner)
        due = np.flatnonzero(cells(state.punisher) >= 0).astype(np.int32)
        rows = cells(state.punisher).take(due)
        if len(state.waiting) > 1:
            rows = rows + due // self.seats * np.int32(self.seats)
        seen: dict[str, Array] = {
            "partner": due,
            "gave": cells(state.gave).take(due),
            "wealth": cells(self.inner.port(state.inner, self.account)).take(rows),
        }
        if self.shows_image:
            seen["image"] = cells(self.inner.port(state.inner, "image")).take(due)
        return Turn(
            self.seats, len(state.waiting), "punisher", SPACE, seen, rows, clock=state.clock
        )

    # ---------------------------------------------------------------- what follows
    def step(self, state: Pending, turn: Turn, actions: Actions, chance: Chance) -> Outcome:
        if state.waiting[0]:
            state.punisher[...] = -1
            state.waiting[...] = False
            return Outcome(state, self._punish(state, turn, actions))
        outcome = self.pass_on(state, turn, actions, chance)
        act = acts(turn, outcome.events, self.good)
        if act is None or len(act.share) == 0:
            return outcome
        rows = self._punishers(act, chance)
        if self.rate < 1:
            skipped = ~chance.coin("occasion", self.seats, self.rate).reshape(-1).take(act.actor)
            rows = np.where(skipped, -1, rows)
        local = rows if len(state.waiting) == 1 else np.where(rows < 0, rows, rows % self.seats)
        cells(state.punisher)[act.actor] = local
        cells(state.gave)[act.actor] = act.share
        state.waiting = np.asarray((state.punisher >= 0).any(1))
        state.clock = after(turn, state.clock)
        return outcome

    def _punish(self, state: Pending, turn: Turn, actions: Array) -> list[Events]:
        y = np.flatnonzero(actions == 1)
        seen, account = turn.observation, cells(self.inner.port(state.inner, self.account))
        cost = self._costs(seen["gave"][y])
        if self.floor is not None:
            can = seen["wealth"][y] - cost >= self.floor
            y, cost = y[can], cost[can]
        who, whom = turn.all_rows[y], seen["partner"][y]
        np.subtract.at(account, who, cost)  # on a small table one may punish two
        fined = account.take(whom) - np.float32(self.fine)
        account[whom] = fined if self.floor is None else np.maximum(fined, np.float32(self.floor))
        return [Events("punish", who, whom, np.ones(len(y), np.int8), audience=PUBLIC)]

    def _costs(self, gave: NDArray[np.float32]) -> NDArray[np.float32]:
        if self.unjust_cost is None:
            return np.full(len(gave), self.cost, np.float32)
        return np.where(gave >= self.threshold, self.unjust_cost, self.cost).astype(np.float32)

    # ---------------------------------------------------------------- who may punish
    def _punishers(self, act: Acts, chance: Chance) -> Rows:
        """One flat row for each act, -1 where nobody is left."""
        if self.by == "partner":
            if act.target is None:
                raise DoesNotFit(
                    f"{self.inner.name} does not say to whom its acts are done, so nobody can punish as their partner; "
                    "use by='bystander'"
                )
            return act.target
        tables, k = len(chance), len(act.actor) // len(chance)
        if k * tables != len(act.actor):
            raise DoesNotFit(f"the tables of {self.inner.name} differ in how many act at once")
        start = (np.arange(tables, dtype=np.int32) * np.int32(self.seats))[:, None]
        actor = act.actor.reshape(tables, k) - start
        target = None if act.target is None else act.target.reshape(tables, k) - start
        # where those who were acted upon do not act themselves, they are disjoint pairs
        apart = k > 1 and (target is None or not (actor[0] == target[0, 0]).any())
        if apart:
            local = _of_other_acts(actor if target is None else target, chance)
        else:
            local = _outside(actor, target, self.seats, chance)
        return (local + start).reshape(-1)

    # ---------------------------------------------------------------- in words
    def brief(self, state: Pending, table: int, seat: int) -> str:
        whom = (
            "the one to whom it was done"
            if self.by == "partner"
            else "somebody whom it did not concern, drawn by chance,"
        )
        pays = f"pay {number(self.cost)}" if self.cost >= 0 else f"be paid {number(-self.cost)}"
        unjust = ""
        if self.unjust_cost is not None:
            unjust = f" Punishing somebody who cooperated costs {number(self.unjust_cost)}."
        limit = (
            ""
            if self.floor is None
            else f" Nobody can fall below {number(self.floor)} in this way."
        )
        text = self.inner.brief(state.inner, table, seat)
        return (
            f"{text} After a decision {whom} may {pays} to take {number(self.fine)} away from the one who made it."
            f"{unjust}{limit}"
        )

    def describe(self, state: Pending, turn: Turn, j: int) -> str:
        if turn.role != "punisher" or not state.waiting[turn.row(j)[0]]:
            return self.inner.describe(state.inner, turn, j)
        seen = turn.observation
        other, gave = int(seen["partner"][j]) % self.seats + 1, float(seen["gave"][j])
        did = "made no decision" if gave != gave else f"gave {100 * gave:.0f}%"
        to = "you" if self.by == "partner" else "the one they were matched with"
        pays = f"pay {number(self.cost)}" if self.cost >= 0 else f"take {number(-self.cost)}"
        return (
            f"Person {other} {did} to {to}. You hold {number(float(seen['wealth'][j]))} units. Do you {pays} to take "
            f"{number(self.fine)} away from them?"
        )

    def narrate(self, state: Pending, turn: Turn, events: Events, j: int) -> str | None:
        if events.kind != "punish" or turn.role != "punisher":
            return self.inner.narrate(state.inner, turn, events, j)
        assert events.actor is not None and events.target is not None
        who, whom = (int(x[j]) % self.seats + 1 for x in (events.actor, events.target))
        return f"Person {who} paid to take {number(self.fine)} from person {whom}."


def _of_other_acts(people: NDArray[np.int32], chance: Chance) -> NDArray[np.int32]:
    """For each act the one to whom another act of the table was done: everyone is asked at most once."""
    k = people.shape[1]
    turn = 1 + chance.integers("bystander", 1, k - 1)
    at = (np.arange(k, dtype=np.int32) + turn) % k
    return np.take_along_axis(people, at, axis=1)


def _outside(
    actor: NDArray[np.int32], target: NDArray[np.int32] | None, seats: int, chance: Chance
) -> NDArray[np.int32]:
    """For the acts of one pair, people outside it; different ones where there are two."""
    low, high = (
        (actor, None) if target is None else (np.minimum(actor, target), np.maximum(actor, target))
    )
    others = seats - (1 if target is None else 2)
    words = chance.words("bystander", 2)
    first = below(words[:, :1], others)
    step = 1 + below(words[:, 1:], max(others - 1, 1))
    local = (first + step * np.arange(actor.shape[1], dtype=np.int32)) % others
    local += local >= low
    if high is not None:
        local += local >= high
    return local.astype(np.int32)
