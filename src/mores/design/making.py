"""Making: what finds, sets and varies a study."""

from __future__ import annotations

import itertools
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from mores import registry
from mores.design import files
from mores.design.marked import Design
from mores.errors import BadValue, UnknownName
from mores.study import Study


def find(spec: str) -> Design:
    """Where a study is: a name of the catalogue, a `.toml` or `.py` file, or `package:name`."""
    path, _, name = spec.partition(":") if ".py:" in spec else (spec, "", "")
    if path.endswith((".toml", ".py")):
        return _in_file(path, name)
    if ":" in spec:
        return Design.of(spec, files.attribute(spec))
    return Design.of(spec, registry.load("study", spec))


def _in_file(path: str, name: str) -> Design:
    """The study in a file: `.toml`, or `.py` (the named one, or the only one)."""
    file = files.existing(path)
    if file.suffix == ".toml":
        from mores.design import toml  # pydantic takes its time

        return toml.design(file)
    module = files.load(file)
    found = name or files.only(module, file)
    if not hasattr(module, found):
        raise UnknownName(f"study in {path}", found, files.studies_in(module))
    spec = f"{file}:{name}" if name else str(file)
    return Design.of(spec, getattr(module, found))


def resolve(
    spec: str | os.PathLike[str],
    settings: Mapping[str, Any] | None = None,
    vary: Mapping[str, Sequence[Any]] | None = None,
) -> Study:
    """The study that a spec names, with settings; `vary` makes a grid of conditions.

    Raises UnknownName or BadValue, naming what was meant by the nearest spelling.
    """
    design, settings = find(os.fspath(spec)), dict(settings or {})
    if not vary:
        return design.study(settings)
    from mores.design import grid

    both = sorted(set(settings) & set(vary))
    if both:
        raise BadValue(both[0], settings[both[0]], "it is varied too; give it once")
    for name, values in vary.items():
        if not values or name == "replicates":
            raise BadValue(
                "vary",
                name,
                "a field and its values, as in generations=1,2,4; replicates cannot be varied",
            )
    cells = [dict(zip(vary, values, strict=True)) for values in itertools.product(*vary.values())]
    return grid.union([(cell, design.study({**settings, **cell})) for cell in cells])


def command(
    spec: str | os.PathLike[str],
    settings: Mapping[str, Any] | None = None,
    vary: Mapping[str, Sequence[Any]] | None = None,
) -> dict[str, Any]:
    """What a manifest keeps so that :func:`rebuild` makes the same study again, from any folder."""
    found = find(os.fspath(spec)).spec
    return {
        "study": found,
        "code": files.checksum(found),
        "settings": {k: plain(v) for k, v in (settings or {}).items()},
        "vary": {k: [plain(v) for v in values] for k, values in (vary or {}).items()},
    }


def plain(value: Any) -> str:
    """A value as it would be typed."""
    if isinstance(value, tuple | list):
        return ",".join(plain(v) for v in value)
    return str(getattr(value, "label", value))


def rebuild(manifest: Mapping[str, Any]) -> Study:
    """The study that made a record, from its manifest. Raises BadValue where it was not made from a name or a file."""
    made_by = manifest.get("command") or {}
    if "study" not in made_by:
        raise BadValue(
            "study",
            manifest.get("study"),
            "this record was made from a Study object in Python; run it there, or name its file",
        )
    built = resolve(made_by["study"], made_by.get("settings"), made_by.get("vary"))
    replicates = manifest.get("replicates")
    return built if replicates is None else replace(built, replicates=int(replicates))
