"""Welfare: what people end up with, how much of it there could be, and how it is spread.

All are about final scores (:func:`mores.metrics.readings.read_final_scores`): of the last generation where there are
generations. The arithmetic is that of :mod:`mores.metrics.inequality`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Literal

import numpy as np

from mores.metric import Metric, Sample
from mores.metrics import inequality
from mores.metrics.readings import (
    Floats,
    Reading,
    Units,
    by_policy,
    by_seat,
    mean_by,
    mean_of,
    read_events,
    read_final_scores,
)
from mores.record import Record


# -------------------------------------------------------------------- what everyone gets
def read_payoffs_per_round(record: Record) -> Reading:
    """What each seat earned a round; of every generation where there are some.

    A round is one step of the innermost world: in games of several moves (trust, ultimatum) each move is one.
    """
    closed = read_events(record, "score")
    totals = closed if len(closed.value) else read_final_scores(record)
    units = Units.of(record)
    row = units.row(totals.arm, totals.table)
    # a score is that of one generation, and generations are of equal length
    rounds = units.rounds[row] / np.maximum(units.seasons[row], 1)
    rounds[rounds == 0] = np.nan
    return totals.with_value(totals.value / rounds)


payoff_per_round = Metric(
    name="payoff_per_round",
    measure=partial(mean_of, reader=read_payoffs_per_round),
    summary="What a seat earns in a round, on average over seats.",
    unit="points",
    better="higher",
)


payoff_by_seat = Metric(
    name="payoff_by_seat",
    measure=partial(mean_by, reader=read_payoffs_per_round, label="player", groups=by_seat),
    summary="What each seat earns in a round, counted from 1.",
    unit="points",
    better="higher",
)


final_resources_mean = Metric(
    name="final_resources_mean",
    measure=partial(mean_of, reader=read_final_scores),
    summary="What people have in the end, on average over the seats of the last generation.",
    unit="units",
    better="higher",
)
payoff = Metric(
    name="payoff",
    measure=partial(mean_of, reader=read_final_scores),
    summary="What a seat has earned in the end, on average over seats.",
    unit="points",
    better="higher",
)


# -------------------------------------------------------------------- tournaments
def against_others(record: Record, reading: Reading) -> Reading:
    """The rows of a reading at tables where not everyone plays the same policy."""
    seats, units = read_final_scores(record), Units.of(record)
    code = by_policy(record, seats)[1]
    row = units.row(seats.arm, seats.table)
    low, high = np.full(len(units.arm), np.iinfo(np.int64).max), np.full(len(units.arm), -1)
    np.minimum.at(low, row, code)
    np.maximum.at(high, row, code)
    return reading.where((low < high)[units.row(reading.arm, reading.table)])


def _read_scores_per_turn(record: Record, itself: bool) -> Reading:
    scores = read_payoffs_per_round(record)
    return scores if itself else against_others(record, scores)


def score_per_turn(itself: bool = False) -> Metric:
    """What each strategy earns a turn on average over its opponents, under the condition `strategy`.

    Matches of a strategy with its like are left out unless `itself`, as the Axelrod library leaves them out by default.
    The unit is the repetition of the whole tournament.
    """
    return Metric(
        name="score_per_turn",
        measure=partial(
            mean_by,
            reader=partial(_read_scores_per_turn, itself=itself),
            label="strategy",
            groups=by_policy,
        ),
        summary="What a strategy earns a turn, on average over its opponents"
        + (", itself among them." if itself else "."),
        unit="points a turn",
        better="higher",
        source="Axelrod 1980; the Axelrod library's normalised scores",
    )


# -------------------------------------------------------------------- how it is spread
def _of_table(record: Record, function: Callable[[Floats], Floats]) -> Sample:
    units, scores = Units.of(record), read_final_scores(record)
    return units.sample(record, function(units.grid(scores, scores.seat)))


welfare = Metric(
    name="welfare",
    measure=partial(_of_table, function=inequality.welfare),
    summary="What all together have in the end.",
    unit="points",
    better="higher",
)
minimum = Metric(
    name="minimum",
    measure=partial(_of_table, function=inequality.minimum),
    summary="What the worst-off seat has in the end.",
    unit="points",
    better="higher",
)
gini = Metric(
    name="gini",
    measure=partial(_of_table, function=inequality.gini),
    summary="How unequally people end up: 0 all alike, near 1 one has everything (Gini's coefficient).",
    range=(0.0, None),
    better="lower",
)


def _efficiency(
    record: Record, optimum: float | Callable[[Record], Any], per_round: bool
) -> Sample:
    units, scores = Units.of(record), read_final_scores(record)
    best = np.asarray(optimum(record) if callable(optimum) else optimum, np.float64)
    best = np.broadcast_to(best, (int(units.arm.max(initial=-1)) + 1,))[units.arm]
    if per_round:
        best = best * units.rounds / np.maximum(units.seasons, 1)
    share = inequality.efficiency(units.grid(scores, scores.seat), best)
    return units.sample(record, share)


def efficiency(
    optimum: float | Callable[[Record], Any], per: Literal["table", "round"] = "table"
) -> Metric:
    """The total that people reach over the largest that they could: 1 is the social optimum.

    `optimum` is the largest total of a whole table, or of one of its rounds; or a function of the record that gives one
    for each arm.
    """
    return Metric(
        name="efficiency",
        measure=partial(_efficiency, optimum=optimum, per_round=per == "round"),
        summary="What all together reach, as a share of the most they could.",
        unit="share",
        better="higher",
        range=(None, 1.0),
    )


def _worst_group(record: Record) -> Sample:
    units, scores = Units.of(record), read_final_scores(record)
    group = by_policy(record, scores)[1]
    return units.sample(record, inequality.minimum(units.grid(scores, group)))


worst_group = Metric(
    name="worst_group",
    measure=_worst_group,
    summary="What the worst-off kind of policy at a table has in the end, on average over its seats.",
    unit="points",
    better="higher",
)
