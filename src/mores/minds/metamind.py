"""Hypothesise, refine, validate: what may others have in mind, what do norms say of it, does the reply fit?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from mores.actions import Amount, Choice, Form, Utterance
from mores.agent import Ask, Asking, Seat
from mores.errors import BadValue
from mores.minds.thinker import Matter, Thinker, count, told
from mores.quoting import quote
from mores.thread import Thread

KINDS = ("belief", "desire", "intention", "emotion", "thought")
"""What a hypothesis can be about."""
_SENTENCE = Utterance(1000)
_UNIT = Amount(0, 1)
_REVISED = Form(hypothesis=_SENTENCE, plausibility=_UNIT, information=_UNIT)
_VALID = Form(empathy=_UNIT, coherence=_UNIT, advice=_SENTENCE)


@dataclass(frozen=True)
class Metamind(Thinker):
    """Three stages a turn: hypotheses about others' minds, their revision by norms, and an answer that is validated.

    1. *Hypothesise*: `hypotheses` guesses, each a belief, desire, intention, emotion or thought (one question).
    2. *Refine*: each is revised in the light of `norms` and scored s = trust P + (1 - trust) IG, with P how
       plausible it is and IG how much it tells beyond what anyone would assume, both as the model says, 0 to 1 (one
       question each). The best is kept, and joins the social memory `seat.mind["social"]` ([round, kind, text,
       score], at most `keep`), which later turns are shown.
    3. *Validate*: an answer given the best hypothesis is judged by U = care empathy + (1 - care) coherence, and given
       anew with the advice until U >= `enough`, at most `revisions` times; the answer with the highest U is returned.

    So a turn takes 3 + `hypotheses` questions and 2 for every revision. Stages that bring no reply are left out and
    counted in `seat.mind["stages_missing"]`.

    MetaMind (arXiv 2505.18943): trust (lambda) .7, care (beta) .8, enough .9; 6 to 8 hypotheses were studied, and its
    information gain is computed, where here it is the model's own judgement.
    """

    name: ClassVar[str] = "metamind"
    source: ClassVar[str] = "MetaMind, arXiv 2505.18943"
    hypotheses: int = 6
    trust: float = 0.7
    care: float = 0.8
    enough: float = 0.9
    revisions: int = 2
    norms: str = (
        "what is expected of people in such a situation: its customs, roles and moral rules"
    )
    keep: int = 12
    """How many entries the social memory has."""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.hypotheses < 1 or self.revisions < 0:
            raise BadValue(
                "hypotheses, revisions",
                (self.hypotheses, self.revisions),
                "at least 1, at least 0",
            )
        if not all(0 <= x <= 1 for x in (self.trust, self.care, self.enough)):
            raise BadValue(
                "trust, care, enough", (self.trust, self.care, self.enough), "numbers from 0 to 1"
            )

    def think(self, seat: Seat, matter: Matter) -> Asking:
        here = matter.with_note(_social(seat))
        guesses = yield from self._hypothesise(seat, here)
        best = None
        for kind, text in guesses:
            scored = yield from self._refine(seat, here, kind, text)
            if scored is not None and (best is None or scored[2] > best[2]):
                best = scored
        if best is not None:
            self._remember(seat, here, best)
        value = yield from self._respond(seat, here, best)
        return value

    # ---------------------------------------------------------------- the stages
    def _hypothesise(self, seat: Seat, matter: Matter) -> Asking:
        one = Form(about=Choice(*KINDS), text=_SENTENCE)
        space = Form(**{f"hypothesis_{k + 1}": one for k in range(self.hypotheses)})
        asked = (
            f"{matter.text}\n\nDo not answer yet. First make {self.hypotheses} different hypotheses about what others "
            f"here have in mind: their beliefs, desires, intentions, emotions or thoughts. Answer with {space.words()}."
        )
        reply = yield Ask(matter.thread.say(asked), space, self.role)
        if reply.value is None:
            count(seat, "stages_missing", "hypothesise")
            return []
        return [(KINDS[int(h["about"])], h["text"]) for h in reply.value.values()]

    def _refine(self, seat: Seat, matter: Matter, kind: str, text: str) -> Asking:
        asked = (
            f"{matter.text}\n\nDo not answer yet. A hypothesis about what others have in mind ({kind}): {quote(text)}. "
            f"Revise it in the light of {self.norms}. Then say how plausible it is now, given all you know (0 to 1), "
            f"and how much it tells beyond what anyone would assume without knowing these people (0 to 1). "
            f"Answer with {_REVISED.words()}."
        )
        reply = yield Ask(matter.thread.say(asked), _REVISED, self.role)
        if reply.value is None:
            count(seat, "stages_missing", "refine")
            return None
        found = reply.value
        score = self.trust * found["plausibility"] + (1 - self.trust) * found["information"]
        return kind, found["hypothesis"], round(float(score), 4)

    def _respond(self, seat: Seat, matter: Matter, best: tuple[str, str, float] | None) -> Asking:
        note = (
            ""
            if best is None
            else f"What others probably have in mind ({best[0]}): {quote(best[1])}"
        )
        advice, kept, highest = "", None, -1.0
        for attempt in range(self.revisions + 1):
            reply = yield Ask(_say(matter, note, advice, matter.form), matter.space, self.role)
            if reply.value is None:
                return kept
            judged = yield from self._validate(seat, matter, note, reply.value)
            if judged is None:
                return reply.value if kept is None else kept
            utility, advice = judged
            if utility > highest:
                kept, highest = reply.value, utility
            if utility >= self.enough:
                break
            count(seat, "revised", by=int(attempt < self.revisions))
        return kept

    def _validate(self, seat: Seat, matter: Matter, note: str, value: Any) -> Asking:
        asked = (
            f"You are about to answer: {quote(told(value, matter.space))}. Judge it: does it do justice to what others "
            "feel and need (empathy, 0 to 1)? Does it fit the situation and what was said and done before (coherence, "
            f"0 to 1)? And what would make it better (advice)? Answer with {_VALID.words()}."
        )
        reply = yield Ask(_say(matter, note, "", asked), _VALID, self.role)
        if reply.value is None:
            count(seat, "stages_missing", "validate")
            return None
        found = reply.value
        utility = self.care * found["empathy"] + (1 - self.care) * found["coherence"]
        return float(utility), found["advice"]

    def _remember(self, seat: Seat, matter: Matter, best: tuple[str, str, float]) -> None:
        at = None
        if matter.view is not None and matter.view.turn.clock is not None:
            at = int(matter.view.turn.clock[matter.view.turn.row(matter.view.j)[0]])
        kept: list[Any] = seat.mind.setdefault("social", [])
        kept.append([at, *best])
        if len(kept) > self.keep:
            count(seat, "social_dropped", by=len(kept) - self.keep)
            del kept[: -self.keep]


def _social(seat: Seat) -> str:
    """The social memory in words."""
    kept = seat.mind.get("social", [])
    if not kept:
        return ""
    lines = "\n".join(f"- {kind}: {quote(text)}" for _, kind, text, _ in kept)
    return f"What you came to think of others before:\n{lines}"


def _say(matter: Matter, note: str, advice: str, last: str) -> Thread:
    better = (
        f"You considered an answer; this would make it better: {quote(advice)}" if advice else ""
    )
    return matter.thread.say(
        "\n\n".join(part for part in (matter.text, note, better, last) if part)
    )
