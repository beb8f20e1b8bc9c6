"""Empirical players: they play as people were counted."""

from __future__ import annotations

import numpy as np
import pytest

from mores.errors import BadValue
from mores.policies.empirical import Empirical
from mores.population import Population
from mores.references import distribution
from mores.testing import record
from mores.worlds.games.dictator import Dictator
from mores.worlds.games.threshold_goods import ThresholdGoods
from mores.worlds.games.ultimatum import Ultimatum

BINS = np.linspace(0, 1, 11)


def _distance(given: list[float], counts: tuple[float, ...]) -> float:
    """Total variation between shares on ten bins and counts."""
    # whole per cents: half a unit up keeps 0.3 in single precision in its own bin
    found = np.histogram(np.minimum(np.array(given) + 1e-6, 1), BINS)[0]
    return float(np.abs(found / found.sum() - np.array(counts) / sum(counts)).sum() / 2)


def test_dictators_like_people() -> None:
    """Two thousand dictators drawn from the human distribution are within 0.05 of it in total variation."""
    world = Dictator(pairs=2000)
    given = [e[4] for e in record(world, Population.all(Empirical("dictator")), 5)[0]]
    assert _distance(given, distribution("dictator", "share_given")[1]) < 0.05


def test_roles_draw_from_their_own_figures() -> None:
    """Proposers draw offers and responders draw limits, from the two distributions of the ultimatum game."""
    world = Ultimatum(pairs=2000, method="strategy")
    events = record(world, Population.all(Empirical("ultimatum")), 5)[0]
    for kind, metric in (("offer", "share_offered"), ("limit", "acceptance_threshold")):
        shares = [e[4] for e in events if e[1] == kind]
        assert _distance(shares, distribution("ultimatum", metric)[1]) < 0.05


def test_options_by_name() -> None:
    """Where people chose among options, options are drawn: 0.7 of 191 people cooperated at threshold 4."""
    condition = (("participation", "compulsory"), ("threshold", 4))
    rule = Empirical("threshold-public-goods", condition=condition)
    events = record(ThresholdGoods(seats=2000), Population.all(rule), 2)[0]
    assert np.mean([e[4] == 0 for e in events]) == pytest.approx(135 / 191, abs=0.03)


def test_midpoints_and_values() -> None:
    """Midpoints of bins, and values without bins, are what is given."""
    middle = Empirical(edges=(0.0, 0.2, 1.0), counts=(1.0, 1.0), within="midpoint")
    values = Empirical(edges=(0.0, 0.5, 1.0), counts=(1.0, 0.0, 1.0))
    world = Dictator(pairs=50, unit=None)
    for rule, expected in ((middle, {0.1, 0.6}), (values, {0.0, 1.0})):
        given = {round(e[4], 6) for e in record(world, Population.all(rule))[0]}
        assert given == expected


def test_draws_stay_in_their_bins() -> None:
    """On whole units a draw is rounded down, so that the last unit of a bin does not fall into the next."""
    rule = Empirical(edges=(0.3, 0.4), counts=(1.0,))
    given = {round(e[4] * 100) for e in record(Dictator(pairs=500), Population.all(rule))[0]}
    assert given == set(range(30, 40))


@pytest.mark.parametrize(
    "settings",
    [
        {"edges": (0.0, 1.0), "counts": (1.0, 2.0, 3.0)},
        {"edges": (0.0, 1.0), "counts": (-1.0,)},
        {"edges": (0.0, 1.0), "counts": (0.0,)},
        {"distribution": "dictator", "edges": (0.0, 1.0), "counts": (1.0,)},
        {"within": "end"},
    ],
    ids=str,
)
def test_impossible_distributions(settings: dict[str, object]) -> None:
    """Counts without bins, negative ones, none at all, or two sources at once are refused."""
    with pytest.raises(BadValue):
        Empirical(**settings)  # type: ignore[arg-type]
