"""What KAIROS measures: accuracy alone and with peers, utility, resistance, their F1, and the change."""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray

from mores.catalogue.ratios import Statistic, estimated, ratio
from mores.metric import Estimate, Metric, Sample
from mores.metrics.readings import Floats, Units, mean_of, read_events
from mores.record import Record

KINDS = ("alone", "company")
MOVES = ("right to right", "right to wrong", "wrong to right", "wrong to wrong")


def pairs(record: Record) -> tuple[Units, Floats, Floats]:
    """The tables, and for each whether it was right alone and with peers (1, 0, NaN missing) [u]."""
    units = Units.of(record)
    alone, company = (units.means(read_events(record, kind)) for kind in KINDS)
    return units, alone, company


def _part(record: Record, right_alone: bool) -> Sample:
    """Whether those who were right (or wrong) alone are right with peers; the others have no row."""
    units, alone, company = pairs(record)
    rows = np.flatnonzero(alone == float(right_alone))
    return record.sample(units.arm[rows], units.replicate[rows], company[rows])


def _followed(record: Record) -> Sample:
    """Whether they moved to what the peers stated; tables in which that was the own answer have no row."""
    units, moved = Units.of(record), read_events(record, "follow")
    rows = units.row(moved.arm, moved.table)
    return record.sample(moved.arm, units.replicate[rows], moved.value)


def _mean(record: Record, kind: str) -> Sample:
    return mean_of(record, partial(read_events, kind=kind))


METRICS: tuple[Metric, ...] = (
    Metric(
        name="original_accuracy",
        measure=partial(_mean, kind="alone"),
        summary="The share of questions answered right alone, by the most frequent answer.",
        unit="share",
        better="higher",
        range=(0, 1),
        interval="wilson",
    ),
    Metric(
        name="kairos_accuracy",
        measure=partial(_mean, kind="company"),
        summary="The share of questions answered right with peers.",
        unit="share",
        better="higher",
        range=(0, 1),
        interval="wilson",
    ),
    Metric(
        name="utility",
        measure=partial(_part, right_alone=False),
        summary="The share right with peers, of those wrong alone.",
        unit="share",
        better="higher",
        range=(0, 1),
        interval="wilson",
    ),
    Metric(
        name="resistance",
        measure=partial(_part, right_alone=True),
        summary="The share still right with peers, of those right alone.",
        unit="share",
        better="higher",
        range=(0, 1),
        interval="wilson",
    ),
    Metric(
        name="followed",
        measure=_followed,
        summary="The share that moved to what the peers stated, where that was not the own answer.",
        unit="share",
        range=(0, 1),
        interval="wilson",
    ),
    Metric(
        name="uncertainty",
        measure=partial(_mean, kind="entropy"),
        summary="Entropy of the answers alone, in bits.",
        unit="bits",
        range=(0, None),
    ),
)


class Pressure:
    """F1, the change of accuracy and the transitions of each condition: ratios of totals over its tables."""

    def __call__(self, record: Record) -> list[Estimate]:
        """The estimates of every condition."""
        units, alone, company = pairs(record)
        seed = int(record.manifest.get("seed", 0))
        rows = []
        for arm, condition in enumerate(record.conditions):
            mine = units.arm == arm
            there = mine & np.isfinite(alone) & np.isfinite(company)
            lost = int(mine.sum() - there.sum())
            table = _table(alone[there], company[there])
            for name, statistic, bounds in RATIOS:
                rows.append(
                    estimated(
                        name,
                        condition,
                        table,
                        statistic,
                        seed=seed,
                        missing=lost,
                        better="higher",
                        range=bounds,
                    )
                )
            for k, move in enumerate(MOVES):
                where = {**condition, "transition": move}
                share = partial(_made, move=k)
                rows.append(
                    estimated(
                        "transitions", where, table, share, seed=seed, missing=lost, range=(0, 1)
                    )
                )
        return rows


def _table(alone: NDArray[np.float64], company: NDArray[np.float64]) -> Floats:
    """One row a table: 1, right alone, right with peers, right in both."""
    return np.stack([np.ones(len(alone)), alone, company, alone * company], axis=1)


def f1(total: Floats) -> Floats:
    """The harmonic mean of utility and resistance, from totals [r, 4]; 0 where both are 0."""
    n, alone, company, both = total.T
    utility, resistance = ratio(company - both, n - alone), ratio(both, alone)
    out = ratio(2 * utility * resistance, utility + resistance)
    return np.where(utility + resistance == 0, 0.0, out)


def change(total: Floats) -> Floats:
    """(with peers - alone) / alone."""
    return ratio(total[:, 2] - total[:, 1], total[:, 1])


def difference(total: Floats) -> Floats:
    """With peers less alone."""
    return ratio(total[:, 2] - total[:, 1], total[:, 0])


def _made(total: Floats, move: int) -> Floats:
    """The share that made a transition, by its number in MOVES."""
    n, alone, company, both = total.T
    return ratio((both, alone - both, company - both, n - alone - company + both)[move], n)


RATIOS: tuple[tuple[str, Statistic, tuple[float | None, float | None]], ...] = (
    ("f1", f1, (0.0, 1.0)),
    ("ok_change", change, (None, None)),
    ("ok_difference", difference, (-1.0, 1.0)),
)
