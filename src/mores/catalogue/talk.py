"""Talk: a plain conversation, and how it went."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from mores.catalogue.specs import rejoined
from mores.catalogue.tables import over, table_metric, total
from mores.design import study
from mores.metric import Metric
from mores.metrics.readings import Floats, Units
from mores.policies.spec import policy
from mores.population import Population
from mores.record import Record
from mores.study import Case, Study
from mores.worlds.dialogue.talk import Talk


@study(source=Talk.source)
def talk(
    population: tuple[str, ...] = ("talker", "talker:stay=3"),
    seats: Annotated[int, Field(ge=2)] = 2,
    turns: Annotated[int, Field(ge=1)] = 20,
    topic: str = "",
    order: Literal["in-turn", "drawn"] = "in-turn",
    replicates: Annotated[int, Field(ge=1)] = 10,
) -> Study:
    """How long do people talk, how much do they say, and who leaves?

    `population`: who talks, all alike: any policy for the role `speaker`, or "mind" to have a model speak; by default
    scripted talkers that stay, and that leave after three utterances. `topic`: the occasion, as everyone is told it.
    """
    cases = tuple(
        Case(
            world=Talk(seats=seats, turns=turns, topic=topic, order=order),
            population=Population.all(policy(who)),
            condition={"population": who},
        )
        for who in rejoined(population)
    )
    return Study(name="talk", cases=cases, replicates=replicates, metrics=METRICS)


def _utterances(record: Record, units: Units) -> Floats:
    return total(record, units, "say")


def _silent(record: Record, units: Units) -> Floats:
    done = total(record, units, "say", "leave")
    taken = units.rounds.astype(np.float64)
    return over(taken - done, taken)


def _left(record: Record, units: Units) -> Floats:
    return np.minimum(total(record, units, "leave"), 1)


def _words(record: Record, units: Units) -> Floats:
    said = [r for r in record.events.rows() if r["kind"] == "say"]
    arm, table = (np.array([r[n] for r in said], np.int32) for n in ("arm", "table"))
    count = np.array([len((r["text"] or "").split()) for r in said], np.float64)
    rows = units.row(arm, table)
    size = len(units.arm)
    texts = np.bincount(rows, minlength=size).astype(np.float64)
    return over(np.bincount(rows, count, minlength=size).astype(np.float64), texts)


METRICS: tuple[Metric, ...] = (
    table_metric(
        "utterances",
        _utterances,
        "How often something was said.",
        unit="utterances",
        range=(0, None),
    ),
    table_metric(
        "words", _words, "Words in an utterance, on average.", unit="words", range=(0, None)
    ),
    table_metric(
        "silence",
        _silent,
        "The share of turns in which nothing was done.",
        unit="share",
        range=(0, 1),
    ),
    table_metric(
        "left", _left, "Whether somebody left.", unit="share", range=(0, 1), interval="wilson"
    ),
)
