"""Small worlds and policies that exercise one promise of the engine each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from mores.actions import Actions, Choice, OneOf, Utterance
from mores.agent import Memory, Mind, Rule, draws
from mores.chance import Chance, threshold
from mores.engine.asking import Request
from mores.institution import Around, Institution
from mores.models.scripted import Scripted
from mores.world import OVER, Born, Events, Outcome, State, Turn, World


@dataclass
class WalkState:
    """Where each table is."""

    phase: NDArray[np.int8]
    score: NDArray[np.float32]


@dataclass(frozen=True)
class Walk(World):
    """Seats say left or right; tables change phase and end at random, each in its own time."""

    name: ClassVar[str] = "walk"
    ports: ClassVar[tuple[str, ...]] = ("score",)
    emits: ClassVar[tuple[str, ...]] = ("choose",)
    seats: int = 3
    stop: float = 0.1
    gain: float = 1.0

    def reset(self, chance: Chance) -> State:
        t = len(chance)
        return WalkState(np.zeros(t, np.int8), np.zeros((t, self.seats), np.float32))

    def turn(self, state: State) -> Turn:
        t, phase = len(state.phase), int(state.phase[0])
        role = ("walker", "runner")[phase]
        rows = None if phase == 0 else (np.arange(t) * self.seats).astype(np.int32)
        return Turn(self.seats, t, role, Choice("left", "right"), {}, rows)

    def step(self, state: State, turn: Turn, actions: Actions, chance: Chance) -> Outcome:
        moved = np.where(actions == 1, np.float32(self.gain), 0)
        state.score.reshape(-1)[turn.all_rows] += moved
        state.phase[:] = chance.integers("phase", 1, 2)[:, 0]
        state.phase[chance.coin("stop", 1, self.stop)[:, 0]] = OVER
        return Outcome(state, [Events("choose", turn.rows, None, actions)])

    def brief(self, state: State, table: int, seat: int) -> str:
        return "You walk."

    def describe(self, state: State, turn: Turn, j: int) -> str:
        return f"Left or right? Answer with {turn.spaces.words()}."

    def narrate(self, state: State, turn: Turn, events: Events, j: int) -> str | None:
        row = j if events.actor is None else int(events.actor[j])
        return f"Person {row % self.seats} moved."


@dataclass(frozen=True)
class Drunk(Rule):
    """Right with probability p."""

    name: ClassVar[str] = "drunk"
    p: float = 0.5

    def act(self, turn: Turn, memory: Memory, chance: Chance) -> Actions:
        return (draws(chance, "step", turn) < np.uint64(self.p * 2**32)).astype(np.int8)


@dataclass(frozen=True)
class Broken(Drunk):
    """Raises at one table."""

    name: ClassVar[str] = "broken"
    table: int = 3
    always: bool = False

    def act(self, turn: Turn, memory: Memory, chance: Chance) -> Actions:
        if self.always or self.table in chance.tables:
            raise RuntimeError("a bug in the policy")
        return super().act(turn, memory, chance)


@dataclass(frozen=True)
class Cheat(Rule):
    """Plays a move that does not exist."""

    name: ClassVar[str] = "cheat"

    def act(self, turn: Turn, memory: Memory, chance: Chance) -> Actions:
        return np.full(len(turn), 9, np.int8)


@dataclass
class SceneState:
    """Whose turn it is."""

    phase: NDArray[np.int8]
    spoken: NDArray[np.int32]


@dataclass(frozen=True)
class Scene(World):
    """One seat a turn says something."""

    name: ClassVar[str] = "scene"
    emits: ClassVar[tuple[str, ...]] = ("say",)
    seats: int = 2
    turns: int = 6

    def reset(self, chance: Chance) -> State:
        return SceneState(np.zeros(len(chance), np.int8), np.zeros(len(chance), np.int32))

    def turn(self, state: State) -> Turn:
        t = len(state.phase)
        rows = (np.arange(t) * self.seats + state.spoken % self.seats).astype(np.int32)
        return Turn(self.seats, t, "speaker", OneOf(speak=Utterance(200), leave=None), {}, rows)

    def step(self, state: State, turn: Turn, actions: Actions, chance: Chance) -> Outcome:
        state.spoken += 1
        state.phase[state.spoken >= self.turns] = OVER
        spoke = np.flatnonzero(actions.tag == 0)
        said = Events("say", turn.all_rows[spoke], text=actions.fields["speak"][spoke])
        return Outcome(state, [said])

    def brief(self, state: State, table: int, seat: int) -> str:
        return f"You are person {seat}."

    def describe(self, state: State, turn: Turn, j: int) -> str:
        return "It is your turn."

    def narrate(self, state: State, turn: Turn, events: Events, j: int) -> str | None:
        assert turn.texts is not None and events.actor is not None and events.text is not None
        table, seat = divmod(int(events.actor[j]), self.seats)
        return f"Person {seat}: {turn.texts.get(table, int(events.text[j]))}"


def talker(delay: float = 0.0) -> Scripted:
    """A scripted model that says something that depends on all it has heard."""

    def script(request: Request) -> str:
        if delay:
            import time

            time.sleep(delay)
        return f'{{"do": "speak", "with": "I offer {request.thread.hash[0]}."}}'

    return Scripted(script, "talker")


class Shuffled:
    """An answerer that gives its answers one at a time, the last asked first."""

    model = "scripted:talker"
    deterministic = False

    def __init__(self) -> None:
        self.inner = talker()
        self.ready: list[Any] = []

    def submit(self, requests: Sequence[Request]) -> None:
        self.inner.submit(requests)

    def poll(self, block: bool) -> list[Any]:
        self.ready += self.inner.poll(block)
        return [self.ready.pop()] if self.ready else []

    def close(self) -> None:
        """Nothing to let go of."""


@dataclass(frozen=True)
class Quitter(Mind):
    """Raises when it should think, at one seat."""

    name: ClassVar[str] = "quitter"

    def act(self, seat: Any, view: Any) -> Any:
        if seat.seat == 1:
            raise RuntimeError("it lost its mind")
        return (yield from super().act(seat, view))


@dataclass(frozen=True)
class Mutant(Rule):
    """Right with an inherited probability; some children differ from their parents."""

    name: ClassVar[str] = "mutant"
    rate: float = 0.5
    fields: ClassVar[Any] = {"p": (np.float32, ()), "luck": (np.float32, ())}

    def start(self, memory: Memory, chance: Chance) -> None:
        memory["p"][:] = chance.uniform("p", memory["p"].shape[1])

    def act(self, turn: Turn, memory: Memory, chance: Chance) -> Actions:
        p = threshold(memory["p"].reshape(-1)[turn.all_rows])
        return (draws(chance, "step", turn) < p).astype(np.int8)

    def born(self, memory: Memory, born: Born, chance: Chance) -> None:
        super().born(memory, born, chance)
        seats = memory["p"].shape[1]
        fresh = chance.uniform("fresh", seats).reshape(-1)
        mutates = chance.coin("mutates", seats, self.rate).reshape(-1)[born.child]
        child = born.child[mutates]
        memory["p"].reshape(-1)[child] = fresh[child]


@dataclass(frozen=True)
class Fragile(Drunk):
    """Raises at every seventh table."""

    name: ClassVar[str] = "fragile"

    def act(self, turn: Turn, memory: Memory, chance: Chance) -> Actions:
        if (chance.tables % 7 == 3).any():
            raise RuntimeError("a bug at some tables")
        return super().act(turn, memory, chance)


@dataclass
class PauseState(Around):
    """Which tables pause now."""

    pausing: NDArray[np.bool_]


@dataclass(frozen=True)
class Pause(Institution):
    """After a step a table pauses at random: everyone may stand or sit; nothing follows from it."""

    name: ClassVar[str] = "pause"
    emits: ClassVar[tuple[str, ...]] = ("rest",)
    stop: float = 0.4

    def reset(self, chance: Chance) -> State:
        return PauseState(self.inner.begin(chance), np.zeros(len(chance), np.bool_))

    def phase(self, state: State) -> NDArray[np.int8]:
        inner = self.inner.phase(state.inner)
        return np.where(state.pausing & (inner != OVER), np.int8(50), inner).astype(np.int8)

    def turn(self, state: State) -> Turn:
        if not state.pausing[0]:
            return self.inner.turn(state.inner)
        return Turn(self.seats, len(state.pausing), "walker", Choice("stand", "sit"), {})

    def step(self, state: State, turn: Turn, actions: Actions, chance: Chance) -> Outcome:
        if state.pausing[0]:
            state.pausing[:] = False
            return Outcome(state, [Events("rest", turn.rows, None, actions)])
        outcome = self.pass_on(state, turn, actions, chance)
        state.pausing[:] = chance.coin("pause", 1, self.stop)[:, 0]
        return outcome


@dataclass(frozen=True)
class Whisper(Scene):
    """The first of three says something to itself, and to guests who leave as it is said."""

    name: ClassVar[str] = "whisper"
    emits: ClassVar[tuple[str, ...]] = ("whisper", "toast")
    seats: int = 3
    turns: int = 3

    def turn(self, state: State) -> Turn:
        return Turn(self.seats, len(state.phase), "speaker", Choice("a", "b"), {})

    def step(self, state: State, turn: Turn, actions: Actions, chance: Chance) -> Outcome:
        state.spoken += 1
        state.phase[state.spoken >= self.turns] = OVER
        first, nobody = np.zeros(1, np.int32), np.full(1, -1, np.int32)
        return Outcome(
            state,
            [
                Events("whisper", first, nobody, audience="pair"),
                Events("toast", first, audience="guests"),
            ],
        )

    def members(self, state: State, channel: str) -> NDArray[np.bool_]:
        guests = np.zeros((len(state.phase), self.seats), np.bool_)
        guests[:, 0] = True
        guests[:, 1] = state.spoken == 0
        return guests

    def narrate(self, state: State, turn: Turn, events: Events, j: int) -> str | None:
        return "to myself" if events.kind == "whisper" else "to the guests"
