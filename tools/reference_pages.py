"""One page for every registered world, institution, policy, metric, instrument, aligner and study.

The pages say what the docstrings say: nothing is written twice. What is read is the docstring, the fields with
their own docstrings, and the plain facts that a part declares about itself (`source`, `ports`, `unit`...).
"""

from __future__ import annotations

import ast
import dataclasses
import inspect
import re
import textwrap
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

from mores import registry
from mores.design.settings import REQUIRED, Parameter, fields_of, parameters_of

KINDS = {
    "world": ("Worlds", "The rules of a society: who acts, what is seen, what follows."),
    "institution": (
        "Institutions",
        "Rules around the rules: each wraps a world and composes with others.",
    ),
    "policy": ("Policies", "How a seat decides: arrays in, arrays out, or a generator that asks."),
    "instrument": (
        "Instruments",
        "What asks: items, answer formats, and the ways an item may be put.",
    ),
    "metric": (
        "Metrics",
        "What is computed from a record; every value comes with its interval and n.",
    ),
    "aligner": ("Aligners", "What turns a record into something better aligned."),
    "study": ("Studies", "Experiments that can be run by name: `mores run NAME`."),
}
FOLDERS = {kind: title.lower() for kind, (title, _) in KINDS.items()}
FACTS = (
    "source", "roles", "needs", "needs_events", "gives", "emits", "ports", "missing", "lever",
    "unit", "better", "range", "interval",
)  # fmt: skip


def markdown(doc: str) -> str:
    """A docstring as Markdown: cross-references become code, `::` becomes a code block."""
    text = re.sub(r":\w+:`~?([^`]+)`", lambda m: f"`{m[1].rsplit('.', 1)[-1]}`", doc)
    text = text.replace("``", "`")
    lines: list[str] = []
    for line in text.splitlines():
        if line.strip() == "::":
            continue
        lines.append(line[:-1] if line.endswith("::") else line)
        # A list needs an empty line before it to be one.
        if len(lines) > 1 and re.match(r"\s*- ", lines[-1]) and starts_a_list(lines[-2]):
            lines.insert(-1, "")
    return "\n".join(lines).strip()


def starts_a_list(before: str) -> bool:
    """Whether the line before a bullet is prose at the margin, so that the bullet opens a list."""
    return bool(before.strip()) and not before.startswith((" ", "-"))


def cell(text: object) -> str:
    """Text that is safe inside a table row."""
    return " ".join(str(text).split()).replace("|", "\\|")


def described(thing: Any) -> type | Any:
    """What carries the docstring and the fields: a class itself, or the class of an instance."""
    return thing if inspect.isclass(thing) or inspect.isroutine(thing) else type(thing)


def docstring(thing: Any) -> str:
    """What a registered part says of itself; an instance may say it in `doc`, `summary` or what it measures."""
    if inspect.isclass(thing) or inspect.isroutine(thing):
        return inspect.getdoc(thing) or ""
    parts = [str(getattr(thing, name, "") or "") for name in ("summary", "doc")]
    measure = getattr(thing, "measure", None)
    parts.append(inspect.getdoc(measure) or "" if inspect.isroutine(measure) else "")
    said = [part.strip() for k, part in enumerate(parts) if part.strip() and part not in parts[:k]]
    return "\n\n".join(said) or inspect.getdoc(type(thing)) or ""


def field_docs(cls: type) -> dict[str, str]:
    """The string that follows each field in the source of a class and of its bases."""
    found: dict[str, str] = {}
    for base in reversed(cls.__mro__):
        try:
            tree = ast.parse(textwrap.dedent(inspect.getsource(base)))
        except (OSError, TypeError):
            continue
        body = tree.body[0].body if isinstance(tree.body[0], ast.ClassDef) else []
        for node, after in pairwise(body):
            if (
                isinstance(node, ast.AnnAssign)
                and isinstance(node.target, ast.Name)
                and isinstance(after, ast.Expr)
                and isinstance(after.value, ast.Constant)
                and isinstance(after.value.value, str)
            ):
                found[node.target.id] = after.value.value
    return found


def settable(thing: Any) -> dict[str, Parameter]:
    """What `field=value` can set: the fields of a part, the parameters of what makes a study."""
    if inspect.isclass(thing):
        return fields_of(thing) if dataclasses.is_dataclass(thing) else {}
    return parameters_of(thing) if getattr(thing, "makes_study", False) else {}


def parameters(thing: Any) -> Iterator[str]:
    """A table of what can be set; what each is for is the string after its field, where there is one."""
    fields = {n: p for n, p in settable(thing).items() if not n.startswith("_")}
    if not fields:
        return
    said = field_docs(thing) if inspect.isclass(thing) else {}
    meanings = {name: cell(markdown(said.get(name, ""))) for name in fields}
    columns = ["field", "takes", "default", *(["meaning"] if any(meanings.values()) else [])]
    rows = ["| " + " | ".join(columns) + " |", "| --- " * len(columns) + "|"]
    for name, field in fields.items():
        told = [f"`{name}`", cell(field.allowed), default(field), meanings[name]][: len(columns)]
        rows.append("| " + " | ".join(told) + " |")
    yield "## Parameters\n\n" + "\n".join(rows) + "\n"


def default(field: Parameter) -> str:
    """The default of a field as it would be typed."""
    if field.default is REQUIRED:
        return "required"
    text = typed(field.default)
    return f"`{cell(text)}`" if text else "empty"


def typed(value: Any) -> str:
    """A value as it is typed on the command line."""
    if isinstance(value, tuple | list):
        return ",".join(map(typed, value))
    return str(value).lower() if value is None or isinstance(value, bool) else str(value)


def plain(value: Any) -> str:
    """A declared fact in words; empty when there is nothing to say."""
    if value is None or isinstance(value, property) or callable(value):
        return ""
    if isinstance(value, dict):
        return ", ".join(f"{k}: {v}" for k, v in value.items())
    if isinstance(value, tuple | list | set | frozenset):
        return (
            ", ".join("–" if v is None else str(v) for v in value)
            if any(v is not None for v in value)
            else ""
        )
    return str(value)


def limits(low: float | None, high: float | None) -> str:
    """A range of values in words; empty where it has no ends."""
    words = "" if low is None else f"from {low:g}"
    return words if high is None else f"{words} to {high:g}".strip()


def facts(thing: Any) -> Iterator[str]:
    """What the part declares, as a list; `source` as a paragraph of its own."""
    rows = {name: plain(getattr(thing, name, None)) for name in FACTS}
    source = rows.pop("source")
    if isinstance(ends := getattr(thing, "range", None), tuple) and len(ends) == 2:
        rows["range"] = limits(*ends)
    told = [f"- {name.replace('_', ' ')}: {text}" for name, text in rows.items() if text]
    if told:
        yield "## Declared\n"
        yield "\n".join(told) + "\n"
    if source:
        yield f"## Source\n\n{source}\n"


def location(kind: str, name: str) -> str:
    """Where the part is in the code, as `module:attribute`."""
    return registry.table(kind)[name]


def use(kind: str, name: str) -> str:
    """The shortest way to try the part; empty where there is no single line."""
    lines = {
        "study": f"mores run {name}",
        "world": f"mores play {name}",
        "instrument": f"mores ask {name} --model random",
    }
    return f"```sh\n{lines[kind]}\n```\n" if kind in lines else ""


def page(kind: str, name: str) -> str:
    """The whole page of one registered part."""
    thing = registry.load(kind, name)
    parts = [
        f"# {name}\n",
        f"*{kind}* · `{location(kind, name)}`\n",
        markdown(docstring(thing)) + "\n",
        use(kind, name),
        *parameters(thing),
        *facts(thing),
    ]
    return "\n".join(part for part in parts if part)


def summary(kind: str, name: str) -> str:
    """The first sentence of a part, for the lists."""
    text = docstring(registry.load(kind, name)).strip()
    return markdown(text.split("\n\n", 1)[0])


def index(kind: str) -> str:
    """The list of all parts of a kind, each with its first sentence."""
    title, about = KINDS[kind]
    rows = [f"| [{n}]({n}.md) | {cell(summary(kind, n))} |" for n in registry.names(kind)]
    head = f"# {title}\n\n{about}\n\n"
    if not rows:
        return head + "None yet.\n"
    return head + "| name | what it is |\n| --- | --- |\n" + "\n".join(rows) + "\n"


def overview() -> str:
    """The entrance to the reference: every kind with how many there are."""
    rows = [
        f"| [{title}]({FOLDERS[kind]}/index.md) | {len(registry.names(kind))} | {about} |"
        for kind, (title, about) in KINDS.items()
    ]
    head = "# Reference\n\nMade from the docstrings when the site is built.\n\n"
    return head + "| kind | how many | what it is |\n| --- | --- | --- |\n" + "\n".join(rows) + "\n"


def write(folder: Path) -> int:
    """Write all pages under a folder and say how many."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "index.md").write_text(overview(), encoding="utf-8")
    count = 1
    for kind, name in FOLDERS.items():
        place = folder / name
        place.mkdir(exist_ok=True)
        (place / "index.md").write_text(index(kind), encoding="utf-8")
        for part in registry.names(kind):
            (place / f"{part}.md").write_text(page(kind, part), encoding="utf-8")
        count += 1 + len(registry.names(kind))
    return count


def navigation() -> str:
    """The reference's part of the site's navigation, as TOML."""
    groups = ['{ "Overview" = "reference/index.md" }']
    for kind, (title, _) in KINDS.items():
        place = f"reference/{FOLDERS[kind]}"
        pages = [f'{{ "All {title.lower()}" = "{place}/index.md" }}']
        pages += [f'{{ "{name}" = "{place}/{name}.md" }}' for name in registry.names(kind)]
        groups.append(f'{{ "{title}" = [{", ".join(pages)}] }}')
    return '{ "Reference" = [\n    ' + ",\n    ".join(groups) + ",\n  ] },"
