"""TOML: a study as a file that says what it is, without a line of Python.

::

    name = "helping"
    summary = "Do people give more when they are watched?"
    replicates = 20
    metrics = ["cooperation_rate", "mean_score"]     # `mores list metric`; or "package:name", "file.py:name"

    [world]                                  # the innermost world; every other key is one of its fields
    name = "donor-game"                      # `mores list world`; or "package:Class", "file.py:Class"
    seats = 12

    [population]                             # one of: all, seats, shares, round_robin, focal + background + at
    shares = { "all-cooperate" = 0.5, "all-defect" = 0.5 }

    [[condition]]                            # none: one case, with the institutions above if there are any
    watched = "no"                           # plain keys tell conditions apart

    [[condition]]
    watched = "yes"
    institutions = [{ name = "reputation" }] # innermost first; `world` and `population` may be given here too

    [[probe]]                                # an instrument put to seats in the middle
    name = "before"
    instrument = "fairness"
    at = [0]

    [[intervention]]                         # a change made when an owner has made `at` steps
    at = 5
    settings = { multiplier = 1.0 }

    [[reference]]                            # a human figure to set beside an estimate
    metric = "cooperation_rate"
    value = 0.6
    source = "Somebody 2020"

Paths are relative to the file. `replicates` and dotted fields (`world.seats=8`) can be set when it is run.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from mores import registry
from mores.design import files, parts
from mores.design.marked import Design
from mores.design.settings import call
from mores.errors import BadValue, UnknownName
from mores.metric import Metric, Reference
from mores.population import Population
from mores.study import Case, Intervention, Probe, Study
from mores.world import World

M = TypeVar("M", bound=BaseModel)


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Named(BaseModel):
    """A part by name; every other key is one of its fields."""

    model_config = ConfigDict(extra="allow")
    name: str


class _People(_Strict):
    all: str | None = None
    seats: list[str] | None = None
    shares: dict[str, float] | None = None
    round_robin: list[str] | None = None
    itself: bool = True
    focal: str | None = None
    background: str | None = None
    at: list[int] = [0]


class _Probe(_Strict):
    name: str
    instrument: str | _Named
    at: list[int] = []
    end: bool = False
    seats: list[int] | None = None


class _Intervention(_Strict):
    at: int = Field(ge=0)
    owner: str = ""
    settings: dict[str, Any]


class _Condition(BaseModel):
    model_config = ConfigDict(extra="allow")
    world: dict[str, Any] = {}
    institutions: list[_Named] | None = None
    population: str | _People | None = None


class _File(_Strict):
    name: str = ""
    summary: str = ""
    source: str = ""
    replicates: int = Field(10, ge=1)
    metrics: list[str | _Named] = []
    notes: list[str] = []
    baseline: dict[str, Any] | None = None
    references: list[str] = []
    world: _Named
    institutions: list[_Named] = []
    population: str | _People = "random"
    condition: list[_Condition] = []
    probe: list[_Probe] = []
    intervention: list[_Intervention] = []
    reference: list[dict[str, Any]] = []


def design(file: Path) -> Design:
    """The study that a file describes. Raises BadValue and UnknownName, naming the key."""
    try:
        found = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise BadValue("file", str(file), f"it is not TOML that can be read: {error}") from error
    return Design.of(str(file), _Maker(file).study(_checked(_File, found, file.name)))


def _checked(model: type[M], found: Mapping[str, Any], what: str) -> M:
    try:
        return model.model_validate(found)
    except ValidationError as error:
        found_wrong = error.errors()
        # an unknown key is most often the reason why another is missing
        first = next((e for e in found_wrong if e["type"] == "extra_forbidden"), found_wrong[0])
        path = ".".join(str(p) for p in first["loc"] if not str(p).startswith("_") and p != "str")
        if first["type"] == "extra_forbidden":
            raise UnknownName(f"key of {what}", path, _keys(first["loc"])) from None
        value = None if first["type"] == "missing" else first["input"]
        allowed = "it has to be given" if first["type"] == "missing" else first["msg"]
        raise BadValue(f"{what}: {path}", value, allowed) from None


def _keys(place: Sequence[int | str]) -> list[str]:
    inside: dict[str, type[BaseModel]] = {
        "population": _People,
        "probe": _Probe,
        "intervention": _Intervention,
    }
    model = inside.get(str(place[0]), _File) if len(place) > 1 else _File
    return list(model.model_fields)


class _Maker:
    """Makes the parts of one file; names of files are relative to it."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def study(self, read: _File) -> Study:
        conditions = read.condition or [_Condition()]
        return Study(
            name=read.name or self.file.stem,
            cases=tuple(self.case(read, c) for c in conditions),
            replicates=read.replicates,
            metrics=tuple(self.metric(m) for m in read.metrics),
            references=tuple(self.references(read)),
            baseline=read.baseline,
            summary=read.summary,
            source=read.source,
            notes=tuple(read.notes),
        )

    def case(self, read: _File, condition: _Condition) -> Case:
        fields = {**read.world.model_dump(), **condition.world}
        world: World = self.part("world", _Named(**fields))
        around = read.institutions if condition.institutions is None else condition.institutions
        for institution in around:
            world = self.part("institution", institution, inner=world)
        people = read.population if condition.population is None else condition.population
        return Case(
            world=world,
            population=self.people(people, world.seats),
            condition=dict(condition.__pydantic_extra__ or {}),
            probes=tuple(self.probe(p) for p in read.probe),
            interventions=tuple(
                Intervention(at=i.at, owner=i.owner, settings=i.settings) for i in read.intervention
            ),
        )

    def part(self, kind: str, named: _Named, **given: Any) -> Any:
        """A part by its registered name, or by where it is."""
        fields = dict(named.__pydantic_extra__ or {})
        if kind == "world" and not fields and _is_spec(named.name):
            return parts.world(named.name)
        return call(self.named(kind, named.name), fields, f"{kind} {named.name}", given)

    def named(self, kind: str, name: str) -> Any:
        if ":" in name:
            return files.attribute(name, self.file.parent)
        return registry.load(kind, name)

    def people(self, read: str | _People, seats: int) -> Population:
        if isinstance(read, str):
            return Population.all(self.policy(read))
        ways = [w for w in ("all", "seats", "shares", "round_robin", "focal") if getattr(read, w)]
        if len(ways) != 1:
            allowed = "exactly one of: all, seats, shares, round_robin, focal"
            raise BadValue("population", ways or None, allowed)
        if read.shares:
            return Population.by_share({self.policy(p): s for p, s in read.shares.items()})
        if read.seats:
            if len(read.seats) != seats:
                raise BadValue("population.seats", read.seats, f"the world has {seats} seats")
            return Population.by_seat(*(self.policy(p) for p in read.seats))
        if read.round_robin:
            return Population.round_robin(
                [self.policy(p) for p in read.round_robin], itself=read.itself
            )
        if read.focal:
            if read.background is None:
                raise BadValue("population.background", None, "a policy for the other seats")
            pair = self.policy(read.focal), self.policy(read.background)
            return Population.focal(*pair, seats=read.at, of=seats)
        return Population.all(self.policy(read.all or ""))

    def policy(self, spec: str) -> Any:
        head, _, rest = spec.partition(":")
        if rest and (head.endswith(".py") or "." in head):
            return files.attribute(spec, self.file.parent)()
        from mores.policies.spec import policy

        return policy(spec)

    def probe(self, read: _Probe) -> Probe:
        named = (
            _Named(name=read.instrument) if isinstance(read.instrument, str) else read.instrument
        )
        return Probe(
            name=read.name,
            instrument=self.part("instrument", named),
            at=tuple(read.at),
            end=read.end,
            seats=None if read.seats is None else tuple(read.seats),
        )

    def metric(self, read: str | _Named) -> Metric:
        named = _Named(name=read) if isinstance(read, str) else read
        found = self.named("metric", named.name)
        fields = dict(named.__pydantic_extra__ or {})
        if isinstance(found, Metric):
            return replace(found, **fields) if fields else found
        made = call(found, fields, f"metric {named.name}")
        if not isinstance(made, Metric):
            raise BadValue("metrics", named.name, f"a Metric, not a {type(made).__name__}")
        return made

    def references(self, read: _File) -> list[Reference]:
        from mores.references import load

        found = [r for name in read.references for r in load(name)]
        return found + [call(Reference, r, "reference") for r in read.reference]


def _is_spec(name: str) -> bool:
    head, colon, _ = name.partition(":")
    return bool(colon) and not head.endswith(".py") and "." not in head
