"""Every registered part keeps the contract of its kind."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mores.agent import Rule
from mores.chance import Chance
from mores.engine import episode
from mores.engine.cohort import Cohort
from mores.engine.loop import Loop
from mores.engine.probing import Prober
from mores.engine.seating import Seating
from mores.population import Population
from mores.registry import load, names
from mores.study import Case
from mores.testing import (
    Sampler,
    check_institution,
    check_policy,
    check_world,
    compare_golden,
    record,
    transcript,
)
from mores.world import World
from mores.worlds.games.dictator import Dictator
from mores.worlds.games.public_goods import PublicGoods
from mores.worlds.games.threshold_goods import ThresholdGoods
from mores.worlds.games.trust import Trust
from mores.worlds.games.ultimatum import Ultimatum

VARIANTS: list[World] = [
    Dictator(pairs=3, unit=None, rounds=2),
    PublicGoods.conditional_pair(2),
    PublicGoods(order="in-turn", mpcr=0.5, rounds=2),
    ThresholdGoods(leaving=True, rounds=3),
    Trust(pairs=3, rounds=3),
    Ultimatum(method="strategy", pairs=3, rounds=2),
]
RULES = [n for n in names("policy") if issubclass(load("policy", n), Rule)]


@pytest.mark.parametrize("name", names("world"))
def test_world(name: str) -> None:
    """A registered world, as it is without settings, keeps the contract of worlds."""
    check_world(load("world", name)())


@pytest.mark.parametrize("world", VARIANTS, ids=lambda w: w.name)
def test_variant(world: World) -> None:
    """The other settings of the economic games keep it too."""
    check_world(world)


@pytest.mark.parametrize("name", names("institution"))
def test_institution(name: str) -> None:
    """A registered institution keeps its contract around every world that it fits."""
    assert check_institution(load("institution", name))


@pytest.mark.parametrize("name", RULES)
def test_policy(name: str) -> None:
    """A registered rule acts legally and by keyed chance alone, in every world that has one of its roles."""
    assert check_policy(load("policy", name)())


@pytest.mark.parametrize("name", names("world"))
def test_golden_transcript(name: str, golden: Path) -> None:
    """A game of each world, move by move in words, stays as it was read and found good."""
    compare_golden(
        golden / "transcripts" / f"{name}.txt",
        transcript(load("world", name)(), seed=1, seats=4, steps=8),
    )


@pytest.mark.parametrize("name", names("world"))
def test_engine_equals_the_plain_loop(name: str) -> None:
    """The engine, one table by hand or five at once, makes the events that the reference loop makes."""
    world: World = load("world", name)()
    people = Population.all(Sampler())
    expected = record(world, people, 7, range(5))
    seen = _Seen()
    cohort = Cohort(0, Seating(Case(world=world, population=people)), Chance(7, np.arange(5)))
    Loop(None, seen, Prober()).run([cohort])  # type: ignore[arg-type]
    for table in range(5):
        plain = [(kind, seat, value) for _, kind, seat, _, value, _ in expected[table]]
        rows = episode.play(world, people, seed=7, table=table).run().events
        assert [(r["kind"], r["seat"], _known(r.get("value"))) for r in rows] == plain
        assert seen.tables[table] == plain


@dataclass(frozen=True)
class _Other(Sampler):
    """Plays at random too, by chance of its own."""

    name = "other"


@pytest.mark.parametrize("world", [load("world", "pairwise-dilemma")(), Trust(pairs=2, rounds=3)])
def test_mixed_seats_alone_and_in_a_batch(world: World) -> None:
    """Where rules of two names are drawn to different seats, a table plays alone as it does in a batch."""
    people = Population.by_share({Sampler(): 0.5, _Other(): 0.5})
    seen = _Seen()
    cohort = Cohort(0, Seating(Case(world=world, population=people)), Chance(3, np.arange(8)))
    Loop(None, seen, Prober()).run([cohort])  # type: ignore[arg-type]
    for table in range(8):
        rows = episode.play(world, people, seed=3, table=table).run().events
        alone = [(r["kind"], r["seat"], _known(r.get("value"))) for r in rows]
        assert alone == seen.tables[table]


class _Seen:
    """A sink that sorts events by table."""

    def __init__(self) -> None:
        self.tables: dict[int, list[tuple[str, int, Any]]] = {}

    def add(self, cohort: Cohort, events: Any, role: str, clock: tuple[int, int, int]) -> None:
        """Keep what happened at each table."""
        n = cohort.world.seats
        for e in events:
            actors = np.arange(len(cohort) * n) if e.actor is None else e.actor
            for j, row in enumerate(actors.tolist()):
                value = None if e.value is None else e.value[j].tolist()
                kept = self.tables.setdefault(int(cohort.tables[row // n]), [])
                kept.append((e.kind, row % n, _known(value)))


def _known(value: Any) -> Any:
    return "missing" if value is not None and value != value else value
