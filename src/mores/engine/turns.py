"""Turns: one step of a cohort. Rules act at once, minds are started and their answers taken; then the world steps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np

from mores.actions import Columns
from mores.agent import Mind, Rule, Seat, View
from mores.engine.acting import fitted
from mores.engine.asking import Asker, Ended, Pending
from mores.engine.births import Nursery, bear_minds, bear_rules
from mores.engine.cohort import Cohort, owner_of
from mores.engine.hearing import Members, members_before, narrate
from mores.engine.levels import Aggregate
from mores.engine.probing import Asked, Prober
from mores.engine.seating import rows_of
from mores.engine.sink import Sink
from mores.institution import changed
from mores.thread import Thread
from mores.world import Outcome, Turn, World

_FIXED = (str, int, float, bool)
_EXPLAINED = 4
"""Missing actions of rules that are explained, a table; all are counted. A limit a table, so that what is on record
does not depend on the batch."""
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
class Turns:
    """Makes steps, and keeps what they left: faults, and the tables that failed."""

    asker: Asker | None
    sink: Sink | None
    prober: Prober
    aggregate: Aggregate | None = None
    faults: list[FaultRow] = field(default_factory=list)
    failed: list[tuple[Cohort, Exception]] = field(default_factory=list)
    progress: Callable[[int, int], None] | None = None
    """Called with (tables that ended, steps made)."""
    fault_limit: int = 100_000

    # ---------------------------------------------------------------- one step
    def begin(self, cohort: Cohort) -> bool:
        """Start a turn: rules act, minds start to think. Whether all have acted."""
        turn = cohort.turn = cohort.world.turn(cohort.state)
        turn.texts = cohort.texts
        if cohort.single:
            cohort.actions = self._act(cohort, 0, turn)
            self._acted(cohort, turn.role)
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
                continue
            if len(rows) > _MAJORITY * len(group):
                everyone = self._act(cohort, g, turn)
                actions[rows] = everyone[rows]
            else:
                actions[rows] = self._act(cohort, g, turn.pick(rows))
        self._acted(cohort, turn.role)
        if cohort.seating.minds:
            self._think(cohort, np.flatnonzero(group < 0).tolist())
        return cohort.waiting == 0

    def _act(self, cohort: Cohort, g: int, turn: Turn) -> Any:
        rule: Rule = cohort.seating.groups[g].rule
        chance = cohort.chance.at(f"{rule.name}:{turn.role}")
        return fitted(rule.name, turn, rule.act(turn, cohort.memory[g], chance))

    def _acted(self, cohort: Cohort, role: str) -> None:
        """The clocks of all rules go on by one, also of those that had nobody to act for.

        So what a rule draws later depends neither on who else is in the batch nor on how many kinds of it there are.
        """
        for name in cohort.seating.names:
            cohort.chance.at(f"{name}:{role}").tick()

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
                draw_name(cohort, i),
                seat.policy.act(seat, view),
                counter=cohort.asked,
                seat=i,
            )
            self.asker.start(pending)
        self._take_done(cohort)

    def _take_value(self, cohort: Cohort, done: Ended) -> None:
        turn, pending, value = cohort.turn, done.pending, done.value
        assert turn is not None
        j, error = pending.place, done.error
        if error is not None:
            self._fault(cohort, j, _raised(error))
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

    def finish(self, cohort: Cohort) -> Nursery | None:
        """End a turn: check the actions, let the world step, write down and tell what happened."""
        turn, actions = cohort.turn, cohort.actions
        assert turn is not None
        if not cohort.thinking or cohort.legal < len(turn):
            ok = turn.spaces.valid(actions, turn.mask)
            if not ok.all():
                actions = self._strike(cohort, actions, ok)
        clock = cohort.now()
        members = members_before(cohort) if cohort.thinking else None
        outcome = cohort.world.advance(cohort.state, turn, actions, cohort.chance)
        _check(cohort, outcome)
        cohort.state = outcome.state
        if self.sink is not None:
            self.sink.add(cohort, outcome.events, turn.role, clock)
        if self.aggregate is not None:
            self.aggregate.add(cohort, outcome.events, clock)
        nursery = self._tell(cohort, turn, outcome, members)
        cohort.step += 1
        cohort.turn = cohort.actions = None
        if self.progress is not None:
            self.progress(0, len(cohort))
        return nursery

    def _strike(self, cohort: Cohort, actions: Any, ok: Any) -> Any:
        """Illegal actions become missing, and are counted."""
        turn = cohort.turn
        assert turn is not None
        bad = np.flatnonzero(~ok)
        rows = turn.all_rows[bad]
        self._explain(cohort, actions, bad, rows)
        np.add.at(cohort.missing, rows // turn.seats, 1)
        if isinstance(actions, Columns):
            actions[bad] = turn.spaces.empty(len(bad))
        else:
            actions = np.array(actions)
            actions[bad] = turn.spaces.empty(len(bad))
        return actions

    def _explain(self, cohort: Cohort, actions: Any, bad: Any, rows: Any) -> None:
        """The first illegal actions of rules at each table, as rows of the record; minds have said their own."""
        turn = cohort.turn
        assert turn is not None
        tables = rows // turn.seats
        mine = cohort.missing[tables] < _EXPLAINED
        if cohort.thinking:
            mine &= cohort.seating.group[cohort.who.reshape(-1)[rows]] >= 0
        told = dict(enumerate(cohort.missing.tolist())) if mine.any() else {}
        for j, t in zip(bad[mine].tolist(), tables[mine].tolist(), strict=True):
            if told[t] < _EXPLAINED:
                told[t] += 1
                said = turn.spaces.read(actions, j, str)
                self._fault(cohort, j, "no action" if said is None else f"{said!r} is not legal")

    def _tell(
        self, cohort: Cohort, turn: Turn, outcome: Outcome, members: Members | None
    ) -> Nursery | None:
        """Tell everyone what happened; the minds that were born are to be started."""
        for memory, group in zip(cohort.memory, cohort.seating.groups, strict=True):
            if type(group.rule).notice is not Rule.notice:
                group.rule.notice(outcome.events, memory, cohort.world.seats)
        if outcome.born is not None:
            bear_rules(cohort, outcome.born)
        if members is None:
            return None
        narrate(cohort, turn, outcome.events, members)
        nursery = None if outcome.born is None else bear_minds(cohort, outcome.born)
        if cohort.seating.heedful:
            for seat in cohort.seats.values():
                seat.policy.notice(seat, outcome.events)
        return nursery

    def bear(self, nursery: Nursery | None) -> bool:
        """Start what newborn minds think; whether they have to be waited for."""
        if nursery is None or not nursery.children:
            return False
        assert self.asker is not None
        cohort = nursery.cohort
        for k, child in enumerate(nursery.children):
            i = child.seat.seat
            thinks = child.seat.policy.born(child.seat, child.parents)
            nursery.left += 1
            self.asker.start(
                Pending(nursery, k, draw_name(cohort, i), thinks, "born", cohort.asked, i)
            )
        self._take_done(nursery)
        return nursery.left > 0

    # ---------------------------------------------------------------- small things
    def _intervene(self, cohort: Cohort) -> None:
        for k, intervention in enumerate(cohort.seating.case.interventions):
            clock = cohort.chance.clocks.get(owner_of(intervention, cohort.world))
            made = 0 if clock is None else int(clock[0])
            if made != intervention.at or (-1, k) in cohort.probed:
                continue
            cohort.probed.add((-1, k))
            for name, value in intervention.settings.items():
                cohort.world = _set(cohort.world, intervention.owner, name, value)
            for name, function in intervention.ports.items():
                column = cohort.world.port(cohort.state, name)
                column[...] = function(column)

    def _birth_fault(self, nursery: Nursery, k: int, reason: str, text: str = "") -> None:
        cohort, i = nursery.cohort, nursery.children[k].seat.seat
        table, step = int(cohort.tables[0]), int(cohort.step[0])
        self.faults.append(FaultRow(cohort.case, table, step, i, "born", reason, text))

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

    # ---------------------------------------------------------------- what generators came to
    def _take_faults(self) -> None:
        assert self.asker is not None
        for fault in self.asker.faults:
            p = fault.pending
            if isinstance(p.owner, Cohort) and p.owner.turn is not None:
                self._fault(p.owner, p.place, fault.reason, fault.text)
            elif isinstance(p.owner, Asked):
                p.owner.fault(p.place, fault.text)
            elif isinstance(p.owner, Nursery):
                self._birth_fault(p.owner, p.place, fault.reason, fault.text)
        self.asker.faults.clear()

    def _taken(self, done: Ended) -> int:
        """Take what a generator came to; how many its owner still waits for."""
        owner = done.pending.owner
        if isinstance(owner, Cohort):
            self._take_value(owner, done)
            owner.waiting -= 1
            return owner.waiting
        if isinstance(owner, Asked):
            return self.prober.take(owner, done)
        assert isinstance(owner, Nursery)
        if done.error is not None:
            self._birth_fault(owner, done.pending.place, _raised(done.error))
        owner.left -= 1
        return owner.left

    def _take_done(self, owner: Cohort | Asked | Nursery) -> None:
        """Collect at once what needed no reply."""
        assert self.asker is not None
        others = []
        for done in self.asker.take():
            if done.pending.owner is owner:
                self._taken(done)
            else:
                others.append(done)
        self.asker.ended = others


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


def settle(cohort: Cohort) -> None:
    """Tell the standing rules to all who think at a table, before anything happens there."""
    for i in np.flatnonzero(cohort.seating.group[cohort.who[0]] < 0).tolist():
        seat_of(cohort, i)


def draw_name(cohort: Cohort, i: int) -> str:
    """Whose draws the asks of a seat are: seed, table and seat, and the branch where there is one."""
    branch = f"b{cohort.chance.branch}/" if cohort.chance.branch else ""
    return f"{branch}{cohort.chance.seed}/{int(cohort.tables[0])}/{i}"


def _set(world: World, owner: str, name: str, value: Any) -> World:
    """The world with a field changed: the owner's, or where none is named the innermost world's, if it has it."""
    if not owner and any(f.name == name for f in fields(world.core)):  # type: ignore[arg-type]
        owner = world.core.owner
    return changed(world, owner, name, value)


def _raised(error: Exception) -> str:
    return f"policy error: {type(error).__name__}: {error}"
