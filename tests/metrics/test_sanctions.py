"""Sanctions: punishments are matched with what they are for and with who punished."""

from __future__ import annotations

import numpy as np
import pytest

from mores.engine.run import run
from mores.institutions.punishment import Punishment
from mores.metrics.sanctions import punishments, sanctions
from mores.metrics.welfare import payoff
from mores.policies.citizens import Citizen
from mores.population import Population
from mores.record import Record
from mores.study import Study
from mores.world import World
from mores.worlds.games.society import PairwiseDilemma


def society(
    *citizens: Citizen, direct: bool = True, third: bool = False, cost: float = -2.0
) -> Record:
    """Citizens in the society with the paper's fines."""
    world: World = PairwiseDilemma(seats=len(citizens))
    for by, there in (("partner", direct), ("bystander", third)):
        if there:
            world = Punishment(inner=world, by=by, cost=cost, unjust_cost=10, fine=3, floor=None)  # type: ignore[arg-type]
    return run(Study.of(world, Population.by_seat(*citizens), replicates=4))


def rates(record: Record) -> dict[str, float]:
    """All four kinds of punishment."""
    metrics = [punishments(by, just) for by in ("direct", "third-party") for just in (True, False)]
    with np.errstate(invalid="ignore"):
        return {m.name: float(np.mean(m.measure(record).value)) for m in metrics}


GOOD = Citizen(punishes="defectors")
BAD = Citizen(cooperates=False, punishes="defectors")
SPITEFUL = Citizen(cooperates=False, punishes="cooperators")


@pytest.mark.parametrize(
    ("first", "second", "points"),
    [(GOOD, GOOD, (3, 3)), (GOOD, BAD, (2, 1)), (BAD, BAD, (0, 0))],
)
def test_direct_punishment_of_every_defection(
    first: Citizen, second: Citizen, points: tuple[float, float]
) -> None:
    """The card's arithmetic: 3 and 3; 2 for the cooperator and 1 for the defector; 0 each."""
    scores = society(first, second).array("seats", "score").reshape(-1, 2)
    # two matches in each of ten rounds
    assert (scores == np.array(points) * 20).all()


def test_costly_punishment() -> None:
    """If punishing a defector costs 3, a cooperator is left with -3 and two defectors with -5 each."""
    assert society(GOOD, BAD, cost=3.0).array("seats", "score")[0] == -3 * 20
    assert payoff.measure(society(BAD, BAD, cost=3.0)).value[0] == -5 * 20


def test_just_and_direct() -> None:
    """Those who punish defectors do so each time, and never a cooperator."""
    found = rates(society(GOOD, BAD))
    assert found["just_punishments_direct"] == 1
    assert found["unjust_punishments_direct"] == 0
    assert found["just_punishments_third_party"] == 0


def test_unjust_and_direct() -> None:
    """A spiteful defector punishes the cooperator each time."""
    assert rates(society(GOOD, SPITEFUL))["unjust_punishments_direct"] == 1


def test_third_parties() -> None:
    """With bystanders alone no punishment is direct, and every defection is punished by one bystander."""
    found = rates(society(GOOD, BAD, GOOD, BAD, GOOD, direct=False, third=True))
    assert found["just_punishments_direct"] == 0
    assert found["just_punishments_third_party"] == 1
    assert found["unjust_punishments_third_party"] == 0


def test_both_kinds_are_told_apart() -> None:
    """Where partners and bystanders punish, each defection has one of each."""
    found = rates(society(GOOD, BAD, GOOD, BAD, GOOD, third=True))
    assert found["just_punishments_direct"] == 1
    assert found["just_punishments_third_party"] == 1


def test_every_punishment_is_for_something() -> None:
    """Each is matched with a choice; without any there is an empty list, and rates are missing where nobody defects."""
    record = society(GOOD, BAD, GOOD, third=True)
    assert sanctions(record).known.all() and len(sanctions(record).known) == len(
        record.column("punish")
    )
    peaceful = society(GOOD, GOOD)
    assert len(sanctions(peaceful).known) == 0
    assert np.isnan(punishments("direct", True).measure(peaceful).value).all()
    assert (punishments("direct", False).measure(peaceful).value == 0).all()
