"""Marked: what makes a study, and what the settings of one are."""

from __future__ import annotations

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
