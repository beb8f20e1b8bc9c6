"""Generations and seasons: what they wrap is played again and again, by children of the best or by the same people."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from mores.actions import Actions
from mores.chance import Chance, below
from mores.errors import BadValue
from mores.institution import Around, Institution
from mores.institutions.pending import begin_anew
from mores.world import Array, Born, Events, Outcome, Rows, Turn


@dataclass
class Repeated(Around):
    """What is wrapped, and how often it has been played to its end, [T]."""

    generation: NDArray[np.int32]


@dataclass(frozen=True)
class Seasons(Institution):
    """The same people play what it wraps `n` times; everything inside begins anew, the minds live on.

    Event `score` gives everyone's score when a season closes; it tells nobody. The port `score` is that of the present
    season.
    """

    n: int = 10

    name: ClassVar[str] = "seasons"
    needs: ClassVar[tuple[str, ...]] = ("score",)
    emits: ClassVar[tuple[str, ...]] = ("score",)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.n < 1:
            raise BadValue("n", self.n, "at least 1")

    def reset(self, chance: Chance) -> Repeated:
        return Repeated(self.inner.begin(chance), np.zeros(len(chance), np.int32))

    def step(self, state: Repeated, turn: Turn, actions: Actions, chance: Chance) -> Outcome:
        outcome = self.pass_on(state, turn, actions, chance)
        closing = self.inner.phase(state.inner) < 0
        if not closing.any():
            return outcome
        score = self.inner.port(state.inner, "score")
        outcome.events.append(_scores(score, closing))
        state.generation = state.generation + closing
        again = closing & (state.generation < self.n)
        if again.any():
            self._between(score, again, outcome, chance)
            state.inner = begin_anew(self.inner, state.inner, again, chance)
        return outcome

    def _between(
        self, score: Array, again: NDArray[np.bool_], outcome: Outcome, chance: Chance
    ) -> None:
        """What happens between two seasons at some tables."""

    def brief(self, state: Repeated, table: int, seat: int) -> str:
        text = self.inner.brief(state.inner, table, seat)
        return f"{text} All of this is done several times, one after the other."


@dataclass(frozen=True)
class Generations(Seasons):
    """At the end of what it wraps the best half survive, and the others are replaced by children of survivors.

    `n` generations; of each the share `survivors` with the highest `score` live on, ties broken by chance. Each
    newcomer has one parent, drawn by chance among the survivors of its table; what a child takes over from its parent,
    and how much it differs, is the policy's matter (`born`). What is wrapped begins anew. Turns tell the `generation`
    (from 0); events `score` (everyone's, at each close) and `born` (child, parent) tell nobody. Scores are compared in
    single precision; one that is not a number ranks lowest.

    Vallinder and Hughes 2024, arXiv 2412.10270: 10 generations, the upper half by mean final resources. Truncation
    selection as in evolution strategies.
    """

    survivors: float = 0.5

    name: ClassVar[str] = "generations"
    source: ClassVar[str] = "Vallinder and Hughes 2024, arXiv 2412.10270"
    emits: ClassVar[tuple[str, ...]] = ("score", "born")

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 < self.survivors <= 1:
            raise BadValue("survivors", self.survivors, "a share above 0, at most 1")

    def all_emits(self) -> tuple[str, ...]:
        kinds = super().all_emits()
        replaces = self.n > 1 and self.keep < self.seats
        return kinds if replaces else tuple(k for k in kinds if k != "born")

    @cached_property
    def keep(self) -> int:
        """How many of a table survive."""
        return max(1, round(self.seats * self.survivors))

    def turn(self, state: Repeated) -> Turn:
        turn = self.inner.turn(state.inner)
        turn.observation["generation"] = _by_row(state.generation, turn)
        return turn

    def _between(
        self, score: Array, again: NDArray[np.bool_], outcome: Outcome, chance: Chance
    ) -> None:
        keep = self.keep
        if keep == self.seats:
            return
        alive = best(score, keep, chance.words("ties", self.seats))
        drawn = below(chance.words("parent", self.seats - keep), keep)
        every = again.all()
        child = np.flatnonzero(~alive if every else ~alive & again[:, None]).astype(np.int32)
        living = np.flatnonzero(alive).astype(np.int32).reshape(len(alive), keep)
        parent = np.take_along_axis(living, drawn, axis=1)
        parent = (parent if every else parent[again]).reshape(-1)
        outcome.events.append(Events("born", child, parent, audience=None))
        outcome.born = Born(child, parent)

    def brief(self, state: Repeated, table: int, seat: int) -> str:
        text = self.inner.brief(state.inner, table, seat)
        share = f"{100 * self.survivors:.0f}%"
        return (
            f"{text} At the end those {share} of the people who did best stay; the others are replaced by "
            "newcomers, who learn from those who stay, and all of this begins anew."
        )


def best(score: Array, keep: int, words: NDArray[np.uint32]) -> NDArray[np.bool_]:
    """Which `keep` seats of each table score highest, [T, N]; equal scores are ranked by random words [T, N]."""
    key = _ordered(score)
    key <<= np.uint64(32)
    key |= words
    cut = score.shape[1] - keep
    least = np.partition(key, cut, axis=1)[:, cut : cut + 1]
    alive: NDArray[np.bool_] = key >= least
    extra = np.flatnonzero(alive.sum(1) > keep)
    for t in extra.tolist():  # two words were equal too: the seat that comes first stays
        same = np.flatnonzero(key[t] == least[t])
        alive[t, same[len(same) - (int(alive[t].sum()) - keep) :]] = False
    return alive


def _ordered(score: Array) -> NDArray[np.uint64]:
    """Floats as whole numbers of the same order, NaN below all; the two zeros are one."""
    x = score.astype(np.float32) + np.float32(0)
    bits = x.view(np.uint32)
    sign = (bits >> np.uint32(31)).astype(bool)
    order = np.where(sign, ~bits, bits | np.uint32(0x80000000))
    order[np.isnan(x)] = 0
    return order.astype(np.uint64)


def _scores(score: Array, closing: NDArray[np.bool_]) -> Events:
    if closing.all():
        # a copy: resetting some of the tables writes into the column
        return Events("score", None, None, score.flatten(), audience=None)
    rows: Rows = np.flatnonzero(np.broadcast_to(closing[:, None], score.shape)).astype(np.int32)
    return Events("score", rows, None, score.reshape(-1)[rows], audience=None)


def _by_row(column: NDArray[np.int32], turn: Turn) -> NDArray[np.int32]:
    """A table column as each row of the turn sees it."""
    if len(column) == 1 or (column == column[0]).all():
        return np.full(len(turn), column[0], np.int32)
    return column[turn.all_rows // turn.seats]
