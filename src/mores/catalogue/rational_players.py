"""Rational players: a clear desire, a belief that learns, an action that follows; one game for each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field

from mores.agent import Mind, Policy
from mores.catalogue.published import Published
from mores.design import study
from mores.metric import Estimate, Metric, Sample
from mores.metrics.readings import Reading, Units, mean_of, only, read_events, read_final_scores
from mores.policies.rational import LevelK, MarkovLearner, PreferenceKeeper, SelfInterested
from mores.policies.spec import policy
from mores.policies.strategies.patterns import Uniform
from mores.population import Population
from mores.record import Record
from mores.study import Case, Study
from mores.worlds.dilemmas.belief_ring import BeliefRing
from mores.worlds.dilemmas.preferences import PREFERENCES, StatedPreference
from mores.worlds.games.moves import Matrix
from mores.worlds.games.named import RockPaperScissors

SOURCE = "Fan, Chen, Jin and He 2023, arXiv 2312.05488"
Part = Literal["desire", "belief", "action"]
Who = Literal["rational", "naive", "mind"]
BELIEFS = ("implicit", "explicit", "given")
PATTERNS: dict[str, tuple[str, float]] = {
    "constant": ("always:0", 2.0),
    "loop of 2": ("loop:pattern=0/1", 2.0),
    "loop of 3": ("loop:pattern=1/0/2", 2.0),
    "copies": ("copy", 2.0),
    "counters": ("best-reply", 2.0),
    "biased": ("biased:weights=0.6/0.2/0.2", 1.4),
}
"""Opponents in rock, paper, scissors, and the mean points of the best answer to each (win 2, draw 1)."""
ANCHORS: dict[str, dict[str, Policy]] = {
    "rational": {
        "desire": PreferenceKeeper(),
        "belief": MarkovLearner(),
        "action": LevelK(level=1),
    },
    "naive": {"desire": SelfInterested(), "belief": Uniform(), "action": Uniform()},
    "mind": dict.fromkeys(("desire", "belief", "action"), Mind()),
}
RING: tuple[Matrix, Matrix] = BeliefRing().matrices  # type: ignore[assignment]


@study(source=SOURCE)
def rational_players(
    population: tuple[Who, ...] = ("rational", "naive"),
    part: tuple[Part, ...] = ("desire", "belief", "action"),
    rounds: Annotated[int, Field(ge=1)] = 20,
    replicates: Annotated[int, Field(ge=1)] = 20,
) -> Study:
    """Do players follow a stated preference, see through simple opponents, and act on what they believe?

    `part`: "desire" (one picks an allocation by a preference told in words), "belief" (rock, paper, scissors for
    `rounds` rounds against an opponent of a simple pattern), "action" (a ring of two in which the other has a
    dominant choice; what one should believe of it is implicit in the payoffs, asked for first, or given; options in
    both orders). `population`: "rational" (keeps the preference, learns the pattern, reasons one step), "naive"
    (selfish, uniform at random), or "mind" to have a model play; opponents are always scripted.
    """
    made: dict[str, Callable[[str], Iterator[Case]]] = {
        "desire": _desire,
        "belief": partial(_belief, rounds=rounds),
        "action": _action,
    }
    cases = tuple(case for who in population for name in part for case in made[name](who))
    ceilings = tuple(_ceilings()) if "belief" in part else ()
    return Study(
        name="rational-players",
        cases=cases,
        replicates=replicates,
        metrics=METRICS,
        estimates=Published(ceilings) if ceilings else None,
        notes=NOTES,
    )


NOTES = (
    "The paper's payoffs, repetitions and percentages could not be read; menus and matrices here are our own or "
    "those of a public re-implementation. Its summary: models keep common preferences (self-interest, equality) better "
    "than uncommon ones, miss many simple patterns, and do better when a belief is given than when it is asked for.",
    "Rows of the best answer are computed: what an opponent's pattern yields to one who knows it. A naive player gets "
    "1 point a round from any pattern, and half of the ring's choices right.",
)


def _case(who: str, part: str, world: Any, others: tuple[Policy, ...], **condition: Any) -> Case:
    return Case(
        world=world,
        population=Population.by_seat(ANCHORS[who][part], *others),
        condition={"population": who, "part": part, **condition},
    )


def _desire(who: str) -> Iterator[Case]:
    for preference in PREFERENCES:
        world = StatedPreference(preference=preference)  # type: ignore[arg-type]
        yield _case(who, "desire", world, (), preference=preference)


def _belief(who: str, rounds: int) -> Iterator[Case]:
    for pattern, (spec, _) in PATTERNS.items():
        world = RockPaperScissors(rounds=rounds)
        yield _case(who, "belief", world, (policy(spec),), pattern=pattern)


def _action(who: str) -> Iterator[Case]:
    for belief in BELIEFS:
        for layout, matrices in (("as is", RING), ("swapped", swapped(RING))):
            world = BeliefRing(matrices=matrices, belief=belief)  # type: ignore[arg-type]
            yield _case(who, "action", world, (LevelK(level=1),), belief=belief, layout=layout)


def swapped(ring: tuple[Matrix, Matrix]) -> tuple[Matrix, Matrix]:
    """The same ring with the options of both players in the other order."""
    one, two = (tuple(row[::-1] for row in matrix[::-1]) for matrix in ring)
    return one, two


# -------------------------------------------------------------------- what is measured
def _first_seat(record: Record, kind: str) -> Reading:
    found = read_events(record, kind)
    return found.where(found.seat == 0)


def _optimal(record: Record) -> Sample:
    return mean_of(record, partial(_first_seat, kind="optimal"))


def _points(record: Record) -> Sample:
    """The player's points per round."""
    units, score = Units.of(record), read_final_scores(record)
    mine = score.where(score.seat == 0)
    total = units.sums(mine)
    return units.sample(record, total / np.maximum(units.rounds, 1))


METRICS: tuple[Metric, ...] = (
    only(
        Metric(
            name="optimal_choices",
            measure=_optimal,
            summary="The share of best choices: by the stated preference, or of the ring's solution.",
            unit="share",
            better="higher",
            range=(0, 1),
            interval="wilson",
        ),
        "part",
        "desire",
        "action",
    ),
    only(
        Metric(
            name="points_per_round",
            measure=_points,
            summary="Points a round in rock, paper, scissors: 2 for a win, 1 for a draw.",
            unit="points",
            better="higher",
            range=(0, 2),
        ),
        "part",
        "belief",
    ),
)


def _ceilings() -> Iterator[Estimate]:
    for pattern, (_, best) in PATTERNS.items():
        yield Estimate(
            metric="points_per_round",
            condition={
                "population": "best answer (computed)",
                "part": "belief",
                "pattern": pattern,
            },
            value=best,
            low=best,
            high=best,
            n=0,
            unit="points",
            method="exact",
            better="higher",
            range=(0, 2),
        )
