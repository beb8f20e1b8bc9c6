"""Dictator against humans: a selfish population is moved to give as people do."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from pydantic import Field

from mores.design import study
from mores.metric import Reference
from mores.metrics.conduct import gave_half, gave_nothing, share_given
from mores.metrics.distances import noise_floor
from mores.metrics.readings import acts
from mores.metrics.resampling import generator
from mores.metrics.to_people import Distances
from mores.policies.givers import TraitGiver
from mores.population import Population
from mores.references import load
from mores.study import Case, Study
from mores.worlds.games.dictator import Dictator

SOURCE = "PEBA/PEvo, arXiv 2509.16457 (method); Mei, Xie, Yuan & Jackson 2024, PNAS 121(9) (people)"


@study(source=SOURCE, data=())
def dictator_humans(
    agents: Annotated[int, Field(ge=2, le=1_000_000)] = 1000,
    giving: Annotated[float, Field(ge=0, le=1)] = 0.0,
    noise: Annotated[float, Field(ge=0, le=0.5)] = 0.02,
    endowment: Annotated[float, Field(gt=0)] = 100.0,
) -> Study:
    """Agents that keep everything divide an amount; aligners move them to give as people do.

    Each of `agents` agents (`trait-giver`) divides `endowment` with somebody of its own: a table each, which are
    the replicates. The trait `giving` is the share that an agent gives, `noise` the standard deviation of what it
    does less what it means. `distance_tv`, `distance_js` and `distance_wasserstein` compare ten bins of the share
    given with the people of the platform data; a reference says what chance alone gives to as many agents.

    `mores loop dictator-humans --with pevo --rounds 10` is the demonstration: total variation falls from .65 to
    what chance gives, and rewriting as many agents at random moves nothing.
    """
    people = next(r for r in load("dictator") if r.distribution is not None)
    who = Population.all(TraitGiver(noise=noise))
    if giving > 0:
        who = who.with_traits(giving=np.full(1, giving, np.float32))
    case = Case(world=Dictator(endowment=endowment), population=who)
    return Study(
        name="dictator-humans",
        cases=(case,),
        replicates=agents,
        metrics=(share_given, gave_nothing, gave_half),
        estimates=Distances(acts("give"), people),
        references=(*load("dictator"), _floor(people, agents)),
        notes=(
            "The agents follow a rule with one number each; it says nothing about language models.",
            "Distances cannot be below 0: the reference on distance_tv says what chance alone gives.",
        ),
    )


def _floor(people: Reference, agents: int) -> Reference:
    """The distance of as many draws from people's own distribution: 95 % of samples are below `high`."""
    assert people.distribution is not None
    counts = people.distribution[1]
    mean, high = (
        noise_floor(counts, agents, rng=generator(0, "noise floor"), quantile=q)
        for q in (None, 0.95)
    )
    return Reference(
        metric="distance_tv",
        source=f"chance alone: {agents:,} draws from the people of {people.source.split(',')[0]} et al.",
        value=mean,
        low=0.0,
        high=high,
        n=agents,
        year=people.year,
    )
