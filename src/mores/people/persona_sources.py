"""Populations of personas: drawn from marginals, joint tables, or the answers of real respondents.

What is drawn depends on the seed, the number of the persona and the column alone (:class:`~mores.chance.Chance`), so
that a larger population begins with the smaller one. What a source does not know is left out of the
persona and counted; it is never filled in.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from mores.agent import Persona
from mores.chance import Chance
from mores.errors import BadValue, UnknownName

Row = Mapping[str, str]
"""One person: column -> answer as text. A column that is not there is not known."""


class Source(Protocol):
    """Where persons are drawn from."""

    @property
    def columns(self) -> tuple[str, ...]:
        """What is known of them, if it is known."""

    def draw(self, n: int, chance: Chance) -> list[Row]:
        """`n` persons, each drawn by chance alone."""


@dataclass(frozen=True)
class Marginals:
    """Each column by itself: {"sex": {"female": 0.51, "male": 0.49}}. Columns are independent, as people are not."""

    shares: Mapping[str, Mapping[str, float]]

    def __post_init__(self) -> None:
        for column, shares in self.shares.items():
            _weights(f"shares.{column}", list(shares.values()))

    @property
    def columns(self) -> tuple[str, ...]:
        """Those that have shares."""
        return tuple(self.shares)

    def draw(self, n: int, chance: Chance) -> list[Row]:
        drawn = {}
        for column, shares in self.shares.items():
            weights = _weights(column, list(shares.values()))
            options = list(shares)
            drawn[column] = [options[k] for k in _pick(chance, column, n, weights)]
        return [{c: values[i] for c, values in drawn.items()} for i in range(n)]


@dataclass(frozen=True)
class Joint:
    """A table of combinations and how frequent each is: columns ("sex", "age"), cells {("female", "18-29"): 0.1}."""

    columns: tuple[str, ...]
    cells: Mapping[tuple[str, ...], float]

    def __post_init__(self) -> None:
        _weights("cells", list(self.cells.values()))
        bad = next((cell for cell in self.cells if len(cell) != len(self.columns)), None)
        if bad is not None:
            raise BadValue("cells", bad, f"one answer for each of {', '.join(self.columns)}")

    def draw(self, n: int, chance: Chance) -> list[Row]:
        weights = _weights("cells", list(self.cells.values()))
        cells = list(self.cells)
        picked = _pick(chance, "cell", n, weights)
        return [dict(zip(self.columns, cells[k], strict=True)) for k in picked]


@dataclass(frozen=True)
class Microdata:
    """Respondents, each a row; drawn with replacement in proportion to their survey weights, if they have any.

    The combinations of answers stay those of real people. `data` names the set it was read from.
    """

    rows: Sequence[Row]
    weights: Sequence[float] | None = None
    data: str = ""

    def __post_init__(self) -> None:
        if not self.rows:
            raise BadValue("rows", 0, "at least one respondent")
        if self.weights is not None:
            if len(self.weights) != len(self.rows):
                raise BadValue(
                    "weights", len(self.weights), f"one for each of {len(self.rows)} rows"
                )
            _weights("weights", self.weights)

    @property
    def columns(self) -> tuple[str, ...]:
        """All that is known of anyone, in the order in which it is met."""
        return tuple(dict.fromkeys(c for row in self.rows for c in row))

    def draw(self, n: int, chance: Chance) -> list[Row]:
        equal = np.ones(len(self.rows))
        weights = equal if self.weights is None else _weights("weights", self.weights)
        return [self.rows[k] for k in _pick(chance, "respondent", n, weights)]

    def where(self, keep: Callable[[Row], bool]) -> Microdata:
        """Some of the respondents, with their weights."""
        index = [k for k, row in enumerate(self.rows) if keep(row)]
        weights = None if self.weights is None else [self.weights[k] for k in index]
        return Microdata([self.rows[k] for k in index], weights, self.data)

    @classmethod
    def read(cls, slug: str, file: str, columns: Sequence[str] = (), weight: str = "") -> Microdata:
        """A file of a data set; `weight` names the column of survey weights, which is no fact about a person.

        Raises DataMissing, and UnknownName for a column that is not there.
        """
        from mores import data

        read = data.table(slug, file)
        known = read.column_names
        for column in (*columns, *([weight] if weight else [])):
            if column not in known:
                raise UnknownName(f"column of {slug}/{file}", column, known)
        wanted = [c for c in columns or known if c != weight]
        values = {c: read.column(c).to_pylist() for c in wanted}
        rows = [
            {c: _text(v[i]) for c, v in values.items() if v[i] is not None}
            for i in range(read.num_rows)
        ]
        weights = [float(w) for w in read.column(weight).to_pylist()] if weight else None
        return cls(rows, weights, f"{slug}/{file}")

    @classmethod
    def gss(cls, columns: Sequence[str] = ()) -> Microdata:
        """500 respondents of the General Social Survey 1973-2018, with survey weights (set `gss-samples`)."""
        return cls.read("gss-samples", "gss.csv", columns, "weight")

    @classmethod
    def gss_cat(cls, columns: Sequence[str] = ()) -> Microdata:
        """21,483 respondents of the General Social Survey 2000-2014, without weights (set `gss-samples`)."""
        return cls.read("gss-samples", "gss_cat.csv", columns)

    @classmethod
    def persona_bank(cls, columns: Sequence[str] = ()) -> Microdata:
        """1,500 invented persons with answers as in the General Social Survey (set `gss-persona-bank`)."""
        found = cls.read("gss-persona-bank", "personas.jsonl", columns)
        rows = [{c: v for c, v in row.items() if c != "agent_id"} for row in found.rows]
        return cls(rows, None, found.data)


@dataclass(frozen=True)
class Drawn:
    """Personas and what is not known of them."""

    personas: tuple[Persona, ...]
    missing: Mapping[str, int] = field(default_factory=dict)
    """Column -> of how many it is not known; columns that are known of all are left out."""


def draw(
    source: Source,
    n: int,
    seed: int,
    *,
    public: Sequence[str] = (),
    traits: Sequence[str] = (),
    wording: str = "second-person",
) -> Drawn:
    """`n` personas from a source, the same for the same seed; a larger `n` begins with the same ones.

    Columns named in `public` are public facts, those in `traits` numbers, `first_name` and `last_name` (or `name`) the
    name, all others private facts. Raises UnknownName for a column that the source does not have, BadValue for
    a trait that is no number.
    """
    if n < 1:
        raise BadValue("n", n, "at least 1 persona")
    for column in (*public, *traits):
        if column not in source.columns:
            raise UnknownName("column", column, source.columns)
    rows = source.draw(n, Chance(seed, np.zeros(1, np.int64)).at("personas"))
    missing = {c: sum(c not in row for row in rows) for c in source.columns}
    people = tuple(_persona(row, set(public), set(traits), wording) for row in rows)
    return Drawn(people, {c: k for c, k in missing.items() if k})


_NAMES = ("name", "first_name", "last_name")


def _persona(row: Row, public: set[str], traits: set[str], wording: str) -> Persona:
    return Persona(
        name=row.get("name") or " ".join(row[c] for c in _NAMES[1:] if c in row),
        public={c: v for c, v in row.items() if c in public and c not in traits},
        private={c: v for c, v in row.items() if c not in public | traits | set(_NAMES)},
        traits={c: _number(c, v) for c, v in row.items() if c in traits},
        wording=wording,
    )


def _number(column: str, value: str) -> float:
    try:
        found = float(value)
    except ValueError:
        found = math.nan
    if not math.isfinite(found):
        raise BadValue(f"traits.{column}", value, "a number")
    return found


def _text(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _weights(field_: str, weights: Sequence[float]) -> NDArray[np.float64]:
    """Weights as an array. Raises BadValue where they cannot be drawn by."""
    array = np.asarray(weights, np.float64)
    if len(array) == 0 or not np.isfinite(array).all() or (array < 0).any() or array.sum() <= 0:
        raise BadValue(field_, list(array[:8]), "numbers from 0, at least one above 0")
    return array


def _pick(chance: Chance, purpose: str, n: int, weights: NDArray[np.float64]) -> list[int]:
    """`n` places by weight."""
    found: list[int] = chance.categorical(purpose, n, weights)[0].tolist()
    return found
