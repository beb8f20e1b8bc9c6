"""Strategy frequency estimation: which strategies people use, from what they did.

Each person is taken to play one of K automata in all games, deviating from it in any decision with one and the
same probability, the tremble. The likelihood of person i with m_ik deviations from strategy k in n_i decisions is

    sum_k w_k (1 - t)^(n_i - m_ik) t^m_ik

and the shares w and the tremble t are found by expectation maximisation from several starts. Standard errors
are by bootstrap over people, the unit of independence.

Dal Bo & Frechette 2011, "The evolution of cooperation in infinitely repeated games", American Economic Review
101(1): 411-429.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mores.errors import BadValue
from mores.metric import Condition, Estimate
from mores.people.automata import DAL_BO_FRECHETTE, stack
from mores.people.repeated_pd import Play, mismatches

Array = NDArray[np.float64]
TREMBLE_RANGE = (1e-6, 1 - 1e-6)
"""A tremble of exactly 0 or 1 would make one slip impossible, and its logarithm infinite."""


@dataclass(frozen=True)
class Evidence:
    """All that the likelihood needs: how each person's decisions differ from each strategy."""

    names: tuple[str, ...]
    deviations: Array
    """[person, strategy]"""
    decisions: Array
    """[person]"""

    @classmethod
    def of(cls, play: Play, names: Sequence[str] = DAL_BO_FRECHETTE) -> Evidence:
        """The evidence in one treatment's play about the named automata."""
        deviations = mismatches(play, stack(names)).astype(np.float64)
        return cls(tuple(names), deviations, play.decisions.astype(np.float64))

    def log_likelihood(self, tremble: Array) -> Array:
        """[..., person, strategy] of each person's play if the strategy were theirs; tremble [...]."""
        slip, keep = np.log(tremble)[..., None, None], np.log1p(-tremble)[..., None, None]
        return self.deviations * slip + (self.decisions[:, None] - self.deviations) * keep


@dataclass(frozen=True)
class Mixture:
    """The shares of strategies in a population, with their doubt where it was estimated."""

    names: tuple[str, ...]
    weights: Array
    """[strategy] shares that sum to 1."""
    tremble: float
    log_likelihood: float
    people: int
    draws: Array | None = None
    """[draw, strategy + 1] bootstrap values of the shares and, last, the tremble."""

    @property
    def standard_errors(self) -> Array:
        """[strategy + 1] of the shares and, last, the tremble; NaN if not bootstrapped."""
        if self.draws is None:
            return np.full(len(self.names) + 1, np.nan)
        return np.asarray(self.draws.std(axis=0, ddof=1))

    def share(self, name: str) -> float:
        """The share of one strategy."""
        return float(self.weights[self.names.index(name)])

    def estimates(self, condition: Condition, level: float = 0.95) -> list[Estimate]:
        """`strategy_share` of each strategy and `tremble`, with bootstrap intervals where there are any."""
        values = np.append(self.weights, self.tremble)
        if self.draws is None:
            low = high = np.full(len(values), np.nan)
        else:
            low, high = np.quantile(self.draws, [(1 - level) / 2, (1 + level) / 2], axis=0)
        return [
            Estimate(
                metric="tremble" if k == len(self.names) else "strategy_share",
                condition=dict(condition)
                | ({"strategy": self.names[k]} if k < len(self.names) else {}),
                value=float(value),
                low=float(low[k]),
                high=float(high[k]),
                n=self.people,
                unit="share",
                level=level,
                method="none" if self.draws is None else "bootstrap",
                range=(0.0, 1.0),
            )
            for k, value in enumerate(values)
        ]


def estimate(
    play: Play,
    names: Sequence[str] = DAL_BO_FRECHETTE,
    *,
    rng: np.random.Generator,
    starts: int = 12,
    draws: int = 0,
) -> Mixture:
    """Fit shares and tremble to one treatment's play; `draws` > 0 adds a bootstrap over people."""
    mixture = fit(Evidence.of(play, names), rng=rng, starts=starts)
    return bootstrap(mixture, Evidence.of(play, names), rng=rng, draws=draws) if draws else mixture


def fit(evidence: Evidence, *, rng: np.random.Generator, starts: int = 12) -> Mixture:
    """The best of several ascents from random starts."""
    if starts < 1:
        raise BadValue("starts", starts, "at least 1")
    people, kinds = evidence.deviations.shape
    weights = rng.dirichlet(np.ones(kinds), size=starts)
    tremble = rng.uniform(0.02, 0.4, size=starts)
    weights, tremble, height = _ascend(evidence, np.ones((starts, people)), weights, tremble, 1e-9)
    best = int(np.argmax(height))
    return Mixture(evidence.names, weights[best], float(tremble[best]), float(height[best]), people)


def bootstrap(
    mixture: Mixture, evidence: Evidence, *, rng: np.random.Generator, draws: int = 200
) -> Mixture:
    """The same mixture with `draws` refits, each to as many people drawn with replacement."""
    if draws < 2:
        raise BadValue("draws", draws, "at least 2")
    people, kinds = evidence.deviations.shape
    counts = rng.multinomial(people, np.full(people, 1 / people), size=draws).astype(np.float64)
    # Expectation maximisation never leaves a share of 0, so every share starts above it.
    start = np.tile(0.8 * mixture.weights + 0.2 / kinds, (draws, 1))
    weights, tremble, _ = _ascend(
        evidence, counts, start, np.full(draws, mixture.tremble), tolerance=1e-6
    )
    return replace(mixture, draws=np.column_stack([weights, tremble]))


def _ascend(
    evidence: Evidence, counts: Array, weights: Array, tremble: Array, tolerance: float
) -> tuple[Array, Array, Array]:
    """Expectation maximisation of many fits at once, until no share or tremble moves by `tolerance`.

    counts [fit, person] how often each person is in the sample; weights [fit, strategy]; tremble [fit].
    Returns both at the maximum, and the log-likelihood [fit].
    """
    weights, tremble = weights.copy(), tremble.copy()
    moving = np.arange(len(weights))
    for _ in range(20_000):
        new_weights, new_tremble, _ = _improve(
            evidence, counts[moving], weights[moving], tremble[moving]
        )
        step = np.maximum(
            np.abs(new_weights - weights[moving]).max(axis=1), np.abs(new_tremble - tremble[moving])
        )
        weights[moving], tremble[moving] = new_weights, new_tremble
        moving = moving[step > tolerance]
        if not len(moving):
            break
    return weights, tremble, _improve(evidence, counts, weights, tremble)[2]


def _improve(
    evidence: Evidence, counts: Array, weights: Array, tremble: Array
) -> tuple[Array, Array, Array]:
    """One step: who is likely to play what, then the shares and trembles that fit that best."""
    with np.errstate(divide="ignore"):
        joint = np.log(weights)[:, None, :] + evidence.log_likelihood(tremble)
    top = joint.max(axis=2, keepdims=True)
    belief = np.exp(joint - top)
    total = belief.sum(axis=2, keepdims=True)
    height = (counts * (top + np.log(total))[..., 0]).sum(axis=1)
    belief *= counts[..., None] / total
    slips = (belief * evidence.deviations).sum(axis=(1, 2)) / (counts @ evidence.decisions)
    return (
        belief.sum(axis=1) / counts.sum(axis=1, keepdims=True),
        np.clip(slips, *TREMBLE_RANGE),
        height,
    )
