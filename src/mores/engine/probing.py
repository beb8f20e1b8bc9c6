"""Probing: an instrument put to the seats of a cohort, leaving no trace.

Rules answer as arrays, minds on a branch of their thread that is dropped; chance and asks are
counted apart from acting.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from mores.agent import Mind
from mores.engine.asking import Asker, Pending
from mores.engine.cohort import Cohort
from mores.instrument import Item
from mores.study import Probe


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
class _Asked:
    """The owner of a probe's generators."""

    rows: list[AnswerRow]


@dataclass
class Prober:
    """Puts the probes of a case when they are due; keeps the answers."""

    answers: list[AnswerRow] = field(default_factory=list)

    def ask(self, cohort: Cohort, asker: Asker | None, end: bool = False) -> None:
        """Put every probe that is due now."""
        for k, probe in enumerate(cohort.seating.case.probes):
            at = int(cohort.rounds()[0])
            due = probe.end if end else at in probe.at
            key = (k, -1 if end else at)
            if due and key not in cohort.probed:
                cohort.probed.add(key)
                self.put(cohort, asker, probe, at)

    def put(self, cohort: Cohort, asker: Asker | None, probe: Probe, at: int) -> None:
        """Put one instrument to the seats of a cohort."""
        for item in probe.instrument.items():
            self._rules(cohort, probe, item, at)
        if cohort.thinking:
            assert asker is not None
            self._minds(cohort, asker, probe, at)

    def _rules(self, cohort: Cohort, probe: Probe, item: Item, at: int) -> None:
        group = cohort.seating.group[cohort.who]
        n = cohort.world.seats
        seats = np.array(probe.seats if probe.seats is not None else range(n))
        for g, one in enumerate(cohort.seating.groups):
            # a stream of the probe's own: asking leaves no trace in the chance of acting
            chance = cohort.chance.fork().at(f"{one.rule.name}/probe/{probe.name}/{at}/{item.id}")
            values = one.rule.answer(
                item, {k: v.copy() for k, v in cohort.memory[g].items()}, chance, n
            )
            label = {k: cohort.seating.policies[k].label for k in one.members}
            valid = item.space.valid(values)
            for t, i in zip(*np.nonzero(group[:, seats] == g), strict=True):
                seat = int(seats[i])
                row = int(t) * n + seat
                value = item.space.read(values, row) if valid[row] else None
                self.answers.append(
                    AnswerRow(cohort.case, int(cohort.tables[t]), seat, at, probe.name, item.id,
                              label[int(cohort.who[t, seat])], value,
                              "answered" if valid[row] else "no answer")
                )  # fmt: skip

    def _minds(self, cohort: Cohort, asker: Asker, probe: Probe, at: int) -> None:
        from mores.engine.loop import seat_of

        owner = _Asked([])
        wanted = range(cohort.world.seats) if probe.seats is None else probe.seats
        for i in wanted:
            policy = cohort.seating.policies[int(cohort.who[0, i])]
            if not isinstance(policy, Mind):
                continue
            for item in probe.instrument.items():
                seat = seat_of(cohort, i)
                branch = seat.fork(seat.log)  # the same log, read from the same place, then dropped
                name = f"{cohort.chance.seed}/{int(cohort.tables[0])}/{i}"
                owner.rows.append(
                    AnswerRow(cohort.case, int(cohort.tables[0]), i, at, probe.name, item.id, policy.label, None,
                              "no answer")
                )  # fmt: skip
                asker.start(
                    Pending(owner, len(owner.rows) - 1, name, policy.answer(branch, item),
                            purpose=f"probe/{probe.name}/{at}/{item.id}", counter=cohort.asked, seat=i)
                )  # fmt: skip
        self._wait(asker, owner)

    def _wait(self, asker: Asker, owner: _Asked) -> None:
        """Drive only what this probe asked; what others ask meanwhile is kept."""
        left, others = len(owner.rows), []
        while left:
            for done in asker.take():
                if done.pending.owner is not owner:
                    others.append(done)
                    continue
                left -= 1
                row = owner.rows[done.pending.place]
                if done.error is not None:
                    row.outcome, row.text = "error", f"{type(done.error).__name__}: {done.error}"
                elif done.value is not None:
                    row.value, row.outcome = done.value, "answered"
            if left:
                asker.round(block=True)
        for fault in [f for f in asker.faults if f.pending.owner is owner]:
            asker.faults.remove(fault)
            row = owner.rows[fault.pending.place]
            row.outcome, row.text = "unparsable", fault.text
        asker.ended = others + asker.ended
        self.answers += owner.rows
