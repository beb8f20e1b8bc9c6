"""Talk: two or more people converse, one utterance a turn, until the cap or until they leave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from mores.actions import Actions, Columns, OneOf, Utterance
from mores.chance import Chance
from mores.errors import BadValue
from mores.quoting import quote
from mores.world import OVER, Events, Outcome, Rows, Turn, World

SAY, LEAVE = 0, 1


@dataclass
class TalkState:
    """Where the conversations are."""

    phase: NDArray[np.int8]
    """[T]: 0 while people talk."""
    turns: NDArray[np.int32]
    """[T]: turns taken, silent ones too."""
    speaker: NDArray[np.int32]
    """[T]: the seat whose turn it is."""
    here: NDArray[np.bool_]
    """[T, N]: who has not left."""
    said: NDArray[np.int32]
    """[T, N]: utterances made."""


def together(words: Sequence[str]) -> str:
    """Words as one enumeration: "Ann", "Ann and Bob", "Ann, Bob and Cy"."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


@dataclass(frozen=True)
class Talk(World):
    """A plain conversation: whose turn it is says one thing or leaves; everyone at the table hears it.

    Seats speak in order (`order="in-turn"`) or the next one is drawn among the others who are still there. It ends
    after `turns` turns in all, or when fewer than two are left; who has left neither speaks nor comes back. A missing
    action is a silent turn: nobody is told, it counts towards the cap, and the next seat speaks.

    What was said reaches the others as quoted data (:func:`mores.quoting.quote`). Events: `say` with its text, `leave`.
    """

    name: ClassVar[str] = "talk"
    source: ClassVar[str] = (
        "Zhou et al. 2024, SOTOPIA, arXiv 2310.11667 (turn-taking, leaving, a cap of 20 turns)"
    )
    ports: ClassVar[tuple[str, ...]] = ("here", "said")
    emits: ClassVar[tuple[str, ...]] = ("say", "leave")
    missing: ClassVar[Mapping[str, str]] = {"speaker": "says nothing; the next one speaks"}

    seats: int = 2
    turns: int = 20
    """Turns of all seats together."""
    topic: str = ""
    """The occasion, as everyone is told it."""
    goals: tuple[str, ...] = ()
    """What seat i alone is told that it wants; seats beyond have no goal."""
    names: tuple[str, ...] = ()
    """What seats are called; empty: Person 1, Person 2..."""
    order: Literal["in-turn", "drawn"] = "in-turn"
    limit: int = 1000
    """Characters of an utterance."""

    def __post_init__(self) -> None:
        if self.seats < 2:
            raise BadValue("seats", self.seats, "at least 2 people to talk")
        if self.turns < 1:
            raise BadValue("turns", self.turns, "at least 1")
        if self.limit < 1:
            raise BadValue("limit", self.limit, "at least 1 character")
        if self.names and (len(self.names) != self.seats or len(set(self.names)) != self.seats):
            raise BadValue("names", self.names, f"{self.seats} different names")
        if len(self.goals) > self.seats:
            raise BadValue("goals", self.goals, f"at most {self.seats}, one a seat")

    @cached_property
    def space(self) -> OneOf:
        """Say something, or leave."""
        return OneOf(say=Utterance(self.limit), leave=None)

    @cached_property
    def called(self) -> tuple[str, ...]:
        """What the seats are called."""
        return self.names or tuple(f"Person {i + 1}" for i in range(self.seats))

    # ---------------------------------------------------------------- the conversation
    def reset(self, chance: Chance) -> TalkState:
        t, n = len(chance), self.seats
        first = (
            chance.integers("first", 1, n)[:, 0] if self.order == "drawn" else np.zeros(t, np.int32)
        )
        return TalkState(
            np.zeros(t, np.int8),
            np.zeros(t, np.int32),
            first.astype(np.int32),
            np.ones((t, n), bool),
            np.zeros((t, n), np.int32),
        )

    def turn(self, state: TalkState) -> Turn:
        t = np.arange(len(state.phase), dtype=np.int32)
        rows: Rows = t * np.int32(self.seats) + state.speaker
        seen = {
            "said": state.said[t, state.speaker],
            "present": state.here.sum(1).astype(np.int32),
            "turns_left": np.int32(self.turns) - state.turns,
        }
        return Turn(self.seats, len(t), "speaker", self.space, seen, rows, clock=state.turns)

    def step(self, state: TalkState, turn: Turn, actions: Actions, chance: Chance) -> Outcome:
        assert isinstance(actions, Columns) and actions.tag is not None
        t = np.arange(len(state.phase))
        says, leaves = np.flatnonzero(actions.tag == SAY), np.flatnonzero(actions.tag == LEAVE)
        state.said[t[says], state.speaker[says]] += 1
        state.here[t[leaves], state.speaker[leaves]] = False
        state.turns = state.turns + 1
        over = (state.turns >= self.turns) | (state.here.sum(1) < 2)
        state.phase[over] = OVER
        state.speaker = self._next(state, chance)
        rows, texts = turn.all_rows, np.asarray(actions.fields["say"], np.int32)
        return Outcome(
            state,
            [Events("say", rows[says], text=texts[says]), Events("leave", rows[leaves])],
        )

    def _next(self, state: TalkState, chance: Chance) -> NDArray[np.int32]:
        """Who speaks next: the following one who is here, or a drawn other one."""
        n = self.seats
        after = (state.speaker[:, None] + np.arange(1, n + 1)) % n
        open_ = np.take_along_axis(state.here, after, axis=1)
        open_[:, -1] &= open_[:, :-1].sum(1) == 0  # oneself only where nobody else is here
        if self.order == "in-turn":
            place = open_.argmax(1)
        else:
            nth = chance.integers("next", 1, np.maximum(open_.sum(1, keepdims=True), 1))
            place = (np.cumsum(open_, axis=1) <= nth).sum(1) % n
        return np.take_along_axis(after, place[:, None], axis=1)[:, 0].astype(np.int32)

    # ---------------------------------------------------------------- in words
    def brief(self, state: TalkState, table: int, seat: int) -> str:
        parts = [self.topic] if self.topic else []
        parts.append(
            f"{together(self.called)} have a conversation. One speaks at a time. Whose turn it is says one thing or "
            "leaves; who has left does not come back. "
            f"It ends after {self.turns} turns of all together, or when fewer than two are left."
        )
        parts.append(f"You are {self.called[seat]}.")
        if seat < len(self.goals) and self.goals[seat]:
            parts.append(f"What you want, which the others are not told: {self.goals[seat]}")
        return " ".join(parts)

    def describe(self, state: TalkState, turn: Turn, j: int) -> str:
        table, _ = turn.row(j)
        left = self.turns - int(state.turns[table])
        turns = (
            "1 turn of the conversation is"
            if left == 1
            else f"{left} turns of the conversation are"
        )
        return f"It is your turn. {turns} left."

    def narrate(self, state: TalkState, turn: Turn, events: Events, j: int) -> str | None:
        if events.actor is None or events.kind not in self.emits:
            return None
        table, seat = divmod(int(events.actor[j]), self.seats)
        who = self.called[seat]
        if events.kind == "leave":
            return f"{who} left the conversation."
        assert events.text is not None and turn.texts is not None
        return f"{who}: {quote(turn.texts.get(table, int(events.text[j])))}"
