"""Human figures to compare with: small summary counts and published means, each with its source and n.

They ship with Mores and need no data folder. `derived.json` holds facts counted from the data sets of
:mod:`mores.data` by `python -m mores.references.derive`; `published.toml` holds figures stated in papers::

    load("dictator")                                    # every reference on the dictator game
    distribution("dictator")                            # edges of ten bins, and how many people in each
    distribution("public-goods", metric="contribution", period=1)
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from mores.errors import BadValue, UnknownName
from mores.metric import Reference

Entry = Mapping[str, Any]
"""A reference as its file writes it: the fields of Reference, and `edges` or `categories` with `counts`."""


@cache
def _entries() -> Mapping[str, list[Entry]]:
    folder = resources.files(__name__)
    derived = json.loads(folder.joinpath("derived.json").read_text(encoding="utf-8"))
    published = tomllib.loads(folder.joinpath("published.toml").read_text(encoding="utf-8"))
    return {
        name: [*derived.get(name, []), *published.get(name, [])]
        for name in {**derived, **published}
    }


def names() -> list[str]:
    """What there are references on: dictator, ultimatum, trust, ..."""
    return sorted(_entries())


def load(name: str) -> list[Reference]:
    """All references on one game. Raises UnknownName."""
    return [_reference(entry) for entry in _of(name)]


def distribution(
    name: str, metric: str | None = None, **condition: object
) -> tuple[tuple[float, ...] | tuple[str, ...], tuple[float, ...]]:
    """How people's answers were spread: k + 1 edges or k categories, and the k counts.

    `metric` and `condition` choose where a game has several. Raises UnknownName, or BadValue if none or several
    are meant, listing what there is.
    """
    having = [entry for entry in _of(name) if "counts" in entry]
    chosen = [
        entry
        for entry in having
        if metric in (None, entry["metric"])
        and condition.items() <= dict(entry.get("condition", {})).items()
    ]
    if len(chosen) != 1:
        known = "; ".join(
            f"{entry['metric']} {dict(entry.get('condition', {}))}" for entry in having
        )
        meant = {"metric": metric} | condition
        raise BadValue("distribution", f"{name} {meant}", f"{len(chosen)} match; known: {known}")
    entry = chosen[0]
    return tuple(entry.get("edges") or entry["categories"]), tuple(entry["counts"])


def _of(name: str) -> list[Entry]:
    try:
        return _entries()[name]
    except KeyError:
        raise UnknownName("reference", name, _entries()) from None


def _reference(entry: Entry) -> Reference:
    fields = {key: entry[key] for key in entry if key not in ("edges", "categories", "counts")}
    places = entry.get("edges") or entry.get("categories") or ()
    numeric = places and all(isinstance(place, int | float) for place in places)
    spread = (tuple(places), tuple(entry["counts"])) if numeric else None
    return Reference(**fields, distribution=spread)
