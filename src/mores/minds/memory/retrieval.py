"""Retrieval: of what is long past, the lines that matter most now, by recency, importance and relevance."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from mores.actions import Amount, Form
from mores.agent import Ask, Asking, Seat
from mores.errors import BadValue
from mores.minds.memory.embedding import LOCAL, Embedder
from mores.minds.memory.lines import heard, root, state
from mores.minds.memory.recollection import Recollection

Weights = tuple[float, float, float]
_MOST = 10.0
_BATCH = 8  # lines rated in one question
_BACK = 50  # lines that a line's words are compared with
_ASK = (
    "On a scale from 1 to 10, where 1 is of no consequence (a routine move) and 10 is of the greatest (it changes what "
    "you think of someone or what you will do), how important is each of these lines for you?"
)


@dataclass(frozen=True)
class Retrieval(Recollection):
    """The last `recent` lines, and of those before them the `top` with the highest score, in their order.

    Score = the weighted sum of recency, importance and relevance, each scaled to 0..1 over the lines that compete
    (`combine="product"`: their product with the weights as exponents, each scaled to .05..1). Recency is `decay` to the
    power of own turns since the line was last shown (or fell). Importance, 1 to 10, is asked of whoever thinks,
    once a line (`importance="asked"`), or set by a heuristic: how rare a line's words are among those heard
    before it. Relevance is the cosine between the line and the cue, by `embedder`.

    Kept in `seat.mind["memory"]`: `importance` and `touched`, one number a line.

    Park et al. 2023, "Generative agents" (arXiv 2304.03442): the sum with equal weights, decay .995 (there an hour of
    the simulated world), importance asked from 1 to 10.
    """

    top: int = 10
    recent: int = 4
    weights: Weights = (1.0, 1.0, 1.0)
    """Of recency, importance and relevance."""
    importance: Literal["heuristic", "asked"] = "heuristic"
    combine: Literal["sum", "product"] = "sum"
    decay: float = 0.995
    embedder: Embedder = LOCAL

    def __post_init__(self) -> None:
        if self.top < 1 or self.recent < 0:
            raise BadValue("top, recent", (self.top, self.recent), "at least 1, at least 0")
        if self.importance not in ("heuristic", "asked"):
            raise BadValue("importance", self.importance, "heuristic or asked")
        if self.combine not in ("sum", "product"):
            raise BadValue("combine", self.combine, "sum or product")
        if not 0 < self.decay <= 1 or min(self.weights) < 0:
            raise BadValue(
                "decay, weights", (self.decay, self.weights), "0 < decay <= 1, weights from 0"
            )

    def __str__(self) -> str:
        asked = "/asked" if self.importance == "asked" else ""
        return f"retrieval/{self.top}/{self.recent}{asked}"

    def thread(self, seat: Seat, cue: str, role: str) -> Asking:
        kept, lines = state(seat), heard(seat)
        turn = kept["turn"] = int(kept.get("turn", 0)) + 1
        rated: list[float] = kept.setdefault("importance", [])
        touched: list[int] = kept.setdefault("touched", [])
        touched += [turn] * (len(lines) - len(touched))
        if self.importance == "asked":
            yield from self._ask_importance(seat, lines, rated, role)
        else:
            rated += rarities(lines, len(rated)) if len(rated) < len(lines) else []
        cut = max(0, len(lines) - self.recent)
        best = self._best(lines[:cut], cue, kept, turn)
        for k in best:
            touched[k] = turn
        found = [lines[k] for k in best] + lines[cut:]
        return self.shown(seat, found, len(lines) - len(found), "; these matter most now")

    def _ask_importance(
        self, seat: Seat, lines: list[str], rated: list[float], role: str
    ) -> Asking:
        while len(rated) < len(lines):
            fresh = lines[len(rated) : len(rated) + _BATCH]
            space = Form(**{f"line_{k + 1}": Amount(1, _MOST, step=1) for k in range(len(fresh))})
            listed = "\n".join(f"{k + 1}. {line}" for k, line in enumerate(fresh))
            said = f"{_ASK}\n\n{listed}\n\nAnswer with {space.words()}."
            reply = yield Ask(root(seat).say(said), space, role)
            if reply.value is None:  # an unrated line is neither forgotten nor preferred
                state(seat)["not_rated"] = state(seat).get("not_rated", 0) + len(fresh)
                rated += [(1 + _MOST) / 2] * len(fresh)
            else:
                rated += [float(reply.value[f"line_{k + 1}"]) for k in range(len(fresh))]

    def _best(self, lines: list[str], cue: str, kept: dict[str, Any], turn: int) -> list[int]:
        """The numbers of the `top` lines, in the order in which they fell."""
        if len(lines) <= self.top:
            return list(range(len(lines)))
        age = turn - np.array(kept["touched"][: len(lines)], np.float64)
        parts = np.stack(
            [
                self.decay**age,
                np.array(kept["importance"][: len(lines)], np.float64),
                self.relevance(lines, cue),
            ]
        )
        score = self.score(parts)
        order = np.argsort(-score, kind="stable")[: self.top]
        return sorted(order.tolist())

    def relevance(self, lines: list[str], cue: str) -> NDArray[np.float64]:
        """The cosine between each line and the cue [lines]."""
        vectors = self.embedder.embed([*lines, cue])
        found: NDArray[np.float64] = (vectors[:-1] @ vectors[-1]).astype(np.float64)
        return found

    def score(self, parts: NDArray[np.float64]) -> NDArray[np.float64]:
        """One number a line [lines] from recency, importance and relevance [3, lines]."""
        low, high = parts.min(1, keepdims=True), parts.max(1, keepdims=True)
        spread = np.where(high > low, high - low, 1.0)
        scaled = np.where(high > low, (parts - low) / spread, 0.5)
        weights = np.array(self.weights)[:, None]
        if self.combine == "sum":
            total: NDArray[np.float64] = (weights * scaled).sum(0)
            return total
        product: NDArray[np.float64] = ((0.05 + 0.95 * scaled) ** weights).prod(0)
        return product


def rarities(lines: list[str], start: int = 0) -> list[float]:
    """From 1 to 10, how rare the words of each line from `start` on are among those of the lines before it.

    The mean over a line's words of 1 / (1 + how often it occurred in the 50 lines before), stretched to 1..10. A
    stand-in for judgement that needs no model: what repeats itself matters less.
    """
    before: Counter[str] = Counter()
    for line in lines[max(0, start - _BACK) : start]:
        before.update(line.casefold().split())
    found = []
    for k in range(start, len(lines)):
        words = lines[k].casefold().split()
        rare = [1 / (1 + before[w]) for w in words]
        mean = sum(rare) / len(rare) if rare else 0.0
        found.append(round(1 + (_MOST - 1) * mean, 3))
        before.update(words)
        if k >= _BACK:
            before.subtract(lines[k - _BACK].casefold().split())
    return found
