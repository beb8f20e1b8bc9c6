"""Populations of automata: known cases, and simulation against the exact value."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mores.errors import BadValue
from mores.people.automata import DAL_BO_FRECHETTE, LENIENT
from mores.people.automaton_play import expected_cooperation, simulate_cooperation


def only(name: str) -> np.ndarray:
    """A population of one strategy."""
    return np.array([float(each == name) for each in DAL_BO_FRECHETTE])


def test_populations_of_one_strategy_without_slips() -> None:
    """Defectors never cooperate; all others, being nice, always do among themselves."""
    for name in DAL_BO_FRECHETTE:
        assert expected_cooperation(only(name), 0.0, 0.9) == pytest.approx(float(name != "AD"))


def test_tit_for_tat_among_defectors_cooperates_once_a_game() -> None:
    """Half TFT, half AD, d = 3/4: TFT meets TFT (always) or AD (1 of 4 periods): .5 (.5 + .5/4)."""
    weights = 0.5 * only("TFT") + 0.5 * only("AD")
    assert expected_cooperation(weights, 0.0, 0.75) == pytest.approx(0.5 * (0.5 + 0.5 * 0.25))


def test_pure_noise_is_a_coin() -> None:
    """With a tremble of one half every population cooperates half the time."""
    assert expected_cooperation(only("G"), 0.5, 0.8, 0.1) == pytest.approx(0.5)


@settings(max_examples=20, deadline=None)
@given(
    st.lists(st.floats(0.01, 1), min_size=len(LENIENT), max_size=len(LENIENT)),
    st.floats(0, 0.3),
    st.floats(0, 0.9),
    st.floats(0, 0.2),
    st.integers(0, 2**32 - 1),
)
def test_simulation_agrees_with_the_exact_value(
    raw: list[float], tremble: float, delta: float, error: float, seed: int
) -> None:
    """6,000 simulated games come within .05 (over five standard errors) of the Markov chain."""
    weights = np.array(raw) / sum(raw)
    exact = expected_cooperation(weights, tremble, delta, error, LENIENT)
    rng = np.random.default_rng(seed)
    got = simulate_cooperation(weights, tremble, delta, error, 6_000, rng, LENIENT)
    assert got == pytest.approx(exact, abs=0.05)


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("weights", {"weights": np.ones(6)}),
        ("weights", {"weights": np.array([1.0])}),
        ("tremble", {"tremble": 1.2}),
        ("delta", {"delta": 1.0}),
        ("error", {"error": -0.1}),
    ],
)
def test_impossible_populations_are_refused(field: str, change: dict[str, object]) -> None:
    """Shares that do not sum to 1 and numbers that are no probability are named."""
    good: dict[str, object] = {"weights": only("G"), "tremble": 0.1, "delta": 0.5, "error": 0.0}
    with pytest.raises(BadValue, match=field):
        expected_cooperation(**(good | change))  # type: ignore[arg-type]
