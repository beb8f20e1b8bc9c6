"""Reading replies: tolerant of form (fences, prose, case, letters), strict about meaning.

Each reader returns `(value, None)` or `(None, why not)`; an ambiguous reply is not read. What a reply says is
data: it is looked through, never executed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mores.actions.base import Space

_FENCE = re.compile(r"```[\w-]{0,20}(.*?)```", re.DOTALL)  # bounded: no reply stalls it
_NUMBER = re.compile(
    r"(?<![\w.])[-+]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:[eE][-+]?\d+)?(?![\w])"
)
_QUOTES = "\"'`*_ \t\r\n.,;:!()[]<>“”‘’"
_LIMIT = 100_000  # a longer reply is cut before it is searched

Read = tuple[Any, str | None]


def structured(text: str) -> Any:
    """The JSON value in a reply (bare, fenced, or the one object inside prose); None if there is none."""
    text = text[:_LIMIT]
    for candidate in (text, *_FENCE.findall(text), *_braced(text)):
        try:
            return json.loads(candidate, parse_constant=_no_constant)
        except (ValueError, RecursionError):
            continue
    return None


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _braced(text: str) -> list[str]:
    """The outermost {...} of the text, if there is exactly one way to cut it."""
    a, b = text.find("{"), text.rfind("}")
    return [text[a : b + 1]] if 0 <= a < b else []


def _single(value: Any) -> Any:
    """The one value of an object with one field, as models like to answer."""
    if isinstance(value, dict) and len(value) == 1:
        return next(iter(value.values()))
    return value


def option(text: str, options: Sequence[str]) -> Read:
    """One of the options: the whole reply, its JSON, its last line, or the only one that it names."""
    if not text.strip():
        return None, "the reply was empty"
    known = {o.casefold().strip(_QUOTES) or o: o for o in options}
    for candidate in _short_forms(text):
        if candidate in known:
            return known[candidate], None
    named = [o for o in options if _names(text, o, options)]
    if len(named) == 1 and _negated(text, named[0]):
        return None, f"it may say not to {named[0]!r}; answer with the option alone"
    if len(named) == 1:
        return named[0], None
    choices = ", ".join(options)
    if len(named) > 1:
        return None, f"it names {len(named)} of the options ({', '.join(named)}); one of: {choices}"
    return None, f"it names none of the options: {choices}"


def _short_forms(text: str) -> list[str]:
    value = _single(structured(text))
    forms = [value] if isinstance(value, str) else []
    lines = [line for line in text.splitlines() if line.strip()]
    forms += [text, lines[-1]]
    forms += re.findall(r"(?i)\banswer\s*(?:is|:)\s*(.+)", text)[-1:]
    return [f.casefold().strip(_QUOTES) for f in forms]


def _names(text: str, name: str, options: Sequence[str]) -> bool:
    """Whether the option stands in the text as words of its own, not inside a longer option."""
    rest = text
    for other in options:
        if other != name and name.casefold() in other.casefold():
            rest = re.sub(re.escape(other), " ", rest, flags=re.IGNORECASE)
    flags = 0 if len(name) == 1 else re.IGNORECASE  # "a" is a word, "A" an option
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", rest, flags) is not None


def _negated(text: str, name: str) -> bool:
    """Whether a "not" stands up to three words before the option, as in "I will not cooperate"."""
    no = r"(?i)(?:\bnot|n['’]t|\bnever)\s+(?:\w+\s+){0,3}"
    return re.search(rf"{no}{re.escape(name)}(?!\w)", text[:_LIMIT]) is not None


def number(text: str) -> Read:
    """The one number of a reply; several different ones are ambiguous."""
    text = text[:_LIMIT].replace("\u2212", "-")  # the minus sign of typography
    value = _single(structured(text))
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _finite(value)
    found = {m.replace(",", "") for m in _NUMBER.findall(str(value) if value is not None else text)}
    values = {float(x) for x in found}
    if len(values) == 1:
        return _finite(values.pop())
    return None, "it names no number" if not values else f"it names {len(values)} different numbers"


def _finite(value: float) -> Read:
    return (float(value), None) if abs(value) < 1e30 else (None, "the number is out of range")


def shares(text: str, parts: Sequence[str]) -> Read:
    """A JSON object with a number for every part (or a list in their order)."""
    value = structured(text)
    if isinstance(value, list) and len(value) == len(parts):
        value = dict(zip(parts, value, strict=True))
    value = _single(value) if isinstance(value, dict) and set(value) != set(parts) else value
    if not isinstance(value, dict):
        return None, f"it is not a JSON object with a number for each of: {', '.join(parts)}"
    found = {str(k).casefold(): v for k, v in value.items()}
    missing = [p for p in parts if not _is_number(found.get(p.casefold()))]
    if missing:
        return None, f"it gives no number for: {', '.join(missing)}"
    return {p: float(found[p.casefold()]) for p in parts}, None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e30


def ranking(text: str, options: Sequence[str]) -> Read:
    """A JSON list of all options, or one a line, numbered or not."""
    value = _single(structured(text))
    if not isinstance(value, list):
        lines = [re.sub(r"^\s*(?:\d+[.):]|[-*])\s*", "", x) for x in text.splitlines() if x.strip()]
        value = lines if len(lines) == len(options) else re.split(r"[>,]", text)
    known = {o.casefold(): k for k, o in enumerate(options)}
    order = [known.get(str(v).casefold().strip(_QUOTES), -1) for v in value]
    if sorted(order) != list(range(len(options))):
        return None, f"it is not an order of all of: {', '.join(options)}"
    return order, None


def form(text: str, fields: Mapping[str, Space]) -> Read:
    """A JSON object with every field, each read by its own space."""
    value = structured(text)
    if not isinstance(value, dict):
        return None, f"it is not a JSON object with: {', '.join(fields)}"
    out = {}
    for name, space in fields.items():
        if name not in value:
            return None, f"the field {name!r} is missing"
        part, why = space.parse(_as_text(value[name]))
        if why is not None:
            return None, f"{name}: {why}"
        out[name] = part
    return out, None


def tagged(text: str, kinds: Mapping[str, Space | None]) -> Read:
    """A JSON object {"do": kind, "with": value}."""
    value = structured(text)
    if not isinstance(value, dict) or "do" not in value:
        bare = text.strip().strip(_QUOTES).casefold()
        plain = {k.casefold(): k for k, s in kinds.items() if s is None}
        if bare in plain:
            return (plain[bare], None), None
        return None, 'it is not a JSON object with "do"'
    kind = next((k for k in kinds if k.casefold() == str(value["do"]).casefold()), None)
    if kind is None:
        return None, f"{str(value['do'])[:40]!r} is not one of: {', '.join(kinds)}"
    space = kinds[kind]
    if space is None:
        return (kind, None), None
    content, why = space.parse(_as_text(value.get("with", "")))
    return (None, f"{kind}: {why}") if why is not None else ((kind, content), None)


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
