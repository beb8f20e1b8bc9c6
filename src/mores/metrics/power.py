"""How many replicates a study needs: power of the t test, for the planning of a design.

Power is exact for normal values (the noncentral t distribution, integrated numerically), and near enough for the
permutation tests that comparisons use. Effects are standardised: paired, the mean difference over the standard
deviation of differences; unpaired, over the standard deviation within a condition (Cohen 1988).
"""

from __future__ import annotations

import math

import numpy as np

from mores.errors import BadValue
from mores.metrics.quantiles import normal_cdf, normal_quantile, t_quantile

MOST = 10_000_000
"""A design that needs more replicates than this is refused: the effect is not worth finding."""


def _check_shares(power: float, alpha: float, comparisons: int) -> float:
    if not 0.0 < alpha < 1.0:
        raise BadValue("alpha", alpha, "a share strictly between 0 and 1, such as 0.05")
    if not alpha < power < 1.0:
        raise BadValue("power", power, f"a share above alpha={alpha} and below 1, such as 0.8")
    if comparisons < 1:
        raise BadValue("comparisons", comparisons, "at least 1")
    return alpha / comparisons


def power_of(n: int, effect: float, *, alpha: float = 0.05, paired: bool = True) -> float:
    """Probability that a two-sided t test at `alpha` finds a standardised `effect`.

    `n`: pairs if paired, else replicates in each of the two conditions; at least 2.
    """
    if n < 2:
        raise BadValue("n", n, "at least 2 replicates")
    df = n - 1 if paired else 2 * n - 2
    shift = abs(effect) * math.sqrt(n if paired else n / 2)
    critical = t_quantile(1.0 - alpha / 2, df)
    # The test statistic is (Z + shift) / s with s = sqrt(chi-square / df): integrate over s,
    # finely where df is small, since the critical value is then large and all turns on s near 0.
    reach = 8.0 / math.sqrt(2.0 * df)
    s = np.linspace(max(1e-9, 1.0 - reach), 1.0 + reach, 401 if df > 9 else 8001)
    log_density = (df - 1) * np.log(s) - df * s**2 / 2
    weight = np.exp(log_density - log_density.max())
    weight[[0, -1]] /= 2
    reject = [normal_cdf(shift - critical * x) + normal_cdf(-shift - critical * x) for x in s]
    return float(weight @ np.array(reject) / weight.sum())


def replicates_needed(
    effect: float,
    sd: float | None = None,
    *,
    power: float = 0.8,
    alpha: float = 0.05,
    paired: bool = True,
    comparisons: int = 1,
) -> int:
    """The fewest replicates (a condition) with which an effect is found with probability `power`.

    `effect` is in the metric's unit if `sd` is given (of differences if paired, within a condition if not), else
    standardised. `comparisons`: size of the family; alpha is divided by it (Bonferroni, so Holm needs no more).
    """
    alpha = _check_shares(power, alpha, comparisons)
    size = abs(effect) / _checked_sd(sd)
    if not size > 0 or not math.isfinite(size):
        raise BadValue("effect", effect, "a finite effect other than 0")
    z = normal_quantile(1 - alpha / 2) + normal_quantile(power)
    guess: float = (z / size) ** 2 * (1 if paired else 2)
    if guess > MOST:
        raise BadValue("effect", effect, f"larger: {guess:.3g} replicates would be needed")
    low: int = 1
    high: int = max(2, math.ceil(guess))
    while power_of(high, size, alpha=alpha, paired=paired) < power:
        low, high = high, high + max(1, high // 2)
    while high - low > 1:
        middle = (low + high) // 2
        if power_of(middle, size, alpha=alpha, paired=paired) < power:
            low = middle
        else:
            high = middle
    return high


def minimum_detectable_effect(
    n: int,
    sd: float | None = None,
    *,
    power: float = 0.8,
    alpha: float = 0.05,
    paired: bool = True,
    comparisons: int = 1,
) -> float:
    """The smallest effect that `n` replicates (a condition) find with probability `power`.

    In the metric's unit if `sd` is given, else standardised; arguments as in :func:`replicates_needed`.
    """
    alpha = _check_shares(power, alpha, comparisons)
    scale = _checked_sd(sd)
    low, high = 0.0, 1.0
    while power_of(n, high, alpha=alpha, paired=paired) < power:
        low, high = high, 2 * high
    for _ in range(40):
        middle = (low + high) / 2
        if power_of(n, middle, alpha=alpha, paired=paired) < power:
            low = middle
        else:
            high = middle
    return high * scale


def _checked_sd(sd: float | None) -> float:
    if sd is None:
        return 1.0
    if not sd > 0 or not math.isfinite(sd):
        raise BadValue("sd", sd, "a positive standard deviation")
    return sd
