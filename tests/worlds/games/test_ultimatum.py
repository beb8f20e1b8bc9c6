"""The ultimatum game."""

from __future__ import annotations

import pytest

from mores.agent import Rule
from mores.errors import BadValue
from mores.policies.givers import Fair, FixedGiver, Selfish, SubgamePerfect, ThresholdResponder
from mores.population import Population
from mores.testing import Silent, play, record
from mores.worlds.games.ultimatum import Ultimatum

METHODS = ["direct", "strategy"]


def _scores(proposer: Rule, responder: Rule, method: str) -> list[float]:
    world = Ultimatum(method=method)  # type: ignore[arg-type]
    scores: list[float] = (
        play(world, Population.by_seat(proposer, responder)).all.state.score[0].tolist()
    )
    return scores


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    ("proposer", "responder", "scores"),
    [
        (FixedGiver(0.3), ThresholdResponder(0.3), [70, 30]),
        (FixedGiver(0.29), ThresholdResponder(0.3), [0, 0]),
        (Fair(), Fair(), [50, 50]),
        (Selfish(), Selfish(), [100, 0]),
        (SubgamePerfect(), SubgamePerfect(), [99, 1]),
    ],
    ids=str,
)
def test_payoffs(method: str, proposer: Rule, responder: Rule, scores: list[float]) -> None:
    """An accepted offer divides the amount, a rejected one leaves nothing; both methods agree."""
    assert _scores(proposer, responder, method) == scores


def test_a_limit_stays_secret() -> None:
    """Under the strategy method the limit comes first and no one is told; the response follows from it."""
    people = Population.by_seat(FixedGiver(0.4), ThresholdResponder(0.5))
    events = record(Ultimatum(method="strategy"), people)[0]
    assert [(e[0], e[1], e[2]) for e in events] == [
        (1, "limit", 1),
        (2, "offer", 0),
        (2, "respond", 1),
    ]
    assert events[2][4] == 0
    heard: list[tuple[str, str | None]] = []
    play(
        Ultimatum(method="strategy"),
        people,
        after=lambda move: heard.extend((e.kind, e.audience) for e in move.events),
    )
    assert heard == [("limit", None), ("offer", "pair"), ("respond", "pair")]


@pytest.mark.parametrize("method", METHODS)
def test_missing(method: str) -> None:
    """Who does not answer rejects; who does not propose offers nothing, which may be accepted."""
    assert _scores(FixedGiver(0.5), Silent(), method) == [0, 0]
    assert _scores(Silent(), ThresholdResponder(0.0), method) == [100, 0]
    assert _scores(Silent(), ThresholdResponder(0.1), method) == [0, 0]
    world = Ultimatum(method=method)  # type: ignore[arg-type]
    assert record(world, Population.all(Silent()))[0][-1][4] == -1


def test_unknown_method() -> None:
    """A method that does not exist is refused with the two that do."""
    with pytest.raises(BadValue, match="strategy"):
        Ultimatum(method="hot")  # type: ignore[arg-type]
