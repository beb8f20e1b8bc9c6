"""Selection: whether those who survive a generation gave more than those who do not, and how newcomers differ.

Both need the events `born` of Generations, which name the seats that are replaced at the end of a generation.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mores.metric import Metric, Sample
from mores.metrics.readings import Floats, Units, acts, read_events
from mores.record import Record

_SOURCE = "Vallinder and Hughes 2024, arXiv 2412.10270"


def _given(record: Record, units: Units) -> tuple[Floats, NDArray[np.bool_]]:
    """What every seat gave on average [u, generation, seat], and who was born at the end of each generation."""
    given, born = acts("give")(record), read_events(record, "born")
    seats = int(record.array("seats", "seat").max(initial=-1)) + 1
    generations = max(int(given.season.max(initial=-1)), int(born.season.max(initial=-1))) + 1
    grid = units.grid(given, given.season * np.int32(seats) + given.seat)
    means = np.full((len(units.arm), generations * seats), np.nan)
    means[:, : grid.shape[1]] = grid
    new = np.zeros(means.shape, bool)
    new[units.row(born.arm, born.table), born.season * seats + born.seat] = True
    shape = (len(units.arm), generations, seats)
    return means.reshape(shape), new.reshape(shape)


def _mean(values: Floats, keep: NDArray[np.bool_]) -> Floats:
    """The mean over seats of some of the values, [u, generation, seat] -> [u, generation]; NaN if there is none."""
    keep = keep & ~np.isnan(values)
    count, total = keep.sum(-1), np.where(keep, values, 0.0).sum(-1)
    out: Floats = np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0)
    return out


def _over_generations(values: Floats) -> Floats:
    return _mean(values, np.ones(values.shape, bool))


def _measure_survivors(record: Record) -> Sample:
    units = Units.of(record)
    given, dropped = _given(record, units)
    chosen = dropped.any(-1, keepdims=True)  # the last generation is not selected from
    apart = _mean(given, ~dropped & chosen) - _mean(given, dropped)
    level = _mean(given, np.ones(given.shape, bool))
    share = np.divide(apart, level, out=np.full(apart.shape, np.nan), where=level > 0)
    return units.sample(record, _over_generations(share))


def _measure_newcomers(record: Record) -> Sample:
    units = Units.of(record)
    given, dropped = _given(record, units)
    new = dropped[:, :-1]
    apart = _mean(given[:, 1:], new) - _mean(given[:, 1:], ~new & new.any(-1, keepdims=True))
    return units.sample(record, _over_generations(apart))


survivor_differential = Metric(
    name="survivor_differential",
    measure=_measure_survivors,
    summary="How much more survivors gave than those who were replaced, over the mean given; mean over generations.",
    unit="of the mean share",
    source=_SOURCE,
)
"""Above 0: generosity was selected for. Missing where there is one generation or nobody ever gave."""

newcomer_differential = Metric(
    name="newcomer_differential",
    measure=_measure_newcomers,
    summary="How much more newcomers give than the survivors beside them: the bias of copying; mean over generations.",
    unit="share",
    source=_SOURCE,
)
