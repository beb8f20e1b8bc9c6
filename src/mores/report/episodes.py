"""Sample episodes in words: tables played again from their seeds, each event told at the moment when it happens.

A table is deterministic given its study, seed and number (and, where models played, the stored replies), so nothing
but the record's manifest is needed. Where it cannot be played again, the recorded events are listed plainly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from mores.agent import Mind
from mores.chance import Chance
from mores.engine.asking import Asker
from mores.engine.cohort import Cohort
from mores.engine.levels import Level
from mores.engine.loop import Loop
from mores.engine.manifest import fingerprint
from mores.engine.probing import Prober
from mores.engine.seating import Seating
from mores.engine.store import Store
from mores.record import Record
from mores.report.numbers import number
from mores.report.words import cut, title
from mores.study import Case, Study
from mores.world import Events

SAMPLES = 3
LINES = 30
"""Lines told of the beginning of an episode."""
LAST = 2
"""Rounds told of its end."""
WORK = 500_000
"""Moves of all seats that are made silently to get from the beginning to the end; a longer way is not gone."""
STEP_LINES = 24
"""Lines told of one step."""
CROWD, CROWD_LINES = 20, 6
"""In worlds of more seats than this only so many lines of a step are told."""
LONGEST = 700
"""A line longer than this is cut."""


@dataclass
class Moment:
    """One round: its heading and what happened in it."""

    season: int
    round: int
    lines: list[str] = field(default_factory=list)
    more: int = 0
    skipped: int = 0
    """Rounds before it that are left out."""


@dataclass
class Told:
    """One episode in words."""

    label: str
    table: int
    seats: list[tuple[int, str, str]]
    """Seat, policy, final score."""
    rules: str = ""
    cue: str = ""
    """What the first to move was asked at first."""
    moments: list[Moment] = field(default_factory=list)
    rounds: int = 0
    """How many there are in all."""
    seasons: bool = False
    rest: int = 0
    """Rounds at the end that are not told."""
    note: str = ""


class _Enough(Exception):
    """All that is to be told has been told."""


class _Teller(Loop):
    """A loop that tells what happens, and stops when that is enough."""

    def __init__(self, asker: Asker | None, told: Told) -> None:
        super().__init__(asker, None, Prober())
        self.sink = self  # type: ignore[assignment]
        self.told, self.lines, self.steps, self.first = told, 0, 0, 0
        self.season, self.silent, self.passed = -1, 0, -1

    def begin(self, cohort: Cohort) -> bool:
        if self.steps == 0:
            self.told.rules = cohort.world.brief(cohort.state, 0, 0)
        acted = super().begin(cohort)
        turn = cohort.turn
        if self.steps == 0 and turn is not None and len(turn):
            self.told.cue = cohort.world.describe(cohort.state, turn, 0)
        return acted

    def add(
        self, cohort: Cohort, events: Sequence[Events], role: str, clock: tuple[int, int, int]
    ) -> None:
        """The sink's part: called when a step has been made and the state is as the events left it."""
        _, season, moment = clock
        if season != self.season:
            self.season, self.first = season, moment
        self.steps += 1
        if self.lines >= LINES and not self._near_the_end(cohort, season, moment):
            return
        now = Moment(season, moment - self.first + 1)
        last = self.told.moments[-1] if self.told.moments else None
        if last is not None and (last.season, last.round) == (now.season, now.round):
            now = last
        else:
            self.told.moments.append(now)
            now.skipped, self.silent = self.silent, 0
        limit = CROWD_LINES if cohort.world.seats > CROWD else STEP_LINES
        for event in events:
            self._say(cohort, event, now, limit)
        if not now.lines:
            self.told.moments.remove(now)

    def _near_the_end(self, cohort: Cohort, season: int, moment: int) -> bool:
        """Whether this is among the last rounds, or still one that has begun to be told."""
        last = self.told.moments[-1]
        if (last.season, last.round) == (season, moment - self.first + 1):
            return True
        if self.told.rounds * cohort.world.seats > WORK:
            raise _Enough
        if moment >= self.told.rounds - LAST:
            return True
        if moment != self.passed:
            self.silent, self.passed = self.silent + 1, moment
        return False

    def _say(self, cohort: Cohort, event: Events, now: Moment, limit: int) -> None:
        if event.audience is None:
            return
        count = cohort.world.seats if event.actor is None else len(event.actor)
        for j in range(count):
            if len(now.lines) >= limit:
                now.more += count - j
                return
            line = cohort.world.narrate(cohort.state, cohort.turn, event, j)  # type: ignore[arg-type]
            if line is not None:
                now.lines.append(cut(line, LONGEST))
                self.lines += 1


def sample_episodes(
    record: Record, study: Study, labels: Sequence[str], most: int = SAMPLES
) -> list[Told]:
    """One table of up to `most` conditions, spread over them: the one whose mean score is the median."""
    arms = sorted({int(k) for k in np.linspace(0, len(record.conditions) - 1, most)})
    same = _same(record, study)
    found = []
    for arm in arms:
        table = _typical(record, arm)
        if table is None:
            continue
        told = Told(labels[arm], table, _seats(record, arm, table))
        _measure(record, arm, told)
        if same and _tell(record, study.cases[arm], arm, table, told):
            shown = len({(m.season, m.round) for m in told.moments}) + sum(
                m.skipped for m in told.moments
            )
            told.rest = max(0, told.rounds - shown)
        else:
            _list(record, arm, table, told)
        if told.moments:
            found.append(told)
    return found


def _same(record: Record, study: Study) -> bool:
    """Whether the record was made by this design: only then may it be played again in its name."""
    made = record.manifest
    level = Level.of(str(made["record"]))
    as_run = replace(study, replicates=int(made["replicates"]))  # how many is the run's matter
    return bool(made.get("fingerprint") == fingerprint(as_run, int(made["seed"]), level))


def _typical(record: Record, arm: int) -> int | None:
    rows = record.sql(
        f"""select e."table" as t, coalesce(avg(s.score), 0) as score from episodes e
        left join seats s on s.arm = e.arm and s."table" = e."table"
        where e.arm = {arm:d} and e.status = 'done' group by 1 order by score, t"""
    ).rows()
    return int(rows[(len(rows) - 1) // 2]["t"]) if rows else None


def _seats(record: Record, arm: int, table: int) -> list[tuple[int, str, str]]:
    rows = record.sql(
        f"""select seat, policy::varchar as policy, score from seats where arm = {arm:d} and "table" = {table:d}
        order by seat limit {CROWD}"""
    ).rows()
    return [(int(r["seat"]) + 1, str(r["policy"]), number(r["score"])) for r in rows]


def _tell(record: Record, case: Case, arm: int, table: int, told: Told) -> bool:
    """Play the table again and tell it; False where that cannot be done."""
    try:
        case = replace(case, probes=())  # they leave no trace, so leaving them out changes nothing
        seating = Seating(case)
        asker = (
            _asker(record) if any(isinstance(p, Mind) for p in case.population.policies) else None
        )
        chance = Chance(int(record.manifest["seed"]), np.array([table]))
        teller = _Teller(asker, told)
        try:
            teller.run([Cohort(arm, seating, chance)])
        except _Enough:
            return bool(told.moments)
        finally:
            if asker is not None:
                asker.close()
        failed = [e for _, e in teller.failed if not isinstance(e, _Enough)]
        return bool(told.moments) and not failed
    except Exception:  # a world that cannot be told must not cost the reader the report
        told.moments.clear()
        return False


def _asker(record: Record) -> Asker:
    """Stored replies in the place of the models; nobody is asked anew."""
    from mores.models.recorded import Recorded

    if record.path is None:
        raise FileNotFoundError("a record in memory keeps no replies")
    answerer = Recorded(record.path)
    roles = {*record.manifest.get("models", {}), "players"}
    return Asker(Store(), dict.fromkeys(roles, answerer))


def _measure(record: Record, arm: int, told: Told) -> None:
    """How long it went on."""
    row = record.sql(
        f"""select rounds, seasons from episodes where arm = {arm:d} and "table" = {told.table:d}"""
    ).rows()[0]
    told.rounds, told.seasons = int(row["rounds"]), int(row["seasons"]) > 1


def _list(record: Record, arm: int, table: int, told: Told) -> None:
    """The recorded events of a table, plainly."""
    told.moments.clear()
    rows = record.sql(
        f"""select * from events where arm = {arm:d} and "table" = {table:d} order by step limit {LINES}"""
    ).rows()
    total = record.sql(
        f"""select count(*) as n from events where arm = {arm:d} and "table" = {table:d}"""
    )
    for r in rows:
        if not told.moments or (told.moments[-1].season, told.moments[-1].round) != (
            r["season"],
            r["round"] + 1,
        ):
            told.moments.append(Moment(int(r["season"]), int(r["round"]) + 1))
        told.moments[-1].lines.append(_plain(r))
    told.seasons = any(m.season for m in told.moments)
    left = int(total.rows()[0]["n"]) - len(rows)
    told.note = "Listed from the record: this episode could not be played again in words."
    if left > 0:
        told.note += f" {left:,} more events follow."


def _plain(row: dict[str, Any]) -> str:
    line = f"{title(str(row['kind']))}: seat {int(row['seat']) + 1}"
    line += "" if row["target"] is None else f" to seat {int(row['target']) + 1}"
    line += (
        ""
        if row["value"] is None or row["value"] != row["value"]
        else f", {number(float(row['value']))}"
    )
    return cut(line + ("" if row["text"] is None else f": “{row['text']}”"), LONGEST)
