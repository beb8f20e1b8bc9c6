"""Published figures of language models, shown as rows beside what was played here.

References are people. What a paper found for a language model is no reference, but an estimate that somebody else
made: it gets a row of its own, with "(published)" in its name and the method "published".
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mores.metric import Estimate
from mores.record import Record


@dataclass(frozen=True)
class Published:
    """Estimates that need no record, as the `estimates` of a study."""

    rows: tuple[Estimate, ...]

    def __call__(self, record: Record) -> list[Estimate]:
        """The rows, whatever was played."""
        return list(self.rows)


def published(
    metric: str,
    value: float,
    condition: Mapping[str, Any],
    *,
    n: int,
    unit: str = "",
    low: float = math.nan,
    high: float = math.nan,
) -> Estimate:
    """One published figure; `n` is how many plays or runs it rests on."""
    return Estimate(
        metric=metric,
        condition=condition,
        value=value,
        low=low,
        high=high,
        n=n,
        unit=unit,
        method="published",
    )


def model(name: str) -> str:
    """What a model is called in a row of its own."""
    return f"{name} (published)"
