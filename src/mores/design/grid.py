"""Grid: several versions of one study as one study, a condition a cell."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from mores.errors import BadValue
from mores.metric import Condition, Estimate, Metric, Reference, Sample
from mores.study import Case, Study

if TYPE_CHECKING:
    from mores.record import Record

Cell = tuple[Condition, range]
"""What a cell's cases are told apart by, and the numbers of its arms."""


def union(versions: Sequence[tuple[Mapping[str, Any], Study]]) -> Study:
    """All cases of all versions, each with what was varied added to its condition.

    A metric that is not the same object in all versions, and what a study estimates as a whole, see the arms of
    their own version only.
    """
    cells: list[Cell] = []
    cases: list[Case] = []
    for cell, study in versions:
        shown = {name: _shown(study, name, value) for name, value in cell.items()}
        cells.append((shown, range(len(cases), len(cases) + len(study.cases))))
        cases += [replace(case, condition=_joined(case.condition, shown)) for case in study.cases]
    studies = [study for _, study in versions]
    first = studies[0]
    many = {name: list(dict.fromkeys(cell[name] for cell, _ in cells)) for name in cells[0][0]}
    return replace(
        first,
        cases=tuple(cases),
        replicates=max(s.replicates for s in studies),
        metrics=_metrics(cells, studies),
        references=_references(cells, studies),
        estimates=_estimates(cells, studies),
        notes=tuple(dict.fromkeys(n for s in studies for n in s.notes)),
        settings={**first.settings, **many},
    )


def _shown(study: Study, name: str, value: Any) -> Any:
    """A varied value as a condition says it: plain, and as it was read."""
    value = study.settings.get(name, value)
    if isinstance(value, tuple | list) and len(value) == 1:
        value = value[0]
    if isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, tuple | list):
        return ",".join(str(v) for v in value)
    return str(getattr(value, "label", value))


def _joined(condition: Condition, cell: Condition) -> Condition:
    for name, value in cell.items():
        if name in condition and condition[name] != value:
            raise BadValue(
                "vary",
                f"{name}={value}",
                f"the study has a condition {name!r} of its own ({condition[name]!r}); give it as {name}=... instead",
            )
    return {**condition, **cell}


# ---------------------------------------------------------------- what is computed
def _metrics(cells: Sequence[Cell], studies: Sequence[Study]) -> tuple[Metric, ...]:
    names = list(dict.fromkeys(m.name for s in studies for m in s.metrics))
    return tuple(_metric(name, cells, studies) for name in names)


def _metric(name: str, cells: Sequence[Cell], studies: Sequence[Study]) -> Metric:
    having = [next((m for m in s.metrics if m.name == name), None) for s in studies]
    first = next(m for m in having if m is not None)
    if all(m == first for m in having):
        return first
    measure = functools.partial(
        _measured, [(c, m) for c, m in zip(cells, having, strict=True) if m is not None]
    )
    return replace(first, measure=measure)


def _measured(versions: Sequence[tuple[Cell, Metric]], record: Record) -> Sample:
    return _pooled(
        [_in_cell(m.measure(arms_of(record, arms)), cell) for (cell, arms), m in versions]
    )


def _in_cell(sample: Sample, cell: Condition) -> Sample:
    return replace(sample, condition=tuple({**c, **cell} for c in sample.condition))


def _pooled(samples: Sequence[Sample]) -> Sample:
    offsets = np.cumsum([0, *(len(s.condition) for s in samples)])
    return Sample(
        np.concatenate([s.value for s in samples]),
        np.concatenate([s.unit_id for s in samples]),
        tuple(c for s in samples for c in s.condition),
        np.concatenate(
            [s.which + offset for s, offset in zip(samples, offsets, strict=False)]
        ).astype(np.int32),
    )


def _estimates(
    cells: Sequence[Cell], studies: Sequence[Study]
) -> Callable[[Record], Sequence[Estimate]] | None:
    having = [
        (cell, s.estimates)
        for cell, s in zip(cells, studies, strict=True)
        if s.estimates is not None
    ]
    return functools.partial(_estimated, having) if having else None


def _estimated(
    versions: Sequence[tuple[Cell, Callable[[Record], Sequence[Estimate]]]], record: Record
) -> Sequence[Estimate]:
    return [
        replace(e, condition={**e.condition, **cell})
        for (cell, arms), estimates in versions
        for e in estimates(arms_of(record, arms))
    ]


def _references(cells: Sequence[Cell], studies: Sequence[Study]) -> tuple[Reference, ...]:
    shared = [r for r in studies[0].references if all(r in s.references for s in studies)]
    own = [
        replace(r, condition={**r.condition, **cell})
        for (cell, _), s in zip(cells, studies, strict=True)
        for r in s.references
        if r not in shared
    ]
    return (*shared, *own)


# ---------------------------------------------------------------- a part of a record
def arms_of(record: Record, arms: range) -> Record:
    """The record of some neighbouring arms, as if they had been run alone: numbered from 0."""
    import pyarrow as pa
    import pyarrow.compute as pc

    from mores.record import TABLES, Record

    if len(arms) == len(record.table("arms")):
        return record
    held = {}
    for name in TABLES:
        if name == "estimates":
            continue
        table = record.table(name)
        if "arm" in table.column_names:
            arm = table["arm"]
            table = table.filter(
                pc.and_(pc.greater_equal(arm, arms.start), pc.less(arm, arms.stop))
            )
            moved = pc.subtract(table["arm"], pa.scalar(arms.start, table["arm"].type))
            table = table.set_column(
                table.column_names.index("arm"), table.schema.field("arm"), moved
            )
        held[name] = table
    return Record(record.manifest, None, held)
