"""MachineSoM: which traits and which rounds of debate and reflection make a small society right?"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from mores.agent import Policy
from mores.catalogue.kairos import SAMPLED
from mores.catalogue.machinesom_measures import METRICS
from mores.design import study
from mores.policies.solvers import SolverConformist, SolverStubborn
from mores.policies.spec import policy
from mores.population import Population
from mores.study import Case, Study
from mores.worlds.quizzes.items import items_of
from mores.worlds.quizzes.machinesom import MachineSoM

SOURCE = "MachineSoM, arXiv 2310.02124"
TRAITS = "traits"


@study(source=SOURCE, data=("truthfulqa",))
def machinesom(
    population: tuple[str, ...] = (TRAITS,),
    overconfident: tuple[Annotated[int, Field(ge=0)], ...] = (3, 2, 1, 0),
    pattern: tuple[Annotated[str, Field(pattern="^[01]*$")], ...] = ("000", "011", "111"),
    items: Literal["sample", "truthfulqa"] = "sample",
    agents: Annotated[int, Field(ge=2, le=10)] = 3,
    accuracy: Annotated[float, Field(ge=0, le=1)] = 0.6,
    reasons: bool = True,
    expert: str = "",
    replicates: Annotated[int, Field(ge=1)] = 50,
) -> Study:
    """Does it matter for what a society decides which traits its agents have and whether they debate or reflect?

    `population`: "traits" (scripted: overconfident agents keep their answer, easy-going ones go with a majority; alone
    each is right with probability `accuracy`), any policy for the role `solver`, or "mind" to have a model answer, told
    its trait in words. `overconfident`: how many agents have that trait (with three agents 3, 2, 1, 0 are the
    societies S1 to S4). `pattern`: the strategies, a sign a round: 0 debate, 1 reflection; there are eight of three
    rounds. A replicate is a question. The released code asks at temperature 0.7 (0.75 with one provider) and repeats
    everything five times.
    """
    questions = items_of(items)
    cases = tuple(
        Case(
            world=MachineSoM(
                items=questions,
                agents=agents,
                overconfident=count,
                pattern=strategy,
                reasons=reasons,
                expert=expert,
            ),
            population=_society(who, agents, count, accuracy),
            condition={"population": who, "overconfident": count, "pattern": strategy},
        )
        for who in population
        for count in overconfident
        for strategy in pattern
    )
    sampled = (SAMPLED,) if items == "sample" else ()
    return Study(
        name="machinesom",
        cases=cases,
        replicates=replicates,
        metrics=METRICS,
        baseline={"pattern": pattern[0]} if len(pattern) > 1 else None,
        notes=(*sampled, *NOTES),
    )


NOTES = (
    "The paper's tables could not be read and its items (MMLU, MATH, chess moves) are not here, so no figures of "
    "language models stand beside these. Its summary: strategies matter more than traits; those that begin with "
    "debate do well, those of much reflection are unstable.",
    "Conformity counts, as the released code does, a new answer that is among the most frequent earlier answers of the "
    "others, if at least two of them agreed; where no two did, nobody conforms.",
    "Scripted majority copiers never change what the majority was at first, so debate cannot make them more accurate.",
)


def _society(who: str, agents: int, overconfident: int, accuracy: float) -> Population:
    if who != TRAITS:
        return Population.all(policy(who))
    seated: list[Policy] = [
        SolverStubborn(accuracy=accuracy)
        if i < overconfident
        else SolverConformist(accuracy=accuracy)
        for i in range(agents)
    ]
    return Population.by_seat(*seated)
