"""Summary: what is old is summed up by whoever thinks; what is recent stays word for word."""

from __future__ import annotations

from dataclasses import dataclass

from mores.actions import Utterance
from mores.agent import Ask, Asking, Seat
from mores.errors import BadValue
from mores.minds.memory.lines import heard, root, state
from mores.minds.memory.recollection import Budget, Recollection
from mores.quoting import block

_BUDGET = Budget(4000)
_ASK = (
    "Sum up what happened so far for your own use later, in at most {words} words: what was done and said by whom, "
    "what you learnt about others and about yourself, and what is still open. Write the summary alone."
)


@dataclass(frozen=True)
class Summary(Recollection):
    """When the lines not summed up pass the budget, all but the last `keep` are put into the running summary.

    One question a time, to the answerer of the mind's own role; the former summary is part of it. If no
    summary comes back the lines stay until there is twice as much, then the oldest are left out and counted.
    What a summary leaves out is gone for the mind, so its length (`words`) is part of the design of a study. The
    running summary is `seat.mind["memory"]["summary"]`.
    """

    budget: Budget = _BUDGET
    keep: int = 8
    words: int = 200

    def __post_init__(self) -> None:
        if not self.budget.characters:
            raise BadValue("budget", 0, "above 0 characters: a summary is made when it is passed")
        if self.keep < 0:
            raise BadValue("keep", self.keep, "0 or more lines")

    def __str__(self) -> str:
        return f"summary/{self.budget}/{self.keep}"

    def thread(self, seat: Seat, cue: str, role: str) -> Asking:
        kept = state(seat)
        upto = int(kept.get("summed", 0))
        lines = heard(seat, upto)
        if sum(map(len, lines)) > self.budget.characters and len(lines) > self.keep:
            old = lines[: len(lines) - self.keep]
            yield from self._sum_up(seat, old, role)
            done = int(kept.get("summed", 0)) - upto
            lines = lines[done:]
        cut = Budget(2 * self.budget.characters).first_kept(lines, 0)
        kept["shown"], kept["left_out"] = len(lines) - cut, cut
        return self._shown(seat, lines[cut:], cut)

    def _sum_up(self, seat: Seat, old: list[str], role: str) -> Asking:
        kept = state(seat)
        told = _remembered(kept.get("summary", "")) + "\n".join(old)
        thread = root(seat).say(f"{told}\n\n{_ASK.format(words=self.words)}")
        reply = yield Ask(thread, Utterance(20 * self.words), role)
        if reply.value is None:
            kept["not_summed"] = kept.get("not_summed", 0) + 1
            return
        kept["summary"] = reply.value
        kept["summed"] = int(kept.get("summed", 0)) + len(old)
        kept["summaries"] = kept.get("summaries", 0) + 1

    def _shown(self, seat: Seat, lines: list[str], left_out: int) -> object:
        said = _remembered(state(seat).get("summary", ""))
        said += f"({left_out} lines after that are left out.)\n" if left_out else ""
        text = said + "\n".join(lines)
        return root(seat).say(text.rstrip("\n")) if text else root(seat)


def _remembered(summary: str) -> str:
    return f"What you remember of earlier:\n{block(summary)}\n" if summary else ""
