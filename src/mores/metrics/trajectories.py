"""Trajectories: how conduct and welfare move over rounds and generations.

A series is a metric with one more condition, `generation` or `round` (counted from 1); a slope is the least-squares
change a step within each table, so that its interval is over independent tables and not over steps.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Literal

import numpy as np

from mores.metric import Metric, Sample
from mores.metrics import inequality
from mores.metrics.readings import Ints, Reader, Reading, Units, read_events, read_final_scores
from mores.record import Record

Step = Literal["generation", "round"]


def read_scores_by_generation(record: Record) -> Reading:
    """What every seat had when each generation closed; the final scores where there is but one."""
    closed = read_events(record, "score")
    return closed if len(closed.value) else read_final_scores(record)


def _place(record: Record, reading: Reading, step: Step) -> Ints:
    """Which step each row belongs to, from 0; rounds are counted anew in every generation."""
    if step == "generation":
        return reading.season
    units = Units.of(record)
    row = units.row(reading.arm, reading.table)
    width = int(reading.season.max(initial=0)) + 1
    cell = row * width + reading.season
    first = np.full(len(units.arm) * width, np.iinfo(np.int32).max, np.int64)
    np.minimum.at(first, cell, reading.round)
    since: Ints = (reading.round - first[cell]).astype(np.int32)
    return since


def _series(record: Record, reader: Reader, step: Step) -> Sample:
    units, reading = Units.of(record), reader(record)
    grid = units.grid(reading, _place(record, reading, step))
    arm, replicate = np.repeat(units.arm, grid.shape[1]), np.repeat(units.replicate, grid.shape[1])
    at = np.tile(np.arange(1, grid.shape[1] + 1), len(grid))
    value = grid.reshape(-1)
    # steps that no table of an arm reached are not missing values of it
    codes = arm.astype(np.int64) * (grid.shape[1] + 1) + at
    reached = np.isin(codes, np.unique(codes[~np.isnan(value)]))
    return record.sample(
        arm[reached], replicate[reached], value[reached], by={str(step): at[reached].tolist()}
    )


def _slope(record: Record, reader: Reader, step: Step) -> Sample:
    units, reading = Units.of(record), reader(record)
    grid = units.grid(reading, _place(record, reading, step))
    return units.sample(record, inequality.slope(grid))


def series(metric: Metric, reader: Reader, step: Step = "generation") -> Metric:
    """A metric step by step: its name with `_by_generation` or `_by_round`, and that further condition."""
    return replace(
        metric,
        name=f"{metric.name}_by_{step}",
        measure=partial(_series, reader=reader, step=step),
        summary=f"{metric.summary} By {step}.".strip(),
        interval="bootstrap",
    )


def slope(metric: Metric, reader: Reader, step: Step = "generation") -> Metric:
    """How much a metric changes from one step to the next: its name with `_slope`."""
    return replace(
        metric,
        name=f"{metric.name}_slope",
        measure=partial(_slope, reader=reader, step=step),
        summary=f"Change a {step} (least squares). {metric.summary}".strip(),
        unit=f"{metric.unit} a {step}".strip(),
        range=(None, None),
        interval="bootstrap",
    )
