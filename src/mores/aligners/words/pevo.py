"""Persona evolution (PEvo): agents whose class of behaviour is too frequent are given other personas."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from mores.aligner import Aligner, Change, Lever, Needs
from mores.aligners.words.behaviour import Agents, agents, class_of, traits
from mores.chance import Chance, below
from mores.errors import BadValue, DoesNotFit
from mores.record import Record
from mores.study import Study

_ROUNDING = 1e-9


@dataclass(frozen=True)
class Gap:
    """Feedback on one case: who behaved how, and how far the shares of classes are from their targets.

    `share` [k] are the shares of the classes among all agents (the unknown ones too, so they may sum to
    less than 1), `gap` [k] is target less share.
    """

    agents: Agents
    edges: NDArray[np.float64]
    share: NDArray[np.float64]
    target: NDArray[np.float64]

    @property
    def gap(self) -> NDArray[np.float64]:
        """Target less share; below 0: the class is too frequent."""
        return self.target - self.share

    @property
    def surplus(self) -> NDArray[np.int64]:
        """How many members of each class are to be moved [k]: floor(|gap| N) where the gap is below 0."""
        excess = np.maximum(-self.gap, 0.0) * len(self.agents)
        return np.floor(excess + _ROUNDING).astype(np.int64)


@dataclass(frozen=True)
class Rewriting:
    """Rows of one case: which agents [m] (places in `agents`) get which trait, and to be in which class.

    `to` is -1 where no class is aimed at.
    """

    agents: Agents
    member: NDArray[np.int64]
    to: NDArray[np.int64]
    value: NDArray[np.float64]
    edges: NDArray[np.float64]
    log: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Pevo(Aligner[tuple[Gap, ...], tuple[Rewriting, ...]]):
    """Moves a population's behaviour to a target distribution by rewriting who its members are.

    Each agent's behaviour (its last event `event`) is put in a class (a bin between `edges`). For each
    class that is more frequent than its target, floor(|gap| N) of its members, drawn by chance, are
    rewritten; the class each is to show is drawn with weights proportional to the gaps of the classes
    that are too rare. Agents whose behaviour is unknown are never moved. The study is then to be played
    again: whether a persona has the behaviour meant for it is for the next round to see.

    In the paper a model rewrites the persona's text. Here the persona is one number, the `trait`, and
    rewriting draws it uniformly within the bin that is meant; a number that does not lie there in the
    end is refused and the agent keeps its own. Every seat of every table that acted is an agent.

    `edges` [k + 1] and `target` [k] (shares or counts) are those of the study's reference with a
    distribution, unless given.

    PEBA/PEvo: "Implicit Behavioral Alignment of Language Agents in High-Stakes Crowd Simulations",
    arXiv 2509.16457 (EMNLP 2025).
    """

    event: str = "give"
    trait: str = "giving"
    edges: tuple[float, ...] | None = None
    target: tuple[float, ...] | None = None

    name: ClassVar[str] = "pevo"
    lever: ClassVar[Lever] = "words"
    source: ClassVar[str] = "PEBA/PEvo, arXiv 2509.16457 (EMNLP 2025)"

    def needs(self) -> Needs:
        return Needs(runs_a_round=1)

    def judge(self, record: Record, study: Study) -> tuple[Gap, ...]:
        """The gap of every case between how its agents behaved and the target."""
        edges, target = self.aim(study)
        gaps = []
        for arm in range(len(study.cases)):
            crowd = agents(record, arm, self.event, edges)
            if len(crowd) == 0:
                raise DoesNotFit(
                    f"{self.name} reads events of kind {self.event!r}, and {study.name} has none; name another "
                    f"with event=..."
                )
            known = crowd.label[crowd.label >= 0]
            share = np.bincount(known, minlength=len(target)) / len(crowd)
            gaps.append(Gap(crowd, edges, share, target))
        return tuple(gaps)

    def build(
        self, feedback: tuple[Gap, ...], study: Study, chance: Chance
    ) -> tuple[Rewriting, ...]:
        """Who is rewritten, and how."""
        rows = []
        for arm, gap in enumerate(feedback):
            member, to, value = self.rewritten(gap, study, arm, chance)
            log = {
                "condition": dict(study.cases[arm].condition),
                "agents": len(gap.agents),
                "unknown": int((gap.agents.label < 0).sum()),
                "share": gap.share.tolist(),
                "target": gap.target.tolist(),
                "surplus": gap.surplus.tolist(),
            }
            rows.append(Rewriting(gap.agents, member, to, value, gap.edges, log))
        return tuple(rows)

    def rewritten(
        self, gap: Gap, study: Study, arm: int, chance: Chance
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
        """The members that are rewritten, the class that each is to show, and its new trait."""
        n, label = len(gap.agents), gap.agents.label
        order = chance.permutation(f"members/{arm}", n)[0]
        member = np.sort(
            np.concatenate([order[label[order] == b][:c] for b, c in enumerate(gap.surplus)])
        )
        lacking = np.maximum(gap.gap, 0.0)
        if len(member) == 0 or not lacking.any():
            nobody = np.zeros(0, np.int64)
            return nobody, nobody, np.zeros(0)
        to = chance.categorical(f"class/{arm}", n, lacking)[0, member].astype(np.int64)
        within = chance.uniform(f"within/{arm}", n)[0, member].astype(np.float64)
        low, high = gap.edges[to], gap.edges[to + 1]
        return member.astype(np.int64), to, low + within * (high - low)

    def fit(self, rows: tuple[Rewriting, ...], study: Study, chance: Chance) -> Change:
        """The study with rewritten agents; the one given is untouched."""
        cases, logs = [], []
        for case, row in zip(study.cases, rows, strict=True):
            tables = study.replicates * case.population.tables
            new = traits(case.population, self.trait, tables, case.world.seats)
            value = row.value.astype(new.dtype)
            good = _valid(value, row)
            who = row.member[good]
            new[row.agents.table[who], row.agents.seat[who]] = value[good]
            people = case.population.with_traits(**{self.trait: new})
            cases.append(replace(case, population=people))
            logs.append({**row.log, "rewritten": int(good.sum()), "refused": int((~good).sum())})
        return Change(study=replace(study, cases=tuple(cases)), log={"cases": logs})

    def control(self, change: Change) -> RandomRewrite:
        """The control for a change: as many agents rewritten by chance."""
        count = tuple(int(c["rewritten"]) for c in change.log["cases"])
        return RandomRewrite(
            event=self.event, trait=self.trait, edges=self.edges, target=self.target, count=count
        )

    def aim(self, study: Study) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Edges [k + 1] and target shares [k]: those given, or those of the study's reference."""
        edges, target = self.edges, self.target
        if edges is None or target is None:
            found = [r.distribution for r in study.references if r.distribution is not None]
            if len(found) != 1:
                raise DoesNotFit(
                    f"{self.name} needs a target distribution: {study.name} has {len(found)} references with "
                    f"one, not exactly 1; give edges=... and target=..."
                )
            edges = edges or found[0][0]
            target = target or found[0][1]
        bounds, weights = np.asarray(edges, np.float64), np.asarray(target, np.float64)
        if len(bounds) != len(weights) + 1 or not (np.diff(bounds) > 0).all():
            raise BadValue(
                "edges", tuple(edges), f"{len(weights) + 1} rising numbers, one more than targets"
            )
        if (weights < 0).any() or weights.sum() <= 0:
            raise BadValue("target", tuple(target), "shares or counts of at least 0, not all 0")
        return bounds, weights / weights.sum()


def _valid(value: NDArray[Any], row: Rewriting) -> NDArray[np.bool_]:
    """Which new traits lie in the class that was meant for them, if any was."""
    inside = (value >= row.edges[0]) & (value <= row.edges[-1])
    shown = class_of(np.where(inside, value, np.nan), row.edges)
    good: NDArray[np.bool_] = np.isfinite(value) & ((row.to < 0) | (inside & (shown == row.to)))
    return good


@dataclass(frozen=True, kw_only=True)
class RandomRewrite(Pevo):
    """The control of persona evolution: as many agents rewritten, without regard to any target.

    Agents drawn by chance get the traits of others drawn by chance (with replacement) from the same
    population: everyone can become anyone who is there already. Nothing pulls the distribution
    anywhere; it can only drift. `count` says how many a case; None: as many as :class:`Pevo` would move.
    """

    count: tuple[int, ...] | None = None

    name: ClassVar[str] = "random-rewrite"
    source: ClassVar[str] = "the control of PEBA/PEvo, arXiv 2509.16457: personas at random"

    def rewritten(
        self, gap: Gap, study: Study, arm: int, chance: Chance
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
        n, crowd = len(gap.agents), gap.agents
        many = int(gap.surplus.sum()) if self.count is None else self._count(arm, study)
        member = np.sort(chance.permutation(f"members/{arm}", n)[0][:many]).astype(np.int64)
        donor = below(chance.words(f"donor/{arm}", n), n)[0, member]
        case = study.cases[arm]
        tables = study.replicates * case.population.tables
        old = traits(case.population, self.trait, tables, case.world.seats)
        value = old[crowd.table[donor], crowd.seat[donor]].astype(np.float64)
        return member, np.full(len(member), -1, np.int64), value

    def _count(self, arm: int, study: Study) -> int:
        assert self.count is not None
        if len(self.count) != len(study.cases) or min(self.count) < 0:
            raise BadValue(
                "count",
                self.count,
                f"one number of at least 0 for each of {len(study.cases)} cases",
            )
        return self.count[arm]
