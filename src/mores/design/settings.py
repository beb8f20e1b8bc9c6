"""Settings: values as people type them (`field=value`) made into what a parameter or a field takes.

A type says how a text is read: a tuple is split at commas, a :class:`~typing.Literal` lists its choices, a policy
is read as a policy specification; pydantic checks the rest, with its `Field` bounds. What does not fit raises
:class:`~mores.errors.BadValue` naming the field, the value, what is allowed and the nearest spelling.
"""

from __future__ import annotations

import ast
import dataclasses
import difflib
import inspect
import math
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from mores.errors import BadValue, MoresError, UnknownName

_OPEN, _CLOSE = "([{", ")]}"
_LISTS = (tuple, list, Sequence, typing.Sequence)
_NOTHING = ("none", "null", "")


class _Required:
    """Says that a parameter has no default."""

    def __repr__(self) -> str:
        return "required"


REQUIRED = _Required()


@dataclasses.dataclass(frozen=True)
class Parameter:
    """One thing that can be set: its name, its type, and what it is if nothing is said."""

    name: str
    type: Any
    default: Any = REQUIRED

    @property
    def allowed(self) -> str:
        """What it takes, in words."""
        return words(self.type)


# ---------------------------------------------------------------- what can be set
def parameters_of(function: Callable[..., Any]) -> dict[str, Parameter]:
    """The parameters of a function that can be set by name."""
    hints = _hints(function)
    found = {}
    for p in inspect.signature(function).parameters.values():
        if p.kind in (p.VAR_POSITIONAL, p.VAR_KEYWORD):
            continue
        default = REQUIRED if p.default is p.empty else p.default
        found[p.name] = Parameter(p.name, hints.get(p.name, Any), default)
    return found


def fields_of(cls: type) -> dict[str, Parameter]:
    """The fields of a dataclass that can be set by name; what an institution wraps is not one of them."""
    hints = _hints(cls)
    found = {}
    for f in dataclasses.fields(cls):
        if not f.init or f.name == "inner":
            continue
        default: Any = REQUIRED if f.default is dataclasses.MISSING else f.default
        if f.default_factory is not dataclasses.MISSING:
            default = f.default_factory()
        found[f.name] = Parameter(f.name, hints.get(f.name, Any), default)
    return found


def _hints(thing: Any) -> dict[str, Any]:
    try:
        return typing.get_type_hints(thing, include_extras=True)
    except NameError:  # names that are imported for type checkers only
        return {}


# ---------------------------------------------------------------- one value
def read(parameter: Parameter, value: Any, field: str = "") -> Any:
    """The value as the parameter's type takes it; raises BadValue. `field` is what it is called in messages."""
    field = field or parameter.name
    if parameter.type is Any:
        return _literal(value) if isinstance(value, str) else value
    try:
        plain = _from_text(parameter.type, value) if isinstance(value, str) else value
        checked = _checked(parameter.type, plain)
    except BadValue as error:
        raise BadValue(field, value, error.allowed) from None
    except (ValueError, TypeError):
        raise BadValue(field, value, _allowed(parameter.type, value)) from None
    if not _finite(checked) and _finite(parameter.default):
        raise BadValue(field, value, words(parameter.type) + ", finite")
    if isinstance(checked, tuple) and not checked and parameter.default not in ((), REQUIRED):
        raise BadValue(field, value, words(parameter.type) + ", at least one")
    return checked


def _finite(value: Any) -> bool:
    """Whether no number in a value is infinite or none."""
    if isinstance(value, tuple | list):
        return all(map(_finite, value))
    return not isinstance(value, float) or math.isfinite(value)


def _checked(kind: Any, value: Any) -> Any:
    from pydantic import ConfigDict, PydanticSchemaGenerationError, PydanticUserError, TypeAdapter

    config = ConfigDict(arbitrary_types_allowed=True)
    try:
        adapter: TypeAdapter[Any] = TypeAdapter(kind, config=config)
    except PydanticUserError:  # a type with a configuration of its own takes none
        try:
            adapter = TypeAdapter(kind)
        except PydanticSchemaGenerationError:
            return value
    return adapter.validate_python(value)


def _from_text(kind: Any, text: str) -> Any:
    """What a text means for a type, before it is checked."""
    kind, text = _bare(kind), text.strip()
    options = [a for a in get_args(kind) if a is not type(None)] if _is_union(kind) else []
    if options:
        return _first_that_fits(options, text, optional=type(None) in get_args(kind))
    origin = get_origin(kind) or kind
    if origin is Literal:
        return next((c for c in get_args(kind) if str(c) == text), text)
    if origin in _LISTS:
        return _list(kind, text)
    if inspect.isclass(origin) and issubclass(origin, Mapping):
        return _literal(text)
    return _policy(text) if _is_policy(origin) else text


def _first_that_fits(options: Sequence[Any], text: str, *, optional: bool) -> Any:
    if optional and text.casefold() in _NOTHING:
        return None
    for option in options:
        try:
            return _checked(option, _from_text(option, text))
        except (ValueError, TypeError, MoresError):
            continue
    return text


def _list(kind: Any, text: str) -> tuple[Any, ...]:
    if text[:1] in ("(", "["):
        found = _literal(text)
        if not isinstance(found, str):
            return tuple(_again(kind, k, v) for k, v in enumerate(found))
    return tuple(_again(kind, k, part) for k, part in enumerate(split(text)))


def _again(kind: Any, k: int, value: Any) -> Any:
    inside = get_args(kind) or (Any, ...)
    fixed = get_origin(kind) is tuple and Ellipsis not in inside
    element = inside[min(k, len(inside) - 1)] if fixed else inside[0]
    return _from_text(element, value) if isinstance(value, str) and element is not Any else value


def split(text: str) -> list[str]:
    """A text cut at its commas, those inside brackets left alone: `a,b(x=1,y=2)` are two."""
    parts, depth, start = [], 0, 0
    for i, c in enumerate(text):
        depth += (c in _OPEN) - (c in _CLOSE)
        if c == "," and depth == 0:
            parts.append(text[start:i].strip())
            start = i + 1
    return [p for p in (*parts, text[start:].strip()) if p]


def _literal(text: str) -> Any:
    """A Python literal where the text is one (`true` and `false` too), else the text itself."""
    known = {"true": True, "false": False, "none": None, "null": None}
    if text.strip().casefold() in known:
        return known[text.strip().casefold()]
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return text


def _is_policy(kind: Any) -> bool:
    from mores.agent import Policy

    return inspect.isclass(kind) and issubclass(kind, Policy)


def _policy(text: str) -> Any:
    from mores.policies.spec import policy

    return policy(text)


def _bare(kind: Any) -> Any:
    return get_args(kind)[0] if get_origin(kind) is Annotated else kind


def _is_union(kind: Any) -> bool:
    return get_origin(kind) in (Union, types.UnionType)


# ---------------------------------------------------------------- what is allowed, in words
_PLAIN = {int: "a whole number", float: "a number", bool: "true or false", str: "a text"}


def words(kind: Any) -> str:
    """What a type takes, in words: `a whole number of at least 1`, `one of: none, reputation`."""
    bounds = _bounds(get_args(kind)[1:]) if get_origin(kind) is Annotated else ""
    kind = _bare(kind)
    if _is_union(kind):
        return " or ".join(dict.fromkeys(words(a) for a in get_args(kind)))
    origin = get_origin(kind) or kind
    if origin is Literal:
        return "one of: " + ", ".join(str(c) for c in get_args(kind))
    if origin in _LISTS:
        return _words_of_list(kind) + bounds
    if kind is type(None):
        return "none"
    if _is_policy(origin):
        return "a policy (`mores list policy`)"
    if inspect.isclass(origin) and issubclass(origin, Mapping):
        return "a table such as {'name': 0.5}"
    return _PLAIN.get(kind, f"a {getattr(kind, '__name__', kind)}") + bounds


def _words_of_list(kind: Any) -> str:
    inside = [a for a in get_args(kind) if a is not Ellipsis]
    if get_origin(kind) is tuple and Ellipsis not in get_args(kind) and len(inside) > 1:
        return f"{len(inside)} values separated by commas"
    each = words(inside[0]) if inside else "values"
    return f"a list separated by commas, each {each}"


def _bounds(notes: Sequence[Any]) -> str:
    said = []
    for note in notes:
        for part in (note, *getattr(note, "metadata", ())):
            for name, text in (
                ("ge", "at least"),
                ("gt", "above"),
                ("le", "at most"),
                ("lt", "below"),
            ):
                limit = getattr(part, name, None)
                if limit is not None:
                    said.append(
                        f"{text} {limit:g}" if isinstance(limit, float) else f"{text} {limit}"
                    )
    said = list(dict.fromkeys(said))
    return (
        " of " + " and ".join(said)
        if said and said[0].startswith("at")
        else (" " + " and ".join(said) if said else "")
    )


def _allowed(kind: Any, value: Any) -> str:
    """What is allowed, and the nearest spelling of what was meant."""
    choices = [str(c) for c in _choices(kind)]
    guesses: list[str] = []
    for part in split(value) if isinstance(value, str) else [str(value)]:
        if part not in choices:
            guesses += difflib.get_close_matches(part, choices, n=1, cutoff=0.5)
    guess = (
        f". Did you mean {' and '.join(repr(g) for g in dict.fromkeys(guesses))}?"
        if guesses
        else ""
    )
    return words(kind) + guess


def _choices(kind: Any) -> list[Any]:
    kind = _bare(kind)
    if get_origin(kind) is Literal:
        return list(get_args(kind))
    return [c for a in get_args(kind) if a is not Ellipsis for c in _choices(a)]


# ---------------------------------------------------------------- several values
def call(
    function: Callable[..., Any],
    values: Mapping[str, Any],
    what: str,
    given: Mapping[str, Any] | None = None,
) -> Any:
    """Call a function or class with values as people type them; `what` names it in messages.

    `given` are further arguments that are ready.
    """
    known = fields_of(function) if dataclasses.is_dataclass(function) else parameters_of(function)
    for name in values:
        if name not in known:
            raise UnknownName(f"field of {what}", name, known)
    for p in known.values():
        if p.default is REQUIRED and p.name not in {*values, *(given or {})}:
            raise BadValue(f"{what}: {p.name}", None, f"it has to be given: {p.allowed}")
    ready = {n: read(known[n], v, f"{what}: {n}") for n, v in values.items()}
    return made(function, {**ready, **(given or {})}, what)


def made(function: Callable[..., Any], values: Mapping[str, Any], what: str) -> Any:
    """Call with values that are ready; what the function refuses becomes BadValue."""
    try:
        return function(**values)
    except MoresError:
        raise
    except (ValueError, TypeError) as error:
        listed = ", ".join(f"{k}={v!r}" for k, v in values.items())
        raise BadValue(what, listed, str(error)) from error
