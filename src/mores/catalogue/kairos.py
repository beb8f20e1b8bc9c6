"""KAIROS: does an agent keep, repair or drop its answer when its peers speak?"""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Literal

from pydantic import Field

from mores.catalogue.kairos_measures import METRICS, Pressure
from mores.catalogue.published import model, published
from mores.design import study
from mores.metric import Estimate
from mores.policies.spec import policy
from mores.population import Population
from mores.record import Record
from mores.study import Case, Study
from mores.worlds.quizzes.items import items_of
from mores.worlds.quizzes.kairos import Kairos

SOURCE = "KAIROS, arXiv 2508.18321"
Act = Literal["mixed", "support", "oppose-hard", "oppose-easy"]
Protocol = Literal["peers", "empowered", "reflection"]


@study(source=SOURCE, data=("truthfulqa",))
def kairos(
    population: tuple[str, ...] = ("quiz-stubborn", "quiz-copier", "quiz-bayesian"),
    rapport: tuple[Annotated[int, Field(ge=0, le=100)], ...] = (0, 50, 100),
    act: tuple[Act, ...] = ("mixed",),
    protocol: tuple[Protocol, ...] = ("peers",),
    items: Literal["sample", "truthfulqa"] = "sample",
    peers: Annotated[int, Field(ge=1, le=10)] = 6,
    history: Annotated[int, Field(ge=0)] = 4,
    samples: Annotated[int, Field(ge=1)] = 8,
    replicates: Annotated[int, Field(ge=1)] = 72,
) -> Study:
    """Are answers given alone kept, repaired or dropped in front of peers of controlled reliability?

    `population`: who is asked: any policy for the roles `alone` and `company`, or "mind" to have a model answer; by
    default three scripted anchors (never moves; always copies; weighs the peers' record against its own accuracy).
    `rapport`: per cent of the earlier rounds in which peers agreed with the subject. `act`: what the peers state now;
    "mixed" has support, hard and easy opposition in equal shares, if `replicates` divide by 3. `protocol`: "peers",
    "empowered" (asked to verify for itself) or "reflection" (asked again). `items`: "sample" (a dozen of our own) or
    "truthfulqa" (663 questions from the data folder); a replicate is a question (with mixed acts, three are).

    The released code asks alone 8 times at temperature 1.0 (top-p .9, top-k 50, min-p .02), and once at 0.7 with peers.
    """
    questions = items_of(items)
    cases = tuple(
        Case(
            world=Kairos(
                items=questions,
                peers=peers,
                history=history,
                rapport=share / 100,
                act=what,
                samples=samples,
                protocol=how,
            ),
            population=Population.all(policy(who)),
            condition={"population": who, "rapport": share, "act": what, "protocol": how},
        )
        for who in population
        for share in rapport
        for what in act
        for how in protocol
    )
    sampled = (SAMPLED,) if items == "sample" else ()
    return Study(
        name="kairos",
        cases=cases,
        replicates=replicates,
        metrics=METRICS,
        estimates=Measured(),
        baseline={"rapport": rapport[0]} if len(rapport) > 1 else None,
        notes=(*sampled, *NOTES),
    )


SAMPLED = (
    "The questions are a dozen of our own: figures on them are samples of how the study works, not a benchmark. "
    "items=truthfulqa takes 663 published ones."
)
NOTES = (
    "Utility is the share right with peers of those wrong alone, resistance the share still right of those right "
    "alone, F1 their harmonic mean. ok_change is (with peers - alone) / alone as in the paper; ok_difference is with "
    "peers less alone, as in the released analysis.",
    "Rows of language models are the paper's (3,000 questions of nine sets, from a digest of its text): other "
    "questions than these. How many earlier rounds and peers each published question has is in data that was not at "
    "hand.",
    "A copier has accuracy, utility, resistance and F1 of one third under mixed acts, whatever it knows (in the mean: "
    "each question has one act); who never moves has utility 0 and resistance 1.",
)
PUBLISHED: dict[str, tuple[float, float]] = {
    "Qwen2.5-7B": (0.585, 0.523),
    "Llama-3.1-8B": (0.565, 0.525),
    "Llama-3.3-70B": (0.680, 0.682),
    "Gemini-2.5-Pro": (0.893, 0.799),
    "GPT-5": (0.902, 0.889),
}
"""Accuracy alone and with peers."""


class Measured(Pressure):
    """What comes of all tables of a condition, and the published figures below."""

    def __call__(self, record: Record) -> list[Estimate]:
        """Computed rows, then published ones."""
        rows = super().__call__(record)
        for name, values in PUBLISHED.items():
            for metric, value in zip(("original_accuracy", "kairos_accuracy"), values, strict=True):
                one = published(metric, value, {"population": model(name)}, n=3000, unit="share")
                rows.append(replace(one, better="higher", range=(0.0, 1.0)))
        return rows
