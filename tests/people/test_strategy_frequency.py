"""Strategy frequency estimation: the published shares, and planted ones."""

from __future__ import annotations

import os

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mores.errors import BadValue, UnknownName
from mores.people.automata import AUTOMATA, DAL_BO_FRECHETTE, stack
from mores.people.repeated_pd import Play, Treatment, load, load_all
from mores.people.strategy_frequency import Evidence, bootstrap, estimate, fit

needs_data = pytest.mark.skipif(not os.environ.get("MORES_DATA"), reason="MORES_DATA is not set")

PUBLISHED = {
    "D5R32": {"AD": 0.920, "TFT": 0.080},
    "D5R40": {"AD": 0.783, "AC": 0.078, "G": 0.040, "TFT": 0.098},
    "D5R48": {"AD": 0.533, "AC": 0.072, "TFT": 0.376, "WSLS": 0.019},
    "D75R32": {"AD": 0.648, "TFT": 0.352},
    "D75R40": {"AD": 0.109, "AC": 0.296, "G": 0.267, "TFT": 0.327},
    "D75R48": {"AC": 0.079, "G": 0.116, "TFT": 0.561, "T2": 0.244},
}
"""Dal Bo & Frechette 2011, late play, as re-estimated by the package stratEst; shares not named are 0."""


def planted(
    shares: dict[str, float], tremble: float, people: int, rng: np.random.Generator
) -> Play:
    """Automata that play eight games of six periods against a coin; the truth is known."""
    automata = stack(list(shares))
    kind = rng.choice(len(shares), size=people, p=list(shares.values()))
    person = np.repeat(np.arange(people), 8)
    choice = np.zeros((len(person), 6), np.int8)
    last = np.full(choice.shape, -1, np.int8)
    state = automata.start[kind[person]]
    for period in range(6):
        meant = automata.cooperates[state] ^ (rng.random(len(person)) < tremble)
        other = rng.random(len(person)) < 0.6
        choice[:, period] = meant
        if period < 5:
            last[:, period + 1] = 2 * ~meant + ~other
            state = automata.after[state, last[:, period + 1]]
    return Play(Treatment("planted", "planted", 0.75, 1.0, 1.0), person, choice, last)


@needs_data
@pytest.mark.parametrize("treatment", PUBLISHED)
def test_published_shares_come_out(treatment: str) -> None:
    """Every share of the six strategies is within .005 of the published one, those not named at 0."""
    play = next(each for each in load("df2011") if each.treatment.name == treatment)
    mixture = estimate(play, rng=np.random.default_rng(1))
    expected = [PUBLISHED[treatment].get(name, 0.0) for name in DAL_BO_FRECHETTE]
    np.testing.assert_allclose(mixture.weights, expected, atol=0.005)


@needs_data
def test_observed_cooperation_is_as_published() -> None:
    """The share of c in each treatment equals the check numbers given with the data."""
    observed = {play.treatment.name: play.cooperation for play in load_all()}
    expected = {"D5R32": 0.081, "D5R40": 0.211, "D5R48": 0.401, "D75R32": 0.243, "D75R40": 0.694}
    expected |= {"D75R48": 0.941, "1": 0.320, "2": 0.491, "3": 0.607, "4": 0.586}
    for name, value in expected.items():
        assert observed[name] == pytest.approx(value, abs=0.0005)
    assert sum(play.people for play in load("df2011")) == 266
    assert sum(play.people for play in load("frd2012")) == 384


@needs_data
def test_bootstrap_gives_the_published_standard_error() -> None:
    """Always-defect in D5R32: a standard error of about .04, as published."""
    play = load("df2011")[0]
    mixture = estimate(play, rng=np.random.default_rng(2), draws=200)
    assert mixture.standard_errors[0] == pytest.approx(0.04, abs=0.01)
    share = mixture.estimates(play.treatment.condition)[0]
    assert share.low < share.value < share.high and share.n == 44
    assert share.condition == {"data": "df2011", "treatment": "D5R32", "strategy": "AD"}


def test_a_planted_mixture_is_recovered() -> None:
    """From 1,200 automata of known kinds the shares come back within .04 and the tremble within .01."""
    truth = {"AD": 0.3, "AC": 0.1, "G": 0.15, "TFT": 0.25, "T2": 0.05, "WSLS": 0.15}
    play = planted(truth, 0.08, 1200, np.random.default_rng(3))
    mixture = estimate(play, rng=np.random.default_rng(4))
    np.testing.assert_allclose(mixture.weights, list(truth.values()), atol=0.04)
    assert mixture.tremble == pytest.approx(0.08, abs=0.01)


def test_bootstrap_intervals_hold_the_truth() -> None:
    """The 95% intervals of a planted mixture contain nearly all of the planted shares."""
    truth = {"AD": 0.4, "TFT": 0.4, "WSLS": 0.2}
    play = planted(truth, 0.05, 300, np.random.default_rng(5))
    mixture = estimate(play, list(truth), rng=np.random.default_rng(6), draws=100)
    got = mixture.estimates({})
    inside = [e.low <= t <= e.high for e, t in zip(got, [*truth.values(), 0.05], strict=True)]
    assert sum(inside) >= 3


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(sorted(AUTOMATA)), st.integers(0, 2**32 - 1))
def test_without_tremble_the_player_never_deviates_from_itself(name: str, seed: int) -> None:
    """An automaton that plays exactly deviates from its own table in no decision."""
    play = planted({name: 1.0}, 0.0, 5, np.random.default_rng(seed))
    assert Evidence.of(play, [name]).deviations.sum() == 0


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_a_mixture_is_a_mixture(seed: int) -> None:
    """Whatever was played, shares are non-negative and sum to 1, and more starts never fit worse."""
    rng = np.random.default_rng(seed)
    evidence = Evidence.of(planted({"AD": 0.5, "G": 0.5}, 0.2, 20, rng))
    one = fit(evidence, rng=np.random.default_rng(seed), starts=1)
    many = fit(evidence, rng=np.random.default_rng(seed), starts=4)
    assert (many.weights >= 0).all() and many.weights.sum() == pytest.approx(1)
    assert many.log_likelihood >= one.log_likelihood - 1e-6


def test_grim_reacts_to_its_own_slip_and_tft_does_not() -> None:
    """After one's own accidental defection grim defects for ever, tit for tat goes by the other."""
    automata = stack(["G", "TFT"])
    after = automata.after[automata.start, 2]
    assert automata.cooperates[after].tolist() == [False, True]


def test_wrong_settings_are_named() -> None:
    """An unknown automaton, no start and a bootstrap of one draw are refused."""
    with pytest.raises(UnknownName, match="TFT"):
        stack(["TFTT"])
    evidence = Evidence.of(planted({"AD": 1.0}, 0.1, 5, np.random.default_rng(7)))
    with pytest.raises(BadValue, match="starts"):
        fit(evidence, rng=np.random.default_rng(8), starts=0)
    mixture = fit(evidence, rng=np.random.default_rng(9))
    with pytest.raises(BadValue, match="draws"):
        bootstrap(mixture, evidence, rng=np.random.default_rng(9), draws=1)
    assert np.isnan(mixture.standard_errors).all()
