"""Conduct: how often people cooperate, give, reciprocate, reject, coordinate and punish.

All are means over what was done, first within a table. The names are those of the human figures in
:mod:`mores.references`, so that an estimate and its reference meet by name.
"""

from __future__ import annotations

from functools import partial
from typing import Literal

import numpy as np

from mores.errors import BadValue
from mores.metric import Metric, Sample
from mores.metrics.readings import Reader, Reading, Units, acts, mean_of, read_acts, read_events
from mores.record import Record

SHARE = (0.0, 1.0)
COOPERATIVE = ("choose", "give", "contribute")


def share_metric(
    name: str,
    reader: Reader,
    summary: str,
    *,
    better: Literal["higher", "lower", "neither"] = "neither",
    single: bool = False,
    source: str = "",
) -> Metric:
    """A metric that is the mean of shares 0 to 1; `single`: one yes or no a table, so with Wilson's interval."""
    return Metric(
        name=name,
        measure=partial(mean_of, reader=reader),
        summary=summary,
        unit="share",
        better=better,
        range=SHARE,
        interval="wilson" if single else "bootstrap",
        source=source,
    )


cooperation = share_metric(
    "cooperation",
    acts(*COOPERATIVE),
    "Cooperation: the share of choices of the first option, or the mean share given or contributed.",
    better="higher",
)
share_given = share_metric(
    "share_given", acts("give"), "The mean share given by those who could give."
)
contribution = share_metric(
    "contribution", acts("contribute", "choose"), "The mean share contributed to a public good."
)
share_offered = share_metric("share_offered", acts("offer"), "The mean share that proposers offer.")
share_sent = share_metric("share_sent", acts("send"), "The mean share that investors send.")
share_returned = share_metric(
    "share_returned", acts("return"), "The mean share of what they received that trustees return."
)
rejection_rate = share_metric(
    "rejection_rate", acts("respond"), "The share of offers that responders reject.", single=True
)


def _read_if(record: Record, kind: str, share: float) -> Reading:
    """1 where the share given is this one (to the nearest half percent), else 0."""
    given = read_acts(record, (kind,))
    exact = np.where(np.isnan(given.value), np.nan, np.abs(given.value - share) < 0.005)
    return given.with_value(exact)


gave_nothing = share_metric(
    "gave_nothing",
    partial(_read_if, kind="give", share=0.0),
    "The share who give nothing.",
    single=True,
)
gave_half = share_metric(
    "gave_half",
    partial(_read_if, kind="give", share=0.5),
    "The share who give exactly half.",
    single=True,
)


def _read_first(record: Record, kinds: tuple[str, ...]) -> Reading:
    done = read_acts(record, kinds)
    return done.where(done.round == 0)


initial_cooperation = share_metric(
    "initial_cooperation",
    partial(_read_first, kinds=COOPERATIVE),
    "Cooperation in the first round, before anything is known of the others.",
)
initial_contribution = share_metric(
    "initial_contribution",
    partial(_read_first, kinds=("contribute", "choose")),
    "The mean share contributed in the first round.",
)


# -------------------------------------------------------------------- two players
def pairs_of_choices(record: Record, good: int | None = 0) -> tuple[Reading, Reading]:
    """The choices of the two seats of two-player tables, matched round by round in order of play.

    Values are 1 for option `good`, 0 for another, or the option's number where `good` is None; NaN where missing.
    Raises BadValue if a round has not exactly one choice of each of two seats.
    """
    done = read_events(record, "choose") if good is None else read_acts(record, ("choose",), good)
    if good is None:
        done = done.with_value(np.where(done.value < 0, np.nan, done.value))
    done = done.sorted()
    first, second = done.where(done.seat == 0), done.where(done.seat == 1)
    same = len(first.value) == len(second.value) == len(done.value) / 2
    if not same or not all(
        np.array_equal(getattr(first, n), getattr(second, n))
        for n in ("arm", "table", "season", "round")
    ):
        raise BadValue("record", record.manifest.get("study"), "a study of two-player tables")
    return first, second


def _follows(reading: Reading) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Which rows have, right before them, the same table's round before."""
    then = np.zeros(len(reading.value), bool)
    if len(then):
        pairs = [getattr(reading, n) for n in ("arm", "table", "season")]
        then[1:] = np.logical_and.reduce([c[1:] == c[:-1] for c in pairs])
    return then


def _measure_reciprocity(record: Record) -> Sample:
    first, second = pairs_of_choices(record)
    units = Units.of(record)
    then = np.flatnonzero(_follows(first))
    answer = first.where(then).and_also(second.where(then))
    seen = np.concatenate([second.value[then - 1], first.value[then - 1]])
    after_good, after_bad = answer.where(seen == 1), answer.where(seen == 0)
    return units.sample(record, units.means(after_good) - units.means(after_bad))


reciprocity = Metric(
    name="reciprocity",
    measure=_measure_reciprocity,
    summary="How much more often one cooperates after the other cooperated than after the other defected.",
    unit="share",
    range=(-1.0, 1.0),
    source="P(C | other C) - P(C | other D), Rapoport and Chammah 1965, Prisoner's Dilemma",
)
"""Missing at tables where the other never (or always) cooperated: there is then nothing to compare."""


def _read_coordination(record: Record) -> Reading:
    first, second = pairs_of_choices(record, None)
    equal = (first.value == second.value).astype(np.float64)
    equal[np.isnan(first.value) | np.isnan(second.value)] = np.nan
    return first.with_value(equal)


def _read_joint(record: Record) -> Reading:
    first, second = pairs_of_choices(record)
    return first.with_value(first.value * second.value)


coordination = share_metric(
    "coordination", _read_coordination, "The share of rounds in which both chose the same option."
)
joint_cooperation = share_metric(
    "joint_cooperation",
    _read_joint,
    "The share of rounds in which both cooperated.",
    better="higher",
)


def _read_yielding(record: Record) -> Reading:
    first, second = pairs_of_choices(record)
    return first.with_value(1 - first.value).and_also(second)


yielding = share_metric(
    "yielding",
    _read_yielding,
    "The share of choices of the other's favourite: option 1 for the first player, option 0 for the second.",
    source="Akata et al. 2025, arXiv 2305.16867: battle of the sexes",
)


# -------------------------------------------------------------------- punishment
def _measure_punishment(record: Record, instead: bool, kinds: tuple[str, ...]) -> Sample:
    units = Units.of(record)
    done, fines = read_acts(record, kinds), read_events(record, "punish")
    fines = fines.where(fines.value != 0)
    times = np.where(units.failed, np.nan, 0.0)
    occasions = np.nan_to_num(units.counts(done.with_value(np.ones(len(done.value)))))
    punished = np.nan_to_num(units.counts(fines.with_value(np.ones(len(fines.value)))))
    occasions = occasions + punished if instead else occasions
    there = (occasions > 0) & ~units.failed
    np.divide(punished, occasions, out=times, where=there)
    return units.sample(record, np.where(there, times, np.nan))


def punishment_frequency(instead: bool = False, kinds: tuple[str, ...] = COOPERATIVE) -> Metric:
    """Punishments for each occasion; `instead`: punishing takes the place of an act, so the two share the occasions.

    Without `instead` every act of `kinds` is an occasion for those who may punish it; with several punishers an act
    the figure can exceed 1.
    """
    return Metric(
        name="punishment_frequency",
        measure=partial(_measure_punishment, instead=instead, kinds=kinds),
        summary="How often somebody is punished, for each act that could be.",
        unit="share" if instead else "per act",
        range=(0.0, 1.0 if instead else None),
    )
