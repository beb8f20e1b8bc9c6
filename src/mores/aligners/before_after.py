"""Before and after: one study played twice, compared on the same seeds."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from mores.metric import Comparison, Condition, Metric, Sample
from mores.metrics import distances
from mores.metrics.comparison import compare_all
from mores.metrics.permutation import holm
from mores.metrics.resampling import RESAMPLES, Floats, generator
from mores.metrics.to_people import Distances
from mores.record import Record
from mores.study import Study


def compare(
    study: Study, before: Record, after: Record, when: tuple[int, int], seed: int = 0
) -> list[Comparison]:
    """After less before for every metric of a study and every distance to people, Holm-corrected as one family.

    The two records are of one study on the same seeds, so that units are paired. `when` says the rounds,
    which become the condition `round` of either side.
    """
    made: list[Comparison] = []
    for metric in study.metrics:
        sample = _joined(metric, before, after, when)
        made += compare_all(metric, sample, {"round": when[0]}, "round", seed=seed)
    for distance in _distances(study.estimates):
        made += _of_distance(distance, before, after, when, seed)
    if not made:
        return []
    adjusted = holm([c.p for c in made])
    return [replace(c, p_adjusted=float(p)) for c, p in zip(made, adjusted, strict=True)]


def _joined(metric: Metric, before: Record, after: Record, when: tuple[int, int]) -> Sample:
    """Both samples as one, under the further condition `round`."""
    one, two = metric.measure(before), metric.measure(after)
    conditions = [
        {**c, "round": r} for s, r in ((one, when[0]), (two, when[1])) for c in s.condition
    ]
    return Sample(
        np.concatenate([one.value, two.value]),
        np.concatenate([one.unit_id, two.unit_id]),
        tuple(conditions),
        np.concatenate([one.which, two.which + len(one.condition)]).astype(np.int32),
    )


def _distances(estimates: object) -> Iterator[Distances]:
    """The distances among the estimates of a study."""
    if isinstance(estimates, Distances):
        yield estimates
    elif isinstance(estimates, partial):
        for part in estimates.keywords.get("parts", ()):
            yield from _distances(part)


def _of_distance(
    distance: Distances, before: Record, after: Record, when: tuple[int, int], seed: int
) -> list[Comparison]:
    found: list[Comparison] = []
    for arm, condition in enumerate(before.conditions):
        if not dict(distance.where).items() <= dict(condition).items():
            continue
        old, new = _pooled(distance, before, arm), _pooled(distance, after, arm)
        found += _differences(distance, old, new, condition, when, seed)
    return found


def _pooled(distance: Distances, record: Record, arm: int) -> Floats:
    """How often each class was done in each replicate [replicates, k]."""
    units, counts = distance.counts(record)
    mine = units.arm == arm
    out = np.zeros((int(units.replicate[mine].max(initial=-1)) + 1, counts.shape[1]))
    np.add.at(out, units.replicate[mine], counts[mine])
    return out


def _differences(
    distance: Distances, old: Floats, new: Floats, condition: Condition, when: tuple[int, int],
    seed: int,
) -> list[Comparison]:  # fmt: skip
    """The changes of the distances, the same replicates redrawn on both sides."""
    assert distance.reference.distribution is not None
    target = np.asarray(distance.reference.distribution[1], np.float64)
    there = (old.sum(1) > 0) & (new.sum(1) > 0)
    n, k = int(there.sum()), old.shape[1]
    both = np.hstack([old[there], new[there]])
    drawn = _redrawn(both, generator(seed, "before-after", dict(condition))) if n > 1 else None
    found = []
    for kind in distance.kinds:
        measure = _measure(distance, kind)

        def change(totals: Floats, measure: distances.Distance = measure) -> Floats:
            return measure(totals[..., k:], target) - measure(totals[..., :k], target)

        value = float(change(both.sum(0))) if n else math.nan
        low, high, p = _interval(value, None if drawn is None else change(drawn))
        found.append(
            Comparison(
                metric=f"distance_{kind}",
                a={**condition, "round": when[1]},
                b={**condition, "round": when[0]},
                difference=value, low=low, high=high, p=p, p_adjusted=p, effect_size=math.nan,
                n=n, missing=len(old) - n, paired=True,
            )
        )  # fmt: skip
    return found


def _redrawn(units: Floats, rng: np.random.Generator) -> Floats:
    """Totals [resamples, k] of units [n, k] drawn with replacement.

    Few units differ where everyone does one thing, so it is drawn how often each kind of unit comes.
    """
    kinds, count = np.unique(units, axis=0, return_counts=True)
    times = rng.multinomial(len(units), count / len(units), size=RESAMPLES)
    totals: Floats = times.astype(np.float64) @ kinds
    return totals


def _interval(value: float, draws: Floats | None) -> tuple[float, float, float]:
    """The basic bootstrap interval (2 d - d*) and its two-sided p-value; NaN where nothing was redrawn."""
    if draws is None:
        return math.nan, math.nan, math.nan
    turned = 2 * value - draws
    low, high = (float(q) for q in np.quantile(turned, [0.025, 0.975]))
    tail = min(int((turned <= 0).sum()), int((turned >= 0).sum()))
    p = min(1.0, 2 * (1 + tail) / (1 + len(turned)))
    return min(low, value), max(high, value), p


def _measure(distance: Distances, kind: str) -> distances.Distance:
    if kind == "tv":
        return distances.total_variation
    if kind == "js":
        return distances.jensen_shannon
    assert distance.reference.distribution is not None
    places = np.asarray(distance.reference.distribution[0], np.float64)
    k = len(distance.reference.distribution[1])
    support = places if len(places) == k else (places[1:] + places[:-1]) / 2
    return partial(distances.wasserstein, support=support)


def as_dict(comparison: Comparison) -> dict[str, object]:
    """The fields that scripts may rely on; what is not a number is None."""
    numbers = {
        name: value if math.isfinite(value := float(getattr(comparison, name))) else None
        for name in ("difference", "low", "high", "p_adjusted")
    }
    return {
        "metric": comparison.metric, "a": dict(comparison.a), "b": dict(comparison.b), **numbers,
    }  # fmt: skip


def as_dicts(comparisons: Sequence[Comparison]) -> list[dict[str, object]]:
    """All of them."""
    return [as_dict(c) for c in comparisons]
