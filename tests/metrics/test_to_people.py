"""To people: distances of conduct to human distributions and means."""

from __future__ import annotations

import numpy as np
import pytest

from mores import references
from mores.engine.run import run
from mores.errors import BadValue
from mores.metric import Reference
from mores.metrics import conduct
from mores.metrics.readings import acts
from mores.metrics.to_people import DifferenceOfMeans, Distances, both, distance_tv
from mores.policies.spec import policy
from mores.population import Population
from mores.record import Record
from mores.study import Study
from mores.worlds.games.dictator import Dictator

GAVE = acts("give")
TENTHS = tuple(k / 10 for k in range(11))


def given(*shares: float, replicates: int = 4) -> Record:
    """Dictators who give these shares, one a pair."""
    seats = [policy(f"fixed-giver:{s}") for s in shares]
    world = Dictator(pairs=len(shares))
    return run(Study.of(world, Population.by_seat(*seats, *seats), replicates=replicates))


def people(*counts: float, n: int | None = None) -> Reference:
    """A distribution over ten bins."""
    return Reference(
        metric="share_given", source="made up", value=0.3, n=n, distribution=(TENTHS, counts)
    )


def test_distances_by_hand() -> None:
    """Half give 0 and half give 0.7 where all people give 0: total variation 1/2, Wasserstein half of 0.7."""
    record = given(0.0, 0.7)
    nothing = people(1, *[0] * 9)
    tv, js, wasserstein = Distances(GAVE, nothing)(record)
    assert tv.metric == "distance_tv" and tv.value == pytest.approx(0.5)
    assert wasserstein.value == pytest.approx(0.35)
    m = np.array([0.75, 0.25])
    by_hand = 0.5 * (0.5 * np.log(0.5 / m[0]) + 0.5 * np.log(0.5 / m[1])) + 0.5 * np.log(1 / m[0])
    assert js.value == pytest.approx(by_hand)


def test_shares_fall_in_the_bin_that_they_are_meant_for() -> None:
    """Every tenth, though recorded in single precision, is found in the bin that begins with it."""
    record = given(*TENTHS, replicates=1)
    counts = Distances(GAVE, people(*[1] * 10)).counts(record)[1]
    assert counts.tolist() == [[1] * 9 + [2]]


def test_numbers_as_classes() -> None:
    """A distribution over numbers instead of bins counts exact values, and refuses others."""
    reference = Reference(metric="x", source="made up", distribution=((0.0, 0.5, 1.0), (1, 1, 2)))
    tv = distance_tv(GAVE, reference)(given(0.0, 0.5, 1.0, 1.0))[0]
    assert tv.value == pytest.approx(0)
    with pytest.raises(BadValue, match="classes"):
        distance_tv(GAVE, reference)(given(0.3))


def test_only_arms_that_fit_and_units_are_tables() -> None:
    """`where` keeps arms out; n counts tables; a table where nothing was given is missing."""
    record = given(0.2, replicates=5)
    reference = people(*[1] * 10, n=100)
    assert Distances(GAVE, reference, where=(("institution", "none"),))(record) == []
    estimate = Distances(GAVE, reference, ("tv",))(record)[0]
    assert (estimate.n, estimate.missing) == (5, 0)
    absent = Distances(acts("contribute"), reference, ("tv",))(record)[0]
    assert (absent.n, absent.missing) == (0, 5) and np.isnan(absent.value)


def test_difference_of_means() -> None:
    """Estimate less reference, with the interval of both; conditions that do not fit are left out."""
    reference = Reference(metric="share_given", source="made up", value=0.25, low=0.2, high=0.3)
    found = DifferenceOfMeans(conduct.share_given, reference)(given(0.5))[0]
    assert found.value == pytest.approx(0.25)
    assert [found.low, found.high] == pytest.approx([0.2, 0.3])
    assert found.condition == {"of": "share_given"}
    elsewhere = Reference(
        metric="share_given", source="made up", value=0.25, condition={"game": "trust"}
    )
    assert DifferenceOfMeans(conduct.share_given, elsewhere)(given(0.5)) == []


def test_a_study_takes_several() -> None:
    """`both` puts the estimates of several functions into one record, and people from the references fit."""
    dictators = [r for r in references.load("dictator") if r.distribution]
    parts = both(
        *(distance_tv(GAVE, r) for r in dictators),
        DifferenceOfMeans(conduct.share_given, dictators[0]),
    )
    study = Study.of(
        Dictator(pairs=3), Population.all(policy("selfish")), replicates=3, estimates=parts
    )
    found = run(study).estimates
    assert [e.metric for e in found] == ["distance_tv"] * len(dictators) + ["difference_of_means"]
    # nobody gives anything: the distance is the share of people who gave a tenth or more
    counts = dictators[0].distribution[1] if dictators[0].distribution else ()
    assert found[0].value == pytest.approx(1 - counts[0] / sum(counts))


def test_references_without_what_is_needed_are_refused() -> None:
    """A distance needs a distribution, a difference a value."""
    with pytest.raises(BadValue, match="distribution"):
        Distances(GAVE, Reference(metric="x", source="made up", value=1.0))
    with pytest.raises(BadValue, match="value"):
        DifferenceOfMeans(conduct.share_given, Reference(metric="x", source="made up"))
    with pytest.raises(BadValue, match="kinds"):
        Distances(GAVE, people(*[1] * 10), ("total",))  # type: ignore[arg-type]
