"""Numbers and words of the report."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mores.metric import Comparison
from mores.report.numbers import difference, differences, interval, number, p_value
from mores.report.words import labels, size_words, verdict


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (30720.0, "units", "30,720"),
        (0.45678, "", "0.457"),
        (0.45678, "share", "45.7%"),
        (1.0, "share", "100%"),
        (-0.5, "", "−0.5"),
        (0.00012, "", "0.00012"),
        (1.5e-7, "", "1.5×10⁻⁷"),
        (2.5e10, "", "2.5×10¹⁰"),
        (-0.0, "", "0"),
        (3e-17, "share", "0%"),
        (math.nan, "share", "–"),
        (None, "", "–"),
        (math.inf, "", "∞"),
    ],
)
def test_numbers_are_written_as_people_read_them(value: float | None, unit: str, text: str) -> None:
    """Three digits that count, whole parts never rounded, percent for shares, a dash for what is not there."""
    assert number(value, unit) == text


@given(st.floats(allow_nan=True, allow_infinity=True), st.sampled_from(["", "share", "points"]))
def test_any_float_can_be_written(value: float, unit: str) -> None:
    """No float breaks the page, and none becomes nothing."""
    assert number(value, unit)
    assert difference(value, unit)


@given(st.floats(1e-3, 1e8))
def test_written_numbers_are_near_the_number(value: float) -> None:
    """What is written differs from the value by less than half a percent."""
    assert float(number(value).replace(",", "")) == pytest.approx(value, rel=0.0051)


def test_differences_of_shares_are_in_points_and_have_a_sign() -> None:
    """A difference of two shares is not a percentage of anything."""
    assert difference(0.1234, "share") == "+12.3 points"
    assert differences(-0.1, 0.2, "share") == "−10 to +20 points"
    assert difference(-3.0) == "−3"


def test_ends_that_are_not_there_make_no_interval() -> None:
    """Half an interval is none."""
    assert interval(math.nan, 1.0) == "–"
    assert interval(None, 1.0) == "–"


def test_p_values_are_not_more_exact_than_they_deserve() -> None:
    """Small ones are bounded, missing ones a dash."""
    assert [p_value(p) for p in (1e-9, 0.0312, 1.0, math.nan)] == ["< 0.001", "0.031", "1", "–"]


def comparison(low: float, high: float, p: float, effect: float = 0.3) -> Comparison:
    """A comparison with these ends."""
    value = (low + high) / 2
    return Comparison(
        metric="m", a={"x": 1}, b={"x": 0}, difference=value, low=low, high=high, p=p, p_adjusted=p,
        effect_size=effect, n=10,
    )  # fmt: skip


def test_no_difference_found_says_how_large_one_could_be() -> None:
    """Absence of evidence is not called evidence of absence."""
    assert (
        verdict(comparison(-1, 3, 0.4)) == "No difference found; one of up to 3 is not ruled out."
    )
    assert verdict(comparison(1, 3, 0.001)) == "Higher; more than chance explains."
    assert verdict(comparison(math.nan, math.nan, math.nan)).startswith("Cannot be told")


def test_effect_sizes_are_said_in_words() -> None:
    """Also where there is no spread to divide by."""
    assert size_words(-0.9, True) == "large (d = 0.9)"
    assert size_words(math.inf, True) == "every pair differs by the same amount"
    assert size_words(math.nan, False) == "size not known"


def test_labels_drop_what_all_conditions_share() -> None:
    """One key that differs needs no name; equal labels are told apart."""
    assert labels([{"a": 1, "b": "x"}, {"a": 2, "b": "x"}]) == ["1", "2"]
    assert labels([{"a": 1, "b": "x"}, {"a": 2, "b": "y"}]) == ["1 · x", "2 · y"]
    assert labels([{}, {"a": 1}]) == ["(not set)", "1"]
    assert labels([{"a": 1.0}, {"a": 1.0001}]) == ["1", "1 (2)"]
    assert labels([{}]) == ["all"]
