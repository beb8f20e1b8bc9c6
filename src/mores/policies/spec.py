"""Policies by what they are called: `name`, `name:value,value` or `name:field=value,field=value`.

For example `tit-for-tat`, `generous-tit-for-tat:p=0.1`, `memory-one:0.9,0.1,0.9,0.1`, `loop:pattern=1/0/2`. Values are
written as they are read: numbers, true or false, words; the parts of a tuple are divided by `/`, and a tuple given by
place takes the rest of the list.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from typing import Any, Literal, get_args, get_origin, get_type_hints

from mores import registry
from mores.agent import Policy
from mores.errors import BadValue, MoresError, UnknownName

_TRUE, _FALSE = ("true", "yes", "on", "1"), ("false", "no", "off", "0")


def policy(spec: str) -> Policy:
    """The policy that a spec means.

    Raises UnknownName for a policy or field that does not exist, BadValue for a value that its field cannot take.
    """
    name, _, given = spec.partition(":")
    name = name.strip()
    kind = registry.load("policy", name)
    values = _values(name, kind, given)
    try:
        made = kind(**values)
    except MoresError:
        raise
    except TypeError as error:
        raise BadValue(
            name, given, f"its fields are {', '.join(_fields(kind)) or 'none'} ({error})"
        ) from None
    assert isinstance(made, Policy)
    return made


def written(made: Policy) -> str:
    """A policy as the shortest spec that means it: fields that have their default are left out."""
    parts = []
    for f in dataclasses.fields(made):
        value = getattr(made, f.name)
        if f.default is dataclasses.MISSING or value != f.default:
            text = "/".join(map(str, value)) if isinstance(value, tuple) else str(value)
            parts.append(f"{f.name}={text}")
    return f"{made.name}:{','.join(parts)}" if parts else made.name


def _fields(kind: Any) -> list[str]:
    return (
        [f.name for f in dataclasses.fields(kind) if f.init]
        if dataclasses.is_dataclass(kind)
        else []
    )


def _values(name: str, kind: Any, given: str) -> dict[str, Any]:
    names = _fields(kind)
    hints = get_type_hints(kind) if names else {}
    values: dict[str, Any] = {}
    parts = [p.strip() for p in given.split(",") if p.strip()]
    for k, part in enumerate(parts):
        key, equals, text = part.partition("=")
        key = key.strip().replace("-", "_")
        if not equals:
            key, text = _place(name, names, k, given), part
            if _is_tuple(hints[key]):
                rest = [p for p in parts[k:] if "=" not in p]
                values[key] = tuple(v for p in rest for v in _read(f"{name}.{key}", p, hints[key]))
                parts[k + 1 : k + len(rest)] = []
                continue
        if key not in names:
            raise UnknownName(f"field of {name}", key, names)
        values[key] = _read(f"{name}.{key}", text.strip(), hints[key])
    return values


def _place(name: str, names: list[str], k: int, given: str) -> str:
    if k >= len(names):
        fields = ", ".join(names)
        raise BadValue(
            name, given, f"at most {len(names)} values: {fields}" if names else "it has no fields"
        )
    return names[k]


def _is_tuple(hint: Any) -> bool:
    return get_origin(hint) is tuple


def _read(field: str, text: str, hint: Any) -> Any:
    """A text as a value of the type that the field has."""
    if get_origin(hint) in (typing.Union, types.UnionType):
        return _read_union(field, text, hint)
    if _is_tuple(hint):
        inner = get_args(hint)[0] if get_args(hint) else str
        return tuple(_read(field, part.strip(), inner) for part in text.split("/"))
    if get_origin(hint) is Literal:
        if text not in map(str, get_args(hint)):
            raise BadValue(field, text, f"one of {', '.join(map(str, get_args(hint)))}")
        return next(v for v in get_args(hint) if str(v) == text)
    if hint is bool:
        if text.casefold() not in (*_TRUE, *_FALSE):
            raise BadValue(field, text, "true or false")
        return text.casefold() in _TRUE
    if hint in (int, float):
        return _number(field, text, hint)
    return text


def _read_union(field: str, text: str, hint: Any) -> Any:
    kinds = get_args(hint)
    if type(None) in kinds and text.casefold() in ("none", ""):
        return None
    for kind in (k for k in kinds if k is not type(None)):
        try:
            return _read(field, text, kind)
        except BadValue:
            continue
    raise BadValue(field, text, " or ".join(getattr(k, "__name__", str(k)) for k in kinds))


def _number(field: str, text: str, kind: type[int] | type[float]) -> float:
    above, slash, below = text.partition("/")
    try:
        if kind is int:
            return int(text)
        return float(above) / float(below) if slash else float(text)
    except (ValueError, ZeroDivisionError):
        raise BadValue(field, text, "a whole number" if kind is int else "a number") from None
