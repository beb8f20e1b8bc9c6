"""Chunk: some tables of one case, played from start to end; what resuming and workers count in."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from mores.agent import Mind
from mores.chance import Chance
from mores.engine.asking import Answerer, Asker
from mores.engine.cohort import Cohort
from mores.engine.folder import SCHEMAS
from mores.engine.levels import Aggregate, Level
from mores.engine.loop import FaultRow, Loop
from mores.engine.probing import AnswerRow, Prober
from mores.engine.seating import Seating
from mores.engine.sink import BLOCKS, Sink
from mores.engine.store import Store
from mores.errors import MoresError
from mores.study import Case, Study

SEATS = 32_768
"""Seats of rules that move together: as many as the cache bears."""
THINKING = 1024
"""Tables in which somebody asks that are in flight at once."""
ATTEMPTS = 64
"""How often a cohort that failed is halved to find the tables at fault; when not one has come to its end by then, all
are given up."""


@dataclass(frozen=True, order=True)
class Chunk:
    """Tables `first .. first+count` of one case."""

    arm: int
    first: int
    count: int

    @property
    def name(self) -> str:
        """Its folder among the parts; says how many tables it holds, for versions that share them out differently."""
        return f"{self.arm:04d}-{self.first:08d}-{self.count}"


def thinks(case: Case) -> bool:
    """Whether anyone in the case asks."""
    return any(isinstance(p, Mind) for p in case.population.policies)


def plan(study: Study) -> list[Chunk]:
    """The chunks of a study: fixed by its design, never by who plays them."""
    chunks = []
    for arm, case in enumerate(study.cases):
        tables = study.replicates * case.population.tables
        size = THINKING if thinks(case) else max(1, SEATS // max(1, case.world.seats))
        chunks += [Chunk(arm, a, min(size, tables - a)) for a in range(0, tables, size)]
    return chunks


@dataclass(frozen=True)
class Conduct:
    """How a study is run: what all of its chunks share."""

    study: Study
    seed: int = 0
    level: Level = field(default_factory=Level)
    answerers: Callable[[], Mapping[str, Answerer]] = dict
    store: Path | None = None
    sync: Any = "normal"
    progress: Callable[[int, int], None] | None = None


@dataclass
class Part:
    """What a chunk left: its small tables, and its events unless they lie in files."""

    tables: dict[str, pa.Table]
    events: list[pa.Table] = field(default_factory=list)


class Player:
    """Plays chunks; one a process, with one store and one set of answerers."""

    def __init__(self, conduct: Conduct) -> None:
        self.conduct = conduct
        self.seatings = [Seating(c) for c in conduct.study.cases]
        asks = any(thinks(c) for c in conduct.study.cases)
        self.asker: Asker | None = None
        if asks:
            answerers = conduct.answerers()
            self.asker = Asker(Store(conduct.store, conduct.sync), answerers)

    def play(self, chunk: Chunk, folder: Path | None) -> Part:
        """Play a chunk; a table that fails is a row of the record and takes no other down."""
        out = _Gathered(self.conduct.study, chunk.arm)
        tables = np.arange(chunk.first, chunk.first + chunk.count)
        for ended, loop, events in self._attempts(chunk.arm, tables, folder):
            out.add(ended, loop)
            if len(events):
                out.events.append(events)
        return Part(out.finish(), out.events)

    def _attempts(
        self, arm: int, tables: Any, folder: Path | None
    ) -> Iterator[tuple[list[Cohort], Loop, pa.Table]]:
        todo, left, number, first = [tables], ATTEMPTS, 0, int(tables[0])
        while todo:
            some = todo.pop()
            path = None if folder is None else folder / f"events-{number:04d}.arrows"
            number += 1
            sink = (
                None
                if self.conduct.level.name in ("none", "aggregate")
                else Sink(path, self.conduct.level)
            )
            aggregate = Aggregate(first) if self.conduct.level.name == "aggregate" else None
            loop = Loop(self.asker, sink, Prober(), aggregate, progress=self.conduct.progress)
            cohorts: list[Cohort] = []
            try:
                cohorts = self._cohorts(arm, some)
                ended = loop.run(cohorts)
                left += ATTEMPTS * bool(ended)  # the fault is in some of the tables, not in all
            except (MoresError, KeyboardInterrupt):
                _discard(sink, path)
                raise
            except (Exception, SystemExit) as error:  # a part of others must not end the program
                left -= 1
                if self.asker is not None:
                    self.asker.forget()
                if len(some) > 1 and left > 0:
                    _discard(sink, path)
                    half = len(some) // 2
                    todo += [some[half:], some[:half]]
                    continue
                ended = []
                lost = cohorts or [Cohort.unborn(arm, self.seatings[arm], self._chance(some))]
                failure = error if isinstance(error, Exception) else RuntimeError(repr(error))
                loop.failed = [(c, failure) for c in lost]
            yield ended, loop, BLOCKS.empty_table() if sink is None else sink.close()

    def _chance(self, tables: Any) -> Chance:
        return Chance(self.conduct.seed, tables)

    def _cohorts(self, arm: int, tables: Any) -> list[Cohort]:
        seating = self.seatings[arm]
        if not seating.minds:
            return [Cohort(arm, seating, self._chance(tables))]
        who = seating.sit(self._chance(tables))
        minds = (seating.group[who] < 0).any(1)
        cohorts = [
            Cohort(arm, seating, self._chance(tables[i : i + 1])) for i in np.flatnonzero(minds)
        ]
        if not minds.all():
            cohorts.append(Cohort(arm, seating, self._chance(tables[~minds])))
        return cohorts

    def close(self) -> None:
        """Let go of the store and the answerers."""
        if self.asker is not None:
            self.asker.close()


def _discard(sink: Sink | None, path: Path | None) -> None:
    if sink is not None:
        sink.close()
    if path is not None:
        path.unlink(missing_ok=True)


class _Gathered:
    """The small tables of a chunk while it is played."""

    def __init__(self, study: Study, arm: int) -> None:
        self.study, self.arm = study, arm
        self.per = study.cases[arm].population.tables
        self.labels = [p.label for p in study.cases[arm].population.policies]
        self.rows: dict[str, list[pa.Table]] = {"episodes": [], "seats": []}
        self.answers: list[AnswerRow] = []
        self.faults: list[FaultRow] = []
        self.sums: dict[tuple[int, int, int, int, str], list[float]] = {}
        self.events: list[pa.Table] = []

    def add(self, ended: list[Cohort], loop: Loop) -> None:
        for cohort in ended:
            try:
                score = _scores(cohort)
            except Exception as error:
                loop.failed.append((cohort, error))
            else:
                self._cohort(cohort, "done", "", score)
        for cohort, failure in loop.failed:
            nothing = np.full(cohort.who.shape, np.nan)
            self._cohort(cohort, "failed", f"{type(failure).__name__}: {failure}", nothing)
        self.answers += loop.prober.answers
        self.faults += loop.faults
        if loop.aggregate is not None:
            for key, sums in loop.aggregate.sums.items():
                mine = self.sums.setdefault(key, [0.0] * len(sums))
                mine[:] = [a + b for a, b in zip(mine, sums, strict=True)]

    def _cohort(self, cohort: Cohort, status: str, reason: str, score: Any) -> None:
        t, n = cohort.who.shape
        table = cohort.tables.astype(np.int32)
        seasons = cohort.seasons()
        columns = {
            "arm": np.full(t, self.arm, np.int32),
            "table": table,
            "replicate": table // self.per,
            "status": pa.array([status]).take(pa.array(np.zeros(t, np.int64))),
            "reason": pa.array([reason]).take(pa.array(np.zeros(t, np.int64))),
            "steps": cohort.step,
            "rounds": cohort.rounds().astype(np.int32),
            "seasons": (seasons + 1).astype(np.int32),
            "missing": cohort.missing,
        }
        self.rows["episodes"].append(pa.table(columns, schema=SCHEMAS["episodes"]))
        policy = pa.DictionaryArray.from_arrays(
            pa.array(cohort.who.reshape(-1).astype(np.int32)), self.labels
        )
        seats = {
            "arm": np.full(t * n, self.arm, np.int32),
            "table": np.repeat(table, n),
            "seat": np.tile(np.arange(n, dtype=np.int32), t),
            "policy": policy,
            "score": pa.array(score.reshape(-1).astype(np.float64), from_pandas=True),
        }
        self.rows["seats"].append(pa.table(seats, schema=SCHEMAS["seats"]))

    def finish(self) -> dict[str, pa.Table]:
        out = {name: pa.concat_tables(tables) for name, tables in self.rows.items() if tables}
        out["answers"] = pa.Table.from_pylist(
            [_answer(a) for a in self.answers], SCHEMAS["answers"]
        )
        faults = [
            {"arm": f.case, "table": f.table, "step": f.step, "seat": f.seat, "role": f.role, "reason": f.reason,
             "text": f.text} for f in self.faults
        ]  # fmt: skip
        out["faults"] = pa.Table.from_pylist(faults, SCHEMAS["faults"])
        names = SCHEMAS["aggregates"].names
        sums = [dict(zip(names, (*k, *v), strict=True)) for k, v in self.sums.items()]
        out["aggregates"] = pa.Table.from_pylist(sums, SCHEMAS["aggregates"])
        return out


def _scores(cohort: Cohort) -> Any:
    """What each seat has earned in the end [T, N]; NaN in worlds without scores."""
    if "score" not in cohort.world.all_ports():
        return np.full(cohort.who.shape, np.nan)
    score = cohort.world.port(cohort.state, "score")
    if score.shape != cohort.who.shape:
        raise ValueError(f"the port score of {cohort.world.name!r} has the shape {score.shape}")
    return score


def _answer(a: AnswerRow) -> dict[str, Any]:
    number = float(a.value) if isinstance(a.value, int | float) else None
    value = None if a.value is None else json.dumps(a.value)
    return {
        "arm": a.case, "table": a.table, "seat": a.seat, "round": a.round, "probe": a.probe, "item": a.item,
        "respondent": a.respondent, "value": value, "number": number, "outcome": a.outcome, "text": a.text,
    }  # fmt: skip
