"""Replies: what a test server says: an echo, a random answer that fits what was asked, or a script."""

from __future__ import annotations

import importlib.util
import json
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from mores.errors import BadValue
from mores.testing.faults import Dice

Replier = Callable[[Mapping[str, Any], Dice], str]
"""From the body of a request and chance to the text of the reply."""
_TALK = ("I see.", "Let us work together.", "I would rather wait.", "That seems fair to me.")


def replier(name: str) -> Replier:
    """`echo`, `choice`, or `script:FILE`; raises BadValue."""
    if name == "echo":
        return echo
    if name == "choice":
        return choice
    if name.startswith("script:"):
        return script(Path(name.removeprefix("script:")))
    raise BadValue("--reply", name, "echo, choice or script:FILE")


def last_words(body: Mapping[str, Any]) -> str:
    """The text of the last message."""
    messages = body.get("messages") or [{}]
    content = messages[-1].get("content") or ""
    if isinstance(content, str):
        return content
    return "\n".join(str(part.get("text", "")) for part in content)


def echo(body: Mapping[str, Any], dice: Dice) -> str:
    """The last message again."""
    return last_words(body)


def choice(body: Mapping[str, Any], dice: Dice) -> str:
    """A valid random value of the request's schema, or of what its last message says may be answered."""
    schema = schema_of(body)
    if schema is not None:
        return json.dumps(fits(schema, dice))
    said = last_words(body)
    asked = said.rpartition("Answer with ")[2]
    return _fits_words(asked.strip(), dice) or _listed(said, dice) or _text(200, dice)


def schema_of(body: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The JSON schema that the answer must have; None: free text."""
    form = body.get("response_format") or {}
    if form.get("type") != "json_schema":
        return None
    schema: Mapping[str, Any] | None = (form.get("json_schema") or {}).get("schema")
    return schema


def script(path: Path) -> Replier:
    """Replies of a file: a `.py` with `reply(body) -> str`, or lines `{"when": REGEX, "say": TEXT}`, first match."""
    if not path.is_file():
        raise BadValue("--reply", f"script:{path}", "a file that is there")
    if path.suffix == ".py":
        spec = importlib.util.spec_from_file_location("mores_reply_script", path)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return lambda body, dice: str(module.reply(body))
    lines = [json.loads(x) for x in path.read_text(encoding="utf-8").splitlines() if x.strip()]
    rules = [(re.compile(x.get("when", "")), str(x["say"])) for x in lines]

    def reply(body: Mapping[str, Any], dice: Dice) -> str:
        said = last_words(body)
        return next((text for when, text in rules if when.search(said)), "")

    return reply


# ---------------------------------------------------------------- values of a schema
def fits(schema: Mapping[str, Any], dice: Dice) -> Any:
    """A random value that a JSON schema allows (of those that action spaces write)."""
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][dice.below(len(schema["enum"]))]
    for union in ("anyOf", "oneOf"):
        if union in schema:
            return fits(schema[union][dice.below(len(schema[union]))], dice)
    kind = schema.get("type")
    if kind == "object":
        return _object(schema, dice)
    if kind == "array":
        return _array(schema, dice)
    if kind in ("integer", "number"):
        step = 1 if kind == "integer" else schema.get("multipleOf")
        return _number(schema.get("minimum", 0), schema.get("maximum", 100), step, dice)
    if kind == "boolean":
        return bool(dice.below(2))
    return None if kind == "null" else _text(schema.get("maxLength", 200), dice)


def _object(schema: Mapping[str, Any], dice: Dice) -> dict[str, Any]:
    properties = schema.get("properties") or {}
    total = re.search(r"the parts sum to (\S+)", schema.get("description", ""))
    if total:
        return _split(list(properties), float(total[1]), dice)
    return {name: fits(part, dice) for name, part in properties.items()}


def _array(schema: Mapping[str, Any], dice: Dice) -> list[Any]:
    items = schema.get("items") or {}
    least = int(schema.get("minItems", 1))
    if schema.get("uniqueItems") and "enum" in items:
        return _shuffled(items["enum"], dice)[: int(schema.get("maxItems", len(items["enum"])))]
    return [fits(items, dice) for _ in range(max(1, least))]


def _shuffled(items: Sequence[Any], dice: Dice) -> list[Any]:
    return [x for _, _, x in sorted((dice.word(), k, x) for k, x in enumerate(items))]


def _split(names: Sequence[str], total: float, dice: Dice) -> dict[str, Any]:
    """Hundredths of the total, so that they sum to it."""
    cuts = sorted(dice.below(101) for _ in names[1:])
    ends = [0, *cuts, 100]
    return {n: (ends[k + 1] - ends[k]) * total / 100 for k, n in enumerate(names)}


def _number(low: float, high: float, step: float | None, dice: Dice) -> float | int:
    if step is None:
        return round(low + dice.unit() * (high - low), 6)
    value = low + dice.below(int((high - low) / step + 1e-6) + 1) * step
    return int(value) if float(value).is_integer() else round(value, 6)


def _text(limit: int, dice: Dice) -> str:
    return _TALK[dice.below(len(_TALK))][: max(1, limit)]


# ---------------------------------------------------------------- values of what words say
def _fits_words(asked: str, dice: Dice) -> str | None:
    """An answer to what a space says of itself in words; None when the words are not known."""
    if asked.startswith("one JSON object: "):
        return _kind(asked, dice)
    if asked.startswith("a JSON object with "):
        return _fields(asked.removeprefix("a JSON object with "), dice)
    if found := re.match(r"one of: (.+?)\.?$", asked, re.DOTALL):
        options = found[1].split(", ")
        return options[dice.below(len(options))]
    if found := re.match(r"JSON that divides (\S+) among: (.+) \(the parts sum", asked):
        return json.dumps(_split(found[2].split(", "), float(found[1]), dice))
    if found := re.match(r"a JSON list with all of these, best first: (.+?)\.?$", asked):
        return json.dumps(_shuffled(found[1].split(", "), dice))
    if found := re.match(
        r"a (whole )?number.*? from (-?[\d.e+]+?) to (-?[\d.e+]+?)(?: in steps of ([\d.e-]+?))?\.?$",
        asked,
    ):
        step = 1.0 if found[1] else float(found[4]) if found[4] else None
        return str(_number(float(found[2]), float(found[3]), step, dice))
    if found := re.match(r"text of at most (\d+) characters", asked):
        return _text(int(found[1]), dice)
    return None


def _kind(asked: str, dice: Dice) -> str:
    pattern = r'\{"do": "([^"]+)"(, "with": \.\.\.)?\}(?: where "with" is (.*?))?(?=; \{"do"|\.?$)'
    kinds = re.findall(pattern, asked, re.DOTALL)
    name, has, inner = kinds[dice.below(len(kinds))]
    if not has:
        return json.dumps({"do": name})
    return json.dumps({"do": name, "with": _plain(_fits_words(inner, dice) or "Yes.")})


def _fields(asked: str, dice: Dice) -> str:
    parts = re.findall(r'"([^"]+)": (.*?)(?=; "|\.?$)', asked, re.DOTALL)
    return json.dumps({n: _plain(_fits_words(words, dice) or "Yes.") for n, words in parts})


def _plain(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _listed(said: str, dice: Dice) -> str | None:
    """The label of one of the options that a message lists a line each: `A) ...`, `1. ...`, `[1] ...`."""
    found = re.findall(r"^\s*[(\[]?([A-Z]|\d{1,2})[).:\]]\s+\S", said, re.MULTILINE)
    return found[dice.below(len(found))] if len(found) > 1 else None
