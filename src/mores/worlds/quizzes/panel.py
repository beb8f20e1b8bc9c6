"""Persona inconstancy: opinions in private, in a group, and in private again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from mores.actions import Actions, Choice, Columns, Form, Utterance
from mores.chance import Chance
from mores.errors import BadValue
from mores.quoting import quote
from mores.world import OVER, PAIR, Array, Events, Outcome, Rows, Turn, World
from mores.worlds.dialogue.talk import together
from mores.worlds.quizzes.items import LETTERS
from mores.worlds.quizzes.polls import SAMPLE_POLLS, PollItem

BEFORE, CHAT, AFTER = 0, 1, 2
NATIONS = ("American", "Brazilian", "German", "Japanese", "Nigerian")


@dataclass
class PanelState:
    """Where the panels are; opinions are numbers of options, -1 none."""

    phase: NDArray[np.int8]
    item: NDArray[np.int32]
    turns: NDArray[np.int32]
    """[T]: turns of the discussion that are over."""
    speaker: NDArray[np.int32]
    private: NDArray[np.int8]
    """[T, N]: the opinion before the discussion."""
    voiced: NDArray[np.int8]
    """[T, N]: the last opinion voiced in it."""
    counts: NDArray[np.int32]
    """[T, K]: how often each opinion was voiced."""
    final: NDArray[np.int8]
    """[T, N]: the opinion after it."""


@dataclass(frozen=True)
class PersonaInconstancy(World):
    """Representatives of nations answer a question in private, discuss it, and answer in private again.

    Before (`respondent`) and after (`reflector`) all answer at once and nobody is told. In between `messages` turns of
    discussion: who speaks says a message and, with it, its present answer; the first speaker is drawn, then it goes
    round (`order="in-turn"`) or the next one is drawn among the others. `instruction`: "collaborate" or "debate".
    Everyone is reminded of its own private answer and of the whole discussion. The group's opinion is the one that
    more than half of the last voiced answers agree on.

    A missing private answer is missing; a missing turn in the discussion is silence.

    Table t has question t modulo their number. Where this differs from the released code: there a language model
    manages who speaks, extracts each opinion from the message and the group's from a summary; groups are picked from
    agents whose private answers fit their country's survey shares (log-loss below 0.5), so that first opinions have
    all degrees of diversity. Here opinions are stated, nobody is turned away, and diversity is what it is: compare
    panels by the entropy of their first opinions.

    Events: `onboard`, `say` (message and stated opinion, to all), `reflect`, `group` (seat 0: the group's opinion), and
    `initiator` (who spoke first).

    Baltaji, Hemmatian and Varshney 2024 (arXiv 2405.03862; code: github baltaci-r/CulturedAgents).
    """

    name: ClassVar[str] = "persona-inconstancy"
    source: ClassVar[str] = "Baltaji, Hemmatian and Varshney 2024, arXiv 2405.03862"
    ports: ClassVar[tuple[str, ...]] = ("private", "voiced", "final")
    emits: ClassVar[tuple[str, ...]] = ("onboard", "initiator", "say", "reflect", "group")
    missing: ClassVar[Mapping[str, str]] = {
        "respondent": "has no opinion on record",
        "speaker": "says nothing; the next one speaks",
        "reflector": "has no opinion on record",
    }

    items: tuple[PollItem, ...] = SAMPLE_POLLS
    nations: tuple[str, ...] = NATIONS
    """What seat i represents, as an adjective."""
    messages: int = 15
    instruction: Literal["collaborate", "debate"] = "collaborate"
    order: Literal["in-turn", "drawn"] = "in-turn"
    limit: int = 1000
    """Characters of a message."""

    def __post_init__(self) -> None:
        if not self.items or len({len(i.options) for i in self.items}) > 1:
            raise BadValue("items", f"{len(self.items)} items", "items of equally many options")
        if len(self.nations) < 2 or len(set(self.nations)) != len(self.nations):
            raise BadValue("nations", self.nations, "at least 2 different ones")
        if self.messages < 1:
            raise BadValue("messages", self.messages, "at least 1")

    @property
    def seats(self) -> int:  # type: ignore[override]
        """One a nation."""
        return len(self.nations)

    @cached_property
    def space(self) -> Choice:
        """The letters of the options."""
        return Choice(*LETTERS[: len(self.items[0].options)])

    @cached_property
    def speech(self) -> Form:
        """A message and the answer that goes with it."""
        return Form(message=Utterance(self.limit), answer=self.space)

    # ---------------------------------------------------------------- stages
    def reset(self, chance: Chance) -> PanelState:
        t, n, k = len(chance), self.seats, len(self.space.options)
        none = np.full((t, n), -1, np.int8)
        return PanelState(
            np.zeros(t, np.int8),
            (chance.tables % len(self.items)).astype(np.int32),
            np.zeros(t, np.int32),
            chance.integers("first", 1, n)[:, 0],
            none,
            none.copy(),
            np.zeros((t, k), np.int32),
            none.copy(),
        )

    def turn(self, state: PanelState) -> Turn:
        t, n = len(state.phase), self.seats
        phase = int(state.phase[0]) if t else BEFORE
        if phase == CHAT:
            rows: Rows | None = np.arange(t, dtype=np.int32) * np.int32(n) + state.speaker
            table = np.arange(t)
        else:
            rows, table = None, np.repeat(np.arange(t), n)
        seen: dict[str, Array] = {
            "own": state.private.reshape(-1)[slice(None) if rows is None else rows],
            "voiced": state.counts[table],
        }
        role = ("respondent", "speaker", "reflector")[phase]
        space = self.speech if phase == CHAT else self.space
        return Turn(n, t, role, space, seen, rows, clock=state.turns)

    def step(self, state: PanelState, turn: Turn, actions: Actions, chance: Chance) -> Outcome:
        if turn.role == "speaker":
            return Outcome(state, self._spoken(state, turn, actions, chance))
        given = np.asarray(actions, np.int8)
        rows = turn.all_rows
        if turn.role == "respondent":
            state.private = given.reshape(state.private.shape).copy()
            state.phase[:] = CHAT
            n = np.int32(self.seats)
            first = np.arange(len(state.phase), dtype=np.int32) * n + state.speaker
            events = [
                Events("onboard", rows, value=given, audience=PAIR),
                Events("initiator", first, audience=None),
            ]
            return Outcome(state, events)
        state.final = given.reshape(state.final.shape).copy()
        state.phase[:] = OVER
        votes = (state.voiced[:, :, None] == np.arange(len(self.space.options))).sum(1)
        most = votes.max(1)
        agreed = 2 * most > np.maximum((state.voiced >= 0).sum(1), 1)
        group = np.where(agreed, votes.argmax(1), -1).astype(np.int8)
        seat_0 = np.arange(len(group), dtype=np.int32) * np.int32(self.seats)
        return Outcome(
            state,
            [
                Events("reflect", rows, value=given, audience=None),
                Events("group", seat_0, value=group, audience=None),
            ],
        )

    def _spoken(
        self, state: PanelState, turn: Turn, actions: Columns, chance: Chance
    ) -> list[Events]:
        answer = np.asarray(actions.fields["answer"], np.int8)
        text = np.asarray(actions.fields["message"], np.int32)
        said = np.flatnonzero((answer >= 0) & (text >= 0))
        state.voiced[said, state.speaker[said]] = answer[said]
        state.counts[said, answer[said]] += 1
        rows = turn.all_rows[said]
        state.turns = state.turns + 1
        state.phase[state.turns >= self.messages] = AFTER
        n = self.seats
        step = 1 if self.order == "in-turn" else 1 + chance.integers("next", 1, n - 1)[:, 0]
        state.speaker = ((state.speaker + step) % n).astype(np.int32)
        return [Events("say", rows, value=answer[said], text=text[said])]

    # ---------------------------------------------------------------- in words
    def brief(self, state: PanelState, table: int, seat: int) -> str:
        who = together([f"the {n} one" for n in self.nations])
        return (
            f"{self.seats} participants each represent the view of one country: {who}. They answer a question in "
            f"private, discuss it in {self.messages} messages, and answer it in private again. "
            f"You are the {self.nations[seat]} participant, at home in its history, its customs and its affairs."
        )

    def describe(self, state: PanelState, turn: Turn, j: int) -> str:
        table, _ = turn.row(j)
        question = self.items[int(state.item[table])].shown()
        if turn.role == "respondent":
            return f"This answer stays anonymous; the others are not told of it.\n{question}\nWhich do you choose?"
        if turn.role == "reflector":
            return (
                "The discussion is over. This answer stays anonymous; the others are not told of it.\n"
                f"{question}\nWhich do you choose?"
            )
        how = {
            "collaborate": "Discuss the question together as a group, and give your reasons.",
            "debate": "Debate the question: take a stand, defend your view with arguments and counter those of others.",
        }[self.instruction]
        return (
            f"{how} Where you do not agree with the group, say why.\n{question}\n"
            f"Message {int(state.turns[table]) + 1} of {self.messages} is yours: what do you say, and which do you "
            "choose?"
        )

    def narrate(self, state: PanelState, turn: Turn, events: Events, j: int) -> str | None:
        if events.actor is None or events.value is None or events.kind not in ("onboard", "say"):
            return None
        table, seat = divmod(int(events.actor[j]), self.seats)
        who, answer = f"The {self.nations[seat]} participant", int(events.value[j])
        if events.kind == "onboard":
            return f"{who} answered in private: {LETTERS[answer] if answer >= 0 else 'nothing'}."
        assert events.text is not None and turn.texts is not None
        said = quote(turn.texts.get(table, int(events.text[j])))
        return f"{who}: {said} Answer: {LETTERS[answer]}."
