"""Normal and Student t quantiles for the core install, which has no scipy.

The values agree with `scipy.stats` to better than 1e-8 (tests compare them where scipy is installed). Degrees of
freedom are whole numbers, which is all that intervals here need.
"""

from __future__ import annotations

import math
from functools import lru_cache
from statistics import NormalDist

from mores.errors import BadValue

_STANDARD = NormalDist()
_EXACT_UP_TO = 500
"""Above this many degrees of freedom the expansion is exact to rounding and much cheaper."""


def normal_cdf(z: float) -> float:
    """Probability that a standard normal variable is at most `z`."""
    return 0.5 * math.erfc(-z / math.sqrt(2.0))


def normal_quantile(p: float) -> float:
    """The standard normal quantile of `p` in (0, 1)."""
    if not 0.0 < p < 1.0:
        raise BadValue("p", p, "a probability strictly between 0 and 1")
    return _STANDARD.inv_cdf(p)


def _central_probability(theta: float, df: int) -> float:
    """P(|T| <= sqrt(df) * tan(theta)): the finite series of Abramowitz & Stegun (1964), 26.7.3-4."""
    cos, sin = math.cos(theta), math.sin(theta)
    odd = df % 2 == 1
    term = cos if odd else 1.0
    total = term if df > 1 else 0.0
    for k in range(3 if odd else 2, df - 1, 2):
        term *= cos * cos * (k - 1) / k
        total += term
    return 2.0 / math.pi * (theta + sin * total) if odd else sin * total


def _expanded_t(z: float, df: int) -> float:
    """The t quantile from the normal one: Abramowitz & Stegun 26.7.5, for many degrees of freedom."""
    g1 = (z**3 + z) / 4
    g2 = (5 * z**5 + 16 * z**3 + 3 * z) / 96
    g3 = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
    return z + g1 / df + g2 / df**2 + g3 / df**3


@lru_cache(maxsize=4096)
def t_quantile(p: float, df: int) -> float:
    """The quantile of `p` in (0, 1) of Student's t with `df` >= 1 degrees of freedom (a whole number)."""
    if not 0.0 < p < 1.0:
        raise BadValue("p", p, "a probability strictly between 0 and 1")
    if df < 1:
        raise BadValue("df", df, "at least 1 degree of freedom")
    if p < 0.5:
        return -t_quantile(1.0 - p, df)
    if df > _EXACT_UP_TO:
        return _expanded_t(normal_quantile(p), df)
    low, high = 0.0, math.pi / 2
    for _ in range(60):
        middle = (low + high) / 2
        if _central_probability(middle, df) < 2 * p - 1:
            low = middle
        else:
            high = middle
    return math.sqrt(df) * math.tan((low + high) / 2)
