"""Probing: an instrument put to the seats of a cohort, leaving no trace.

Rules answer as arrays, minds on a branch of their thread that is dropped; chance and asks are
counted apart from acting.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from mores.actions import Space
from mores.agent import Mind
from mores.engine.asking import Asker, Ended, Pending
from mores.engine.cohort import Cohort
from mores.instrument import Item
from mores.study import Probe
from mores.world import Texts


@dataclass
class AnswerRow:
    """One answer as it will stand in the record."""

    case: int
    table: int
    seat: int
    round: int
    probe: str
    item: str
    respondent: str
    value: Any
    outcome: str
    text: str = ""


@dataclass
class Asked:
    """The owner of a probe's generators: the table that waits for them, and its answers so far."""

    cohort: Cohort
    rows: list[AnswerRow] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    """The item of each row."""
    left: int = 0

    def fault(self, place: int, text: str) -> None:
        """A reply could not be used."""
        self.rows[place].outcome, self.rows[place].text = "unparsable", text


@dataclass
class Prober:
    """Puts the probes of a case when they are due; keeps the answers."""

    answers: list[AnswerRow] = field(default_factory=list)

    def ask(self, cohort: Cohort, asker: Asker | None, end: bool = False) -> None:
        """Put every probe that is due now, and wait until those who think have answered."""
        if not cohort.thinking:
            for probe, at in self._due(cohort, end):
                self._rules(cohort, probe, at)
            return
        assert asker is not None
        asked, others = self.start(cohort, asker, end), []
        while asked.left:
            for done in asker.take():
                if done.pending.owner is asked:
                    self.take(asked, done)
                else:
                    others.append(done)
            if asked.left:
                asker.round(block=True)
            for fault in [f for f in asker.faults if f.pending.owner is asked]:
                asker.faults.remove(fault)
                asked.fault(fault.pending.place, fault.text)
        asker.ended = others + asker.ended

    def start(self, cohort: Cohort, asker: Asker, end: bool = False) -> Asked:
        """Put every probe that is due now to a table in which somebody thinks; `take` what comes of it."""
        asked = Asked(cohort)
        for probe, at in self._due(cohort, end):
            self._rules(cohort, probe, at)
            self._minds(asked, asker, probe, at)
        asked.left = len(asked.rows)
        return asked

    def take(self, asked: Asked, done: Ended) -> int:
        """One answer has come; how many are left."""
        row, value = asked.rows[done.pending.place], done.value
        space = asked.items[done.pending.place].space
        if done.error is not None:
            row.outcome, row.text = "error", f"{type(done.error).__name__}: {done.error}"
        elif value is not None and (why := space.check(value)) is not None:
            row.outcome, row.text = "not allowed", why
        elif value is not None:
            row.value, row.outcome = _plain(space, value), "answered"
        asked.left -= 1
        if asked.left == 0:
            self.answers += asked.rows
        return asked.left

    def _due(self, cohort: Cohort, end: bool) -> list[tuple[Probe, int]]:
        """The probes that are due now, each once."""
        at, due = int(cohort.rounds()[0]), []
        for k, probe in enumerate(cohort.seating.case.probes):
            key = (k, -1 if end else at)
            if (probe.end if end else at in probe.at) and key not in cohort.probed:
                cohort.probed.add(key)
                due.append((probe, at))
        return due

    def _rules(self, cohort: Cohort, probe: Probe, at: int) -> None:
        for item in probe.instrument.items():
            for g in range(len(cohort.seating.groups)):
                self._rule(cohort, probe, item, at, g)

    def _rule(self, cohort: Cohort, probe: Probe, item: Item, at: int, g: int) -> None:
        """One item to the seats of one group of rules."""
        n, one = cohort.world.seats, cohort.seating.groups[g]
        seats = np.array(probe.seats if probe.seats is not None else range(n), np.intp)
        # a stream of the probe's own: asking leaves no trace in the chance of acting
        chance = cohort.chance.fork().at(f"{one.rule.name}/probe/{probe.name}/{at}/{item.id}")
        memory = {k: v.copy() for k, v in cohort.memory[g].items()}
        values = one.rule.answer(item, memory, chance, n)
        valid = item.space.valid(values)
        here = cohort.seating.group[cohort.who][:, seats] == g
        for t, i in zip(*np.nonzero(here), strict=True):
            seat = int(seats[i])
            row = int(t) * n + seat
            value = item.space.read(values, row) if valid[row] else None
            label = cohort.seating.policies[int(cohort.who[t, seat])].label
            self.answers.append(
                AnswerRow(cohort.case, int(cohort.tables[t]), seat, at, probe.name, item.id, label, value,
                          "answered" if valid[row] else "no answer")
            )  # fmt: skip

    def _minds(self, asked: Asked, asker: Asker, probe: Probe, at: int) -> None:
        from mores.engine.turns import draw_name, seat_of

        cohort, table = asked.cohort, int(asked.cohort.tables[0])
        for i in range(cohort.world.seats) if probe.seats is None else probe.seats:
            policy = cohort.seating.policies[int(cohort.who[0, i])]
            if not isinstance(policy, Mind):
                continue
            for item in probe.instrument.items():
                seat = seat_of(cohort, i)
                branch = seat.fork(seat.log)  # the same log, read from the same place, then dropped
                asked.rows.append(
                    AnswerRow(cohort.case, table, i, at, probe.name, item.id, policy.label, None, "no answer")
                )  # fmt: skip
                asked.items.append(item)
                asker.start(
                    Pending(asked, len(asked.rows) - 1, draw_name(cohort, i), policy.answer(branch, item),
                            purpose=f"probe/{probe.name}/{at}/{item.id}", counter=cohort.asked, seat=i)
                )  # fmt: skip


def _plain(space: Space, value: Any) -> Any:
    """An answer as its space reads it, whatever the way it was given in."""
    texts = Texts()
    batch = space.empty(1)
    space.write(batch, 0, value, lambda text: texts.add(0, text))
    return space.read(batch, 0, lambda number: texts.get(0, number))
