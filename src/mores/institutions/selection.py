"""Partner selection: everyone chooses whom they play with."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from mores.actions import Actions, Choice
from mores.chance import Chance
from mores.errors import BadValue
from mores.institution import Around, Institution
from mores.institutions.pending import pending, rounds_played
from mores.world import PUBLIC, Array, Events, Outcome, Turn, cells
from mores.worlds.games.pairs import number

_LIMIT = 100


@dataclass
class Chosen(Around):
    """Whom everyone has chosen."""

    waiting: NDArray[np.bool_]
    """[T]: whether a choice is due."""
    chosen: NDArray[np.int32]
    """[T, N]: the seat that each has chosen; -1: none, chance decides."""
    clock: NDArray[np.int32]
    """[T]: rounds played when the choice fell due."""


@dataclass(frozen=True)
class PartnerSelection(Institution):
    """Everyone chooses the person with whom they play; nobody can refuse to be chosen.

    Needs a world with the port `partner` (the seat each will play with, which it reads at every round). `every`:
    the choice holds for the whole "game", or for one "round". The turn has the role "selector" and all seats; the
    choice is a seat (one's own is closed); observations are `images` [m, N], everyone's reputation (only where the
    world inside keeps one), and `wealth`, one's own score. Event `select` names who chose and who was chosen.
    Without a choice the world's own pairing stays. At most 100 seats, because every one of them is an option.

    Anastassacos, Hailes and Musolesi 2020, "Partner selection for the emergence of cooperation in multi-agent systems
    using reinforcement learning"; Dasgupta and Musolesi 2023, arXiv 2301.08278.
    """

    every: Literal["game", "round"] = "game"

    name: ClassVar[str] = "partner-selection"
    source: ClassVar[str] = "Anastassacos, Hailes and Musolesi 2020, AAAI 34"
    needs: ClassVar[tuple[str, ...]] = ("partner", "score")
    emits: ClassVar[tuple[str, ...]] = ("select",)
    missing: ClassVar[dict[str, str]] = {"selector": "plays with whom chance gives"}

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.every not in ("game", "round"):
            raise BadValue("every", self.every, "game or round")
        if self.seats > _LIMIT:
            raise BadValue(
                "seats", self.seats, f"at most {_LIMIT}, because every seat is an option"
            )

    @cached_property
    def space(self) -> Choice:
        """One option a seat."""
        return Choice(*(f"person {i + 1}" for i in range(self.seats)))

    @cached_property
    def shows_image(self) -> bool:
        """Whether the world inside keeps reputations."""
        return "image" in self.inner.all_ports()

    def reset(self, chance: Chance) -> Chosen:
        t, n = len(chance), self.seats
        inner = self.inner.begin(chance)
        return Chosen(inner, np.ones(t, bool), np.full((t, n), -1, np.int32), np.zeros(t, np.int32))

    def phase(self, state: Chosen) -> NDArray[np.int8]:
        return pending(self, state.waiting, self.inner.phase(state.inner))

    def turn(self, state: Chosen) -> Turn:
        if not state.waiting[0]:
            return self.inner.turn(state.inner)
        t, n = len(state.waiting), self.seats
        seen: dict[str, Array] = {
            "wealth": cells(self.inner.port(state.inner, "score")).astype(np.float32)
        }
        if self.shows_image:
            seen["images"] = np.repeat(self.inner.port(state.inner, "image"), n, axis=0)
        mask = np.tile(~np.eye(n, dtype=bool), (t, 1))
        return Turn(n, t, "selector", self.space, seen, None, mask, clock=state.clock)

    def step(self, state: Chosen, turn: Turn, actions: Actions, chance: Chance) -> Outcome:
        if state.waiting[0]:
            return self._select(state, actions)
        outcome = self.pass_on(state, turn, actions, chance)
        played = rounds_played(self.inner, state.inner)
        moved = (played != state.clock) & (self.inner.phase(state.inner) >= 0)
        if self.every == "round":
            state.waiting = moved
        elif moved.any():
            self._pair(state, moved)  # the world has paired anew
        state.clock = np.where(moved, played, state.clock).astype(np.int32)
        return outcome

    def _select(self, state: Chosen, actions: Array) -> Outcome:
        state.waiting[...] = False
        state.chosen = actions.reshape(-1, self.seats).astype(np.int32)
        self._pair(state, np.ones(len(state.waiting), bool))
        who = np.flatnonzero(actions >= 0).astype(np.int32)
        whom = who // self.seats * np.int32(self.seats) + actions[who]
        return Outcome(state, [Events("select", who, whom, audience=PUBLIC)])

    def _pair(self, state: Chosen, tables: NDArray[np.bool_]) -> None:
        column = self.inner.port(state.inner, "partner")
        np.copyto(column, state.chosen, where=tables[:, None] & (state.chosen >= 0))

    # ---------------------------------------------------------------- in words
    def brief(self, state: Chosen, table: int, seat: int) -> str:
        when = "the whole game" if self.every == "game" else "the coming round"
        text = self.inner.brief(state.inner, table, seat)
        return f"{text} Everyone chooses the person with whom they play for {when}; nobody can refuse to be chosen."

    def describe(self, state: Chosen, turn: Turn, j: int) -> str:
        if turn.role != "selector":
            return self.inner.describe(state.inner, turn, j)
        seat, said = turn.row(j)[1], ""
        if "images" in turn.observation:
            known = enumerate(turn.observation["images"][j].tolist())
            told = [
                f"person {i + 1} {number(x) if x == x else 'unknown'}"
                for i, x in known
                if i != seat
            ]
            said = f"Reputations: {', '.join(told)}. "
        return f"{said}With whom do you want to play?"

    def narrate(self, state: Chosen, turn: Turn, events: Events, j: int) -> str | None:
        if events.kind != "select" or turn.role != "selector":
            return self.inner.narrate(state.inner, turn, events, j)
        assert events.actor is not None and events.target is not None
        who, whom = (int(x[j]) % self.seats + 1 for x in (events.actor, events.target))
        return f"Person {who} chose to play with person {whom}."
