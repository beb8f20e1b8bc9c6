"""Loop: simulate, measure, align, measure again; for some rounds, with a control, judged on what was held out.

::

    OUT/loop.json                     the curve, the comparisons, and what made them
    OUT/round-00/held-out/            the record of the study as it was
    OUT/round-01/training/            the record that the aligner of round 1 saw
    OUT/round-01/change.json          what it did; traits.npz: the agents' traits after it
    OUT/round-01/held-out/            the study after it, on held-out agents and seeds
    OUT/control/round-01/...          the same for the control

Everything is made from the seed, and a step that is there is not made again: a loop that was killed goes on
where it was and ends as if nothing had happened.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import numpy as np

from mores import registry
from mores.aligner import Aligner, Change
from mores.aligners import before_after, saving
from mores.aligners.held_out import fresh, stream
from mores.chance import Chance
from mores.engine import folder as disk
from mores.engine.levels import Level
from mores.engine.lock import locked
from mores.engine.manifest import described, fingerprint
from mores.engine.run import Answerers, run
from mores.errors import BadValue, RecordError
from mores.metric import Comparison, Estimate
from mores.record import Record
from mores.study import Study

AnyAligner = Aligner[Any, Any]
Told = Callable[[int, int], None]


@runtime_checkable
class Controlled(Protocol):
    """An aligner that has a control: what else could have moved the figures."""

    def control(self, change: Change) -> AnyAligner:
        """The control for a change that it made."""


# ---------------------------------------------------------------- results
@dataclass(frozen=True, kw_only=True)
class Round:
    """One point of the curve: the study after so many rounds, on held-out agents and seeds."""

    round: int
    estimates: list[Estimate]
    log: Mapping[str, Any] = field(default_factory=dict)
    """What the aligner did in this round."""

    def as_dict(self) -> dict[str, Any]:
        """The fields that scripts may rely on."""
        return {"round": self.round, "estimates": [e.as_dict() for e in self.estimates]}


@dataclass(frozen=True, kw_only=True)
class LoopResult:
    """What came of a loop; round 0 is the study as it was."""

    study: str
    method: str
    rounds: list[Round]
    control: list[Round]
    """The same under the control; empty where there is none."""
    comparisons: list[Comparison]
    """The last round less round 0, paired on the held-out seeds."""
    final: Study
    out: Path | None = None

    def as_dict(self) -> dict[str, Any]:
        """The fields that scripts may rely on."""
        return {
            "study": self.study,
            "method": self.method,
            "out": None if self.out is None else str(self.out),
            "rounds": [r.as_dict() for r in self.rounds],
            "control": [r.as_dict() for r in self.control],
            "comparisons": before_after.as_dicts(self.comparisons),
        }


@dataclass(frozen=True, kw_only=True)
class AlignResult:
    """What one application of an aligner did, and the study before and after it on held-out seeds."""

    study: str
    method: str
    change: Change
    before: Record
    after: Record
    comparisons: list[Comparison]
    out: Path | None = None

    @property
    def estimates(self) -> list[dict[str, Any]]:
        """Both records' estimates, under the further condition `when`."""
        return [
            {**row, "condition": {**row["condition"], "when": when}}
            for when, record in (("before", self.before), ("after", self.after))
            for row in (e.as_dict() for e in record.estimates)
        ]

    def as_dict(self) -> dict[str, Any]:
        """The fields that scripts may rely on."""
        return {
            "study": self.study,
            "method": self.method,
            "out": None if self.out is None else str(self.out),
            "estimates": self.estimates,
            "comparisons": before_after.as_dicts(self.comparisons),
            "hashes": dict(self.after.hashes),
            "log": dict(self.change.log),
        }


# ---------------------------------------------------------------- what users call
def aligner(method: str | AnyAligner, settings: Mapping[str, Any] | None = None) -> AnyAligner:
    """An aligner by name, with fields as people type them. Raises UnknownName, BadValue."""
    if isinstance(method, Aligner):
        if settings:
            name = next(iter(settings))
            raise BadValue(name, settings[name], "settings need an aligner by name")
        return method
    from mores.design.settings import call

    kind = registry.load("aligner", method)
    made: AnyAligner = call(kind, dict(settings or {}), f"aligner {method}")
    return made


def loop(
    study: Study,
    method: str | AnyAligner,
    *,
    rounds: int = 10,
    seed: int = 0,
    out: str | Path | None = None,
    control: bool = True,
    settings: Mapping[str, Any] | None = None,
    workers: int = 1,
    models: Answerers | None = None,
    progress: Told | None = None,
) -> LoopResult:
    """Align a study for some rounds; each round is judged on agents and seeds that the aligner never saw.

    With `out` every step is kept there, and a loop that was cut off goes on; more rounds can be asked for
    later. `control` runs the aligner's control beside it, if it has one. `settings` are fields of an
    aligner by name. `progress` is told (rounds done, rounds).
    """
    if rounds < 1:
        raise BadValue("rounds", rounds, "a whole number of at least 1")
    bench = _Bench(study, aligner(method, settings), seed, _path(out), workers, models or {})
    with bench.opened():
        return bench.loop(rounds, control, progress or (lambda done, of: None))


def align(
    study: Study,
    method: str | AnyAligner,
    *,
    seed: int = 0,
    out: str | Path | None = None,
    settings: Mapping[str, Any] | None = None,
    workers: int = 1,
    models: Answerers | None = None,
) -> AlignResult:
    """Apply an aligner once: the first round of :func:`loop`, with the change and the records at hand."""
    bench = _Bench(study, aligner(method, settings), seed, _path(out), workers, models or {})
    with bench.opened():
        before = bench.judged(study, 0)
        change = bench.changed(study, bench.method, 1)
        after = bench.judged(change.study, 1)
        compared = before_after.compare(study, before, after, (0, 1), seed)
        return AlignResult(
            study=study.name, method=bench.method.name, change=change, before=before, after=after,
            comparisons=compared, out=bench.out,
        )  # fmt: skip


def _path(out: str | Path | None) -> Path | None:
    return None if out is None else Path(out)


# ---------------------------------------------------------------- how it is done
@dataclass(frozen=True)
class _Bench:
    """What every step of a loop shares."""

    study: Study
    method: AnyAligner
    seed: int
    out: Path | None
    workers: int
    models: Answerers

    @contextmanager
    def opened(self) -> Iterator[None]:
        """Hold the folder; refuse one that holds something else."""
        if self.out is None:
            yield
            return
        if (self.out / "manifest.json").exists():
            raise RecordError(
                f"{self.out} holds the record of a run; choose another --out for the loop"
            )
        saving.make(self.out)
        with locked(self.out):
            self._check()
            yield

    def _check(self) -> None:
        assert self.out is not None
        path, mine = self.out / "loop.json", self._header()
        if path.is_file():
            try:
                before = json.loads(path.read_text(encoding="utf-8"))
                same = before["fingerprint"] == mine["fingerprint"]
            except (ValueError, KeyError, TypeError) as error:
                raise RecordError(
                    f"{path} cannot be read ({error}); choose another --out"
                ) from error
            if not same:
                raise RecordError(
                    f"{self.out} holds another loop: {before.get('method')!r} on {before.get('study')!r}, seed "
                    f"{before.get('seed')}, with its own settings. Choose another --out, or remove that folder"
                )
        else:
            disk.write_text(path, json.dumps(mine, indent=1) + "\n")

    def _header(self) -> dict[str, Any]:
        made = [fingerprint(self.study, self.seed, Level()), described(self.method)]
        return {
            "study": self.study.name,
            "method": self.method.name,
            "seed": self.seed,
            "fingerprint": f"{stream(0, json.dumps(made, sort_keys=True)):08x}",
        }

    def place(self, control: bool, number: int) -> Path | None:
        """The folder of a round."""
        if self.out is None:
            return None
        return (self.out / "control" if control else self.out) / f"round-{number:02d}"

    def run(self, study: Study, seed: int, folder: Path | None, name: str) -> Record:
        """Play a study, into a folder if things are kept."""
        out = None if folder is None else folder / name
        return run(study, out=out, seed=seed, workers=self.workers, models=self.models)

    def judged(self, study: Study, number: int, control: bool = False) -> Record:
        """The record of a study with fresh agents on held-out seeds; the same ones in every round."""
        held_out = stream(self.seed, "held-out")
        return self.run(fresh(study, held_out), held_out, self.place(control, number), "held-out")

    def changed(
        self, study: Study, method: AnyAligner, number: int, control: bool = False
    ) -> Change:
        """What a method makes of a study in a round; training seeds differ from round to round."""
        folder = self.place(control, number)
        kept = None if folder is None else saving.load(folder, study)
        if kept is not None:
            return kept
        # what the aligner sees are events and answers; figures are made of what is held out
        plain = replace(study, metrics=(), estimates=None)
        record = self.run(plain, stream(self.seed, "training", number), folder, "training")
        chance = Chance(stream(self.seed, "aligning", number), np.array([0])).at(method.name)
        change = method.align(record, study, chance)
        if folder is not None:
            saving.save(change, folder)
        return change

    def loop(self, rounds: int, control: bool, told: Told) -> LoopResult:
        """All rounds, the control beside them."""
        first = self.judged(self.study, 0)
        curve, beside = [Round(round=0, estimates=first.estimates)], list[Round]()
        if control and isinstance(self.method, Controlled):
            beside = [curve[0]]
        study, other, last = self.study, self.study, first
        for number in range(1, rounds + 1):
            change = self.changed(study, self.method, number)
            study, last = change.study, self.judged(change.study, number)
            curve.append(Round(round=number, estimates=last.estimates, log=change.log))
            if beside:
                assert isinstance(self.method, Controlled)
                moved = self.changed(other, self.method.control(change), number, control=True)
                other, seen = moved.study, self.judged(moved.study, number, control=True)
                beside.append(Round(round=number, estimates=seen.estimates, log=moved.log))
            told(number, rounds)
        compared = before_after.compare(self.study, first, last, (0, rounds), self.seed)
        return self._kept(curve, beside, compared, study)

    def _kept(
        self, curve: list[Round], beside: list[Round], compared: Sequence[Comparison], study: Study
    ) -> LoopResult:
        result = LoopResult(
            study=self.study.name, method=self.method.name, rounds=curve, control=beside,
            comparisons=list(compared), final=study, out=self.out,
        )  # fmt: skip
        if self.out is not None:
            body = {**self._header(), **result.as_dict(), "out": "."}
            text = json.dumps(body, indent=1, allow_nan=False, default=str)
            disk.write_text(self.out / "loop.json", text + "\n")
        return result
