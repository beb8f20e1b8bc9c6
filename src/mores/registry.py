"""Names: where every world, institution, policy, instrument, metric, aligner and study is found.

Each kind has a package with a table `NAMES = {"name": "module:attribute"}`; adding a part is one file and one line
there. Other packages add theirs through entry points in the group `mores.worlds`, `mores.policies`... Nothing is
imported before it is asked for.
"""

from __future__ import annotations

import importlib
from functools import cache
from importlib.metadata import entry_points
from typing import Any, Literal

from mores.errors import NotLoaded, UnknownName

Kind = Literal["world", "institution", "policy", "instrument", "metric", "aligner", "study"]

PACKAGES: dict[str, str] = {
    "world": "mores.worlds",
    "institution": "mores.institutions",
    "policy": "mores.policies",
    "instrument": "mores.instruments",
    "metric": "mores.metrics",
    "aligner": "mores.aligners",
    "study": "mores.catalogue",
}
GROUPS = {
    "world": "mores.worlds",
    "institution": "mores.institutions",
    "policy": "mores.policies",
    "instrument": "mores.instruments",
    "metric": "mores.metrics",
    "aligner": "mores.aligners",
    "study": "mores.studies",
}
RENAMED: dict[tuple[str, str], str] = {}
"""(kind, old name) -> new name; old names keep working with a message."""


@cache
def table(kind: str) -> dict[str, str]:
    """All names of a kind and where each is: `module:attribute`."""
    if kind not in PACKAGES:
        raise UnknownName("kind", kind, PACKAGES)
    found = {e.name: e.value for e in entry_points(group=GROUPS[kind])}
    own: dict[str, str] = importlib.import_module(PACKAGES[kind]).NAMES
    return {**found, **own}


def names(kind: str) -> list[str]:
    """The registered names of a kind, sorted."""
    return sorted(table(kind))


def load(kind: str, name: str) -> Any:
    """The class or function registered under a name; raises UnknownName with the nearest spelling."""
    known = table(kind)
    new = RENAMED.get((kind, name))
    if new is not None:
        import warnings

        warnings.warn(f"{kind} {name!r} is now called {new!r}", FutureWarning, stacklevel=2)
        name = new
    if name not in known:
        raise UnknownName(kind, name, known, hint=f"`mores list {kind}` shows them all.")
    module, _, attribute = known[name].partition(":")
    try:
        return getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError) as error:
        raise NotLoaded(
            f"{kind} {name!r} cannot be loaded from {known[name]}: {error}. If another package brings it, "
            "install that again or remove it"
        ) from error


def summary(kind: str, name: str) -> str:
    """What a registered part is for: what it says of itself, or the first line of its docstring."""
    part = load(kind, name)
    own = vars(part).get("summary") if not isinstance(part, type) else None
    text = own if isinstance(own, str) and own else part.__doc__ or ""
    return text.strip().split("\n", 1)[0]


def source(kind: str, name: str) -> str:
    """The paper or system that a registered part says it follows."""
    return str(getattr(load(kind, name), "source", ""))
