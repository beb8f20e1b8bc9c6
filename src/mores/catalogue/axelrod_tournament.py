"""Axelrod's tournament: a round robin of strategies in the repeated prisoner's dilemma, with noise."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from mores.catalogue.axelrod_names import LIBRARY
from mores.catalogue.specs import rejoined
from mores.data import table
from mores.design import study
from mores.errors import BadValue, DataMissing
from mores.institutions.noise import Noise
from mores.metric import Estimate, Metric, Sample
from mores.metrics.readings import Floats, Reading, acts, by_policy, mean_by
from mores.metrics.statistics import unit_means
from mores.metrics.welfare import against_others, score_per_turn
from mores.policies.spec import policy
from mores.population import Population
from mores.record import Record
from mores.study import Case, Study
from mores.world import World
from mores.worlds.games.named import PrisonersDilemma

SOURCE = "Axelrod 1980, Effective Choice in the Prisoner's Dilemma, doi:10.1177/002200278002400101"
SLUG = "axelrod-tournament"
CLASSIC = (
    "all-cooperate", "all-defect", "tit-for-tat", "grim", "pavlov", "random", "generous-tit-for-tat",
    "tit-for-two-tats", "two-tits-for-tat", "suspicious-tit-for-tat", "alternator", "anti-tit-for-tat", "joss",
    "hard-tit-for-tat", "hard-majority", "forgiving-tit-for-tat",
)  # fmt: skip
"""The sixteen that benchmarks of tournaments use."""
BASELINE = "tit-for-tat"
"""Whom the others are compared with, if it plays."""
FISHER = 1.06
"""Variance of Fisher's z of a rank correlation, times n - 3 (Fieller, Hartley and Pearson 1957)."""


@study(source=SOURCE, data=(SLUG,))
def axelrod_tournament(
    strategies: tuple[str, ...] = CLASSIC,
    turns: Annotated[int, Field(ge=1)] = 200,
    repetitions: Annotated[int, Field(ge=1)] = 10,
    noise: Annotated[float, Field(ge=0, le=1)] = 0.01,
    itself: bool = False,
) -> Study:
    """Which strategies of the repeated prisoner's dilemma earn most, everyone against everyone?

    `strategies`: policies of games of two options, by default sixteen classic ones; "all": all that the Axelrod
    library has too. Every pair plays `turns` turns in each of `repetitions`; a move is replaced by the other one with
    probability `noise`. `itself`: whether a strategy also meets its like (left out by default, as in the Axelrod
    library). Scores are means a turn over all opponents: 3 for both cooperating, 1 for both defecting, 5 and 0 where
    one defects.
    """
    named = tuple(LIBRARY) if strategies == ("all",) else rejoined(strategies)
    policies = tuple(dict.fromkeys(policy(s) for s in named))
    if len(policies) < 2:
        raise BadValue("strategies", strategies, 'at least two different ones, or "all"')
    game = PrisonersDilemma(rounds=turns)
    world: World = Noise(inner=game, p=noise) if noise > 0 else game
    labels = {
        p.label: LIBRARY[s] for s, p in zip(named, map(policy, named), strict=True) if s in LIBRARY
    }
    file = "noisy_summary.csv" if noise > 0 else "std_summary.csv"
    notes = [NOTE, ITSELF if itself else OTHERS]
    try:
        published = _published(file)
    except DataMissing:
        published = {}
        notes.append(
            f"The rank correlation is left out: the data set {SLUG} is not here (`mores doctor` helps)."
        )
    return Study(
        name="axelrod-tournament",
        cases=(Case(world=world, population=Population.round_robin(policies, itself)),),
        replicates=repetitions,
        metrics=(score_per_turn(itself), rank(itself), cooperation_by_strategy(itself)),
        baseline={"strategy": BASELINE} if BASELINE in {p.label for p in policies} else None,
        estimates=RankCorrelation(labels, published, file, itself) if published else None,
        summary="A round robin of strategies in the repeated prisoner's dilemma",
        source=SOURCE,
        notes=tuple(notes),
    )


NOTE = (
    "Ranks are set beside those of the same strategies in a tournament of 245 (Axelrod library, 2020). The fields of "
    "opponents differ, so the ranks need not agree; its noise may differ too."
)
OTHERS = "Matches of a strategy with its like are left out of the scores."
ITSELF = "Matches of a strategy with its like are part of the scores."


# -------------------------------------------------------------------- metrics
def _measure_rank(record: Record, itself: bool) -> Sample:
    scores = score_per_turn(itself).measure(record)
    k = len(scores.condition)
    means = [
        unit_means(scores.value[scores.which == c], scores.unit_id[scores.which == c])
        for c in range(k)
    ]
    units = np.unique(scores.unit_id)
    grid = np.full((k, len(units)), np.nan)
    for c, of in enumerate(means):
        grid[c, np.searchsorted(units, of.unit_id)] = of.mean
    placed = np.where(np.isnan(grid), np.nan, _ranks(-np.nan_to_num(grid, nan=-np.inf)))
    which = np.repeat(np.arange(k, dtype=np.int32), len(units))
    return Sample(placed.reshape(-1), np.tile(units, k), scores.condition, which)


def rank(itself: bool = False) -> Metric:
    """Where each strategy comes in a repetition: 1 is best, ties share the mean of their places."""
    return Metric(
        name="rank",
        measure=partial(_measure_rank, itself=itself),
        summary="The place of a strategy by its score, on average over repetitions; 1 is best.",
        unit="place",
        better="lower",
        range=(1.0, None),
    )


def _read_choices(record: Record, itself: bool) -> Reading:
    choices = acts("choose")(record)
    return choices if itself else against_others(record, choices)


def cooperation_by_strategy(itself: bool = False) -> Metric:
    """How often each strategy cooperates, noise included."""
    reader = partial(_read_choices, itself=itself)
    return Metric(
        name="cooperation",
        measure=partial(mean_by, reader=reader, label="strategy", groups=by_policy),
        summary="The share of turns in which a strategy cooperated, noise included.",
        unit="share",
        range=(0.0, 1.0),
    )


# -------------------------------------------------------------------- the published tournament
def _published(file: str) -> dict[str, tuple[float, float]]:
    """Median score and cooperation of every strategy of the published tournament; raises DataMissing."""
    rows = table(SLUG, file).select(["Name", "Median_score", "Cooperation_rating"]).to_pylist()
    return {r["Name"]: (float(r["Median_score"]), float(r["Cooperation_rating"])) for r in rows}


@dataclass(frozen=True)
class RankCorrelation:
    """Spearman's correlation of scores, and of cooperation, with those of the published tournament."""

    labels: Mapping[str, str]
    """Label of a policy here -> its name there."""
    published: Mapping[str, tuple[float, float]]
    file: str
    itself: bool = False

    def __call__(self, record: Record) -> list[Estimate]:
        """Two estimates over the shared strategies, named by the file they are compared with."""
        metrics = (score_per_turn(self.itself), cooperation_by_strategy(self.itself))
        return [self._one(m, k, record) for k, m in enumerate(metrics)]

    def _one(self, metric: Metric, k: int, record: Record) -> Estimate:
        sample = metric.measure(record)
        ours, theirs, absent = [], [], 0
        for c, condition in enumerate(sample.condition):
            name = self.labels.get(str(condition["strategy"]))
            if name is None or name not in self.published:
                absent += 1
                continue
            ours.append(float(np.nanmean(sample.value[sample.which == c])))
            theirs.append(self.published[name][k])
        value, low, high = spearman(np.array(ours), np.array(theirs))
        return Estimate(
            metric="rank_correlation",
            condition={"of": metric.name, "data": f"{SLUG}/{self.file}"},
            value=value,
            low=low,
            high=high,
            n=len(ours),
            missing=absent,
            method="fisher",
            range=(-1.0, 1.0),
        )


def _ranks(values: NDArray[np.floating]) -> Floats:
    """Ranks along the first axis from 1, ties sharing the mean of their places."""
    below = (values[None] < values[:, None]).sum(1)
    equal = (values[None] == values[:, None]).sum(1)
    ranks: Floats = below + (equal + 1) / 2
    return ranks


def spearman(a: Floats, b: Floats) -> tuple[float, float, float]:
    """The rank correlation of two vectors with its 95 % interval by Fisher's z; NaN where there is none."""
    n = len(a)
    if n < 3 or np.ptp(a) == 0 or np.ptp(b) == 0:
        return math.nan, math.nan, math.nan
    value = float(np.corrcoef(_ranks(a), _ranks(b))[0, 1])
    if n < 4 or abs(value) >= 1:
        return value, math.nan, math.nan
    half = 1.96 * math.sqrt(FISHER / (n - 3))
    return value, math.tanh(math.atanh(value) - half), math.tanh(math.atanh(value) + half)
