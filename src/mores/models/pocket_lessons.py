"""Lessons for the pocket model: what a seat that thinks would read, and what a rule does there.

A :class:`Lesson` seats a rule at a table of a world, in the place of a mind: it hears and sees the words that a
model in its seat would be sent, down to the last one, and acts by its rule. Each of its turns is an example: a
conversation and the answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from mores.agent import Asking, Memory, Mind, Policy, Rule, Seat, View
from mores.chance import Chance
from mores.errors import BadValue
from mores.population import Population
from mores.world import Events, World

Example = tuple[list[dict[str, str]], str]
"""A conversation as chat messages, and the answer that follows it."""


@dataclass(frozen=True)
class Lesson:
    """A world in which the rule `player` is to be imitated, whoever the `others` are.

    The player sits in every seat in turn, the others in the rest, one table after the other.
    """

    world: World
    player: Rule
    others: tuple[Policy, ...]

    def __post_init__(self) -> None:
        if self.world.seats > 1 and not self.others:
            raise BadValue(
                "others", self.others, f"somebody for {self.world.seats - 1} other seats"
            )

    def examples(self, tables: int, seed: int = 0) -> list[Example]:
        """All turns of the player at the first tables."""
        return [e for table in range(tables) for e in self.play(table, seed)]

    def play(self, table: int, seed: int = 0) -> list[Example]:
        """The turns of the player at one table."""
        from mores.engine.episode import play

        kept: list[Example] = []
        mine = table % self.world.seats
        others = _from(self.others, table // self.world.seats)
        seats: list[Policy] = [
            Imitated(
                rule=type(self.player).unite([self.player]),
                kept=kept,
                seed=seed,
                seats=self.world.seats,
            )
            if seat == mine
            else next(others)
            for seat in range(self.world.seats)
        ]
        play(self.world, Population.by_seat(*seats), seed=seed, table=table).run()
        return kept


def _from(policies: Sequence[Policy], start: int) -> Iterator[Policy]:
    k = start
    while True:
        yield policies[k % len(policies)]
        k += 1


@dataclass(frozen=True, eq=False, kw_only=True)
class Imitated(Mind):
    """A rule in the seat of a mind: reads as a mind does, asks nobody, and keeps what it read and did."""

    rule: Rule
    kept: list[Example] = field(repr=False)
    seed: int
    seats: int
    remembered: dict[tuple[int, int], tuple[Memory, Chance]] = field(
        default_factory=dict, repr=False
    )
    """What the rule remembers, by table and seat."""

    name = "imitated"

    def act(self, seat: Seat, view: View) -> Asking:
        memory, chance = self._mine(seat)
        turn = view.turn.pick(np.array([view.j]))
        here = chance.at(f"{self.rule.name}:{turn.role}")
        actions = self.rule.act(turn, memory, here)
        here.tick()
        value = turn.spaces.read(actions, 0)
        if value is not None:
            said = _said(view, value)
            self.kept.append((seat.read().say(view.prompt()).messages(), said))
        yield from ()  # a generator that asks nothing
        return value

    def notice(self, seat: Seat, events: Sequence[Events]) -> None:
        self.rule.notice(events, self._mine(seat)[0], self.seats)

    def _mine(self, seat: Seat) -> tuple[Memory, Chance]:
        at = (seat.episode, seat.seat)
        if at not in self.remembered:
            chance = Chance(self.seed, np.array([seat.episode]))
            shape = (1, self.seats)
            memory = {n: np.zeros((*shape, *s), d) for n, (d, s) in self.rule.fields.items()}
            self.rule.start(memory, chance.at(f"{self.rule.name}/start"))
            self.remembered[at] = memory, chance
        return self.remembered[at]


def _said(view: View, value: Any) -> str:
    """A plain value as a model would answer it."""
    options = getattr(view.space, "options", None)
    return str(options[value]) if options is not None and isinstance(value, int) else f"{value:g}"
