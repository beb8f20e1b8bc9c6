"""What MachineSoM measures: accuracy of the society and of its agents, conformity, and how many answers there are."""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray

from mores.metric import Metric, Sample
from mores.metrics.readings import Floats, Reading, Units, mean_of, read_events
from mores.record import Record

Answers = NDArray[np.float64]


def held(record: Record) -> tuple[Units, Answers]:
    """What each agent holds after each round, [u, round, seat]: a missing answer keeps the last one, NaN at first."""
    units, said = Units.of(record), read_events(record, "choose")
    rounds, seats = int(said.round.max(initial=-1)) + 1, int(said.seat.max(initial=-1)) + 1
    grid = np.full((len(units.arm), rounds, seats), np.nan)
    grid[units.row(said.arm, said.table), said.round, said.seat] = said.value
    played = np.arange(rounds) < units.rounds[:, None]
    for r in range(1, rounds):
        kept = np.isnan(grid[:, r]) & played[:, r, None]
        grid[:, r] = np.where(kept, grid[:, r - 1], grid[:, r])
    grid[units.failed] = np.nan
    return units, grid


def conforms(before: Answers, after: Answers) -> tuple[Answers, NDArray[np.bool_]]:
    """Whether each new answer is among the most frequent earlier ones of the others, if two of them agreed.

    `before` and `after` are [u, seat]; returns 1, 0 or NaN (no new answer), and where two of the others agreed.
    """
    n = before.shape[1]
    same = before[:, :, None] == before[:, None, :]  # [u, i, j]: j answered as i did
    out = np.full(after.shape, np.nan)
    agreed = np.zeros(after.shape, bool)
    for seat in range(n):
        others = np.arange(n) != seat
        votes = (same[:, others][:, :, others]).sum(
            2
        )  # for each other, how many of the others say the same
        most = votes.max(1, initial=0)
        agreed[:, seat] = most >= 2
        leads = (votes == most[:, None]) & agreed[:, seat, None]
        hit = (leads & (before[:, others] == after[:, seat, None])).any(1)
        out[:, seat] = np.where(np.isnan(after[:, seat]), np.nan, hit)
    return out, agreed


def _conformity(record: Record, where_agreed: bool) -> Sample:
    units, grid = held(record)
    total, count = np.zeros(len(units.arm)), np.zeros(len(units.arm))
    for r in range(1, grid.shape[1]):
        value, agreed = conforms(grid[:, r - 1], grid[:, r])
        there = ~np.isnan(value) & (agreed if where_agreed else True)
        total += np.where(there, value, 0).sum(1)
        count += there.sum(1)
    value = _mean(total, count)
    rows = np.flatnonzero(
        (count > 0) | units.failed | (not where_agreed)
    )  # no chance to conform is no gap
    return record.sample(units.arm[rows], units.replicate[rows], value[rows])


def _mean(total: Floats, count: Floats) -> Floats:
    out = np.full(len(total), np.nan)
    np.divide(total, count, out=out, where=count > 0)
    return out


def _distinct(record: Record) -> Sample:
    """How many different answers a society holds after each round."""
    units, grid = held(record)
    rounds = grid.shape[1]
    ordered = np.sort(grid, axis=2)  # NaN last
    new = (np.diff(ordered, axis=2) > 0).sum(2) + ~np.isnan(ordered[:, :, 0])
    value = np.where(new > 0, new, np.nan)
    return _by_round(record, units, value, rounds)


def _right_by_round(record: Record) -> Sample:
    """The share of agents whose answer is right after each round."""
    units, right = Units.of(record), read_events(record, "right")
    value = units.grid(right, right.round)
    return _by_round(record, units, value, value.shape[1])


def _by_round(record: Record, units: Units, value: Floats, rounds: int) -> Sample:
    """Values [u, round] under the further condition `round` (0: everybody alone), the rounds that were played."""
    table, when = np.nonzero(np.arange(rounds) < units.rounds[:, None])
    by = {"round": when.tolist()}
    return record.sample(units.arm[table], units.replicate[table], value[table, when], by=by)


def _majority(record: Record) -> Reading:
    return read_events(record, "majority")


def _alone(record: Record) -> Reading:
    right = read_events(record, "right")
    return right.where(right.round == 0)


METRICS: tuple[Metric, ...] = (
    Metric(
        name="accuracy",
        measure=partial(mean_of, reader=_majority),
        summary="The share of questions that the society answers right, by majority in the end.",
        unit="share",
        better="higher",
        range=(0, 1),
        interval="wilson",
    ),
    Metric(
        name="accuracy_alone",
        measure=partial(mean_of, reader=_alone),
        summary="The share of agents that are right before they hear of each other.",
        unit="share",
        better="higher",
        range=(0, 1),
    ),
    Metric(
        name="conformity",
        measure=partial(_conformity, where_agreed=False),
        summary="The share of new answers that are what most of the others, at least two, answered before.",
        unit="share",
        range=(0, 1),
    ),
    Metric(
        name="conformity_where_agreed",
        measure=partial(_conformity, where_agreed=True),
        summary="The same, only where at least two of the others had agreed.",
        unit="share",
        range=(0, 1),
    ),
    Metric(
        name="accuracy_by_round",
        measure=_right_by_round,
        summary="The share of agents that are right after each round; round 0 is everybody alone.",
        unit="share",
        better="higher",
        range=(0, 1),
    ),
    Metric(
        name="distinct_by_round",
        measure=_distinct,
        summary="How many different answers a society holds after each round.",
        unit="answers",
        range=(1, None),
    ),
)
