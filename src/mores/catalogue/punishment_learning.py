"""Punishment learning: does direct or third-party punishment lead learners to cooperate?"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Annotated

import numpy as np
from pydantic import Field

from mores.design import study
from mores.institutions.generations import Seasons
from mores.institutions.punishment import Punishment
from mores.institutions.reputation import Reputation
from mores.institutions.selection import PartnerSelection
from mores.metric import Condition, Estimate, Metric, Sample
from mores.metrics.comparison import compare
from mores.metrics.conduct import cooperation
from mores.metrics.readings import Floats, Reader, Reading, Units, acts, only, read_events
from mores.metrics.sanctions import By, punishments
from mores.policies.citizens import PunishmentLearner
from mores.population import Population
from mores.record import Record
from mores.study import Case, Study
from mores.world import World
from mores.worlds.games.society import PairwiseDilemma

SOURCE = (
    "Dasgupta and Musolesi 2023, arXiv 2301.08278; Autonomous Agents and Multi-Agent Systems 2025"
)
FINE, JUST, UNJUST, COSTLY = 3.0, -2.0, 10.0, 3.0
"""What the punished lose, and what punishing a defector or a cooperator costs (below 0: is paid)."""
LEARNT = 0.6
"""The part of the training after which exploration is at its least."""
SPANS = 20
"""Into how many spans the training is cut to find when conduct has settled."""


@study(source=SOURCE)
def punishment_learning(
    selection: tuple[bool, ...] = (False, True),
    reputation: tuple[bool, ...] = (False, True),
    direct: tuple[bool, ...] = (False, True),
    third_party: tuple[bool, ...] = (False, True),
    episodes: Annotated[int, Field(ge=4)] = 100,
    replicates: Annotated[int, Field(ge=1)] = 20,
    seats: Annotated[int, Field(ge=3, le=32)] = 5,
    rounds: Annotated[int, Field(ge=1)] = 10,
    windows: Annotated[int, Field(ge=2)] = 4,
    costly: bool = False,
) -> Study:
    """Do learners come to cooperate under partner selection, reputation, direct and third-party punishment?

    Every subset of the four is a condition. Learners (tables of values, not networks) play `episodes` of `rounds`
    each; what they learnt goes on from one to the next. Exploration shrinks to its least at 60% of the training.
    `windows`: into how many parts the training is cut; figures without a window are those of the last one. `costly`:
    punishing a defector costs 3 points instead of bringing 2. The paper trained for 2,000 episodes (`episodes=2000`).
    """
    plays = 2 * rounds * episodes  # everyone is a mover once a round, and a partner once on average
    learner = PunishmentLearner()
    decay = (learner.least / learner.epsilon) ** (1 / (LEARNT * plays))
    everyone = Population.all(replace(learner, decay=decay))
    cases = []
    for chosen in itertools.product(
        *map(dict.fromkeys, (selection, reputation, direct, third_party))
    ):
        condition = dict(
            zip(("selection", "reputation", "direct", "third_party"), chosen, strict=True)
        )
        world = _society(PairwiseDilemma(seats=seats, rounds=rounds), *chosen, costly=costly)
        cases.append(
            Case(world=Seasons(inner=world, n=episodes), population=everyone, condition=condition)
        )
    return Study(
        name="punishment-learning",
        cases=tuple(cases),
        replicates=replicates,
        metrics=_metrics(episodes, windows, rounds),
        estimates=Orderings(episodes, windows, rounds),
        summary="Learners under partner selection, reputation, direct and third-party punishment",
        source=SOURCE,
        notes=NOTES,
    )


NOTES = (
    "The paper's learners are deep Q-networks; these are tables of values. It found: third-party punishment reaches "
    "the higher cooperation; direct punishment the higher reward; direct and third-party punishment with selection and "
    "reputation cooperate most and settle first. Metric `ordering` is the difference that each claim says is above 0: "
    "an interval above 0 reproduces it, one below 0 contradicts it, one around 0 leaves it open.",
    "Partners are chosen before every round, not once an episode, because reputations begin anew with each episode.",
    "Cooperation, reward and the orderings are of the last window of the training; punishments of all of it.",
)


def _society(
    game: World, selection: bool, reputation: bool, direct: bool, third_party: bool, *, costly: bool
) -> World:
    """The game inside its institutions; reputation is outside punishment, because punishing counts for it."""
    world, cost = game, COSTLY if costly else JUST
    for by, present in (("partner", direct), ("bystander", third_party)):
        if present:
            world = Punishment(
                inner=world,
                by=by,  # type: ignore[arg-type]
                cost=cost,
                unjust_cost=UNJUST,
                fine=FINE,
                floor=None,
            )
    if reputation:
        world = Reputation(inner=world, rule="points")
    return PartnerSelection(inner=world, every="round") if selection else world


# -------------------------------------------------------------------- metrics
def _last(record: Record, reader: Reader, first: int) -> Reading:
    """A reading from one episode on."""
    found = reader(record)
    return found.where(found.season >= first)


def _read_rewards(record: Record, rounds: int) -> Reading:
    """What everyone earned a round, episode by episode."""
    scores = read_events(record, "score")
    return scores.with_value(scores.value / rounds)


def _measure_last(record: Record, reader: Reader, first: int) -> Sample:
    units = Units.of(record)
    return units.sample(record, units.means(_last(record, reader, first)))


def _measure_windows(record: Record, reader: Reader, episodes: int, windows: int) -> Sample:
    units, grid = _grid(record, reader, episodes, windows)
    number = np.tile(np.arange(1, windows + 1), len(grid))
    arm, replicate = np.repeat(units.arm, windows), np.repeat(units.replicate, windows)
    return record.sample(arm, replicate, grid.reshape(-1), by={"window": number.tolist()})


def _grid(record: Record, reader: Reader, episodes: int, parts: int) -> tuple[Units, Floats]:
    """The mean of each table in each part of the training [u, parts]."""
    units, reading = Units.of(record), reader(record)
    at = (reading.season.astype(np.int64) * parts // episodes).astype(np.int32)
    grid = np.full((len(units.arm), parts), np.nan)
    found = units.grid(reading, at)
    grid[:, : found.shape[1]] = found
    return units, grid


def _measure_settled(record: Record, episodes: int, parts: int) -> Sample:
    units, grid = _grid(record, acts("choose"), episodes, parts)
    final = grid[:, -parts // 4 :].mean(axis=1, keepdims=True)
    near = np.abs(grid - final) <= 0.1
    # the first part from which all later ones are near the final level
    still = np.flip(np.logical_and.accumulate(np.flip(near, 1), 1), 1)
    first = np.where(still.any(1), still.argmax(1), np.nan)
    return units.sample(record, np.where(np.isnan(final[:, 0]), np.nan, first * episodes / parts))


def _metrics(episodes: int, windows: int, rounds: int) -> tuple[Metric, ...]:
    first, choices = episodes - episodes // windows, acts("choose")
    reward = Metric(
        name="societal_reward",
        measure=partial(_measure_last, reader=partial(_read_rewards, rounds=rounds), first=first),
        summary="What a person earns a round, punishments included, in the last window.",
        unit="points a round",
        better="higher",
    )
    late = replace(
        cooperation,
        measure=partial(_measure_last, reader=choices, first=first),
        summary="The share of choices to cooperate in the last window.",
    )
    settled = Metric(
        name="episodes_to_settle",
        measure=partial(_measure_settled, episodes=episodes, parts=min(SPANS, episodes)),
        summary="From which episode on cooperation stays within 0.1 of its final level.",
        unit="episodes",
        better="lower",
        range=(0.0, float(episodes)),
    )
    by_window = replace(
        cooperation,
        name="cooperation_by_window",
        measure=partial(_measure_windows, reader=choices, episodes=episodes, windows=windows),
    )
    kinds: tuple[tuple[By, str], ...] = (("direct", "direct"), ("third-party", "third_party"))
    sanctions = [
        only(punishments(by, just), key, True) for by, key in kinds for just in (True, False)
    ]
    return (late, reward, settled, *sanctions, by_window)


# -------------------------------------------------------------------- the paper's claims
ALL = {"selection": True, "reputation": True, "direct": True, "third_party": True}


@dataclass(frozen=True)
class Orderings:
    """The differences that the paper says are above 0, each where its conditions were run."""

    episodes: int
    windows: int
    rounds: int

    def __call__(self, record: Record) -> list[Estimate]:
        """Metric `ordering` with the conditions `claim`, and what both sides have in common."""
        metrics = _metrics(self.episodes, self.windows, self.rounds)[:3]
        late, reward, settled = (_Measured(m, m.measure(record), record) for m in metrics)
        out = []
        for selection, reputation in itertools.product((False, True), repeat=2):
            both = {"selection": selection, "reputation": reputation}
            direct, third = both | _by(True, False), both | _by(False, True)
            out += late.less(
                third, direct, "third-party punishment cooperates more than direct", both
            )
            out += reward.less(direct, third, "direct punishment earns more than third-party", both)
        others = [dict(c) for c in record.conditions if dict(c) != ALL]
        best = _best(late.sample, others, 1)
        if best is not None:
            claim = "all four cooperate more than the best of the others"
            out += late.less(ALL, best, claim, {"best": _name(best)})
        first = _best(settled.sample, others, -1)
        if first is not None:
            claim = "all four settle sooner than the first of the others"
            out += settled.less(first, ALL, claim, {"best": _name(first)})
        return out


@dataclass(frozen=True)
class _Measured:
    """A metric and what it measured."""

    metric: Metric
    sample: Sample
    record: Record

    def less(self, a: Condition, b: Condition, claim: str, where: Condition) -> list[Estimate]:
        """The paired difference a - b, if both were run."""
        run = [dict(c) for c in self.sample.condition]
        if dict(a) not in run or dict(b) not in run:
            return []
        seed = int(self.record.manifest.get("seed", 0))
        found = compare(self.metric, self.sample, a=a, b=b, seed=seed)
        return [
            Estimate(
                metric="ordering",
                condition={"claim": claim, **where},
                value=found.difference,
                low=found.low,
                high=found.high,
                n=found.n,
                missing=found.missing,
                unit=self.metric.unit,
                method="paired" if found.paired else "unpaired",
            )
        ]


def _by(direct: bool, third_party: bool) -> dict[str, bool]:
    return {"direct": direct, "third_party": third_party}


def _best(sample: Sample, among: Sequence[Condition], sign: int) -> Condition | None:
    """Of some conditions the one with the highest (lowest) mean; None if none has one."""
    means = {}
    for k, condition in enumerate(sample.condition):
        values = sample.value[sample.which == k]
        if dict(condition) in among and not np.isnan(values).all():
            means[k] = sign * float(np.nanmean(values))
    return sample.condition[max(means, key=lambda k: means[k])] if means else None


def _name(condition: Condition) -> str:
    """A condition in words: `selection + direct`."""
    return " + ".join(k.replace("_", "-") for k, on in condition.items() if on) or "none"
