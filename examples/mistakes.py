"""How much cooperation survives mistakes? A study as one function; its parameters are its settings.

mores run examples/mistakes.py
mores run examples/mistakes.py noise=0,0.01,0.1 players=tit-for-tat,pavlov
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from mores import Case, Population, Study
from mores.design import study
from mores.institutions.noise import Noise
from mores.metrics.conduct import cooperation
from mores.metrics.welfare import payoff_per_round
from mores.policies.spec import policy
from mores.worlds.games.named import PrisonersDilemma


@study(source="Axelrod and Hamilton 1981; Nowak and Sigmund 1993")
def mistakes(
    players: tuple[str, ...] = ("tit-for-tat", "generous-tit-for-tat", "pavlov"),
    noise: tuple[Annotated[float, Field(ge=0, le=1)], ...] = (0.0, 0.05),
    rounds: Annotated[int, Field(ge=1)] = 100,
    replicates: Annotated[int, Field(ge=1)] = 40,
) -> Study:
    """How much cooperation do strategies that play themselves keep when moves go wrong?"""
    cases = tuple(
        Case(
            world=Noise(PrisonersDilemma(rounds=rounds), p=p),
            population=Population.all(policy(who)),
            condition={"players": who, "noise": p},
        )
        for who in players
        for p in noise
    )
    metrics = (cooperation, payoff_per_round)
    return Study(name="mistakes", cases=cases, replicates=replicates, metrics=metrics)
