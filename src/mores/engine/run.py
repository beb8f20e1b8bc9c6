"""Run: plays a study from start to end, or from where it was cut off, and gives its record."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa

from mores.engine import folder as disk
from mores.engine import size
from mores.engine.asking import Answerer
from mores.engine.chunk import Chunk, Conduct, Part, Player, plan, thinks
from mores.engine.levels import Level
from mores.engine.lock import locked
from mores.engine.manifest import fingerprint, manifest
from mores.engine.store import Store
from mores.engine.workers import play_all
from mores.errors import BadValue, MoresError, RecordError
from mores.metric import Estimate
from mores.record import Record
from mores.study import Study

Answerers = Mapping[str, Answerer] | Callable[[], Mapping[str, Answerer]]


@dataclass(frozen=True, kw_only=True)
class Progress:
    """What a progress bar is told: tables that ended of all, and steps made."""

    done: int
    total: int
    steps: int


def run(
    study: Study | str | os.PathLike[str],
    *,
    out: str | Path | None = None,
    seed: int = 0,
    replicates: int | None = None,
    workers: int = 1,
    record: str = "full",
    models: Answerers | None = None,
    sync: Literal["normal", "full"] = "normal",
    progress: Callable[[Progress], None] | None = None,
    command: Mapping[str, Any] | None = None,
    vary: Mapping[str, Sequence[Any]] | None = None,
    **settings: Any,
) -> Record:
    """Play a study and compute its estimates.

    `study` is a :class:`Study`, a catalogue name, a `.toml` or `.py` file or `package:name`;
    `settings` are then its parameters, and `vary` makes a grid of conditions. With `out` the
    record is kept there and a run that was cut off goes on from where it was; without, it is held
    in memory. `workers` processes share the replicates; the record does not depend on how many.
    `models` answers for roles (`{"players": answerer}`, or a function that makes it, once a process).
    """
    if not isinstance(study, Study):
        from mores import design

        command = command or design.command(study, settings, vary)
        study = design.resolve(os.fspath(study), settings, vary)
    elif settings:
        raise BadValue(
            next(iter(settings)), settings[next(iter(settings))], "settings need a study by name"
        )
    if replicates is not None:
        from dataclasses import replace

        study = replace(study, replicates=replicates)
    for case in study.cases:
        case.population.check(case.world.seats, study.replicates)
    if workers < 1:
        raise BadValue("workers", workers, "a whole number of at least 1")
    level = Level.of(record)
    size.check(study)
    job = _Job(study, seed, level, workers, models or {}, sync, progress, command or {})
    return job.in_memory() if out is None else job.in_folder(Path(out))


@dataclass
class _Job:
    study: Study
    seed: int
    level: Level
    workers: int
    models: Answerers
    sync: Literal["normal", "full"]
    progress: Callable[[Progress], None] | None
    command: Mapping[str, Any]

    # ---------------------------------------------------------------- in memory
    def in_memory(self) -> Record:
        if self.workers > 1:
            with tempfile.TemporaryDirectory(prefix="mores-") as place:
                found = self.in_folder(Path(place))
                for name in found:
                    found.table(name)
                found.path = None
                return found
        player = Player(self._conduct(None))
        counter = _Counter(self, 0)
        player.conduct = self._conduct(None, counter.step)
        try:
            parts = [player.play(chunk, None) for chunk in plan(self.study)]
            tables = {
                name: _joined(parts, name)
                for name in ("episodes", "seats", "answers", "faults", "aggregates")
            }
            tables["events"] = _events(parts)
            tables["calls"] = _calls(player)
        finally:
            player.close()
        found = Record(self._manifest("finished"), None, {"arms": self._arms(), **tables})
        found.held["estimates"] = self._estimates(found)
        return found

    # ---------------------------------------------------------------- in a folder
    def in_folder(self, folder: Path) -> Record:
        disk.make(folder)
        with locked(folder):
            before = self._before(folder)
            if before is not None and before.get("status") == "finished" and disk.whole(folder):
                shutil.rmtree(folder / "parts", ignore_errors=True)
                return Record.open(folder)
            made = self._manifest("running") if before is None else {**before, "status": "running"}
            disk.make(folder)
            disk.write_manifest(folder, made)
            started = time.monotonic()
            self._play(folder)
            return self._finish(folder, made, started)

    def _before(self, folder: Path) -> dict[str, Any] | None:
        """The manifest of a run that is gone on with; refuses another study's folder."""
        if not (folder / "manifest.json").exists():
            return None
        before = Record.open(folder).manifest
        mine = fingerprint(self.study, self.seed, self.level)
        if before.get("fingerprint") != mine:
            raise RecordError(
                f"{folder} holds another run: study {before.get('study')!r}, seed {before.get('seed')}, "
                f"{before.get('replicates')} replicates, record {before.get('record')!r}, with its own settings. "
                "Choose another --out, or remove that folder to start afresh"
            )
        self._same_models(folder, before)
        return dict(before)

    def _same_models(self, folder: Path, before: Mapping[str, Any]) -> None:
        """One record is answered by the same models from start to end, as far as they are known beforehand."""
        if callable(self.models) or not self.models or not any(map(thinks, self.study.cases)):
            return
        then, now = before.get("models") or {}, {k: a.model for k, a in self.models.items()}
        if then and then != now:
            raise RecordError(
                f"in {folder} {', '.join(sorted(set(then.values())))} answered, not "
                f"{', '.join(sorted(set(now.values())))}; choose another --out for other models"
            )

    def _play(self, folder: Path) -> None:
        chunks = plan(self.study)
        whole = {p.name for p in disk.part_folders(folder)} & {c.name for c in chunks}
        todo = [c for c in chunks if c.name not in whole]
        counter = _Counter(self, self._total() - sum(c.count for c in todo))
        for part in (folder / "parts").iterdir():
            if (
                part.name not in whole
            ):  # half of one, or one that another version shared out differently
                shutil.rmtree(part, ignore_errors=True)
        if not todo:
            return
        store = folder / "store.sqlite" if any(thinks(c) for c in self.study.cases) else None
        conduct = self._conduct(store, counter.step)
        if self.workers == 1 or (len(todo) == 1 and todo[0].count == 1):
            player = Player(conduct)
            try:
                for chunk in todo:
                    play_into(player, chunk, folder)
            finally:
                player.close()
        else:
            if store is not None:  # made by one, before many open it
                Store(store).close()
            play_all(conduct, _largest_first(todo), folder, self.workers, counter.tables)

    def _finish(self, folder: Path, made: dict[str, Any], started: float) -> Record:
        disk.write_table(folder, "arms", self._arms())
        for name in ("episodes", "seats", "answers", "faults", "aggregates", "events"):
            disk.write_table(folder, name, disk.merge(folder, name))
        disk.write_table(folder, "calls", _stored_calls(folder / "store.sqlite"))
        found = Record(made, folder)
        disk.write_table(folder, "estimates", self._estimates(found))
        made = {
            **made,
            "status": "finished",
            "made": {**made["made"], "seconds": time.monotonic() - started},
        }
        disk.write_manifest(folder, made)
        disk.clear_parts(folder)
        return Record(made, folder)

    # ---------------------------------------------------------------- parts
    def _conduct(
        self, store: Path | None, step: Callable[[int, int], None] | None = None
    ) -> Conduct:
        models = self.models
        make = models if callable(models) else _Given(models)
        return Conduct(self.study, self.seed, self.level, make, store, self.sync, step)

    def _total(self) -> int:
        return sum(self.study.replicates * c.population.tables for c in self.study.cases)

    def _manifest(self, status: str) -> dict[str, Any]:
        models = {} if callable(self.models) else {k: a.model for k, a in self.models.items()}
        return {
            **manifest(self.study, self.seed, self.level, models, self.command),
            "status": status,
        }

    def _arms(self) -> pa.Table:
        conditions = [json.dumps(dict(c.condition), default=str) for c in self.study.cases]
        return pa.table(
            {"arm": range(len(conditions)), "condition": conditions}, schema=disk.SCHEMAS["arms"]
        )

    def _estimates(self, record: Record) -> pa.Table:
        found = [
            e.as_dict() | {"method": e.method, "better": e.better}
            for e in estimates(self.study, record, self.seed)
        ]
        for row in found:
            row["condition"] = json.dumps(row["condition"], default=str)
        return pa.Table.from_pylist(found, disk.SCHEMAS["estimates"])


def estimates(study: Study, record: Record, seed: int = 0) -> Sequence[Estimate]:
    """All estimates of a study from a record of it."""
    from mores.metrics.statistics import estimate

    out: list[Estimate] = []
    for metric in study.metrics:
        with _computing(f"the metric {metric.name!r}"):
            out += estimate(metric, metric.measure(record), seed=seed)
    if study.estimates is not None:
        with _computing("what the study estimates as a whole"):
            out += study.estimates(record)
    return out


@contextmanager
def _computing(what: str) -> Iterator[None]:
    """Name what could not be computed; the episodes are not lost for it."""
    try:
        yield
    except MoresError:
        raise
    except Exception as error:
        raise MoresError(
            f"{what} could not be computed: {type(error).__name__}: {error}. In a run directory the episodes "
            "are kept: once it is mended the same command computes it without playing again"
        ) from error


def play_into(player: Player, chunk: Chunk, folder: Path) -> None:
    """Play a chunk into its folder among the parts; it has its name only when it is whole."""
    from mores.engine.sink import storage_failure

    place = folder / "parts" / f"{chunk.name}.tmp"
    try:
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        part = player.play(chunk, place)
        disk.write_part(place, part.tables)
        os.replace(place, folder / "parts" / chunk.name)
    except MoresError:
        raise
    except OSError as error:
        raise storage_failure(error) from error


@dataclass(frozen=True)
class _Given:
    """Answerers that are there already; as a function that can be sent to another process."""

    models: Mapping[str, Answerer]

    def __call__(self) -> Mapping[str, Answerer]:
        return self.models


class _Counter:
    """Adds up progress and passes it on, not more often than an eye can see."""

    def __init__(self, job: _Job, done: int) -> None:
        self.tell, self.total = job.progress, job._total()
        self.done, self.steps, self.last = done, 0, 0.0

    def step(self, tables: int, steps: int) -> None:
        self.done += tables
        self.steps += steps
        now = time.monotonic()
        if self.tell is not None and (now - self.last > 0.1 or self.done == self.total):
            self.last = now
            self.tell(Progress(done=self.done, total=self.total, steps=self.steps))

    def tables(self, tables: int) -> None:
        self.step(tables, 0)


def _largest_first(chunks: Sequence[Chunk]) -> list[Chunk]:
    return sorted(chunks, key=lambda c: -c.count)


def _joined(parts: Sequence[Part], name: str) -> pa.Table:
    found = [p.tables[name] for p in parts if name in p.tables and len(p.tables[name])]
    return pa.concat_tables(found) if found else disk.SCHEMAS[name].empty_table()


def _events(parts: Sequence[Part]) -> pa.Table:
    found = [t for p in parts for t in p.events if len(t)]
    return pa.concat_tables(found) if found else disk.SCHEMAS["events"].empty_table()


def _calls(player: Player) -> pa.Table:
    if player.asker is None:
        return disk.SCHEMAS["calls"].empty_table()
    return calls_table(player.asker.store)


def _stored_calls(path: Path) -> pa.Table:
    if not path.exists():
        return disk.SCHEMAS["calls"].empty_table()
    store = Store(path)
    try:
        return calls_table(store)
    finally:
        store.close()


def calls_table(store: Any) -> pa.Table:
    """The replies of a store as the table `calls`; `messages` names the node whose thread the store holds."""
    names = disk.SCHEMAS["calls"].names
    rows = [
        dict(zip(names, (r[0], r[2], r[3], r[4], r[1].hex(), *r[5:]), strict=True))
        for r in store.all()
    ]
    return pa.Table.from_pylist(rows, disk.SCHEMAS["calls"])
