"""Metric: a function from the record to estimates, and the numbers it makes.

A metric reads a :class:`~mores.record.Record` and returns a :class:`Sample`: one value an episode (the unit of
independence), under the condition it was played in, with NaN where the value is missing. What turns a sample
into an :class:`Estimate` is always the same code (`mores.metrics.statistics.estimate`), so that no
number is ever without its interval, its n and a count of what was missing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from mores.record import Record

Condition = Mapping[str, Any]
"""What distinguishes a group of episodes: `{"institution": "reputation", "strategy": "tit-for-tat"}`."""


def _number(x: float | None) -> float | None:
    return None if x is None or not np.isfinite(x) else float(x)


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """One number with its doubt: never shown without interval, n and what was missing."""

    metric: str
    condition: Condition = field(default_factory=dict)
    value: float
    low: float
    """Lower end of the interval; NaN where none can be had (n < 2)."""
    high: float
    n: int
    """How many units (episodes, people) the value rests on, those missing left out."""
    missing: int = 0
    """How many units gave no value: unparsable, refused, died."""
    unit: str = ""
    level: float = 0.95
    method: str = "bootstrap"
    """How the interval was made: bootstrap, wilson, exact, none."""
    better: Literal["higher", "lower", "neither"] = "neither"
    range: tuple[float | None, float | None] = (None, None)

    def as_dict(self) -> dict[str, Any]:
        """The fields that scripts may rely on, NaN as None so that it is valid JSON."""
        return {
            "metric": self.metric,
            "condition": dict(self.condition),
            "value": _number(self.value),
            "low": _number(self.low),
            "high": _number(self.high),
            "n": self.n,
            "missing": self.missing,
            "unit": self.unit,
        }


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """The difference a - b of one metric between two conditions, paired where both share seeds."""

    metric: str
    a: Condition
    b: Condition
    difference: float
    low: float
    high: float
    p: float
    p_adjusted: float
    """Holm-corrected within the family of comparisons made together."""
    effect_size: float
    """Paired: mean difference over the standard deviation of differences; unpaired: Hedges' g."""
    n: int
    missing: int = 0
    paired: bool = True
    unit: str = ""


@dataclass(frozen=True, kw_only=True)
class Reference:
    """A human (or published) figure to compare an estimate with, and where it comes from."""

    metric: str
    source: str
    """Author, year and where it can be read."""
    value: float | None = None
    low: float | None = None
    high: float | None = None
    n: int | None = None
    year: int | None = None
    condition: Condition = field(default_factory=dict)
    """The reference is set beside estimates whose condition contains this one."""
    distribution: tuple[tuple[float, ...], tuple[float, ...]] | None = None
    """For distances: bin edges (k+1) or categories (k), and the k counts."""
    licence: str = ""
    note: str = ""


@dataclass(frozen=True)
class Sample:
    """What a metric measured: one value an episode. All arrays have length n.

    `unit_id` names the independent unit (episode, person); several rows of one unit are averaged within it
    first, or resampled together (cluster bootstrap).
    """

    value: NDArray[np.float64]
    unit_id: NDArray[np.int64]
    condition: tuple[Condition, ...]
    """The distinct conditions."""
    which: NDArray[np.int32]
    """Row -> index into `condition`."""


@dataclass(frozen=True, kw_only=True)
class Metric:
    """A named function from the record to a sample of values."""

    name: str
    measure: Callable[[Record], Sample]
    summary: str = ""
    unit: str = ""
    better: Literal["higher", "lower", "neither"] = "neither"
    range: tuple[float | None, float | None] = (None, None)
    interval: Literal["bootstrap", "wilson"] = "bootstrap"
    source: str = ""
