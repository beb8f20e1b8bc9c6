"""Personas in words: templates with variants of wording; what a persona says is data and stays data.

Wording matters to models, so it is a part of the design: render one population in several wordings and compare. The
templates are in `personas.toml` beside this file. "Interview", "second-person" and "third-person" are the
formats that studies of persona prompts compare (Lutz et al. 2025, "The prompt makes the person(a)", arXiv 2507.16076).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any

from mores.agent import Persona
from mores.errors import UnknownName
from mores.quoting import block, name, quote

_BARE = re.compile(r"[\w$%&,/+()'’-]+(?: [\w$%&,/+()'’-]+){0,11}")
_EMPTY = Persona()


@cache
def _templates() -> Mapping[str, Any]:
    text = resources.files("mores.people").joinpath("personas.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def wordings() -> tuple[str, ...]:
    """The wordings that there are."""
    return tuple(_templates()["wordings"])


def rendered(persona: Persona, wording: str | None = None) -> str:
    """Who a persona is, as it is told itself; empty for an empty persona. `wording` takes the place of its own.

    Raises UnknownName for a wording that does not exist.
    """
    chosen = wording or persona.wording
    if chosen not in _templates()["wordings"]:
        raise UnknownName("wording", chosen, wordings())
    parts = _parts(persona, _templates()["wordings"][chosen])
    return "\n".join(parts)


def introduced(personas: Sequence[Persona]) -> str:
    """What everyone may know about everyone: the public facts by name, one line each; empty where there are none.

    Who has no name is the person of that number, counted from 1. For the institution `announcement`.
    """
    lines = []
    for k, persona in enumerate(personas):
        facts = "; ".join(f"{_label(key)} {said(v)}" for key, v in persona.public.items())
        if facts:
            lines.append(f"{name(persona.name) or f'Person {k + 1}'}: {facts}.")
    return "\n".join(lines)


def said(value: str) -> str:
    """A value as it may stand in a sentence: bare if it is a few plain words, else quoted."""
    value = str(value)
    return value if len(value) <= 80 and _BARE.fullmatch(value) else quote(value)


def level(value: float) -> str:
    """The word for a trait from 0 to 1; empty for a number outside."""
    if not 0 <= value <= 1:
        return ""
    return next(str(step["word"]) for step in _templates()["levels"] if value < step["below"])


def _parts(persona: Persona, form: Mapping[str, str]) -> list[str]:
    who = name(persona.name) or _templates()["nobody"]
    between = form["between"]
    found = {
        "public": _facts(persona.public, form),
        "private": _facts(persona.private, form),
        "traits": _traits(persona.traits, form),
        "values": _items(persona.values, form),
        "goals": _items(persona.goals, form),
        "secrets": _items(persona.secrets, form),
    }
    parts = []
    for part, items in found.items():
        if items:
            joined = between.join(items)
            parts.append(form[part].format(name=who, facts=joined, traits=joined, items=joined))
    if persona.text:
        parts.append(form["text"].format(name=who, text=block(persona.text)))
    if not parts and not name(persona.name):
        return []
    first = form["name"].format(name=who) if name(persona.name) else form["unnamed"]
    return [first, *parts, *([form["closing"]] if form["closing"] else [])]


def _facts(facts: Mapping[str, str], form: Mapping[str, str]) -> list[str]:
    return [
        form["fact"].format(label=_label(key), question=_question(key), value=said(value))
        for key, value in facts.items()
    ]


def _traits(traits: Mapping[str, float], form: Mapping[str, str]) -> list[str]:
    found = []
    for key, value in traits.items():
        word = level(value)
        number = f"{value:.2g} ({word})" if word else f"{value:.3g}"
        if "item" in form:
            found.append(form["fact"].format(label=_label(key), value=number))
        else:
            found.append(f"{_label(key)} {number}")
    return found


def _items(items: Sequence[str], form: Mapping[str, str]) -> list[str]:
    return [form.get("item", "{item}").format(item=said(item)) for item in items]


def _label(key: str) -> str:
    known: Mapping[str, str] = _templates()["labels"]
    return known.get(key) or name(key.replace("_", " ").replace(".", " "), words=8, limit=60)


def _question(key: str) -> str:
    known: Mapping[str, str] = _templates()["questions"]
    return known.get(key) or f"What about this: {_label(key)}?"
