"""Parts: dotted settings, `world.rounds=5` or `tit-for-tat.noise=0.1`, applied to every case that has the field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

from mores import registry
from mores.agent import Policy
from mores.design import files
from mores.design.settings import Parameter, call, fields_of, made, read, split
from mores.errors import BadValue, UnknownName
from mores.institution import Institution
from mores.population import Population
from mores.study import Case, Study
from mores.world import World

P = TypeVar("P", World, Policy)


def apply(study: Study, settings: Mapping[str, Any], own: tuple[str, ...] = ()) -> Study:
    """The study with fields of its parts changed; `own` are the other names that could have been meant."""
    for name, value in settings.items():
        study = _set(study, name, value, own)
    return study


def _set(study: Study, name: str, value: Any, own: tuple[str, ...]) -> Study:
    if name == "replicates":
        count = read(Parameter("replicates", int), value)
        return replace(study, replicates=count)
    if name == "population":
        return study.with_population(population(value))
    owner, _, field = name.rpartition(".")
    if not _has(study, owner, field):
        raise UnknownName(
            "setting", name, {*own, "replicates", *settable(study)}, hint=f"Study: {study.name}."
        )
    return replace(study, cases=tuple(_in_case(c, owner, field, value) for c in study.cases))


def population(value: Any) -> Population:
    """One policy for all, or one a seat: `tit-for-tat`, `all-defect,memory-one:0.9,0.1,0.9,0.1`."""
    if isinstance(value, Population):
        return value
    from mores.policies.spec import policy

    if isinstance(value, str):
        value = specs(value)
    elif isinstance(value, Policy):
        value = [value]
    policies = [p if isinstance(p, Policy) else policy(p) for p in value]
    if not policies:
        raise BadValue("population", value, "a policy, or one for every seat, separated by commas")
    return Population.all(policies[0]) if len(policies) == 1 else Population.by_seat(*policies)


def specs(text: str) -> list[str]:
    """Policy specifications separated by commas, where the values of one may be separated by commas too."""
    known, found = set(registry.names("policy")), list[str]()
    for part in split(text):
        own = part.partition(":")[0].strip() in known
        if found and not own and ":" in found[-1]:
            found[-1] += f",{part}"
        else:
            found.append(part)
    return found


def world(spec: str, values: Mapping[str, Any] | None = None) -> World:
    """The world that a spec means: a registered name, a game such as `2x2:6,7`, or `package:Class`, `file.py:Class`."""
    head, colon, _ = spec.partition(":")
    if colon and (head.endswith(".py") or "." in head):
        kind: Any = files.attribute(spec)
    elif colon or spec not in registry.table("world"):
        kind = _game(spec)
    else:
        kind = registry.load("world", spec)
    if isinstance(kind, World):
        return _with_fields(kind, values or {})
    made_world: World = call(kind, values or {}, f"world {spec}")
    return made_world


def _game(spec: str) -> World:
    from mores.worlds.games.named import game

    try:
        return game(spec)
    except UnknownName as error:
        raise UnknownName(
            "world",
            spec,
            {*registry.names("world"), *error.known},
            hint="`mores list world` shows them all.",
        ) from None


def _with_fields(world: World, values: Mapping[str, Any]) -> World:
    known = fields_of(type(world))
    for name, value in values.items():
        if name not in known:
            raise UnknownName(f"field of world {world.name}", name, known)
        world = _replaced(world, name, read(known[name], value), world.name)
    return world


def settable(study: Study) -> list[str]:
    """The dotted names that can be set in some case of a study."""
    found: dict[str, None] = {}
    for case in study.cases:
        for layer in case.world.layers:
            for owner in _names(layer, case.world):
                found.update(dict.fromkeys(f"{owner}.{f}" for f in fields_of(type(layer))))
        for policy in case.population.policies:
            for owner in ("population", policy.name, policy.label):
                found.update(dict.fromkeys(f"{owner}.{f}" for f in fields_of(type(policy))))
    return list(found)


def _names(layer: World, world: World) -> Iterator[str]:
    yield from dict.fromkeys((layer.name, layer.owner))
    if layer is world.core:
        yield "world"


def _has(study: Study, owner: str, field: str) -> bool:
    return f"{owner}.{field}" in settable(study)


def _in_case(case: Case, owner: str, field: str, value: Any) -> Case:
    world = _in_world(case.world, case.world, owner, field, value)
    people = tuple(_in_policy(p, owner, field, value) for p in case.population.policies)
    case = replace(case, population=replace(case.population, policies=people))
    return case if world is case.world else replace(case, world=world)


def _in_world(layer: World, whole: World, owner: str, field: str, value: Any) -> World:
    if owner in _names(layer, whole) and field in (known := fields_of(type(layer))):
        ready = read(known[field], value, f"{owner}.{field}")
        return _replaced(layer, field, ready, owner)
    if isinstance(layer, Institution):
        inner = _in_world(layer.inner, whole, owner, field, value)
        return layer if inner is layer.inner else _replaced(layer, "inner", inner, owner)
    return layer


def _in_policy(policy: Policy, owner: str, field: str, value: Any) -> Policy:
    if owner not in ("population", policy.name, policy.label):
        return policy
    known = fields_of(type(policy))
    if field not in known:
        return policy
    return _replaced(policy, field, read(known[field], value, f"{owner}.{field}"), owner)


def _replaced(part: P, field: str, value: Any, owner: str) -> P:
    changed: P = made(partial(replace, part), {field: value}, owner)  # type: ignore[type-var]
    return changed
