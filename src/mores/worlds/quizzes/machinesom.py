"""MachineSoM: a small society of agents with traits solves a question over rounds of debate or reflection."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from mores.actions import Actions, Choice, Columns, Form, Utterance
from mores.chance import Chance
from mores.errors import BadValue
from mores.quoting import quote
from mores.world import OVER, PAIR, Array, Events, Outcome, Turn, World
from mores.worlds.quizzes.items import LETTERS, SAMPLE, QuizItem, check_items, shown

DEBATE, REFLECT = "0", "1"
EASY_GOING = (
    "You are objective and unbiased, and can be persuaded where the answers of others make sense."
)
OVERCONFIDENT = "You are confident in your answers and often persuade others to believe in you."


@dataclass
class SocietyState:
    """Where the societies are; options are numbered as they are shown."""

    phase: NDArray[np.int8]
    round: NDArray[np.int32]
    """[T]: rounds over; the first one is everybody's answer on its own."""
    item: NDArray[np.int32]
    order: NDArray[np.int8]
    """[T, K]: which option of the item stands at each letter."""
    key: NDArray[np.int8]
    answer: NDArray[np.int8]
    """[T, N]: the answer that each holds, -1 none yet."""
    text: NDArray[np.int32]
    """[T, N]: the solution that goes with it, -1 none."""
    score: NDArray[np.float32]


@dataclass(frozen=True)
class MachineSoM(World):
    """Agents answer a question alone, then in each round all debate or all reflect; the majority decides in the end.

    `pattern` has a sign a round: "0" debate (one sees the others' present solutions and updates one's own), "1"
    reflection (one checks one's own). "000" to "111" are the eight strategies of three rounds. The first
    `overconfident` seats have that trait, the others are easy-going: with three agents 3, 2, 1, 0 overconfident are
    the societies S1 to S4. `expert` is added to the rules for all (the code gives an expert role per data set).

    Table t has item t modulo the number of items; the order of options is drawn and equal for a whole table. With
    `reasons` an answer is a letter and a solution in words, which the others read quoted; without, the letter alone.
    A missing answer keeps the last one; who never answered is left out of the majority. Ties fall by chance.

    Events: `choose` (with the solution; one is reminded of one's own), and told to nobody `right` (whether the
    answer each holds is right, every round) and `majority` (seat 0: whether the society's answer is).

    MachineSoM, arXiv 2310.02124 (code: github zjunlp/MachineSoM). There the items are of MMLU, MATH and chess moves, 50
    each, which are not here; the items are those of :mod:`mores.worlds.quizzes.items`.
    """

    name: ClassVar[str] = "machinesom"
    source: ClassVar[str] = "MachineSoM, arXiv 2310.02124"
    ports: ClassVar[tuple[str, ...]] = ("score", "answer")
    emits: ClassVar[tuple[str, ...]] = ("choose", "right", "majority")
    missing: ClassVar[Mapping[str, str]] = {"solver": "keeps its last answer"}

    items: tuple[QuizItem, ...] = SAMPLE
    agents: int = 3
    overconfident: int = 0
    pattern: str = "000"
    reasons: bool = True
    expert: str = ""
    limit: int = 1200
    """Characters of a solution."""

    def __post_init__(self) -> None:
        check_items(self.items, 1)
        if self.agents < 2:
            raise BadValue("agents", self.agents, "at least 2")
        if not 0 <= self.overconfident <= self.agents:
            raise BadValue("overconfident", self.overconfident, f"0 to {self.agents} agents")
        if set(self.pattern) - {DEBATE, REFLECT}:
            raise BadValue("pattern", self.pattern, "a sign a round, 0 debate or 1 reflection: 010")

    @property
    def seats(self) -> int:  # type: ignore[override]
        """The agents."""
        return self.agents

    @cached_property
    def space(self) -> Choice | Form:
        """A letter, with or without a solution."""
        letters = Choice(*LETTERS[: len(self.items[0].options)])
        return Form(solution=Utterance(self.limit), answer=letters) if self.reasons else letters

    # ---------------------------------------------------------------- rounds
    def reset(self, chance: Chance) -> SocietyState:
        t, n, k = len(chance), self.seats, len(self.items[0].options)
        order = chance.permutation("order", k).astype(np.int8)
        return SocietyState(
            np.zeros(t, np.int8),
            np.zeros(t, np.int32),
            (chance.tables % len(self.items)).astype(np.int32),
            order,
            (order == 0).argmax(1).astype(np.int8),
            np.full((t, n), -1, np.int8),
            np.full((t, n), -1, np.int32),
            np.zeros((t, n), np.float32),
        )

    def debates(self, round_: int) -> bool:
        """Whether agents see each other's answers in that round (the first is 0)."""
        return round_ > 0 and self.pattern[round_ - 1] == DEBATE

    def turn(self, state: SocietyState) -> Turn:
        t, n = len(state.phase), self.seats
        table = np.repeat(np.arange(t), n)
        debate = np.array([False, *(s == DEBATE for s in self.pattern)])[state.round]
        answers = np.where(debate[:, None], state.answer, np.int8(-1))[table]
        seen: dict[str, Array] = {
            "key": state.key[table],
            "own": state.answer.reshape(-1),
            "answers": answers,
        }
        return Turn(n, t, "solver", self.space, seen, clock=state.round)

    def step(self, state: SocietyState, turn: Turn, actions: Actions, chance: Chance) -> Outcome:
        shape = state.answer.shape
        letters = actions.fields["answer"] if isinstance(actions, Columns) else actions
        given = np.asarray(letters, np.int8).reshape(shape)
        text = None
        if isinstance(actions, Columns):
            text = np.asarray(actions.fields["solution"], np.int32).reshape(shape)
            given = np.where(text >= 0, given, np.int8(-1))  # a form is whole or missing
        there = given >= 0
        state.answer = np.where(there, given, state.answer)
        if text is not None:
            state.text = np.where(there, text, state.text)
        state.round = state.round + 1
        rows = turn.all_rows
        said = None if text is None else np.where(there, text, -1).reshape(-1).astype(np.int32)
        key = state.key[:, None]
        right = np.where(state.answer >= 0, state.answer == key, -1).astype(np.int8)
        events = [
            Events(
                "choose", rows, value=given.reshape(-1).astype(np.int8), text=said, audience=PAIR
            ),
            Events("right", value=right.reshape(-1), audience=None),
        ]
        over = np.flatnonzero(state.round > len(self.pattern))
        if len(over):
            events.append(self._decide(state, over, chance))
        return Outcome(state, events)

    def _decide(self, state: SocietyState, over: NDArray[np.intp], chance: Chance) -> Events:
        """The most frequent answer of each table that ends."""
        k = len(self.items[0].options)
        votes = (state.answer[:, :, None] == np.arange(k)).sum(1)
        chosen = (votes * k + chance.permutation("tie", k)).argmax(1)
        right = np.where(votes.sum(1) > 0, chosen == state.key, -1).astype(np.int8)
        state.score[over] = (right[over] == 1)[:, None]
        state.phase[over] = OVER
        rows = (over * self.seats).astype(np.int32)
        return Events("majority", rows, value=right[over], audience=None)

    # ---------------------------------------------------------------- in words
    def brief(self, state: SocietyState, table: int, seat: int) -> str:
        parts = [
            f"{self.agents} agents, numbered 1 to {self.agents}, answer a question with one best answer. Each first "
            "answers alone; then they may see each other's solutions, or check their own."
        ]
        if self.expert:
            parts.append(f"All are {self.expert}.")
        parts.append(f"You are agent {seat + 1}.")
        parts.append(OVERCONFIDENT if seat < self.overconfident else EASY_GOING)
        return " ".join(parts)

    def describe(self, state: SocietyState, turn: Turn, j: int) -> str:
        table, seat = turn.row(j)
        round_ = int(state.round[table])
        question = shown(self.items[int(state.item[table])], state.order[table].tolist())
        ask = "Give your solution and your answer." if self.reasons else "Which answer is best?"
        if round_ == 0:
            return f"{question}\n{ask}"
        if not self.debates(round_):
            return f"{question}\nCheck once more whether your answer is right. {ask}"
        lines = [question, "These are the solutions of the other agents:"]
        for i in range(self.seats):
            if i != seat:
                lines.append(f"Agent {i + 1}: {self._solution(state, turn, table, i)}")
        lines.append(f"Examine them and your own, and give an updated answer. {ask}")
        return "\n".join(lines)

    def _solution(self, state: SocietyState, turn: Turn, table: int, seat: int) -> str:
        answer, text = int(state.answer[table, seat]), int(state.text[table, seat])
        if answer < 0:
            return "no answer."
        if text < 0 or turn.texts is None:
            return f"{LETTERS[answer]}."
        return f"{LETTERS[answer]}, because {quote(turn.texts.get(table, text))}"

    def narrate(self, state: SocietyState, turn: Turn, events: Events, j: int) -> str | None:
        if events.kind != "choose" or events.value is None or events.actor is None:
            return None
        table, seat = divmod(int(events.actor[j]), self.seats)
        answer = int(events.value[j])
        number = "" if turn.clock is None else f" in round {int(turn.clock[table]) + 1}"
        if answer < 0:
            return f"Agent {seat + 1} gave no answer{number}."
        said = f"Agent {seat + 1} answered {LETTERS[answer]}{number}"
        if events.text is None or turn.texts is None:
            return f"{said}."
        return f"{said}, because {quote(turn.texts.get(table, int(events.text[j])))}"
