"""The 144 strictly ordinal 2x2 games, made from one rule rather than listed.

Each player ranks the four outcomes from 1 (worst) to 4 (best). Up to the naming of options a player has one of twelve
orders; Robinson and Goforth (2005, *The Topology of the 2x2 Games*) lay them on a ring in which neighbours differ by
a swap of two ranks that follow each other: 2-3, 1-2, 2-3, 1-2, 2-3, then 3-4, twice round. A game is a pair: the
first player's order ROW and the second's COLUMN, the second counted backwards, so that (13 - c, 13 - r) is the game
(r, c) with the players exchanged. The prisoner's dilemma is (6, 7), chicken (1, 12), stag hunt (7, 6). Names and
families are those published with Akata et al. 2025.
"""

from __future__ import annotations

import re
from functools import lru_cache

from mores.errors import BadValue
from mores.worlds.games.normal_form import Payoffs

SIZE = 12
FIRST = (3, 2, 4, 1)
"""Order 1: the ranks of (own 1, other 1), (own 1, other 2), (own 2, other 1), (own 2, other 2)."""
SWAPS = ((2, 3), (1, 2), (2, 3), (1, 2), (2, 3), (3, 4)) * 2
"""Which two ranks are exchanged from each order to the next; the last leads back to the first."""

# Names for row r, columns 1 to 13 - r; the other half of the square are the same games with players exchanged.
_NAMES = (
    "Hegemony|Samaritan Dilemma|Quasi Altruist|Biased Cycle|Inferior Cycle|Endless|Called Bluff|Bully|"
    "Unfair Type|Skewed Battle|Asym Battle|Chicken",
    "Samson|Generous|Generous|Quasi Cycle|Tragic Cycle|Inspector|Patron|Protector|Protector|"
    "Quasi Battle|Battle",
    "Delilah|Generous|Generous|Pursuit Cycle|Fixed Sum|Missile Crisis|Patron|Protector|Protector|Hero",
    "Hostage|Benevolent|Subsym Benevolent|Second Best|Second Best|Big Bully|Tragedy|Asym Delight|"
    "Pure Delight",
    "Blackmail Type|Benevolent Type|Benevolent|Second Best|Second Best|Hamlet|Total Conflict|Deadlock",
    "Hegemony Type|Altruist Type|Altruist|Revelation|Alibi|Asym PD|Prisoners' Dilemma",
    "Low Conflict|Aligned|Pure Aligned|Asym Coordination|Asym Assurance|Stag Hunt",
    "Mutual|Privileged|Privileged|Pure Coordination|Assurance",
    "Mutual|Privileged|Privileged|Coordination",
    "Aligned|Asym Harmony|Mixed Harmony",
    "Pure Aligned|Harmony",
    "No Conflict",
)

_FAMILIES = (
    "UBBCCCUUUBBU",
    "UBBCCCBBBBBB",
    "UBBCCCBBBBBB",
    "UBBSSTTSSBBU",
    "UBBSSTTSSBBU",
    "UBBPPPPTTBBU",
    "WWWWWWPTTCCC",
    "WWWWWWPSSCCC",
    "WWWWWWPSSCCC",
    "WWWWWWBBBBBB",
    "WWWWWWBBBBBB",
    "WWWWWWUUUUUU",
)
FAMILIES = {
    "W": "Win-win", "B": "Biased", "C": "Cyclic", "U": "Unfair", "S": "Second Best", "P": "PD Family", "T": "Tragic",
}  # fmt: skip


@lru_cache(maxsize=1)
def orders() -> tuple[tuple[int, ...], ...]:
    """The twelve orders, each as ranks by (own option, other's option)."""
    found = [FIRST]
    for low, high in SWAPS[:-1]:
        swap = {low: high, high: low}
        found.append(tuple(swap.get(rank, rank) for rank in found[-1]))  # type: ignore[arg-type]
    return tuple(found)


def check(row: int, column: int) -> None:
    """Refuse a place outside the square."""
    for name, value in (("row", row), ("column", column)):
        if not 1 <= value <= SIZE:
            raise BadValue(name, value, f"1 to {SIZE}")


def payoffs(row: int, column: int) -> Payoffs:
    """The game at a place: payoffs[i][j] = (first player's rank, second player's rank)."""
    check(row, column)
    first, second = orders()[row - 1], orders()[SIZE - column]
    return tuple(
        tuple((float(first[2 * i + j]), float(second[2 * j + i])) for j in (0, 1)) for i in (0, 1)
    )


def _half(row: int, column: int) -> tuple[int, int]:
    """The place that stands for a game and its mirror image."""
    check(row, column)
    return (row, column) if row + column <= 13 else (13 - column, 13 - row)


def title(row: int, column: int) -> str:
    """What the game at a place is called; a name may belong to several places."""
    row, column = _half(row, column)
    return _NAMES[row - 1].split("|")[column - 1]


def family(row: int, column: int) -> str:
    """The family of the game at a place: Win-win, Biased, Cyclic, Unfair, Second Best, PD Family or Tragic."""
    check(row, column)
    return FAMILIES[_FAMILIES[row - 1][column - 1]]


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", " ", re.sub("['’]", "", name.casefold())).strip()


@lru_cache(maxsize=1)
def _places() -> dict[str, tuple[tuple[int, int], ...]]:
    found: dict[str, tuple[tuple[int, int], ...]] = {}
    for row in range(1, SIZE + 1):
        for column in range(1, SIZE + 1):
            key = _plain(title(row, column))
            found[key] = (*found.get(key, ()), (row, column))
    return found


def find(name: str) -> tuple[tuple[int, int], ...]:
    """The places of all games with this name, whatever its case and marks; empty if there is none."""
    return _places().get(_plain(name), ())


def all_names() -> list[str]:
    """Every name, once."""
    return sorted({name for line in _NAMES for name in line.split("|")})


def place(text: str) -> tuple[int, int]:
    """A place written as "ROW,COLUMN"."""
    parts = text.split(",")
    try:
        row, column = (int(p) for p in parts)
    except ValueError:
        raise BadValue("2x2", text, f"ROW,COLUMN, two whole numbers from 1 to {SIZE}") from None
    check(row, column)
    return row, column
