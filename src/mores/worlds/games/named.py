"""The games that everyone knows by name, and :func:`game`, which finds one by what it is called."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields, replace
from typing import Any, ClassVar

from mores.errors import BadValue, UnknownName
from mores.worlds.games import ordinal
from mores.worlds.games.normal_form import MatrixGame, NormalForm, Payoffs


@dataclass(frozen=True)
class Symmetric(MatrixGame):
    """A symmetric game of two options: r both first, s first against second, t second against first, p both second."""

    name = "symmetric-2x2"
    r: float = 3.0
    s: float = 0.0
    t: float = 5.0
    p: float = 1.0

    @property
    def table(self) -> Payoffs:
        r, s, t, p = float(self.r), float(self.s), float(self.t), float(self.p)
        return ((r, r), (s, t)), ((t, s), (p, p))


@dataclass(frozen=True)
class PrisonersDilemma(Symmetric):
    """Prisoner's dilemma: defecting pays more whatever the other does, yet both fare worse when both defect.

    Option 0 cooperates, option 1 defects; t > r > p > s and 2r > t + s. The default payoffs are Axelrod's
    (1980); Akata et al. 2025 use r=8, s=0, t=10, p=5.
    """

    name = "prisoners-dilemma"
    source = "Axelrod 1980, doi:10.1177/002200278002400101"

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.t > self.r > self.p > self.s:
            raise BadValue("r, s, t, p", (self.r, self.s, self.t, self.p), "t > r > p > s")


@dataclass(frozen=True)
class StagHunt(Symmetric):
    """Stag hunt: best for both to choose the first option together, safe to choose the second alone."""

    name = "stag-hunt"
    source = "Skyrms 2004, The Stag Hunt and the Evolution of Social Structure"
    r: float = 4.0
    s: float = 1.0
    t: float = 3.0
    p: float = 2.0

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.r > self.t >= self.p > self.s:
            raise BadValue("r, s, t, p", (self.r, self.s, self.t, self.p), "r > t >= p > s")


@dataclass(frozen=True)
class Chicken(Symmetric):
    """Chicken (hawk-dove, snowdrift): each would rather not yield, but worst of all is that neither does."""

    name = "chicken"
    source = "Rapoport and Chammah 1966, doi:10.1177/000276426601000303"
    r: float = 3.0
    s: float = 2.0
    t: float = 4.0
    p: float = 1.0

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.t > self.r > self.s > self.p:
            raise BadValue("r, s, t, p", (self.r, self.s, self.t, self.p), "t > r > s > p")


@dataclass(frozen=True)
class BattleOfTheSexes(MatrixGame):
    """Battle of the sexes: both want to meet, the first player at option 0, the second at option 1."""

    name = "battle-of-the-sexes"
    source = "Akata et al. 2025, arXiv 2305.16867"
    high: float = 10.0
    """For meeting where one prefers to."""
    low: float = 7.0
    """For meeting where the other prefers to."""
    apart: float = 0.0

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.high > self.low > self.apart:
            raise BadValue(
                "high, low, apart", (self.high, self.low, self.apart), "high > low > apart"
            )

    @property
    def table(self) -> Payoffs:
        high, low, no = float(self.high), float(self.low), float(self.apart)
        return ((high, low), (no, no)), ((no, no), (low, high))


@dataclass(frozen=True)
class MatchingPennies(MatrixGame):
    """Matching pennies: the first player wins when the options match, the second when they differ."""

    name = "matching-pennies"
    win: float = 1.0
    lose: float = -1.0

    @property
    def table(self) -> Payoffs:
        win, lose = float(self.win), float(self.lose)
        return ((win, lose), (lose, win)), ((lose, win), (win, lose))


@dataclass(frozen=True)
class RockPaperScissors(MatrixGame):
    """Rock, paper, scissors: each option beats the one before it.

    The default points, 2 for a win, 1 for a draw and 0 for a loss, are those of tests of language models' beliefs
    (Fan et al. 2023, arXiv 2312.05488).
    """

    name = "rock-paper-scissors"
    source = "Fan et al. 2023, arXiv 2312.05488"
    options: ClassVar[tuple[str, ...]] = ("rock", "paper", "scissors")
    win: float = 2.0
    draw: float = 1.0
    lose: float = 0.0

    @property
    def table(self) -> Payoffs:
        by = (float(self.draw), float(self.win), float(self.lose))
        return tuple(tuple((by[(i - j) % 3], by[(j - i) % 3]) for j in range(3)) for i in range(3))


@dataclass(frozen=True)
class Ordinal(MatrixGame):
    """One of the 144 strictly ordinal 2x2 games, by its place in Robinson and Goforth's topology.

    Each player ranks the four outcomes 1 (worst) to 4 (best); see :mod:`mores.worlds.games.ordinal`.
    """

    name = "2x2"
    source = "Robinson and Goforth 2005, The Topology of the 2x2 Games"
    row: int = 6
    column: int = 7

    def __post_init__(self) -> None:
        ordinal.check(self.row, self.column)
        super().__post_init__()

    @property
    def table(self) -> Payoffs:
        return ordinal.payoffs(self.row, self.column)


GAMES: dict[str, type[MatrixGame]] = {
    g.name: g
    for g in (
        PrisonersDilemma, BattleOfTheSexes, StagHunt, Chicken, MatchingPennies, RockPaperScissors, NormalForm,
    )
}  # fmt: skip


def game(spec: str, rounds: int = 10) -> MatrixGame:
    """The game called `spec`, for a number of rounds.

    A spec is a name ("prisoners-dilemma"), a name with payoffs in the order of the fields or by field
    ("prisoners-dilemma:8,0,10,5", "stag-hunt:t=2.5"), a place among the ordinal games ("2x2:6,7") or the name of one of
    them ("Hero"). Raises UnknownName for a name that nothing has, BadValue for one that several games have.
    """
    name, _, given = spec.partition(":")
    name = name.strip()
    if name == Ordinal.name:
        row, column = ordinal.place(given)
        return Ordinal(row=row, column=column, rounds=rounds)
    kebab = re.sub(r"[^a-z0-9]+", "-", name.replace("'", "").replace("’", "").casefold()).strip("-")
    if kebab in GAMES and kebab != NormalForm.name:
        return replace(GAMES[kebab](rounds=rounds), **_numbers(GAMES[kebab], given))
    places = ordinal.find(name)
    if not places:
        known = [*GAMES, "2x2:ROW,COLUMN", *ordinal.all_names()]
        raise UnknownName("game", spec, known)
    if len(places) > 1:
        among = ", ".join(f"2x2:{r},{c}" for r, c in places)
        raise BadValue("game", spec, f"{len(places)} games have this name; say which: {among}")
    return Ordinal(row=places[0][0], column=places[0][1], rounds=rounds)


def _numbers(kind: type[MatrixGame], given: str) -> dict[str, Any]:
    """The payoffs written after a game's name."""
    base = {f.name for f in fields(MatrixGame)}
    names = [f.name for f in fields(kind) if f.name not in base]
    values: dict[str, Any] = {}
    for k, part in enumerate(p.strip() for p in given.split(",") if p.strip()):
        key, equals, text = part.partition("=")
        if not equals:
            if k >= len(names):
                raise BadValue(
                    kind.name, given, f"at most {len(names)} numbers: {', '.join(names)}"
                )
            key, text = names[k], part
        if key not in names:
            raise UnknownName(f"field of {kind.name}", key, names)
        try:
            values[key] = float(text)
        except ValueError:
            raise BadValue(f"{kind.name}.{key}", text, "a number") from None
    return values
