"""The loop: moves cohorts, lets rules act at once and minds when they are answered.

A table in which someone asks is a cohort of its own and waits for nobody else; tables of rules move together.
Batching changes speed, never content.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from mores.actions import Columns
from mores.agent import Mind, Rule, Seat, View
from mores.engine.acting import fitted
from mores.engine.asking import Asker, Ended, Pending
from mores.engine.cohort import Cohort, lockstep, split_over
from mores.engine.levels import Aggregate
from mores.engine.probing import Prober
from mores.engine.seating import rows_of
from mores.engine.sink import Sink
from mores.errors import MoresError
from mores.institution import changed
from mores.thread import Thread
from mores.world import OVER, PAIR, PUBLIC, Events, Outcome

_FIXED = (str, int, float, bool)
_MAJORITY = 0.9  # above this share a rule acts for all rows and the others are put over it


@dataclass
class FaultRow:
    """A missing action or a failure, as it will stand in the record."""

    case: int
    table: int
    step: int
    seat: int
    role: str
    reason: str
    text: str = ""


@dataclass
class Loop:
    """Runs cohorts to their ends."""

    asker: Asker | None
    sink: Sink | None
    prober: Prober
    aggregate: Aggregate | None = None
    faults: list[FaultRow] = field(default_factory=list)
    failed: list[tuple[Cohort, Exception]] = field(default_factory=list)
    progress: Callable[[int, int], None] | None = None
    """Called with (tables that ended, steps made)."""
    fault_limit: int = 100_000

    def run(self, cohorts: Sequence[Cohort]) -> list[Cohort]:
        """Drive all of them until they are over; the ended ones, in no particular order."""
        ready = deque(cohorts)
        ended: list[Cohort] = []
        waiting: dict[int, Cohort] = {}
        while ready or waiting:
            while ready:
                cohort = ready.popleft()
                if cohort.thinking:
                    self._move_one(cohort, ready, waiting, ended)
                    continue
                over, alive = split_over(cohort)
                if over is not None:
                    self._close(over, ended)
                if alive is not None:
                    self._move(alive, ready)
            if waiting:
                self._answered(ready, waiting)
        return ended

    def _close(self, cohort: Cohort, ended: list[Cohort]) -> None:
        self.prober.ask(cohort, self.asker, end=True)
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
        if cohort.world.phase(cohort.state)[0] == OVER:
            self._close(cohort, ended)
            return
        case = cohort.seating.case
        if case.interventions or case.probes:
            self._intervene(cohort)
            self.prober.ask(cohort, self.asker)
        try:
            acted = self.begin(cohort)
        except MoresError:
            raise
        except Exception as error:
            self.failed.append((cohort, error))
            return
        if acted:
            self._finish_alone(cohort, ready)
        else:
            waiting[id(cohort)] = cohort

    def _answered(self, ready: deque[Cohort], waiting: dict[int, Cohort]) -> None:
        assert self.asker is not None
        self.asker.round(block=True)
        for fault in self.asker.faults:
            p = fault.pending
            if isinstance(p.owner, Cohort):
                self._fault(p.owner, p.place, fault.reason, fault.text)
        self.asker.faults.clear()
        for done in self.asker.take():
            cohort = done.pending.owner
            if isinstance(cohort, Cohort):
                self._take_value(cohort, done)
                cohort.waiting -= 1
                if cohort.waiting == 0:
                    waiting.pop(id(cohort), None)
                    self._finish_alone(cohort, ready)

    def _finish_alone(self, cohort: Cohort, ready: deque[Cohort]) -> None:
        """One failed episode never takes the others down."""
        try:
            self.finish(cohort)
        except MoresError:
            raise
        except Exception as error:
            self.failed.append((cohort, error))
        else:
            ready.append(cohort)

    # ---------------------------------------------------------------- one step
    def begin(self, cohort: Cohort) -> bool:
        """Start a turn: rules act, minds start to think. Whether all have acted."""
        turn = cohort.turn = cohort.world.turn(cohort.state)
        turn.texts = cohort.texts
        if cohort.single:
            cohort.actions = self._act(cohort, 0, turn)
            return True
        actions = cohort.actions = turn.spaces.empty(len(turn))
        cohort.legal = 0
        if not cohort.seating.groups:
            self._think(cohort, range(len(turn)))
            return cohort.waiting == 0
        who = rows_of(turn, cohort.who)
        group = cohort.seating.group[who]
        for g in range(len(cohort.seating.groups)):
            rows = np.flatnonzero(group == g)
            if len(rows) == 0:
                # its clock goes on: what it draws later must not depend on who else is in the batch
                cohort.chance.at(f"{cohort.seating.groups[g].rule.name}:{turn.role}").tick()
                continue
            if len(rows) > _MAJORITY * len(group):
                everyone = self._act(cohort, g, turn)
                actions[rows] = everyone[rows]
            else:
                actions[rows] = self._act(cohort, g, turn.pick(rows))
        if cohort.seating.minds:
            self._think(cohort, np.flatnonzero(group < 0).tolist())
        return cohort.waiting == 0

    def _act(self, cohort: Cohort, g: int, turn: Any) -> Any:
        rule: Rule = cohort.seating.groups[g].rule
        chance = cohort.chance.at(f"{rule.name}:{turn.role}")
        actions = fitted(rule.name, turn, rule.act(turn, cohort.memory[g], chance))
        chance.tick()
        return actions

    def _think(self, cohort: Cohort, rows: Sequence[int]) -> None:
        assert self.asker is not None and cohort.turn is not None
        turn = cohort.turn
        for j in rows:
            _, i = turn.row(j)
            seat = seat_of(cohort, i)
            view = View(turn, j, cohort.world.describe(cohort.state, turn, j))
            cohort.waiting += 1
            pending = Pending(
                cohort,
                j,
                _draw_name(cohort, i),
                seat.policy.act(seat, view),
                counter=cohort.asked,
                seat=i,
            )
            self.asker.start(pending)
        self._take_done(cohort)

    def _take_done(self, cohort: Cohort) -> None:
        """Collect at once what needed no reply."""
        assert self.asker is not None
        others = []
        for done in self.asker.take():
            if done.pending.owner is cohort:
                self._take_value(cohort, done)
                cohort.waiting -= 1
            else:
                others.append(done)
        self.asker.ended = others

    def _take_value(self, cohort: Cohort, done: Ended) -> None:
        turn, pending, value = cohort.turn, done.pending, done.value
        assert turn is not None
        j, error = pending.place, done.error
        if error is not None:
            self._fault(cohort, j, f"policy error: {type(error).__name__}: {error}")
            return
        if value is None:
            return  # missing; why is a fault of its own where it was read
        space, ask = turn.space(j), pending.ask
        if value is pending.value and ask is not None and ask.space == space and _plain(value):
            cohort.legal += 1  # the space itself has read it, and nobody could change it since
        elif (why := space.check(value)) is not None:
            self._fault(cohort, j, why)
            return
        heap = cohort.texts
        turn.spaces.write(cohort.actions, j, value, lambda text: heap.add(0, text))

    def finish(self, cohort: Cohort) -> None:
        """End a turn: check the actions, let the world step, write down and tell what happened."""
        turn, actions = cohort.turn, cohort.actions
        assert turn is not None
        if not cohort.thinking or cohort.legal < len(turn):
            ok = turn.spaces.valid(actions, turn.mask)
            if not ok.all():
                actions = self._strike(cohort, actions, ok)
        clock = cohort.now()
        outcome = cohort.world.advance(cohort.state, turn, actions, cohort.chance)
        _check(cohort, outcome)
        cohort.state = outcome.state
        if self.sink is not None:
            self.sink.add(cohort, outcome.events, turn.role, clock)
        if self.aggregate is not None:
            self.aggregate.add(cohort, outcome.events, clock)
        self._tell(cohort, turn, outcome)
        cohort.step += 1
        cohort.turn = cohort.actions = None
        if self.progress is not None:
            self.progress(0, len(cohort))

    def _strike(self, cohort: Cohort, actions: Any, ok: Any) -> Any:
        """Illegal actions become missing, and are counted."""
        turn = cohort.turn
        assert turn is not None
        bad = np.flatnonzero(~ok)
        rows = turn.all_rows[bad]
        np.add.at(cohort.missing, rows // turn.seats, 1)
        if not cohort.thinking:
            for j in bad[: max(0, 64 - len(self.faults))].tolist():
                said = turn.spaces.read(actions, j, str)
                self._fault(cohort, j, "no action" if said is None else f"{said!r} is not legal")
        if isinstance(actions, Columns):
            actions[bad] = turn.spaces.empty(len(bad))
        else:
            actions = np.array(actions)
            actions[bad] = turn.spaces.empty(len(bad))
        return actions

    def _tell(self, cohort: Cohort, turn: Any, outcome: Outcome) -> None:
        for memory, group in zip(cohort.memory, cohort.seating.groups, strict=True):
            if type(group.rule).notice is not Rule.notice:
                group.rule.notice(outcome.events, memory, cohort.world.seats)
            if outcome.born is not None:
                chance = cohort.chance.at(f"{group.rule.name}/born")
                group.rule.born(memory, outcome.born, chance)
                chance.tick()
        if cohort.seating.minds:
            self._narrate(cohort, turn, outcome.events)

    def _narrate(self, cohort: Cohort, turn: Any, events: Sequence[Events]) -> None:
        n = cohort.world.seats
        for event in events:
            if event.audience is None:
                continue
            for j in _heard(cohort, event, n):
                line = cohort.world.narrate(cohort.state, turn, event, j)
                if line is not None:
                    cohort.log.add(line, _ears(cohort, event, j, n))
        if cohort.seating.heedful:
            for seat in cohort.seats.values():
                seat.policy.notice(seat, events)

    # ---------------------------------------------------------------- small things
    def _intervene(self, cohort: Cohort) -> None:
        for k, intervention in enumerate(cohort.seating.case.interventions):
            core = cohort.world.core
            owner = intervention.owner or core.owner
            clock = cohort.chance.at(owner).clock()
            if len(clock) == 0 or clock[0] != intervention.at or (-1, k) in cohort.probed:
                continue
            cohort.probed.add((-1, k))
            for name, value in intervention.settings.items():
                cohort.world = changed(cohort.world, intervention.owner and owner, name, value)
            for name, function in intervention.ports.items():
                column = cohort.world.port(cohort.state, name)
                column[...] = function(column)

    def _fault(self, cohort: Cohort, j: int, reason: str, text: str = "") -> None:
        assert cohort.turn is not None
        t, i = cohort.turn.row(j)
        if len(self.faults) < self.fault_limit:
            row = FaultRow(
                cohort.case,
                int(cohort.tables[t]),
                int(cohort.step[t]),
                i,
                cohort.turn.role,
                reason,
                text,
            )
            self.faults.append(row)


def _check(cohort: Cohort, outcome: Any) -> None:
    """What a step gave back is an outcome, and its events have a value for every actor."""
    name = cohort.world.name
    if not isinstance(outcome, Outcome):
        raise TypeError(f"the step of {name!r} gave a {type(outcome).__name__}, not an Outcome")
    for event in outcome.events:
        actors = len(cohort) * cohort.world.seats if event.actor is None else len(event.actor)
        for column in (event.target, event.value, event.text):
            if column is not None and len(column) != actors:
                raise ValueError(
                    f"{name!r} wrote {actors} actors and {len(column)} values for {event.kind!r}"
                )


def _plain(value: Any) -> bool:
    """Whether a value is of parts that cannot change."""
    if type(value) is tuple:
        return all(part is None or type(part) in _FIXED for part in value)
    return type(value) in _FIXED


def seat_of(cohort: Cohort, i: int) -> Seat:
    """The seat that thinks at place i of the only table, made when first needed."""
    seat = cohort.seats.get(i)
    if seat is None:
        policy = cohort.seating.policies[int(cohort.who[0, i])]
        assert isinstance(policy, Mind)
        persona = cohort.seating.case.population.persona(i)
        seat = Seat(int(cohort.tables[0]), i, policy, persona, cohort.log)
        opening = policy.opening(seat, cohort.world.brief(cohort.state, 0, i))
        seat.thread = Thread(None, "system", opening)
        cohort.seats[i] = seat
    return seat


def _draw_name(cohort: Cohort, i: int) -> str:
    branch = f"b{cohort.chance.branch}/" if cohort.chance.branch else ""
    return f"{branch}{cohort.chance.seed}/{int(cohort.tables[0])}/{i}"


def _heard(cohort: Cohort, event: Events, n: int) -> Sequence[int]:
    """The events of a batch that somebody who thinks can hear: a pair's only if one of them does."""
    if event.audience != PAIR:
        return range(n if event.actor is None else len(event.actor))
    thinking = cohort.seating.group[cohort.who[0]] < 0
    actor = np.arange(n) if event.actor is None else event.actor
    heard = thinking[actor % n]
    if event.target is not None:
        heard = heard | thinking[event.target % n]
    found: list[int] = np.flatnonzero(heard).tolist()
    return found


def _ears(cohort: Cohort, event: Events, j: int, n: int) -> frozenset[int] | None:
    if event.audience == PUBLIC:
        return None
    if event.audience == PAIR:
        actor = j if event.actor is None else int(event.actor[j])
        target = actor if event.target is None else int(event.target[j])
        return frozenset((actor % n, target % n))
    assert event.audience is not None
    members = cohort.world.members(cohort.state, event.audience)[0]
    return frozenset(np.flatnonzero(members).tolist())
