"""Thinking modes: four depths of thought, chosen turn by turn by what the situation calls for."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, ClassVar

from mores.actions import Choice
from mores.agent import Ask, Asking, Seat
from mores.errors import BadValue
from mores.minds.memory.embedding import HashedNgrams
from mores.minds.memory.lines import heard
from mores.minds.thinker import Matter, Thinker, count

STEPS: dict[str, str] = {
    "history": "what has happened so far that matters now",
    "goal": "what you want in the end",
    "intent": "what the others intend, and what you intend now",
    "assessment": "how things stand between you and the others",
    "strategy": "which ways you could take",
    "deduction": "what each of these ways would lead to, one by one",
    "integration": "which of them you take, or how you combine them",
    "style": "in which manner you do or say it",
}
"""The steps of thought, in their order, and what each is about."""
LEVELS: tuple[tuple[str, ...], ...] = (
    (),
    ("intent", "style"),
    ("history", "goal", "intent", "assessment", "strategy", "style"),
    tuple(STEPS),
)
"""The steps of each of the four modes."""
_DEPTHS = ("context", "asked", "1", "2", "3", "4")
_PICK = (
    "How much thought does this need? 1: none, answer at once. 2: a moment, about what is intended. "
    "3: weigh up history, goals and strategy. 4: play several strategies through. Choose the least that is enough."
)
_ROUTINE = HashedNgrams(256)


@dataclass(frozen=True)
class ThinkingModes(Thinker):
    """Thinks in one of four modes a turn: answer at once; intent; history to strategy; strategies played through.

    Modes 2 to 4 take two questions, one for the steps of thought and one for the answer alone. `depth` chooses the
    mode: "1" to "4" always the same; "asked": whoever thinks says the number first (one question more); "context": by
    how new the situation is, 1 - the highest cosine between what is told now (numbers left out) and on the last
    `window` turns (hashed n-grams: spelling, not meaning), against the three `cuts`. What is new is thought through,
    routine is not. `seat.mind["modes"]` counts the modes taken and keeps the last.

    The modes are those of AMPO ("Think on your feet", adaptive thinking via reinforcement learning for social agents),
    where the choice is learnt, with the cheaper mode on ties. `depth` is an untrained stand-in for that policy.
    """

    name: ClassVar[str] = "thinking-modes"
    source: ClassVar[str] = "AMPO: adaptive thinking via reinforcement learning for social agents"
    depth: str = "context"
    cuts: tuple[float, ...] = (0.1, 0.2, 0.4)
    window: int = 4

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.depth not in _DEPTHS:
            raise BadValue("depth", self.depth, f"one of {', '.join(_DEPTHS)}")
        if len(self.cuts) != len(LEVELS) - 1 or list(self.cuts) != sorted(self.cuts):
            raise BadValue("cuts", self.cuts, "three numbers, each at least as large as the last")
        if self.window < 1:
            raise BadValue("window", self.window, "at least 1 turn")

    def think(self, seat: Seat, matter: Matter) -> Asking:
        level = yield from self._level(seat, matter)
        count(seat, "modes", str(level))
        seat.mind["modes"]["last"] = level
        if not LEVELS[level - 1]:
            value = yield from super().think(seat, matter)
            return value
        steps = "\n".join(f"{name.capitalize()}: {STEPS[name]}" for name in LEVELS[level - 1])
        asked = (
            f"{matter.text}\n\nThink about it in these steps. Do not give your answer yet.\n{steps}"
        )
        thread, thought = yield from self.thought(matter.thread, asked)
        if thought is None:
            count(seat, "thoughts_missing")
            value = yield from super().think(seat, matter)
            return value
        reply = yield Ask(thread.say(matter.form), matter.space, self.role)
        return reply.value

    def _level(self, seat: Seat, matter: Matter) -> Asking:
        if self.depth == "asked":
            space = Choice("1", "2", "3", "4")
            asked = f"{matter.text}\n\n{_PICK} Answer with {space.words()}."
            reply = yield Ask(matter.thread.say(asked), space, self.role)
            return 1 if reply.value is None else int(reply.value) + 1
        if self.depth == "context":
            new = self._novelty(seat, matter)
            return 1 + sum(new >= cut for cut in self.cuts)
        return int(self.depth)

    def _novelty(self, seat: Seat, matter: Matter) -> float:
        """How new the situation is, 0 to 1; what is told now joins what was told before."""
        kept: dict[str, Any] = seat.mind.setdefault("modes", {})
        lines = heard(seat, int(kept.get("heard", 0)))
        kept["heard"] = int(kept.get("heard", 0)) + len(lines)
        now = _routine(" ".join([*lines, matter.text]))
        before: list[str] = kept.setdefault("told", [])
        vectors = _ROUTINE.embed([*before, now])
        new = 1.0 - float((vectors[:-1] @ vectors[-1]).max()) if before else 1.0
        kept["told"] = [*before, now][-self.window :]
        return min(max(new, 0.0), 1.0)


def _routine(text: str) -> str:
    """A text as far as its being new counts: without numbers, which are new in every round."""
    return re.sub(r"\d+(?:\.\d+)?", "#", text)[-800:]
