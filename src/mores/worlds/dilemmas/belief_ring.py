"""Belief ring: a ring game in which what one expects of one's neighbour is left open, asked for first, or given."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from mores.actions import Actions
from mores.chance import Chance
from mores.errors import BadValue
from mores.world import Array, Events, Outcome, Turn
from mores.worlds.games.normal_form import listed
from mores.worlds.games.ring import Ring, RingState

PLAY, FORECAST = 0, 1


@dataclass
class BeliefState(RingState):
    """The state of a ring, and what each seat expects of its neighbour."""

    expected: NDArray[np.int8]
    """[T, N]: -1 nothing said yet."""


@dataclass(frozen=True)
class BeliefRing(Ring):
    """A :class:`~mores.worlds.games.ring.Ring` whose best play is known; does one act on what one should believe?

    `belief`: "implicit" (the payoffs alone), "explicit" (every round each is first asked what the next player will
    choose, in the role `forecaster`), "given" (each is told what the next player will choose: what the solution
    says). The ring must have one solution by iterated strict dominance. A missing forecast is missing.

    Events beyond those of the ring: `predict` (the option expected of the neighbour) and, told to nobody, `optimal`
    (1 where the choice is that of the solution).

    Fan, Chen, Jin and He 2023 (arXiv 2312.05488), the ring-network game; their own matrices could not be read.
    """

    name = "belief-ring"
    source = "Fan, Chen, Jin and He 2023, arXiv 2312.05488"
    emits = ("choose", "optimal")  # type: ignore[assignment]
    missing: ClassVar[dict[str, str]] = {
        **Ring.missing,
        "forecaster": "expects nothing in particular",
    }

    belief: Literal["implicit", "explicit", "given"] = "implicit"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.solution() is None:
            raise BadValue(
                "matrices", self.matrices, "a ring with one solution by iterated strict dominance"
            )

    @cached_property
    def best(self) -> tuple[int, ...]:
        """What each seat chooses in the solution."""
        found = self.solution()
        assert found is not None
        return found

    def all_emits(self) -> tuple[str, ...]:
        return (*self.emits, "predict") if self.belief == "explicit" else self.emits

    # ---------------------------------------------------------------- the game
    def reset(self, chance: Chance) -> BeliefState:
        ring = super().reset(chance)
        if self.belief == "explicit":
            ring.phase[:] = FORECAST
        expected = np.full(ring.own.shape, -1, np.int8)
        if self.belief == "given":
            expected[:] = np.roll(self.best, -1)
        return BeliefState(**vars(ring), expected=expected)

    def turn(self, state: RingState) -> Turn:
        assert isinstance(state, BeliefState)
        turn = super().turn(state)
        seen: dict[str, Array] = {"expected": state.expected.reshape(-1)}
        turn.observation |= seen
        if len(state.phase) and state.phase[0] == FORECAST:
            turn.role = "forecaster"
        return turn

    def step(self, state: RingState, turn: Turn, actions: Actions, chance: Chance) -> Outcome:
        assert isinstance(state, BeliefState)
        if turn.role == "forecaster":
            said = np.asarray(actions, np.int8)
            state.expected = said.reshape(state.expected.shape).copy()
            state.phase[:] = PLAY
            return Outcome(state, [Events("predict", turn.all_rows, value=said, audience=None)])
        outcome = super().step(state, turn, actions, chance)
        best = np.array(self.best, np.int8)[turn.all_rows % self.seats]
        right = np.where(actions >= 0, actions == best, -1).astype(np.int8)
        outcome.events.append(Events("optimal", value=right, audience=None))
        if self.belief == "explicit":
            state.phase[state.phase == PLAY] = FORECAST
            state.expected = np.full(state.expected.shape, -1, np.int8)
        return outcome

    # ---------------------------------------------------------------- in words
    def describe(self, state: RingState, turn: Turn, j: int) -> str:
        assert isinstance(state, BeliefState)
        table, seat = turn.row(j)
        after = (seat + 1) % self.seats + 1
        names = self.moves.options
        if turn.role == "forecaster":
            number = int(state.played[table]) + 1
            return f"Round {number} of {self.rounds}. What will player {after} choose, {listed(names)}?"
        cue, known = super().describe(state, turn, j), int(state.expected[table, seat])
        if self.belief == "implicit" or known < 0:
            return cue
        said = "will choose" if self.belief == "given" else "will choose, as you expect,"
        return f"Player {after} {said} {names[known]}. {cue}"
