"""Reason, then act: think aloud first, then give a clean answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mores.agent import Ask, Asking, Seat
from mores.minds.thinker import Matter, Thinker, count

FIRST = "Think it through step by step before you decide. Do not give your answer yet."


@dataclass(frozen=True)
class ReasonThenAct(Thinker):
    """Asks for reasons in free words, then, in the same thread, for the answer alone.

    Two questions a turn. The reasons are never read as an answer, and the answer is never searched for in them. Without
    reasons (none came back) it asks as the plain mind does, and `seat.mind["reasons_missing"]` counts it.

    Wei et al. 2022, "Chain-of-thought prompting" (arXiv 2201.11903); Yao et al. 2023, ReAct (arXiv 2210.03629).
    """

    name: ClassVar[str] = "reason-then-act"
    source: ClassVar[str] = "Wei et al. 2022, arXiv 2201.11903; Yao et al. 2023, arXiv 2210.03629"
    first: str = FIRST
    """What it is told to do first."""

    def think(self, seat: Seat, matter: Matter) -> Asking:
        thread, reasons = yield from self.thought(matter.thread, f"{matter.text}\n\n{self.first}")
        if reasons is None:
            count(seat, "reasons_missing")
            value = yield from super().think(seat, matter)
            return value
        reply = yield Ask(thread.say(matter.form), matter.space, self.role)
        return reply.value
