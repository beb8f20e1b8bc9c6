"""Reputation: what is known of somebody's past acts, shown to those who meet them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from mores.actions import Actions
from mores.chance import Chance
from mores.errors import BadValue
from mores.institution import Around, Institution
from mores.institutions.acts import KINDS, Acts, acts, partners
from mores.institutions.trace import Trace, chain, remember
from mores.world import Events, Outcome, Rows, Turn, cells

Rule = Literal["image", "trace", "standing", "score", "points"]
RULES: tuple[str, ...] = ("image", "trace", "standing", "score", "points")
_SCORE_BOUND = 5.0
_POINTS = {"good": 1.0, "bad": -1.0, "just": 2.0, "unjust": -3.0}


@dataclass
class Known(Around):
    """What is known of everyone. Columns that a rule does not need have no seats ([T, 0])."""

    image: NDArray[np.float32]
    """[T, N]: the reputation; NaN where nothing is known."""
    past: NDArray[np.float32]
    """[T, N, length + 1]: the last shares, oldest first, and how many there are."""
    last: NDArray[np.float32]
    """[T, N]: the last share."""
    run: NDArray[np.int32]
    """[T]: the run of the game that this is about."""
    trace: Trace
    """The last acts with their targets."""


@dataclass(frozen=True)
class Reputation(Institution):
    """Everyone has a public reputation, which those who meet them are told.

    `rule` says what it is (port and observation `image`, NaN while nothing is known): "image": the mean share of
    the last `length` acts; "trace": the same number, and in words the chain of the partner's last act, its target's
    last act before that, and so on, at most `length` links; "standing": 1 (good) or 0, good at first, lost by
    giving less than `threshold` to somebody in good standing, regained by giving; "score": an image score from -5
    to 5, one up for giving at least `threshold`, one down for less; "points": a sum without bounds, +1 for
    cooperating, -1 for not, +2 for punishing somebody whose last act was bad, -3 for punishing somebody whose was
    good. Where rows have no single partner the observation is the mean reputation of all others at the table. In
    games of several runs each run begins with no reputation. A missing act changes nothing.

    Nowak and Sigmund 1998 (image score); Leimar and Hammerstein 2001 (standing); Vallinder and Hughes 2024 (trace of
    three); Dasgupta and Musolesi 2023, arXiv 2301.08278 (points).
    """

    rule: Rule = "image"
    length: int = 3
    threshold: float = 0.5
    good: int = 0
    """Which option of a choice counts as cooperating."""

    name: ClassVar[str] = "reputation"
    source: ClassVar[str] = (
        "Nowak and Sigmund 1998, Nature 393; Vallinder and Hughes 2024, arXiv 2412.10270"
    )
    needs_events: ClassVar[tuple[str, ...]] = KINDS
    gives: ClassVar[tuple[str, ...]] = ("image",)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.rule not in RULES:
            raise BadValue("rule", self.rule, f"one of {', '.join(RULES)}")
        if not 1 <= self.length <= 100:
            raise BadValue("length", self.length, "1 to 100 acts")

    @cached_property
    def has_runs(self) -> bool:
        """Whether the world inside says which run is played."""
        return "run" in self.inner.all_ports()

    @cached_property
    def unknown(self) -> float:
        """The reputation of somebody who has not acted."""
        return {"standing": 1.0, "score": 0.0, "points": 0.0}.get(self.rule, np.nan)

    # ---------------------------------------------------------------- state
    def reset(self, chance: Chance) -> Known:
        t, n = len(chance), self.seats
        mean = self.rule in ("image", "trace") and self.length > 1
        last = self.rule == "points"
        return Known(
            self.inner.begin(chance),
            np.full((t, n), self.unknown, np.float32),
            np.zeros((t, n if mean else 0, self.length + 1), np.float32),
            np.full((t, n if last else 0), np.nan, np.float32),
            np.zeros(t, np.int32),
            Trace.empty(t, n if self.rule == "trace" else 0, self.length),
        )

    def _stale(self, state: Known) -> NDArray[np.bool_] | None:
        """Tables at which a new run begins; None: none."""
        if not self.has_runs:
            return None
        stale: NDArray[np.bool_] = self.inner.port(state.inner, "run") != state.run
        return stale if stale.any() else None

    def _forget(self, state: Known, tables: NDArray[np.bool_]) -> None:
        state.image[tables] = self.unknown
        state.past[tables] = 0
        state.last[tables] = np.nan
        state.trace.forget(tables)
        state.run = np.where(tables, self.inner.port(state.inner, "run"), state.run).astype(
            np.int32
        )

    # ---------------------------------------------------------------- what is seen
    def turn(self, state: Known) -> Turn:
        turn = self.inner.turn(state.inner)
        image, stale = state.image, self._stale(state)
        if stale is not None:
            image = np.where(stale[:, None], np.float32(self.unknown), image)
        partner = turn.observation.get("partner")
        if partner is None:
            partner = partners(self.seats, turn.all_rows)
        if partner is not None:
            turn.observation["image"] = image.reshape(-1).take(partner)
        else:
            turn.observation["image"] = _of_others(image, turn.all_rows)
        return turn

    # ---------------------------------------------------------------- what follows
    def step(self, state: Known, turn: Turn, actions: Actions, chance: Chance) -> Outcome:
        stale = self._stale(state)
        if stale is not None:
            self._forget(state, stale)
        outcome = self.pass_on(state, turn, actions, chance)
        act = acts(turn, outcome.events, self.good)
        if act is not None and len(act.share):
            if np.isnan(np.add.reduce(act.share)):
                act = _known(act)
            self._update(state, turn, act)
        if self.rule == "points":
            self._judge(state, outcome.events)
        return outcome

    def _update(self, state: Known, turn: Turn, act: Acts) -> None:
        image = cells(state.image)
        if self.rule in ("image", "trace"):
            image[act.actor] = act.share if self.length == 1 else self._mean(state, act)
            if self.rule == "trace":
                remember(state.trace, act, turn.clock, self.seats)
            return
        did = act.share >= np.float32(self.threshold)
        if self.rule == "standing":
            spared = (
                np.zeros(len(did), bool) if act.target is None else image.take(act.target) < 0.5
            )
            image[act.actor] = did | (spared & (image.take(act.actor) >= 0.5))
        elif self.rule == "score":
            now = image.take(act.actor) + np.where(did, np.float32(1), np.float32(-1))
            image[act.actor] = np.clip(now, -_SCORE_BOUND, _SCORE_BOUND)
        else:
            up, down = np.float32(_POINTS["good"]), np.float32(_POINTS["bad"])
            image[act.actor] += np.where(did, up, down)
            cells(state.last)[act.actor] = act.share

    def _mean(self, state: Known, act: Acts) -> NDArray[np.float32]:
        """Shift the last shares of those who acted; their new means."""
        k = self.length
        past = state.past.reshape(-1, k + 1)
        if k == 3:
            # four floats in one cell of 16 bytes: one read and one write for each who acted
            packed = past.view(np.complex128).reshape(-1)
            now = packed.take(act.actor).view(np.float32).reshape(-1, 4)
        else:
            now = past.take(act.actor, axis=0)
        for i in range(k - 1):
            now[:, i] = now[:, i + 1]
        now[:, k - 1] = act.share
        count = now[:, k]
        count += 1
        np.minimum(count, np.float32(k), out=count)
        if k == 3:
            packed[act.actor] = now.view(np.complex128).reshape(-1)
        else:
            past[act.actor] = now
        total = now[:, 0] + now[:, 1]
        for i in range(2, k):
            total += now[:, i]
        total /= count
        return total

    def _judge(self, state: Known, events: list[Events]) -> None:
        """Punishing counts for or against the punisher, by the last act of whom they punished."""
        image, last = cells(state.image), cells(state.last)
        for event in events:
            if event.kind == "punish" and event.actor is not None and event.target is not None:
                bad = last.take(event.target) < np.float32(self.threshold)
                points = np.where(bad, np.float32(_POINTS["just"]), np.float32(_POINTS["unjust"]))
                np.add.at(image, event.actor, points)

    # ---------------------------------------------------------------- in words
    def brief(self, state: Known, table: int, seat: int) -> str:
        told = {
            "image": f"the mean of what they gave in their last {self.length} decisions",
            "trace": "what they gave the last time they gave and to whom, what that person gave the time before, "
            f"and so on, {self.length} steps back at most",
            "standing": "whether they are in good standing: it is lost by giving little to somebody in good "
            "standing and regained by giving",
            "score": "a score from -5 to 5 that rises when they give and falls when they do not",
            "points": "their points: cooperating, and punishing those who did not cooperate, bring points; not "
            "cooperating, and punishing those who did, cost points",
        }[self.rule]
        text = self.inner.brief(state.inner, table, seat)
        return f"{text} You are told about the one you are matched with: {told}. They are told the same about you."

    def describe(self, state: Known, turn: Turn, j: int) -> str:
        cue = self.inner.describe(state.inner, turn, j)
        if "image" not in turn.observation:
            return cue
        return f"{self._said(state, turn, j)} {cue}"

    def _said(self, state: Known, turn: Turn, j: int) -> str:
        image = float(turn.observation["image"][j])
        partner = turn.observation.get("partner")
        who = "The other" if partner is None else f"Person {int(partner[j]) % self.seats + 1}"
        if image != image:
            return f"Nothing is known yet of what {who[0].lower() + who[1:]} gave."
        if self.rule == "trace" and partner is not None:
            return chain(state.trace, turn.row(j)[0], int(partner[j]) % self.seats, self.length)
        if self.rule == "standing":
            return f"{who} is in {'good' if image >= 0.5 else 'bad'} standing."
        if self.rule in ("score", "points"):
            return f"{who} has a reputation of {image:g}."
        return f"{who} gave {100 * image:.0f}% on average in their last decisions."


def _known(act: Acts) -> Acts:
    """The acts that are not missing."""
    y = np.flatnonzero(act.share == act.share)
    return Acts(act.actor[y], None if act.target is None else act.target[y], act.share[y])


def _of_others(image: NDArray[np.float32], rows: Rows) -> NDArray[np.float32]:
    """The mean reputation of all others at the table, NaN where none is known."""
    known = ~np.isnan(image)
    value = np.where(known, image, 0)
    count = (known.sum(1, keepdims=True) - known).reshape(-1)
    total = (value.sum(1, keepdims=True) - value).reshape(-1)
    mean = np.full(len(total), np.nan, np.float32)
    np.divide(total, count, out=mean, where=count > 0, casting="unsafe")
    return mean.take(rows)
