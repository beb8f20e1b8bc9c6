"""The 144 ordinal games: one rule gives them all."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import pytest

from mores.errors import BadValue, UnknownName
from mores.worlds.games import ordinal
from mores.worlds.games.named import Ordinal, PrisonersDilemma, game

PLACES = [(r, c) for r in range(1, 13) for c in range(1, 13)]
SPELLINGS = {
    "Prisoners’ Dilemma": "Prisoners' Dilemma",
    "Privilaged": "Privileged",
    "Hegm. Type": "Hegemony Type",
    "Asym Pd": "Asym PD",
}
# In fifteen rows of the published table one player ranks two outcomes alike, which no strict order does.
TIES = {
    *((2, c) for c in range(5, 13)), (5, 10), (5, 11), (5, 12), (7, 11), (7, 12), (8, 11), (8, 12),
}  # fmt: skip


def data() -> list[dict[str, str]]:
    """The published table, or a skip."""
    folder = os.environ.get("MORES_DATA")
    path = Path(folder or ".") / "repeated-games-llm-human" / "games_2x2.csv"
    if folder is None or not path.exists():
        pytest.skip("set MORES_DATA to the folder that holds repeated-games-llm-human")
    with path.open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def test_all_games_are_strict_and_different() -> None:
    """Each player ranks 1 to 4 without ties, no two of the 144 are alike even with options renamed."""
    seen = set()
    for place in PLACES:
        table = ordinal.payoffs(*place)
        for seat in (0, 1):
            assert sorted(cell[seat] for row in table for cell in row) == [1, 2, 3, 4]
        flips = [tuple(tuple(row[::y]) for row in table[::x]) for x in (1, -1) for y in (1, -1)]
        seen.add(min(flips))
    assert len(seen) == 144


def test_exchange_of_players() -> None:
    """(13 - c, 13 - r) is (r, c) with the players exchanged, and has its name and family."""
    for r, c in PLACES:
        table, other = ordinal.payoffs(r, c), ordinal.payoffs(13 - c, 13 - r)
        assert all(table[i][j] == other[j][i][::-1] for i in (0, 1) for j in (0, 1))
        assert ordinal.title(r, c) == ordinal.title(13 - c, 13 - r)
        assert ordinal.family(r, c) == ordinal.family(13 - c, 13 - r)


def test_rule_gives_the_published_table() -> None:
    """Payoffs, names and families are the published ones, but for the fifteen rows with a tie."""
    rows = data()
    assert len(rows) == 144
    differ = set()
    for row in rows:
        r, c = int(row["game_row"]), int(row["game_col"])
        published = tuple(
            tuple(tuple(float(row[f"r{i}_c{j}_p{p}"]) for p in (1, 2)) for j in (1, 2))
            for i in (1, 2)
        )
        if published != ordinal.payoffs(r, c):
            differ.add((r, c))
            ties = [len({cell[p] for line in published for cell in line}) for p in (0, 1)]
            assert min(ties) == 3
        assert ordinal.title(r, c) == SPELLINGS.get(row["game_name"], row["game_name"])
        assert ordinal.family(r, c) == row["game_family"]
    assert differ == TIES


def test_families_have_their_sizes() -> None:
    """The families are as large as published: 36 win-win, 44 biased, 19 unfair, 18 cyclic, 12 second-best, 8, 7."""
    sizes = [sum(ordinal.family(*p) == f for p in PLACES) for f in ordinal.FAMILIES.values()]
    assert sizes == [36, 44, 18, 19, 12, 7, 8]


def test_games_are_found_by_name() -> None:
    """A place, a name in any case, a named game with payoffs."""
    assert game("2x2:3,5", 4) == Ordinal(row=3, column=5, rounds=4)
    assert game("hero") == Ordinal(row=3, column=10)
    assert game("Prisoners' Dilemma") == PrisonersDilemma()
    assert game("prisoners-dilemma:8,0,10,5", 10) == PrisonersDilemma(8, 0, 10, 5)
    assert game("stag-hunt:t=2.5").table[1][0] == (2.5, 1)


@pytest.mark.parametrize(
    ("spec", "error", "says"),
    [
        ("Battle of the Bulge", UnknownName, "battle-of-the-sexes"),
        ("bully", BadValue, "2x2:1,8, 2x2:5,12"),
        ("2x2:13,1", BadValue, "row=13"),
        ("2x2:one", BadValue, "ROW,COLUMN"),
        ("chicken:q=1", UnknownName, "'q'"),
        ("chicken:r=x", BadValue, "chicken.r='x'"),
        ("chicken:1,2,3,4,5", BadValue, "at most 4"),
    ],
)
def test_unknown_and_ambiguous_games(spec: str, error: type[Exception], says: str) -> None:
    """What no game or several games are called is refused with what to say instead."""
    with pytest.raises(error, match=says):
        game(spec)
