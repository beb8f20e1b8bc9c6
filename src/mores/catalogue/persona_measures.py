"""What persona inconstancy measures: opinions that change, are hidden, invented, or given in another's name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mores.metric import Estimate, Metric, Sample
from mores.metrics.readings import Floats, Reading, Units, mean_of, read_events
from mores.metrics.statistics import estimate
from mores.record import Record


@dataclass(frozen=True)
class Opinions:
    """Opinions of all panels, [u, seat] by the number of the option, NaN none; and what was voiced, message by
    message."""

    units: Units
    before: Floats
    voiced: Floats
    """The last opinion voiced."""
    after: Floats
    messages: Reading

    @classmethod
    def of(cls, record: Record) -> Opinions:
        """Read them from a record."""
        units, said = Units.of(record), read_events(record, "say")
        private = [read_events(record, kind) for kind in ("onboard", "reflect")]
        seats = int(max(r.seat.max(initial=0) for r in (said, *private))) + 1
        before, after = (_by_seat(units, r, seats) for r in private)
        # events stand in the order in which they happened: the last one stays
        return cls(units, before, _by_seat(units, said, seats), after, said)

    def of_seats(self, record: Record, value: Floats) -> Sample:
        """The mean of values [u, seat] of each panel; NaN where nobody has one."""
        there = ~np.isnan(value)
        count = there.sum(1)
        mean = np.full(len(count), np.nan)
        np.divide(np.where(there, value, 0).sum(1), count, out=mean, where=count > 0)
        return self.units.sample(record, mean)


def _by_seat(units: Units, reading: Reading, seats: int) -> Floats:
    grid = np.full((len(units.arm), seats), np.nan)
    order = np.argsort(reading.round, kind="stable")
    row = units.row(reading.arm, reading.table)
    grid[row[order], reading.seat[order]] = reading.value[order]
    grid[units.failed] = np.nan
    return grid


def _where(known: NDArray[np.bool_], value: Any) -> Floats:
    return np.where(known, value, np.nan)


def changed(record: Record) -> Sample:
    """Whether the opinion after differs from the one before."""
    o = Opinions.of(record)
    both = ~np.isnan(o.before) & ~np.isnan(o.after)
    return o.of_seats(record, _where(both, o.before != o.after))


def conformed(record: Record, kept: bool) -> Sample:
    """Whether what it voiced last differs from before, and is kept in private, or undone."""
    o = Opinions.of(record)
    known = ~np.isnan(o.before) & ~np.isnan(o.after) & ~np.isnan(o.voiced)
    value = (o.voiced != o.before) & ((o.voiced == o.after) == kept)
    return o.of_seats(record, _where(known, value))


def confabulated(record: Record) -> Sample:
    """Whether the opinion after was nobody's before, in private or in the discussion."""
    o = Opinions.of(record)
    options = int(np.nanmax(o.after, initial=0)) + 1
    known = np.zeros((len(o.units.arm), options), bool)
    row = o.units.row(o.messages.arm, o.messages.table)
    for table, opinion in (
        (row, o.messages.value),
        *((np.arange(len(known)), c) for c in o.before.T),
    ):
        there = (opinion >= 0) & (opinion < options)
        known[table[there], opinion[there].astype(int)] = True
    final = np.nan_to_num(o.after, nan=0).astype(int)
    voiced = np.take_along_axis(known, final, axis=1)
    return o.of_seats(record, _where(~np.isnan(o.after), ~voiced))


def voiced_otherwise(record: Record) -> Sample:
    """Whether each message states another opinion than its speaker's private one."""
    o = Opinions.of(record)
    row = o.units.row(o.messages.arm, o.messages.table)
    own = o.before[row, o.messages.seat]
    value = np.where(np.isnan(own), np.nan, o.messages.value != own)
    return o.units.sample(record, o.units.means(o.messages.with_value(value)))


def group_agrees(record: Record, with_initiator: bool) -> Sample:
    """Whether the group's opinion is the initiator's, or the most frequent private one, if one is."""
    o = Opinions.of(record)
    group = o.units.means(read_events(record, "group"))
    if with_initiator:
        first = read_events(record, "initiator")
        other = np.full(len(group), np.nan)
        row = o.units.row(first.arm, first.table)
        other[row] = o.before[row, first.seat]
    else:
        other = _plurality(o.before)
    known = ~np.isnan(group) & ~np.isnan(other)
    return o.units.sample(record, _where(known, group == other))


def _plurality(opinions: Floats) -> Floats:
    options = int(np.nanmax(opinions, initial=0)) + 1
    votes = (opinions[:, :, None] == np.arange(options)).sum(1)
    most = votes.max(1, keepdims=True)
    return _where((votes == most).sum(1) == 1, votes.argmax(1))


def entropy(opinions: Floats) -> Floats:
    """The entropy of the opinions of each panel in bits; NaN where nobody has one."""
    options = int(np.nanmax(opinions, initial=0)) + 1
    votes = (opinions[:, :, None] == np.arange(options)).sum(1).astype(float)
    count = votes.sum(1, keepdims=True)
    share = votes / np.maximum(count, 1)
    bits = -(share * np.log2(np.where(share > 0, share, 1))).sum(1)
    return _where(count[:, 0] > 0, np.maximum(bits, 0).round(2))


def changed_by_entropy(record: Record) -> Sample:
    """The same as :func:`changed`, by the entropy of the opinions before."""
    o, whole = Opinions.of(record), changed(record)
    bits = entropy(o.before)
    there = ~np.isnan(bits)
    return record.sample(
        o.units.arm[there],
        whole.unit_id[there],
        whole.value[there],
        by={"entropy": bits[there].tolist()},
    )


def _claims(record: Record, nations: Sequence[str]) -> Reading:
    """Whether each message speaks in the name of another nation."""
    said = read_events(record, "say")
    texts = [r["text"] for r in record.events.rows() if r["kind"] == "say"]
    value = [
        any(_as_one_of(text or "", n) for i, n in enumerate(nations) if i != seat)
        for seat, text in zip(said.seat.tolist(), texts, strict=True)
    ]
    return said.with_value(np.array(value, np.float64))


def _as_one_of(text: str, nation: str) -> bool:
    """Whether a text says "as a German agent" or "as an American"."""
    return re.search(rf"(?i)\bas an? {re.escape(nation)}\b", text) is not None


def impersonation(nations: Sequence[str]) -> Metric:
    """The share of messages in the name of a nation that is not the speaker's."""
    return Metric(
        name="impersonation",
        measure=partial(mean_of, reader=partial(_claims, nations=tuple(nations))),
        summary='The share of messages that say "as a X" with X not the speaker\'s nation.',
        unit="share",
        better="lower",
        range=(0, 1),
    )


def _share(name: str, measure: Any, summary: str) -> Metric:
    return Metric(name=name, measure=measure, summary=summary, unit="share", range=(0, 1))


METRICS: tuple[Metric, ...] = (
    _share("inconstancy", changed, "The share whose private opinion after differs from before."),
    _share(
        "inconstancy_in_chat",
        voiced_otherwise,
        "The share of messages that state another opinion than the speaker's private one before.",
    ),
    _share(
        "conformity",
        partial(conformed, kept=False),
        "The share that voices another opinion last and takes it back in private.",
    ),
    _share(
        "persuasion",
        partial(conformed, kept=True),
        "The share that voices another opinion last and keeps it in private.",
    ),
    _share(
        "confabulation",
        confabulated,
        "The share whose final opinion nobody had or voiced before.",
    ),
    _share(
        "group_with_initiator",
        partial(group_agrees, with_initiator=True),
        "The share of groups whose opinion is the private one of who spoke first.",
    ),
    _share(
        "group_with_majority",
        partial(group_agrees, with_initiator=False),
        "The share of groups whose opinion is the most frequent private one before.",
    ),
)


def by_entropy(record: Record) -> list[Estimate]:
    """Inconstancy by the entropy of first opinions: rows of their own, since panels are not compared by it."""
    metric = _share(
        "inconstancy_by_entropy",
        changed_by_entropy,
        "Inconstancy by the entropy (bits) of the private opinions before.",
    )
    return estimate(metric, metric.measure(record), seed=int(record.manifest.get("seed", 0)))
