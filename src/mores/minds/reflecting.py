"""Reflection: between seasons, or every few turns, think about what happened; keep what was concluded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from mores.actions import Utterance
from mores.agent import Ask, Asking, Seat
from mores.errors import BadValue
from mores.minds.thinker import Around, Matter, count, newborn
from mores.quoting import block
from mores.world import Events

_ASK = (
    "{occasion} Reflect on it before you go on: what did you learn about the others and about yourself, and what will "
    "you do differently? Answer in at most {words} words. Your words will be shown to you later."
)


@dataclass(frozen=True)
class Reflecting(Around):
    """Reflects when a season or generation has closed (`season`), and every `every` turns of its own (0: never).

    It does so before its next action, one question each time. The last `keep` reflections are
    `seat.mind["reflections"]` and are shown before every cue; older ones are dropped and counted in
    `reflections_dropped`. Between them it thinks as `inner` does.

    Shinn et al. 2023, Reflexion (arXiv 2303.11366); Park et al. 2023, Generative agents (arXiv 2304.03442), who
    reflect when enough that matters has happened.
    """

    name: ClassVar[str] = "reflecting"
    source: ClassVar[str] = (
        "Shinn et al. 2023, arXiv 2303.11366; Park et al. 2023, arXiv 2304.03442"
    )
    every: int = 0
    season: bool = True
    keep: int = 3
    words: int = 100

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.every < 0 or self.keep < 1 or self.words < 1:
            raise BadValue(
                "every, keep, words",
                (self.every, self.keep, self.words),
                "at least 0, at least 1, at least 1",
            )

    def think(self, seat: Seat, matter: Matter) -> Asking:
        if matter.view is not None:
            occasion = self._occasion(seat)
            if occasion:
                yield from self.reflect(seat, occasion)
            seat.mind["turns"] = seat.mind.get("turns", 0) + 1
        value = yield from self.within.think(seat, matter.with_note(_concluded(seat)))
        return value

    def reflect(self, seat: Seat, occasion: str) -> Asking:
        """Think about what happened; `occasion` says in a sentence what it was."""
        thread = yield from self.recall.thread(seat, occasion, self.role)
        before = _concluded(seat)
        asked = _ASK.format(occasion=occasion, words=self.words)
        space = Utterance(20 * self.words)
        said = f"{before}\n\n{asked}" if before else asked
        reply = yield Ask(thread.say(said), space, self.role)
        seat.mind.pop("season_over", None)
        if reply.value is None:
            count(seat, "reflections_missing")
            return None
        kept: list[Any] = seat.mind.setdefault("reflections", [])
        kept.append(reply.value)
        if len(kept) > self.keep:
            count(seat, "reflections_dropped", by=len(kept) - self.keep)
            del kept[: -self.keep]
        return reply.value

    def _occasion(self, seat: Seat) -> str:
        turns = int(seat.mind.get("turns", 0))
        if self.season and seat.mind.get("season_over"):
            return "All of this has come to an end and is about to begin anew."
        if self.every and turns and turns % self.every == 0:
            return (
                f"You have acted {self.every} more times." if self.every > 1 else "You have acted."
            )
        return ""

    def notice(self, seat: Seat, events: Sequence[Events]) -> None:
        super().notice(seat, events)
        if not newborn(seat, events) and any(event.kind == "score" for event in events):
            seat.mind["season_over"] = True


def _concluded(seat: Seat) -> str:
    kept = seat.mind.get("reflections", [])
    if not kept:
        return ""
    return "What you concluded when you reflected:\n" + "\n".join(block(text) for text in kept)
