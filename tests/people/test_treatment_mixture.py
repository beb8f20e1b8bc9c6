"""Mixtures that depend on the rules: gradients, and predicting treatments that were left out."""

from __future__ import annotations

import os

import numpy as np
import pytest

pytest.importorskip("scipy")

from mores.errors import BadValue
from mores.people.repeated_pd import Play, Treatment, load_all
from mores.people.strategy_frequency import Evidence, fit
from mores.people.treatment_mixture import (
    Features,
    _Problem,
    features_of,
    fit_treatments,
    leave_one_out,
    rmse,
)

needs_data = pytest.mark.skipif(not os.environ.get("MORES_DATA"), reason="MORES_DATA is not set")


def coins(treatment: Treatment, cooperation: float, people: int, seed: int) -> Play:
    """People who cooperate at a given rate, whatever happens."""
    rng = np.random.default_rng(seed)
    person = np.repeat(np.arange(people), 4)
    choice = (rng.random((len(person), 5)) < cooperation).astype(np.int8)
    last = rng.integers(0, 4, size=choice.shape, dtype=np.int8)
    last[:, 0] = -1
    return Play(treatment, person, choice, last)


def made_up() -> list[Play]:
    """Four treatments in which people cooperate more the longer the shadow of the future."""
    deltas = (0.2, 0.4, 0.6, 0.8)
    return [
        coins(Treatment("made-up", f"{d}", d, 1.0, 1.0, d / 10), d, 40, row)
        for row, d in enumerate(deltas)
    ]


@pytest.mark.parametrize(
    ("delta", "gain", "loss", "size"),
    [
        (0.75, 25 / 15 - 1, 13 / 15, 0.2708),
        (0.75, 18 / 7, 13 / 7, 0.8125),
        (0.5, 18 / 7, 13 / 7, 1.0),
    ],
)
def test_basin_of_defection(delta: float, gain: float, loss: float, size: float) -> None:
    """The three known sizes for the games of Dal Bo & Frechette 2011, 1 where grim is no equilibrium."""
    basin = Treatment("df2011", "", delta, gain, loss).basin_of_defection
    assert basin == pytest.approx(size, abs=0.0005)


def test_at_the_basin_grim_and_defection_earn_the_same() -> None:
    """The formula is the indifference it claims to be, computed from payoffs R=1, P=0."""
    rules = Treatment("df2011", "", 0.8, 0.5, 1.2)
    p, delta = rules.basin_of_defection, rules.delta
    grim = p / (1 - delta) - (1 - p) * rules.loss
    defect = p * (1 + rules.gain)
    assert grim == pytest.approx(defect)


@pytest.mark.parametrize("features", ["rules", "basin", "pooled"])
def test_the_gradient_is_the_slope(features: Features) -> None:
    """The analytic gradient of the loss agrees with central differences."""
    plays = made_up()
    problem = _Problem.of(
        [play.treatment for play in plays], [Evidence.of(play) for play in plays], features, 1.0
    )
    at = np.random.default_rng(0).normal(size=problem.size) * 0.5
    _, gradient = problem.loss(at)
    for k, step in enumerate(np.eye(problem.size) * 1e-5):
        slope = (problem.loss(at + step)[0] - problem.loss(at - step)[0]) / 2e-5
        assert gradient[k] == pytest.approx(slope, rel=1e-4, abs=1e-4)


def test_pooled_is_the_plain_mixture() -> None:
    """Without features the model is the estimate of one population."""
    play = made_up()[2]
    model = fit_treatments([play], "pooled")
    plain = fit(Evidence.of(play), rng=np.random.default_rng(0))
    assert model.log_likelihood == pytest.approx(plain.log_likelihood, abs=0.1)


def test_an_untried_treatment_is_predicted_between_its_neighbours() -> None:
    """Left out, the middle treatments are predicted in the order in which people cooperated."""
    predictions = leave_one_out(made_up())
    assert predictions[1].predicted < predictions[2].predicted
    assert rmse(predictions[1:3]) < 0.15
    for each in predictions:
        assert each.weights.sum() == pytest.approx(1) and 0 < each.tremble < 1


def test_wrong_settings_are_named() -> None:
    """An unknown set of features, one treatment only, a negative penalty."""
    plays = made_up()
    with pytest.raises(BadValue, match="features"):
        features_of(plays[0].treatment, "shoe-size")  # type: ignore[arg-type]
    with pytest.raises(BadValue, match="plays"):
        fit_treatments(plays[:1])
    with pytest.raises(BadValue, match="ridge"):
        fit_treatments(plays, ridge=-1)


@needs_data
@pytest.mark.slow
def test_treatments_left_out_are_predicted() -> None:
    """Goal: RMSE < .15 over the six treatments of df2011; one pooled population reaches only .36."""
    plays = load_all()
    got: dict[str, float] = {}
    for features in ("rules", "basin", "pooled"):
        predictions = leave_one_out(plays, features)
        got[features] = rmse([p for p in predictions if p.treatment.data == "df2011"])
    assert got["rules"] < 0.13
    assert got["rules"] < got["basin"] < 0.18
    assert got["pooled"] == pytest.approx(0.356, abs=0.01)
