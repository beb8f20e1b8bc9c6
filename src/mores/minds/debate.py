"""Debate with oneself: inner voices argue, then one decides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mores.agent import Ask, Asking, Seat
from mores.errors import BadValue
from mores.minds.thinker import Matter, Thinker, count

_FIRST = (
    "Before you decide, let {n} voices in you debate: {voices}. "
    "First speaks {voice}: propose what to do and argue for it."
)
_NEXT = (
    "Now speaks {voice}: answer what was said before, give the strongest reason against it, "
    "and say what you would do."
)


@dataclass(frozen=True)
class SelfDebate(Thinker):
    """Lets inner voices speak in turn for `rounds` rounds, in one thread, and then asks for the answer alone.

    One question a voice and round, and one for the answer. No voice speaks twice in a row. A voice that says nothing is
    passed over and counted in `seat.mind["voices_missing"]`.

    Liang et al. 2023, "Encouraging divergent thinking through multi-agent debate" (arXiv 2305.19118), held within one
    mind, as in the inner voices of KAIROS (arXiv 2508.18321).
    """

    name: ClassVar[str] = "self-debate"
    source: ClassVar[str] = "Liang et al. 2023, arXiv 2305.19118; KAIROS, arXiv 2508.18321"
    rounds: int = 1
    voices: tuple[str, ...] = ("the advocate", "the critic")

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.rounds < 1 or len(set(self.voices)) < 2 or len(set(self.voices)) < len(self.voices):
            raise BadValue(
                "rounds, voices", (self.rounds, self.voices), "at least 1 round, 2 different voices"
            )

    def think(self, seat: Seat, matter: Matter) -> Asking:
        thread, spoken = matter.thread, 0
        for k in range(self.rounds * len(self.voices)):
            voice = self.voices[k % len(self.voices)]
            if spoken:
                asked = _NEXT.format(voice=voice)
            else:
                names = ", ".join(self.voices)
                first = _FIRST.format(n=len(self.voices), voices=names, voice=voice)
                asked = f"{matter.text}\n\n{first}"
            thread, said = yield from self.thought(thread, asked)
            spoken += said is not None
            if said is None:
                count(seat, "voices_missing")
        if not spoken:
            value = yield from super().think(seat, matter)
            return value
        last = f"The debate is over. Decide. {matter.form}"
        reply = yield Ask(thread.say(last), matter.space, self.role)
        return reply.value
