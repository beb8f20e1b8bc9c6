"""The loop: moves cohorts, lets rules act at once and minds when they are answered.

A table in which someone asks is a cohort of its own and waits for nobody else; tables of rules move together.
Batching changes speed, never content.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from mores.engine.births import Nursery
from mores.engine.cohort import Cohort, lockstep, split_over
from mores.engine.probing import Asked
from mores.engine.turns import FaultRow, Turns, settle
from mores.errors import MoresError
from mores.world import OVER

__all__ = ["FaultRow", "Loop"]


@dataclass
class Loop(Turns):
    """Runs cohorts to their ends."""

    def run(self, cohorts: Sequence[Cohort]) -> list[Cohort]:
        """Drive all of them until they are over; the ended ones, in no particular order."""
        ready = deque(cohorts)
        ended: list[Cohort] = []
        waiting: dict[int, Cohort] = {}
        while ready or waiting:
            for _ in range(len(ready)):
                cohort = ready.popleft()
                if cohort.thinking:
                    self._move_one(cohort, ready, waiting, ended)
                    continue
                over, alive = split_over(cohort)
                if over is not None:
                    self._close(over, ended)
                if alive is not None:
                    self._move(alive, ready)
            if waiting:  # rules that go on must not keep others from being asked
                self._answered(ready, waiting, block=not ready)
        return ended

    def step(self, cohort: Cohort) -> Cohort:
        """One step of one table that is not over, with what is due before it and, if it ends, after it."""
        ready: deque[Cohort] = deque([cohort])
        ended: list[Cohort] = []
        waiting: dict[int, Cohort] = {}
        before = int(cohort.step[0])
        while (ready or waiting) and cohort.step[0] == before:
            if ready and cohort.thinking:
                self._move_one(ready.popleft(), ready, waiting, ended)
            elif ready:
                self._move(ready.popleft(), ready)
            if waiting:
                self._answered(ready, waiting)
            if self.failed:
                raise self.failed.pop()[1]
        while waiting:  # those who were born think before the next step
            self._answered(ready, waiting)
        if cohort.world.phase(cohort.state)[0] == OVER:
            self.prober.ask(cohort, self.asker, end=True)
        return cohort

    def _close(self, cohort: Cohort, ended: list[Cohort]) -> None:
        self.prober.ask(cohort, self.asker, end=True)
        self._over(cohort, ended)

    def _over(self, cohort: Cohort, ended: list[Cohort]) -> None:
        ended.append(cohort)
        if self.progress is not None:
            self.progress(len(cohort), 0)

    def _move(self, cohort: Cohort, ready: deque[Cohort]) -> None:
        """One step of a cohort of rules."""
        case = cohort.seating.case
        apart = bool(case.interventions or case.probes)
        for index, part in lockstep(cohort):
            if apart:
                self._intervene(part)
                self.prober.ask(part, self.asker)
            self.begin(part)
            self.finish(part)
            if index is not None and apart:
                ready.append(part)
            elif index is not None:
                cohort.put(index, part)
        if index is None or not apart:
            ready.append(cohort)

    def _move_one(self, cohort: Cohort, ready: deque[Cohort], waiting: dict[int, Cohort],
                  ended: list[Cohort]) -> None:  # fmt: skip
        """The start of a step of a table in which somebody asks; all of it when nobody has to wait."""
        try:
            over = bool(cohort.world.phase(cohort.state)[0] == OVER)
            acted = self._put_to(cohort, over) and (over or self.begin(cohort))
        except MoresError:
            raise
        except Exception as error:
            self.failed.append((cohort, error))
            return
        if not acted:
            waiting[id(cohort)] = cohort
        elif over:
            self._over(cohort, ended)
        else:
            self._finish_alone(cohort, ready, waiting)

    def _put_to(self, cohort: Cohort, over: bool) -> bool:
        """Before a step: settle those who think, intervene, probe. Whether nobody has to be waited for."""
        if not cohort.seats:
            settle(cohort)
        case = cohort.seating.case
        if case.interventions and not over:
            self._intervene(cohort)
        if not case.probes:
            return True
        assert self.asker is not None
        asked = self.prober.start(cohort, self.asker, end=over)
        self._take_done(asked)
        return asked.left == 0

    def _answered(
        self, ready: deque[Cohort], waiting: dict[int, Cohort], block: bool = True
    ) -> None:
        assert self.asker is not None
        self.asker.round(block)
        self._take_faults()
        for done in self.asker.take():
            owner: Cohort | Asked | Nursery | None = done.pending.owner
            if owner is None:
                continue
            cohort = owner if isinstance(owner, Cohort) else owner.cohort
            if waiting.get(id(cohort)) is not cohort:
                continue  # it has failed meanwhile
            if self._taken(done):
                continue
            del waiting[id(cohort)]
            if isinstance(owner, Cohort):
                self._finish_alone(cohort, ready, waiting)
            else:
                ready.append(cohort)

    def _finish_alone(
        self, cohort: Cohort, ready: deque[Cohort], waiting: dict[int, Cohort]
    ) -> None:
        """One failed episode never takes the others down."""
        try:
            waits = self.bear(self.finish(cohort))
        except MoresError:
            raise
        except Exception as error:
            self.failed.append((cohort, error))
            return
        if waits:
            waiting[id(cohort)] = cohort
        else:
            ready.append(cohort)
