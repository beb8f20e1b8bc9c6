"""Tests of the search over institutions: known optimum, budget, agreement with exhaustive search."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import mores
from mores.aligners.institutions.search import InstitutionSearch
from mores.aligners.loop import align, aligner
from mores.catalogue.donor_game import donor_game
from mores.chance import Chance
from mores.engine.levels import Level
from mores.engine.manifest import fingerprint
from mores.errors import BadValue, UnknownName

from .toys import taxes

GRID = {"world.fine": (0.0, 1.0, 2.0, 3.0, 4.0), "world.cost": (0.0, 1.0, 2.0, 3.0)}
BEST = {"world.fine": 2.0, "world.cost": 1.0}


def _chance(seed: int) -> Chance:
    return Chance(seed, np.array([0]))


@pytest.mark.parametrize("seed", range(5))
def test_halving_finds_the_known_optimum(seed: int) -> None:
    """With noise as large as the steps between rules, the best rules are found within the budget."""
    design = taxes(noise=1.0)
    method = InstitutionSearch(grid=GRID, budget=600)
    change = method.align(mores.run(design, seed=seed), design, _chance(seed))
    assert change.log["settings"] == BEST
    assert change.log["tables"] <= 600
    world = change.study.cases[0].world
    assert (world.fine, world.cost) == (2.0, 1.0)  # type: ignore[attr-defined]
    assert change.log["present"] == pytest.approx(10 - 4 - 4, abs=1)


def test_halving_agrees_with_exhaustive_search_and_spends_more_on_what_is_close() -> None:
    """Both find the same rules; the last ones standing were played many times more than the first to go."""
    design = taxes(noise=0.5)
    record = mores.run(design)
    changes = [
        InstitutionSearch(grid=GRID, budget=2000, search=s).align(record, design, _chance(1))
        for s in ("halving", "exhaustive")
    ]
    assert changes[0].log["settings"] == changes[1].log["settings"] == BEST
    played = [{t["n"] for t in c.log["trials"]} for c in changes]
    assert max(played[0]) > 5 * min(played[0])
    assert played[1] == {100}


def test_the_input_is_never_changed_and_chance_decides() -> None:
    """The study searched is untouched, and the same chance finds the same."""
    design = taxes()
    before = fingerprint(design, 0, Level())
    method, record = InstitutionSearch(grid=GRID, budget=200), mores.run(design)
    one, two = (method.align(record, design, _chance(7)) for _ in range(2))
    assert fingerprint(design, 0, Level()) == before
    assert one.log == two.log


def test_punishment_is_found_by_dotted_settings_within_a_composed_world() -> None:
    """Fine and cost of punishment in the evolving donor game: halving ends within noise of exhaustive search."""
    design = donor_game(
        institution=("punishment",), sanction="partner", generations=5, seats=8, rounds=6
    )
    grid = {"punishment.fine": (0.0, 2.0, 6.0), "punishment.cost": (0.5, 2.0)}
    found = [
        align(
            design, "institution-search", seed=2,
            settings={"grid": grid, "budget": b, "search": s, "metric": "share_given"},
        )
        for s, b in (("halving", 240), ("exhaustive", 1200))
    ]  # fmt: skip
    means = {tuple(t["settings"].values()): t for t in found[1].change.log["trials"]}
    chosen = means[tuple(found[0].change.log["settings"].values())]
    best = found[1].change.log["best"]
    assert chosen["mean"] > best["mean"] - 4 * best["error"]
    assert best["settings"]["punishment.fine"] > 0
    assert {c.metric for c in found[0].comparisons} >= {"final_resources_mean", "share_given"}


def test_less_is_sought_where_less_is_better() -> None:
    """A metric of which less is better is minimised."""
    design = taxes(noise=0.1)
    method = InstitutionSearch(grid={"world.noise": (0.0, 1.0, 3.0)}, budget=300, metric="gini")
    change = method.align(mores.run(design), design, _chance(0))
    assert change.log["settings"] == {"world.noise": 0.0}


def test_grids_are_read_as_people_type_them() -> None:
    """On the command line a grid is a table of lists."""
    method = aligner("institution-search", {"grid": "{'world.fine': [0, 1, 2]}", "budget": "90"})
    assert isinstance(method, InstitutionSearch)
    assert (method.size, method.budget) == (3, 90)
    assert list(method.candidates()) == [{"world.fine": 0}, {"world.fine": 1}, {"world.fine": 2}]


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda: InstitutionSearch(), BadValue, "punishment.fine"),
        (lambda: InstitutionSearch(grid={"world.fine": ()}), BadValue, "values to try"),
        (lambda: InstitutionSearch(grid=GRID, budget=10), BadValue, "at least 100 tables"),
        (lambda: align(taxes(), InstitutionSearch(grid={"world.fin": (1, 2)})), UnknownName, "world.fine"),
        (lambda: align(taxes(), InstitutionSearch(grid=GRID, metric="welfar")), UnknownName, "welfare"),
    ],
)  # fmt: skip
def test_bad_input_is_explained(
    call: Callable[[], object], error: type[Exception], says: str
) -> None:
    """An empty grid, too small a budget, no such setting, no such metric: each says what to do."""
    with pytest.raises(error, match=says):
        call()
