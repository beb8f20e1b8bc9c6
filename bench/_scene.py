"""The plain dialogue world that the benches of asking share: one seat a turn says something."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from mores.actions import Actions, OneOf, Utterance
from mores.chance import Chance
from mores.engine.asking import Request
from mores.models.scripted import Scripted
from mores.world import OVER, Events, Outcome, State, Turn, World

SPEAK = OneOf(speak=Utterance(400), leave=None)


@dataclass
class SceneState:
    """How many turns were spoken [table]."""

    phase: NDArray[np.int8]
    spoken: NDArray[np.int32]


@dataclass(frozen=True)
class Scene(World):
    """Seats speak in turn, or leave; all hear."""

    name: ClassVar[str] = "scene"
    emits: ClassVar[tuple[str, ...]] = ("say",)
    seats: int = 2
    turns: int = 10

    def reset(self, chance: Chance) -> State:
        """Nobody has spoken."""
        return SceneState(np.zeros(len(chance), np.int8), np.zeros(len(chance), np.int32))

    def turn(self, state: State) -> Turn:
        """The next in order."""
        t = len(state.phase)
        rows = (np.arange(t) * self.seats + state.spoken % self.seats).astype(np.int32)
        return Turn(self.seats, t, "speaker", SPEAK, {}, rows)

    def step(self, state: State, turn: Turn, actions: Actions, chance: Chance) -> Outcome:
        """What was said is heard."""
        state.spoken += 1
        state.phase[state.spoken >= self.turns] = OVER
        spoke = np.flatnonzero(actions.tag == 0)
        said = Events("say", turn.all_rows[spoke], text=actions.fields["speak"][spoke])
        return Outcome(state, [said])

    def brief(self, state: State, table: int, seat: int) -> str:
        """The standing rules."""
        return f"You are person {seat} of {self.seats} and speak about the price of a used bicycle."

    def describe(self, state: State, turn: Turn, j: int) -> str:
        """The cue."""
        return "It is your turn."

    def narrate(self, state: State, turn: Turn, events: Events, j: int) -> str | None:
        """What was said, with who said it."""
        assert turn.texts is not None and events.actor is not None and events.text is not None
        table, seat = divmod(int(events.actor[j]), self.seats)
        return f"Person {seat}: {turn.texts.get(table, int(events.text[j]))}"


def talker() -> Scripted:
    """An instant model whose words depend on what it has heard."""

    def script(request: Request) -> str:
        return (
            f'{{"do": "speak", "with": "I would offer {request.thread.hash[0]} for it, not more."}}'
        )

    return Scripted(script, "talker")
