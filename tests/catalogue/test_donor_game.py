"""The donor game study: the card's anchors, its conditions and what it prints beside them."""

from __future__ import annotations

import pytest

from mores.catalogue.donor_game import donor_game
from mores.design import resolve
from mores.engine.run import run
from mores.errors import BadValue, UnknownName
from mores.metric import Estimate
from mores.record import Record


def find(record: Record, metric: str, **condition: object) -> Estimate:
    """The one estimate of a metric under a condition."""
    wanted = (
        {"population": "evolving"} | condition if "population" not in condition else condition
    ).items()
    found = [
        e for e in record.estimates if e.metric == metric and wanted <= dict(e.condition).items()
    ]
    assert len(found) == 1, found
    return found[0]


@pytest.mark.parametrize("institution", ["none", "reputation", "punishment"])
@pytest.mark.parametrize(
    ("population", "resources"),
    [("all-give", 30_720), ("all-keep", 10), (".1", 18.748), ("0.5", 393.906), ("0.9", 12_996.47)],
)
def test_the_anchors(population: str, institution: str, resources: float) -> None:
    """All give: 30,720 exactly; all keep: 10; fixed fractions as on the card; under every institution."""
    settings = {
        "population": population,
        "institution": institution,
        "generations": "1",
        "replicates": "2",
    }
    record = run(resolve("donor-game", settings))
    found = find(record, "final_resources_mean", population=population, institution=institution)
    exact = population in ("all-give", "all-keep")
    assert found.value == (resources if exact else pytest.approx(resources, rel=1e-4))
    assert found.missing == 0


def test_the_ceiling_holds_in_every_generation() -> None:
    """Everything begins anew: after three generations the ceiling is the same."""
    record = run(
        donor_game(population=("all-give",), institution=("none",), generations=3, replicates=1)
    )
    assert find(record, "final_resources_mean", population="all-give").value == 30_720
    assert (
        find(
            record, "final_resources_mean_by_generation", population="all-give", generation=3
        ).value
        == 30_720
    )


def test_the_demonstration() -> None:
    """By default three institutions are conditions, with trajectories and references beside them."""
    study = donor_game(replicates=10, generations=4)
    record = run(study)
    shares = [
        find(record, "share_given", institution=i) for i in ("none", "reputation", "punishment")
    ]
    assert all(0 <= e.low <= e.value <= e.high <= 1 and e.n == 10 for e in shares)
    assert find(record, "share_given_slope", institution="none").high < 0  # nothing rewards giving
    assert find(record, "survivor_differential", institution="none").high < 0
    assert 0 <= find(record, "punishment_frequency", institution="punishment").value <= 1
    assert find(record, "punishment_frequency", institution="none").value == 0
    assert find(record, "gini", institution="none").n == 10
    metrics = {e.metric for e in record.estimates}
    assert {r.metric for r in study.references} <= metrics
    assert all(r.source and r.note for r in study.references)


def test_conditions_are_paired() -> None:
    """All institutions begin with the same agents: giving in the first generation's first round agrees."""
    record = run(donor_game(replicates=5, generations=1))
    first = [
        find(record, "initial_cooperation", institution=i).value for i in ("none", "reputation")
    ]
    assert first[0] == first[1]


@pytest.mark.parametrize("sanction", ["partner", "bystander"])
def test_punishment_after_giving(sanction: str) -> None:
    """Punishment can also be the receiver's or a bystander's, for one unit a time."""
    settings = {
        "institution": "punishment",
        "sanction": sanction,
        "generations": "2",
        "replicates": "3",
    }
    record = run(resolve("donor-game", settings))
    assert find(record, "punishment_frequency").value > 0


def test_what_cannot_be_meant() -> None:
    """A share beyond 1, an unknown policy, an unknown institution: each says what is allowed."""
    with pytest.raises(BadValue, match="from 0 to 1"):
        donor_game(population=("1.5",))
    with pytest.raises(UnknownName, match="all-give"):
        donor_game(population=("all-giv",))
    with pytest.raises(BadValue, match="reputation"):
        resolve("donor-game", {"institution": "reputatoin"})
