"""Social chain of thought: predict what the other will do, then act given the prediction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from mores.actions import Space
from mores.agent import Ask, Asking, Seat, View
from mores.minds.thinker import THOUGHT, Matter, Thinker, told
from mores.quoting import quote
from mores.world import Events

_NO_MOVES = (
    "score",
    "born",
    "intend",
    "announce",
    "limit",
)  # consequences, and what is not yet done


@dataclass(frozen=True)
class Accuracy:
    """How good predictions were: `hits` of `n` that could be compared; `open`: those that could not."""

    hits: int
    n: int
    open: int

    @property
    def share(self) -> float:
        """Hits by comparisons; NaN without any."""
        return self.hits / self.n if self.n else float("nan")


@dataclass(frozen=True)
class SocialChainOfThought(Thinker):
    """Asks two questions a turn: what will the other do now, and what is best given that.

    Where the other moves at the same time, the prediction is one of the other's options and is compared with what came:
    `seat.mind["predictions"]` is a list of [round, predicted, came] (None: no prediction, or not seen), and
    :func:`accuracy` counts. Where nobody moves at the same time, or many do, the prediction is free text. Without a
    prediction it asks as the plain mind does.

    Akata et al. 2025, "Playing repeated games with large language models" (arXiv 2305.16867): with it, GPT-4 alternates
    in the battle of the sexes from round 5 on.
    """

    name: ClassVar[str] = "social-chain-of-thought"
    source: ClassVar[str] = "Akata et al. 2025, Nature Human Behaviour (arXiv 2305.16867)"
    keep: int = 1000
    """How many predictions are kept; older ones are dropped and counted in `predictions_dropped`."""

    def think(self, seat: Seat, matter: Matter) -> Asking:
        other, space = _other(matter.view)
        who = "the other" if other is not None else "the others"
        asked = f"{matter.text}\n\nBefore you answer: what do you predict {who} will do now?"
        form = f" Answer with {space.words()}." if space is not THOUGHT else ""
        reply = yield Ask(matter.thread.say(asked + form), space, self.role)
        if matter.view is not None and other is not None:
            self._note(seat, matter.view, other, None if space is THOUGHT else reply.value)
        if reply.value is None:
            value = yield from super().think(seat, matter)
            return value
        said = told(reply.value, space) if space is not THOUGHT else quote(reply.value)
        given = f"You predict that {who} will do this now: {said}. Given that, what is best for you to do?"
        last = yield Ask(
            matter.thread.say(f"{matter.text}\n\n{given} {matter.form}"), matter.space, self.role
        )
        return last.value

    def _note(self, seat: Seat, view: View, other: int, predicted: Any) -> None:
        clock = view.turn.clock
        table, _ = view.turn.row(view.j)
        at = None if clock is None else int(clock[table])
        made: list[list[Any]] = seat.mind.setdefault("predictions", [])
        made.append([at, predicted, None])
        seat.mind["predicting"] = other
        if len(made) > self.keep:
            extra = len(made) - self.keep
            del made[:extra]
            seat.mind["predictions_dropped"] = seat.mind.get("predictions_dropped", 0) + extra

    def notice(self, seat: Seat, events: Sequence[Events]) -> None:
        """Compare the prediction with what the other did."""
        super().notice(seat, events)
        other = seat.mind.pop("predicting", None)
        if other is None:
            return
        for event in events:
            if event.kind in _NO_MOVES or event.value is None:
                continue
            actors = np.arange(len(event.value)) if event.actor is None else event.actor
            at = np.flatnonzero(actors == other)
            if len(at):
                came = event.value[at[0]].item()
                seat.mind["predictions"][-1][2] = None if came != came or came == -1 else came
                return


def _other(view: View | None) -> tuple[int | None, Space]:
    """Which seat is to be predicted (None: not one), and what it may do (free text if not at the same time)."""
    if view is None:
        return None, THOUGHT
    turn = view.turn
    table, seat = turn.row(view.j)
    partner = turn.observation.get("partner")
    if partner is not None:
        other = int(partner[view.j]) % turn.seats
    elif turn.seats == 2:
        other = 1 - seat
    else:
        return None, THOUGHT
    row = np.flatnonzero(turn.all_rows == table * turn.seats + other)
    return other, turn.space(int(row[0])) if len(row) else THOUGHT


def accuracy(mind: Mapping[str, Any]) -> Accuracy:
    """How many of the predictions in a seat's plain data came true; amounts are equal within a thousandth."""
    made: Sequence[Sequence[Any]] = mind.get("predictions", ())
    known = [(p, c) for _, p, c in made if isinstance(p, int | float) and c is not None]
    hits = sum(abs(float(p) - float(c)) <= 1e-3 for p, c in known)
    return Accuracy(hits, len(known), len(made) - len(known))
