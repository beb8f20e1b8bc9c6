"""Persona inconstancy: do representatives of nations hold to their opinions in a group and after it?"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from mores.catalogue.persona_measures import METRICS, by_entropy, impersonation
from mores.design import study
from mores.policies.spec import policy
from mores.population import Population
from mores.study import Case, Study
from mores.worlds.quizzes.panel import NATIONS, PersonaInconstancy

SOURCE = "Baltaji, Hemmatian and Varshney 2024, arXiv 2405.03862"


@study(source=SOURCE)
def persona_inconstancy(
    population: tuple[str, ...] = (
        *("panel-steady", "panel-conformist"),
        *("panel-persuaded", "panel-drifter"),
    ),
    instruction: tuple[Literal["collaborate", "debate"], ...] = ("collaborate",),
    nations: tuple[str, ...] = NATIONS,
    messages: Annotated[int, Field(ge=1)] = 15,
    order: Literal["in-turn", "drawn"] = "in-turn",
    replicates: Annotated[int, Field(ge=1)] = 50,
) -> Study:
    """How often do agents with national personas change, hide or invent opinions in a group?

    `population`: any policy for the roles `respondent`, `speaker` and `reflector`, or "mind" to have a model answer; by
    default four scripted anchors: keeps its opinion; says what most say and returns to its own; says it and keeps it;
    draws anew every time. `instruction`: "collaborate" or "debate". A replicate is a question, out of a few of our own.
    """
    cases = tuple(
        Case(
            world=PersonaInconstancy(
                nations=nations, messages=messages, instruction=how, order=order
            ),
            population=Population.all(policy(who)),
            condition={"population": who, "instruction": how},
        )
        for who in population
        for how in instruction
    )
    return Study(
        name="persona-inconstancy",
        cases=cases,
        replicates=replicates,
        metrics=(*METRICS, impersonation(nations)),
        estimates=by_entropy,
        baseline={"instruction": instruction[0]} if len(instruction) > 1 else None,
        notes=NOTES,
    )


NOTES = (
    "The questions are a few of our own and no country's survey shares go with them: figures on them are samples, "
    "and no agent is turned away for an opinion that is rare in its country, as the released code does.",
    "The paper's rates could not be read, so none stand here. Its summary: discussion lets groups reflect more views, "
    "agents conform and change, and the instruction to debate makes them less constant.",
    "Conformity: voiced last an opinion that is neither its private one before nor after. Confabulation: the final "
    "opinion was nobody's before, neither in private nor in the discussion.",
)
