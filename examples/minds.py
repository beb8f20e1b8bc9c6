"""Thinking is asked for: a mind that guesses before it moves, answered by a script, among rules.

python examples/minds.py
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mores import Ask, Mind, Population, play
from mores.agent import Asking, Seat, View
from mores.engine.asking import Request
from mores.models.scripted import Scripted
from mores.policies.spec import policy
from mores.worlds.games.named import PrisonersDilemma


@dataclass(frozen=True)
class Guesser(Mind):
    """Predicts the other, then chooses. Plain Python: no connection, no key, nothing awaited."""

    name: ClassVar[str] = "guesser"

    def act(self, seat: Seat, view: View) -> Asking:
        """Two questions, one action."""
        thread = seat.read().say(f"{view.text} First: what will the other choose?")
        guess = yield Ask(thread, view.space)
        choice = yield Ask(thread.said(guess.text).say("And what do you choose?"), view.space)
        return choice.value


def suspicious(request: Request) -> str:
    """Stands in for a model: expects the worst once it has been let down."""
    told = " ".join(m["content"] for m in request.thread.messages())
    return request.space.options[1] if "chose F" in told else request.space.options[0]  # type: ignore[attr-defined]


def main() -> None:
    """Ten rounds against suspicious tit for tat."""
    game = PrisonersDilemma(rounds=10, labels=("J", "F"))
    people = Population.by_seat(Guesser(), policy("suspicious-tit-for-tat"))
    episode = play(game, people, models={"players": Scripted(suspicious, "suspicious")}).run()
    print("\n".join(episode.log))
    print("points:", episode.scores.tolist())


if __name__ == "__main__":
    main()
