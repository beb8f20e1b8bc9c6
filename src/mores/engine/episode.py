"""Episode: one table played by hand: step, look, fork, go on. What notebooks and counterfactuals need."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from mores.chance import Chance
from mores.engine.asking import Answerer, Asker
from mores.engine.cohort import Cohort
from mores.engine.loop import Loop
from mores.engine.probing import AnswerRow, Prober
from mores.engine.seating import Seating
from mores.engine.store import Store
from mores.population import Population
from mores.study import Case
from mores.world import OVER, State, World


class Episode:
    """One table of a world, from outside: :meth:`step` it, :meth:`run` it, :meth:`fork` it at any step."""

    def __init__(self, cohort: Cohort, loop: Loop) -> None:
        self.cohort, self.loop = cohort, loop
        self.events: list[dict[str, Any]] = []

    @property
    def world(self) -> World:
        """The world as it is now."""
        return self.cohort.world

    @property
    def state(self) -> State:
        """The state as arrays with one table."""
        return self.cohort.state

    @property
    def over(self) -> bool:
        """Whether it has ended."""
        return bool(self.world.phase(self.state)[0] == OVER)

    @property
    def scores(self) -> np.ndarray[Any, Any]:
        """What each seat has earned so far [seat]."""
        return np.array(self.world.port(self.state, "score")[0])

    @property
    def log(self) -> list[str]:
        """The lines said at the table (only where somebody thinks in words)."""
        return list(self.cohort.log.lines)

    @property
    def answers(self) -> list[AnswerRow]:
        """What was answered to the probes of its case so far."""
        return self.loop.prober.answers

    def step(self) -> list[dict[str, Any]]:
        """Play one turn; what happened, a row an event. What a policy raises is raised here."""
        if self.over:
            return []
        seen = _Seen(self.cohort.world.seats)
        self.loop.sink = seen  # type: ignore[assignment]
        self.cohort = self.loop.step(self.cohort)
        self.events += seen.rows
        return seen.rows

    def run(self, steps: int | None = None) -> Episode:
        """Play to the end, or some steps; itself."""
        while not self.over and (steps is None or steps > 0):
            self.step()
            steps = None if steps is None else steps - 1
        return self

    def fork(self, branch: int | None = None) -> Episode:
        """The same table at this moment, to go its own way.

        Without a branch number it meets the same chance (a twin); with one, chance is fresh from here on.
        """
        loop = Loop(
            self.loop.asker, None, Prober(list(self.answers)), faults=list(self.loop.faults)
        )
        other = Episode(self.cohort.fork(branch), loop)
        other.events = list(self.events)
        return other


class _Seen:
    """A sink that keeps events as plain rows."""

    def __init__(self, seats: int) -> None:
        self.seats = seats
        self.rows: list[dict[str, Any]] = []

    def add(self, cohort: Cohort, events: Any, role: str, clock: tuple[int, int, int]) -> None:
        for e in events:
            count = self.seats if e.actor is None else len(e.actor)
            for j in range(count):
                row = {"step": clock[0], "round": clock[2], "kind": e.kind, "role": role}
                row["seat"] = j if e.actor is None else int(e.actor[j])
                if e.target is not None:
                    row["target"] = int(e.target[j])
                if e.value is not None:
                    row["value"] = e.value[j].item()
                if e.text is not None and e.text[j] >= 0:
                    row["text"] = cohort.texts.get(0, int(e.text[j]))
                self.rows.append(row)


def play(
    world: World,
    population: Population,
    *,
    seed: int = 0,
    table: int = 0,
    models: Mapping[str, Answerer] | None = None,
    **parts: Any,
) -> Episode:
    """Sit a population down at one table of a world; `parts` are probes and interventions as in a Case."""
    population.check(world.seats)
    seating = Seating(Case(world=world, population=population, **parts))
    cohort = Cohort(0, seating, Chance(seed, np.array([table])))
    asker = Asker(Store(), models or {}) if seating.minds else None
    return Episode(cohort, Loop(asker, None, Prober()))
