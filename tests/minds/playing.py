"""What the tests of minds share: a scripted model, a watcher of prompts, a short game and a small talk."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from mores.actions import Amount, Choice, Form, OneOf, Utterance
from mores.agent import Persona, Policy, Seat
from mores.engine.asking import Request
from mores.engine.episode import Episode, play
from mores.models.scripted import Scripted, say, words_for
from mores.population import Population
from mores.world import World
from mores.worlds.games.named import PrisonersDilemma

Said = Callable[[Request], str | None]


class Watched(Scripted):
    """A scripted model that keeps what it was sent, in order."""

    def __init__(self, said: Said = lambda request: None) -> None:
        self.requests: list[Request] = []
        self.said = said
        super().__init__(self._answer, "watched")

    def _answer(self, request: Request) -> str:
        self.requests.append(request)
        given = self.said(request)
        return default(request) if given is None else given

    @property
    def prompts(self) -> list[str]:
        """The last message of every request."""
        return [r.thread.messages()[-1]["content"] for r in self.requests]


def default(request: Request) -> str:
    """Random legal answers; for text a sentence that tells which thought it is."""
    space = request.space
    if isinstance(space, Utterance):
        return f"Thought {request.key.hex()[:4]}."
    return say(space, words_for(request), "A sentence.")


def dilemma(
    policy: Policy,
    said: Said = lambda request: None,
    *,
    rounds: int = 3,
    other: str = "tit-for-tat",
    world: World | None = None,
    personas: tuple[Persona, ...] = (),
) -> tuple[Episode, Watched]:
    """A prisoner's dilemma of a mind against a rule, played to its end."""
    from mores.policies.spec import policy as rule

    model = Watched(said)
    people = Population.by_seat(policy, rule(other))
    people = Population(people.policies, people.layout, personas=personas)
    episode = play(world or PrisonersDilemma(rounds=rounds), people, seed=5, models={"*": model})
    return episode.run(), model


def chatty(request: Request) -> str | None:
    """Always says something, where one may speak or leave."""
    if not isinstance(request.space, OneOf):
        return None
    return json.dumps({"do": "say", "with": f"I think of {request.key.hex()[:6]}."})


def mind(episode: Episode, seat: int = 0) -> dict[str, Any]:
    """The plain data of a seat."""
    found: Seat = episode.cohort.seats[seat]
    return found.mind


def wants(request: Request, kind: type) -> bool:
    """Whether an answer of that kind of space is asked for."""
    return isinstance(request.space, kind)


__all__ = [
    "Amount",
    "Choice",
    "Form",
    "Utterance",
    "Watched",
    "chatty",
    "default",
    "dilemma",
    "mind",
    "wants",
]
