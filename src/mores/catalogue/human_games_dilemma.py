"""The prisoner's dilemma among the human games: two laboratory studies by treatment, and eight studies pooled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from mores import references
from mores.agent import Policy
from mores.catalogue.human_games_moves import (
    BEFORE,
    MOVES,
    Moves,
    by_population,
    cooperation,
    counts,
    previous,
)
from mores.catalogue.human_games_setting import Acts, Setting
from mores.institutions.stopping import RandomStopping
from mores.metric import Estimate, Reference
from mores.people.engine_play import LONGEST, laboratory, world
from mores.people.repeated_pd import STUDIES
from mores.policies.spec import policy
from mores.policies.strategies.classic import Random
from mores.policies.strategies.memory_one import MemoryOne
from mores.worlds.games.named import PrisonersDilemma

GAME = "prisoners-dilemma"
POOLED = "ipd-human-pooled"
CLASSIC = (
    "all-cooperate",
    "all-defect",
    "tit-for-tat",
    "suspicious-tit-for-tat",
    "generous-tit-for-tat",
    "grim",
    "pavlov",
    "random",
)


def _figures(data: str) -> list[tuple[Reference, tuple[float, ...]]]:
    """Cooperation in a data set with its counts of C and D: a figure a treatment, or a previous pair of moves."""
    return [
        (each, references.distribution(GAME, "cooperation", **each.condition)[1])
        for each in references.load(GAME)
        if each.condition.get("data") == data and "round" not in each.condition
    ]


def _classic() -> dict[str, Policy]:
    return {name: policy(name) for name in CLASSIC}


def settings() -> list[Setting]:
    """Every treatment of the two studies, and games as long as those of the pooled studies."""
    found = []
    for data in STUDIES:
        for people, made in _figures(data):
            rules = laboratory(data, people.condition["treatment"])
            found.append(
                Setting(
                    game=GAME,
                    where=rules.condition,
                    world=world(rules),
                    kind="intend" if rules.error else "choose",
                    role="player",
                    people=replace(people, distribution=((0.0, 1.0), made)),
                    offered={**_classic(), "empirical": Random(p=made[0] / sum(made))},
                )
            )
    return [*found, _pooled()]


def _pooled() -> Setting:
    """Games that last as long as the pooled ones on average; `empirical` remembers one round, as their figures do."""
    made = np.array([each for _, each in _figures(POOLED)])
    first, cc, cd, dc, dd = (made[:, 0] / made.sum(1)).round(6).tolist()
    delta = round(float(1 - made[0].sum() / made.sum()), 6)
    people = MemoryOne(cc=cc, cd=cd, dc=dc, dd=dd, start_with=first)
    return Setting(
        game=GAME,
        where={"data": POOLED},
        world=RandomStopping(PrisonersDilemma(rounds=LONGEST, announced=False), delta=delta),
        kind="choose",
        role="player",
        people=replace(_figures(POOLED)[0][0], distribution=None),
        offered={**_classic(), "empirical": people},
    )


def human_figures() -> list[Reference]:
    """What stands beside the estimates: cooperation by treatment and by previous pair of moves."""
    return [
        replace(each, condition={"game": GAME, **each.condition})
        for data in (*STUDIES, POOLED)
        for each, _ in _figures(data)
    ]


def estimates(settings: Sequence[Setting], acts: Acts) -> list[Estimate]:
    """Cooperation by treatment and by previous moves, and the distances to people in each data set."""
    found: list[Estimate] = []
    played = [s for s in settings if s.arms(acts.record)]
    for data in STUDIES:
        some = [s for s in played if s.where["data"] == data]
        found += _treatments(data, some, acts) if some else []
    for setting in played:
        found += _pairs(setting, acts) if setting.where["data"] == POOLED else []
    return found


def _treatments(data: str, some: Sequence[Setting], acts: Acts) -> list[Estimate]:
    """Moves within each treatment, averaged as people's decisions are spread over the treatments."""
    people = np.array([s.people.distribution[1] for s in some if s.people.distribution])
    persons = sum(s.people.n or 0 for s in some)
    moves = Moves(people=people, where={"game": GAME, "data": data}, given=True, persons=persons)
    found: list[Estimate] = []
    for t, setting in enumerate(some):
        reading = acts.of(setting)
        found += cooperation(reading, acts)
        for name, theirs in by_population(setting, reading, acts):
            empty = np.zeros((acts.replicates, len(some), MOVES))
            made = moves.counts.setdefault(name, empty)
            made[:, t] = counts(reading.where(theirs), acts.replicates)[:, 0]
    return [*found, *moves.estimates(acts)]


def _pairs(setting: Setting, acts: Acts) -> list[Estimate]:
    """Pairs of moves and what follows them, as one distribution."""
    people = np.array([made for _, made in _figures(POOLED)])
    moves = Moves(people=people, where={"game": GAME, "data": POOLED}, given=False)
    reading = acts.of(setting)
    before = previous(reading)
    for name, theirs in by_population(setting, reading, acts):
        own = reading.where(theirs)
        moves.counts[name] = counts(own, acts.replicates, len(BEFORE), before[theirs])
    found: list[Estimate] = []
    for k, pair in enumerate(BEFORE):
        after = reading.where(before == k)
        found += cooperation(after, acts, my_previous=pair[0], other_previous=pair[1])
    return [*found, *moves.estimates(acts)]
