"""Mixtures of strategies that depend on the rules of the game, so that untried rules can be predicted.

The shares of the automata are a multinomial logit of features of the treatment and the tremble is a logit of the
same features; both are fitted together by maximum likelihood over all people of all treatments, with a mild ridge
penalty on the slopes. Two sets of features are offered:

- `rules`: continuation probability, gain and loss from defecting, execution error;
- `basin`: size of the basin of attraction of always-defect against grim, execution error;

and `pooled`, none: one population for all treatments, the baseline.

The strategy model is Dal Bo & Frechette 2011's; covariates of strategy shares follow Dvorak & Fehrler 2018.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from mores.errors import BadValue, MoresError
from mores.people.automata import DAL_BO_FRECHETTE
from mores.people.automaton_play import expected_cooperation
from mores.people.repeated_pd import Play, Treatment
from mores.people.strategy_frequency import Evidence

Array = NDArray[np.float64]
Features = Literal["rules", "basin", "pooled"]
INTERCEPT_RIDGE = 0.01
"""Adding a constant to all intercepts changes nothing; this picks one of those solutions."""


def features_of(treatment: Treatment, features: Features) -> Array:
    """The numbers that a mixture depends on, without the constant. Raises BadValue."""
    match features:
        case "rules":
            return np.array([treatment.delta, treatment.gain, treatment.loss, treatment.error])
        case "basin":
            return np.array([treatment.basin_of_defection, treatment.error])
        case "pooled":
            return np.empty(0)
    raise BadValue("features", features, f"one of {', '.join(get_args(Features))}")


@dataclass(frozen=True)
class TreatmentModel:
    """A mixture of automata for any treatment."""

    names: tuple[str, ...]
    features: Features
    centre: Array
    """[feature] mean over the treatments fitted."""
    scale: Array
    """[feature] standard deviation over them."""
    shares: Array
    """[1 + feature, strategy] log-odds: intercepts, then slopes on standardised features."""
    tremble: Array
    """[1 + feature] log-odds of the tremble."""
    log_likelihood: float
    """Without the penalty."""

    def predict(self, treatment: Treatment) -> tuple[Array, float]:
        """The shares of the strategies and the tremble expected under a treatment's rules."""
        x = np.append(1.0, (features_of(treatment, self.features) - self.centre) / self.scale)
        shares = np.exp(_log_softmax(x @ self.shares))
        return shares / shares.sum(), float(_logistic(x @ self.tremble))

    def cooperation(self, treatment: Treatment) -> float:
        """The share of cooperation that the predicted population reaches, exactly."""
        weights, tremble = self.predict(treatment)
        return expected_cooperation(weights, tremble, treatment.delta, treatment.error, self.names)


def fit_treatments(
    plays: Sequence[Play],
    features: Features = "rules",
    *,
    names: Sequence[str] = DAL_BO_FRECHETTE,
    ridge: float = 1.0,
) -> TreatmentModel:
    """Fit one model to several treatments. `ridge` >= 0 is the penalty on half the squared slopes.

    Raises BadValue, and MoresError if scipy is not installed.
    """
    if len(plays) < 2 and features != "pooled":
        raise BadValue("plays", len(plays), "at least two treatments, or features='pooled'")
    if ridge < 0:
        raise BadValue("ridge", ridge, "0 or more")
    evidence = [Evidence.of(play, names) for play in plays]
    return _fit(_Problem.of([play.treatment for play in plays], evidence, features, ridge))


def _fit(problem: _Problem) -> TreatmentModel:
    try:
        from scipy.optimize import minimize
    except ImportError as error:
        raise MoresError(
            "fitting mixtures to treatments needs scipy: install `mores[stats]`"
        ) from error
    start = np.zeros(problem.size)
    start[problem.design.shape[1] * len(problem.names)] = -2.0  # a tremble of about .1
    # Some 50 coefficients: the whole BFGS matrix takes half the steps, and none in a threaded library.
    options = {"maxiter": 5000, "gtol": 1e-4}
    found = minimize(problem.loss, start, jac=True, method="BFGS", options=options)
    if not found.success:
        raise MoresError(f"the mixture did not converge: {found.message}")
    shares, tremble = problem.unpack(found.x)
    return TreatmentModel(
        names=problem.names,
        features=problem.features,
        centre=problem.centre,
        scale=problem.scale,
        shares=shares,
        tremble=tremble,
        log_likelihood=problem.likelihood(shares, tremble)[0],
    )


@dataclass(frozen=True)
class _Problem:
    """The penalised likelihood and its gradient, as an optimiser wants them: one flat vector in."""

    names: tuple[str, ...]
    features: Features
    centre: Array
    scale: Array
    design: Array
    """[treatment, 1 + feature]"""
    deviations: Array
    """[person, strategy], the people of all treatments one after the other."""
    decisions: Array
    """[person]"""
    group: NDArray[np.intp]
    """[person] the treatment, ascending."""
    penalty: Array
    """[1 + feature]"""

    @classmethod
    def of(
        cls,
        treatments: Sequence[Treatment],
        evidence: Sequence[Evidence],
        features: Features,
        ridge: float,
    ) -> _Problem:
        raw = np.stack([features_of(treatment, features) for treatment in treatments])
        centre, scale = raw.mean(axis=0), raw.std(axis=0)
        scale[scale == 0] = 1.0
        design = np.column_stack([np.ones(len(raw)), (raw - centre) / scale])
        people = [len(each.decisions) for each in evidence]
        return cls(
            names=evidence[0].names,
            features=features,
            centre=centre,
            scale=scale,
            design=design,
            deviations=np.concatenate([each.deviations for each in evidence]),
            decisions=np.concatenate([each.decisions for each in evidence]),
            group=np.repeat(np.arange(len(people)), people),
            penalty=np.append(0.0, np.full(raw.shape[1], ridge)),
        )

    @property
    def size(self) -> int:
        return int(self.design.shape[1]) * (len(self.names) + 1)

    def unpack(self, flat: Array) -> tuple[Array, Array]:
        """Coefficients of the shares [1 + feature, strategy] and of the tremble [1 + feature]."""
        width = self.design.shape[1]
        return flat[:-width].reshape(width, -1), flat[-width:]

    def loss(self, flat: Array) -> tuple[float, Array]:
        """Minus the penalised log-likelihood, and its gradient."""
        shares, tremble = self.unpack(flat)
        height, by_shares, by_tremble = self.likelihood(shares, tremble)
        on_shares = np.where(self.penalty[:, None] > 0, self.penalty[:, None], INTERCEPT_RIDGE)
        height -= 0.5 * float((on_shares * shares**2).sum() + (self.penalty * tremble**2).sum())
        by_shares = by_shares - on_shares * shares
        by_tremble = by_tremble - self.penalty * tremble
        return -height, -np.append(by_shares.ravel(), by_tremble)

    def likelihood(self, shares: Array, tremble: Array) -> tuple[float, Array, Array]:
        """The log-likelihood and its gradient in both sets of coefficients."""
        log_weights = _log_softmax(self.design @ shares)
        slip = np.clip(_logistic(self.design @ tremble), 1e-9, 1 - 1e-9)[self.group]
        joint = log_weights[self.group] + self.deviations * np.log(slip)[:, None]
        joint += (self.decisions[:, None] - self.deviations) * np.log1p(-slip)[:, None]
        top = joint.max(axis=1, keepdims=True)
        belief = np.exp(joint - top)
        total = belief.sum(axis=1, keepdims=True)
        belief /= total
        height = float((top + np.log(total)).sum())
        by_weights = self._by_treatment(belief - np.exp(log_weights)[self.group])
        by_slip = self._by_treatment((belief * self.deviations).sum(axis=1) - slip * self.decisions)
        return height, self.design.T @ by_weights, self.design.T @ by_slip

    def _by_treatment(self, of_people: Array) -> Array:
        first = np.searchsorted(self.group, np.arange(len(self.design)))
        return np.asarray(np.add.reduceat(of_people, first, axis=0))


@dataclass(frozen=True)
class Prediction:
    """One treatment as it was played, and as a model that never saw it expects it."""

    treatment: Treatment
    observed: float
    predicted: float
    weights: Array
    tremble: float
    people: int


def leave_one_out(
    plays: Sequence[Play],
    features: Features = "rules",
    *,
    names: Sequence[str] = DAL_BO_FRECHETTE,
    ridge: float = 1.0,
) -> list[Prediction]:
    """Predict each treatment from a model fitted to all the others."""
    predictions = []
    evidence = [Evidence.of(play, names) for play in plays]
    for out, play in enumerate(plays):
        others = [row for row in range(len(plays)) if row != out]
        known = [plays[row].treatment for row in others]
        model = _fit(_Problem.of(known, [evidence[row] for row in others], features, ridge))
        weights, tremble = model.predict(play.treatment)
        expected = model.cooperation(play.treatment)
        predictions.append(
            Prediction(play.treatment, play.cooperation, expected, weights, tremble, play.people)
        )
    return predictions


def rmse(predictions: Sequence[Prediction]) -> float:
    """The root mean squared difference between predicted and observed cooperation."""
    return float(np.sqrt(np.mean([(each.predicted - each.observed) ** 2 for each in predictions])))


def _log_softmax(scores: Array) -> Array:
    shifted = scores - scores.max(axis=-1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True)))


def _logistic(x: Array) -> Array:
    return np.asarray((1 + np.tanh(x / 2)) / 2)
