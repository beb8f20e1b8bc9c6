"""Making: the decorator that marks a study, and what finds, sets and varies one."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from mores.design import parts
from mores.design.settings import REQUIRED, Parameter, made, parameters_of, read
from mores.errors import BadValue
from mores.study import Study

F = TypeVar("F", bound=Callable[..., Study])


def study(*, source: str = "", data: Sequence[str] = ()) -> Callable[[F], F]:
    """Mark a function as one that makes a study: its typed, defaulted parameters are the study's settings.

    `source`: the paper or system it follows; `data`: the data sets that it reads. The first line of the function's
    docstring is the study's summary.
    """

    def mark(function: F) -> F:
        function.source = source  # type: ignore[attr-defined]
        function.data = tuple(data)  # type: ignore[attr-defined]
        function.makes_study = True  # type: ignore[attr-defined]
        return function

    return mark


@dataclass(frozen=True)
class Design:
    """Where a study comes from: how it is made, and from which settings."""

    spec: str
    """A name, or a path that holds from any folder."""
    make: Callable[..., Study]
    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    source: str = ""
    data: tuple[str, ...] = ()
    summary: str = ""

    @classmethod
    def of(cls, spec: str, thing: Any) -> Design:
        """From what a spec names: a function that makes a study, or a study."""
        if isinstance(thing, Study):
            return cls(spec, lambda: thing, {}, thing.source, (), thing.summary)
        if not callable(thing):
            raise BadValue("study", spec, f"it names a {type(thing).__name__}, not a study")
        source, data = getattr(thing, "source", ""), tuple(getattr(thing, "data", ()))
        summary = (thing.__doc__ or "").strip().split("\n", 1)[0]
        return cls(spec, thing, parameters_of(thing), source, data, summary)

    def study(self, settings: Mapping[str, Any]) -> Study:
        """The study with these settings."""
        own = {k: read(self.parameters[k], v) for k, v in settings.items() if k in self.parameters}
        built = made(self.make, own, self.spec)
        if not isinstance(built, Study):
            raise BadValue("study", self.spec, f"it makes a {type(built).__name__}, not a Study")
        rest = {k: v for k, v in settings.items() if k not in self.parameters}
        changed = parts.apply(built, rest, tuple(self.parameters))
        resolved = {n: own.get(n, p.default) for n, p in self.parameters.items()}
        resolved = {n: v for n, v in resolved.items() if v is not REQUIRED}
        return replace(
            changed,
            source=changed.source or self.source,
            summary=changed.summary or self.summary,
            settings={**changed.settings, **resolved, **rest},
        )


def find(spec: str) -> Design:
    """Where a study is: a name of the catalogue, a `.toml` or `.py` file, or `package:name`."""
    from mores.design import files

    path, _, name = spec.partition(":") if ".py:" in spec else (spec, "", "")
    if path.endswith((".toml", ".py")):
        return files.design(path, name)
    if ":" in spec:
        return Design.of(spec, files.attribute(spec))
    from mores import registry

    return Design.of(spec, registry.load("study", spec))


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
    return {
        "study": find(os.fspath(spec)).spec,
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
