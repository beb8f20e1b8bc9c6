"""Names, conditions and differences in plain words."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from mores.metric import Comparison, Condition
from mores.report.numbers import difference, number

LONGEST = 160
"""Longer texts of conditions and settings are cut, with an ellipsis."""
ALPHA = 0.05


def title(name: str) -> str:
    """A name for the eye: `share_given` is "Share given"."""
    text = name.replace("_", " ").replace("-", " ").strip()
    return text[:1].upper() + text[1:]


def cut(text: str, longest: int = LONGEST) -> str:
    """A text no longer than that."""
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def value_words(value: Any) -> str:
    """One value of a condition or a setting."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return number(value) if math.isfinite(value) else str(value)
    if isinstance(value, list | tuple):
        return cut(", ".join(value_words(v) for v in value))
    if isinstance(value, Mapping):
        return cut(json.dumps(value, default=str, ensure_ascii=False))
    return cut(str(value))


def varying(conditions: Sequence[Condition]) -> list[str]:
    """The keys in which conditions differ, in the order in which they come."""
    keys = list(dict.fromkeys(k for c in conditions for k in c))
    seen: dict[str, set[str]] = {k: {repr(c.get(k, KeyError)) for c in conditions} for k in keys}
    return [k for k in keys if len(seen[k]) > 1]


def condition_words(condition: Condition, keys: Sequence[str] | None = None) -> str:
    """A condition in a line: the value alone where one key tells conditions apart."""
    shown = [k for k in (condition if keys is None else keys) if k in condition]
    if keys is not None and len(keys) == 1:
        return value_words(condition[shown[0]]) if shown else "(not set)"
    parts = [f"{title(k).lower()}: {value_words(condition[k])}" for k in shown]
    return " · ".join(parts) or "all"


def labels(conditions: Sequence[Condition]) -> list[str]:
    """A short name for each of several conditions; equal ones are told apart by a number."""
    keys = varying(conditions)
    found = [condition_words(c, keys) for c in conditions]
    if len(keys) > 1:
        found = [" · ".join(value_words(c[k]) for k in keys if k in c) or "all" for c in conditions]
    seen: dict[str, int] = {}
    for i, name in enumerate(found):
        seen[name] = seen.get(name, 0) + 1
        if seen[name] > 1:
            found[i] = f"{name} ({seen[name]})"
    return found


def pair_words(a: Condition, b: Condition) -> tuple[str, str, str]:
    """What two conditions are called beside each other, and what they share."""
    keys = varying([a, b])
    shared = {k: v for k, v in a.items() if k not in keys}
    names = [condition_words(c, keys) for c in (a, b)]
    return names[0], names[1], condition_words(shared) if shared else ""


def size_words(effect: float, paired: bool) -> str:
    """An effect size in a word or two, by Cohen's marks (0.2, 0.5, 0.8)."""
    if math.isnan(effect):
        return "size not known"
    if math.isinf(effect):
        return "every pair differs by the same amount" if paired else "no spread within conditions"
    size = abs(effect)
    word = (
        "large"
        if size >= 0.8
        else "medium"
        if size >= 0.5
        else "small"
        if size >= 0.2
        else "negligible"
    )
    return f"{word} ({'d' if paired else 'g'} = {number(abs(effect))})"


def verdict(found: Comparison) -> str:
    """What a comparison says, no more than it can."""
    if math.isnan(found.difference):
        return "Cannot be told: a side has no values."
    unit = found.unit
    if math.isnan(found.p_adjusted):
        if found.difference == 0:
            return "Equal here; too few units to say more."
        return "Differs here; too few units to say whether by chance."
    if found.p_adjusted < ALPHA:
        way = "Higher" if found.difference > 0 else "Lower"
        return f"{way}; more than chance explains."
    if found.difference == found.low == found.high == 0:
        return "No difference found: every pair was equal."
    if found.low == found.high == found.difference:
        return f"Always differs by this much; {found.n} are too few to rule out chance."
    if math.isnan(found.low) or math.isnan(found.high):
        return "No difference found; how large one could be is not known."
    widest = max(abs(found.low), abs(found.high))
    limit = difference(widest, unit).lstrip("+")
    return f"No difference found; one of up to {limit} is not ruled out."
