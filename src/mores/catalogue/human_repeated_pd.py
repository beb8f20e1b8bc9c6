"""Human repeated prisoner's dilemma: which strategies people use, and whether that predicts games never seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from mores import data, references
from mores.design import study
from mores.metric import Estimate, Reference
from mores.metrics.resampling import RESAMPLES, generator
from mores.people import repeated_pd, strategy_frequency
from mores.people.automata import DAL_BO_FRECHETTE, LENIENT
from mores.people.clustered_share import clustered_share
from mores.people.engine_play import cooperation_by_arm, world
from mores.people.repeated_pd import STUDIES, Play
from mores.people.treatment_mixture import Features, Prediction, leave_one_out, rmse
from mores.policies.automaton import mixture
from mores.record import Record
from mores.study import Case, Study

SOURCE = (
    "Dal Bo & Frechette 2011, American Economic Review 101: 411-429; "
    "Fudenberg, Rand & Dreber 2012, American Economic Review 102: 720-749"
)
NAMES = {"six": DAL_BO_FRECHETTE, "nine": LENIENT}
Strategies = Literal["six", "nine"]
PUBLISHED = {
    "D5R32": {"AD": 0.920, "TFT": 0.080},
    "D5R40": {"AD": 0.783, "AC": 0.078, "G": 0.040, "TFT": 0.098},
    "D5R48": {"AD": 0.533, "AC": 0.072, "TFT": 0.376, "WSLS": 0.019},
    "D75R32": {"AD": 0.648, "TFT": 0.352},
    "D75R40": {"AD": 0.109, "AC": 0.296, "G": 0.267, "TFT": 0.327},
    "D75R48": {"AC": 0.079, "G": 0.116, "TFT": 0.561, "T2": 0.244},
}
"""Shares of strategies in df2011 (Dal Bo & Frechette 2011, table 7); those not named are 0."""
DECIMALS = 4
"""Of fitted shares and trembles as they are played: the last digits of an optimiser are its machine's."""


@study(source=SOURCE, data=("repeated-pd-human",))
def human_repeated_pd(
    features: Features = "rules",
    strategies: Strategies = "six",
    replicates: Annotated[int, Field(ge=1)] = 10_000,
    ridge: Annotated[float, Field(ge=0)] = 1.0,
    draws: Annotated[int, Field(ge=2)] = 200,
) -> Study:
    """Which strategies do people use in the repeated prisoner's dilemma, and do they predict games never seen?

    Each of twelve laboratory treatments is left out in turn. A mixture of `strategies` (the six of Dal Bo & Frechette
    2011, or nine) whose shares and tremble depend on `features` of the treatment ("rules": continuation, gain and loss
    from defecting, execution error; "basin": basin of attraction of always-defect, and error; "pooled": nothing) is
    fitted to all people of the others, with a `ridge` penalty on the slopes. The population so predicted plays the
    treatment, `replicates` games of independently drawn pairs, and its cooperation is set beside that of the people.
    Beside that the mixture of each treatment is estimated from its own people, with `draws` bootstrap samples.
    """
    predictions = fitted(str(data.folder()), features, strategies, ridge)
    return Study(
        name="human-repeated-pd",
        cases=tuple(_case(each, strategies) for each in predictions),
        replicates=replicates,
        references=(*_observed(), *(_published() if strategies == "six" else ())),
        estimates=Against(features, strategies, ridge, draws),
        summary="Strategies that people use, and how well they predict cooperation in treatments never seen",
        source=SOURCE,
        notes=(*NOTES, _how(features, strategies, ridge)),
    )


NOTES = (
    "cooperation_observed is the share of c among all decisions of a treatment, its interval over people; "
    "cooperation_predicted is the same share in the games of the predicted population, its interval over games: it "
    "says how exact the simulation is, not how sure the fitted mixture.",
    "In frd2012 a choice is what a person meant, before the execution error; predictions count what was meant, too.",
    "Both data sets hold late play only: people who had some experience of the game.",
    "strategy_share and tremble are estimated from the treatment's own people, with no other treatment.",
)


def _how(features: Features, strategies: Strategies, ridge: float) -> str:
    depends = {
        "rules": "continuation probability, gain, loss and execution error",
        "basin": "the basin of attraction of always-defect, and the execution error",
        "pooled": "nothing: one population for all treatments",
    }
    return (
        f"Each prediction comes from a mixture of {', '.join(NAMES[strategies])} fitted to the eleven other treatments "
        f"of both data sets; its shares and tremble depend on {depends[features]} (ridge {ridge:g}). rmse_pooled is "
        "what one population for all treatments reaches, left out in the same way, computed exactly."
    )


# ---------------------------------------------------------------- fits, once a process
@lru_cache(maxsize=4)
def plays(folder: str) -> tuple[Play, ...]:
    """The twelve treatments as they were played; `folder` is the data folder. Raises DataMissing."""
    return tuple(repeated_pd.load_all())


@lru_cache(maxsize=16)
def fitted(
    folder: str, features: Features, strategies: Strategies, ridge: float
) -> tuple[Prediction, ...]:
    """Each treatment as a mixture fitted to all others predicts it. Raises DataMissing."""
    names = NAMES[strategies]
    found = leave_one_out(plays(folder), features, names=names, ridge=ridge)
    return tuple(map(_rounded, found))


@lru_cache(maxsize=16)
def own_mixtures(folder: str, strategies: Strategies, draws: int) -> tuple[Estimate, ...]:
    """The shares of strategies in each treatment, estimated from its own people."""
    found: list[Estimate] = []
    for play in plays(folder):
        condition = play.treatment.condition
        rng = generator(0, "strategy_share", condition)
        mixed = strategy_frequency.estimate(play, NAMES[strategies], rng=rng, draws=draws)
        found += mixed.estimates(condition)
    return tuple(found)


def _rounded(prediction: Prediction) -> Prediction:
    weights = prediction.weights.round(DECIMALS)
    weights[weights.argmax()] += 1 - weights.sum()
    return replace(
        prediction,
        weights=weights.round(DECIMALS),
        tremble=round(prediction.tremble, DECIMALS),
    )


def _case(prediction: Prediction, strategies: Strategies) -> Case:
    people = mixture(NAMES[strategies], prediction.weights.tolist(), prediction.tremble)
    rules = prediction.treatment
    return Case(world=world(rules), population=people, condition=rules.condition)


# ---------------------------------------------------------------- references
def _observed() -> list[Reference]:
    """How much people cooperated, beside each prediction."""
    return [
        replace(each, metric="cooperation_predicted")
        for each in references.load("prisoners-dilemma")
        if each.metric == "cooperation" and each.condition.get("data") in STUDIES
    ]


def _published() -> list[Reference]:
    return [
        Reference(
            metric="strategy_share",
            source="Dal Bo & Frechette 2011, American Economic Review 101: 411-429",
            year=2011,
            value=share,
            condition={"data": "df2011", "treatment": treatment, "strategy": strategy},
        )
        for treatment, shares in PUBLISHED.items()
        for strategy, share in shares.items()
    ]


# ---------------------------------------------------------------- estimates
@dataclass(frozen=True)
class Against:
    """People's cooperation beside the predicted, how far both are apart, and the strategies people use."""

    features: Features
    strategies: Strategies
    ridge: float
    draws: int

    def __call__(self, record: Record) -> list[Estimate]:
        """The estimates of a record of the study."""
        folder = str(data.folder())
        observed = [_people(play) for play in plays(folder)]
        predicted = cooperation_by_arm(record, "cooperation_predicted")
        pooled = leave_one_out(plays(folder), "pooled", names=NAMES[self.strategies])
        found = [each for pair in zip(observed, predicted, strict=True) for each in pair]
        for name in STUDIES:
            rows = [k for k, each in enumerate(observed) if each.condition["data"] == name]
            both = [[side[k] for k in rows] for side in (observed, predicted)]
            found.append(_rmse(name, *both, seed=int(record.manifest.get("seed", 0))))
            found.append(_pooled(name, [pooled[k] for k in rows]))
        return [*found, *own_mixtures(folder, self.strategies, self.draws)]


def _people(play: Play) -> Estimate:
    condition = play.treatment.condition
    return clustered_share("cooperation_observed", play.cooperations, play.decisions, condition)


def _rmse(
    name: str, observed: Sequence[Estimate], predicted: Sequence[Estimate], *, seed: int
) -> Estimate:
    """The root mean squared error over the treatments of a data set; its interval is from the doubt of both shares."""
    of, to = (np.array([each.value for each in side]) for side in (observed, predicted))
    value = float(np.sqrt(np.mean((to - of) ** 2)))
    spread = [
        np.nan_to_num([(each.high - each.low) / (2 * 1.959964) for each in side])
        for side in (observed, predicted)
    ]
    rng = generator(seed, "rmse", name)
    noise = rng.normal(size=(RESAMPLES, len(of))) * np.hypot(*spread)
    again = np.sqrt(np.mean((to - of + noise) ** 2, axis=1))
    least, most = np.quantile(again, [0.025, 0.975])
    return Estimate(
        metric="rmse",
        condition={"data": name},
        value=value,
        low=max(0.0, min(2 * value - float(most), value)),
        high=max(2 * value - float(least), value),
        n=len(of),
        unit="share",
        method="parametric bootstrap of both shares",
        better="lower",
        range=(0.0, 1.0),
    )


def _pooled(name: str, predictions: Sequence[Prediction]) -> Estimate:
    return Estimate(
        metric="rmse_pooled",
        condition={"data": name},
        value=rmse(predictions),
        low=float("nan"),
        high=float("nan"),
        n=len(predictions),
        unit="share",
        method="none",
        better="lower",
        range=(0.0, 1.0),
    )
