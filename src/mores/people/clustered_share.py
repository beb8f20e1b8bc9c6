"""The share of decisions of one kind, when each person made many: people, not decisions, are independent."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike

from mores.metric import Condition, Estimate


def clustered_share(
    metric: str, hits: ArrayLike, decisions: ArrayLike, condition: Condition, level: float = 0.95
) -> Estimate:
    """Total hits over total decisions, as an estimate over people.

    hits and decisions are [person]. The interval is the normal one of the ratio estimator (Cochran 1977,
    *Sampling Techniques*, section 6.4), cut to [0, 1]; it is deterministic. NaN with fewer than two people.
    """
    hit, made = np.asarray(hits, np.float64), np.asarray(decisions, np.float64)
    people, total = len(made), made.sum()
    share = float(hit.sum() / total) if total else np.nan
    half = np.nan
    if people > 1 and total:
        spread = float(((hit - share * made) ** 2).sum()) * people / (people - 1)
        half = NormalDist().inv_cdf((1 + level) / 2) * np.sqrt(spread) / total
    return Estimate(
        metric=metric,
        condition=condition,
        value=share,
        low=float(np.maximum(share - half, 0.0)),
        high=float(np.minimum(share + half, 1.0)),
        n=people,
        unit="share",
        level=level,
        method="linearised over people",
        range=(0.0, 1.0),
    )
