"""Scoring: how answers to items become a respondent's score on a construct.

An item says by its attributes which `construct` it is about and at which `pole` it stands: 1 where more
means more of the construct, -1 where it means less. Every answer is first put on a scale from 0 to 1.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mores.actions import Allocation, Amount, Choice, Space
from mores.errors import DoesNotFit
from mores.instrument import Item
from mores.metric import Metric, Sample
from mores.record import Record

ENOUGH = 0.5
"""A respondent has a score on a construct if at least this share of its items was answered."""


def position(space: Space, value: Any) -> float:
    """Where a plain answer stands from 0 to 1.

    An amount: within its range. A choice: its place among the options, which run from least to most. An
    allocation: the share that the parts after the first (oneself) get. Raises DoesNotFit for other
    spaces.
    """
    if isinstance(space, Amount):
        return (float(value) - space.low) / (space.high - space.low)
    if isinstance(space, Choice):
        return float(value) / (len(space.options) - 1)
    if isinstance(space, Allocation):
        first = value[space.parts[0]] if isinstance(value, Mapping) else value[0]
        return 1.0 - float(first) / space.budget
    raise DoesNotFit(f"an answer of {type(space).__name__} has no place on a scale from 0 to 1")


def oriented(item: Item, value: Any) -> float:
    """An answer as a score from 0 to 1 on the item's construct, its pole taken into account."""
    place = position(item.space, value)
    return place if item.attributes.get("pole", 1) > 0 else 1.0 - place


@dataclass(frozen=True)
class ConstructScore:
    """From a record to respondents' mean scores on one construct; rows are respondents, units tables.

    Missing is not zero: a respondent who answered less than half of the items has none (NaN), and so
    has a table that failed. Where the instrument was put several times in an episode, the conditions
    `probe` and `round` tell which time.
    """

    items: tuple[Item, ...]

    def __call__(self, record: Record) -> Sample:
        """The sample of a record."""
        rows = _answers(record, {i.id: i for i in self.items})
        keys, which = np.unique(rows[:, :5].astype(np.int64), axis=0, return_inverse=True)
        which, score = which.reshape(-1), rows[:, 5]
        there = ~np.isnan(score)
        count = np.bincount(which[there], minlength=len(keys))
        total = np.bincount(which[there], score[there], minlength=len(keys))
        mean = np.full(len(keys), np.nan)
        enough = count >= max(1.0, ENOUGH * len(self.items))
        np.divide(total, count, out=mean, where=enough)
        names = _probes(record)
        by: dict[str, Sequence[Any]] = {}
        if len(np.unique(keys[:, 3])) > 1:
            by["probe"] = [names[k] for k in keys[:, 3]]
        if len(np.unique(keys[:, 4])) > 1:
            by["round"] = keys[:, 4].tolist()
        return record.sample(keys[:, 0], keys[:, 1], mean, by)


def _probes(record: Record) -> list[str]:
    return sorted(set(record.table("answers")["probe"].to_pylist()))


def _answers(record: Record, items: Mapping[str, Item]) -> NDArray[np.float64]:
    """Rows of arm, table, seat, number of the probe, round and score (NaN: no answer)."""
    number = {name: k for k, name in enumerate(_probes(record))}
    rows = [
        (
            a["arm"],
            a["table"],
            a["seat"],
            number[a["probe"]],
            a["round"],
            _score(a, items[a["item"]]),
        )
        for a in record.table("answers").to_pylist()
        if a["item"] in items
    ]
    rows += _lost(record, rows)
    return np.array(rows, np.float64).reshape(-1, 6)


def _score(answer: Mapping[str, Any], item: Item) -> float:
    value = answer["value"]
    return float("nan") if value is None else oriented(item, json.loads(value))


def _lost(record: Record, rows: Sequence[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """A row without a score for every table that failed before it was asked."""
    asked = {r[:2] for r in rows}
    when = {r[0]: r[2:5] for r in rows}
    return [
        (e["arm"], e["table"], *when[e["arm"]], float("nan"))
        for e in record.table("episodes").to_pylist()
        if e["status"] != "done" and (e["arm"], e["table"]) not in asked and e["arm"] in when
    ]


def construct_metrics(items: Sequence[Item]) -> tuple[Metric, ...]:
    """One metric a construct of the items, in the order in which they first appear."""
    constructs = dict.fromkeys(str(i.attributes["construct"]) for i in items)
    return tuple(
        Metric(
            name=name,
            measure=ConstructScore(tuple(i for i in items if i.attributes["construct"] == name)),
            summary=f"How much {name} the answers show, from 0 to 1.",
            unit="score 0-1",
            range=(0.0, 1.0),
        )
        for name in constructs
    )
