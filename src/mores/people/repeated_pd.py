"""How people played the indefinitely repeated prisoner's dilemma: two laboratory studies as arrays.

`df2011` is Dal Bo & Frechette 2011 (266 people; payoffs T=50, P=25, S=12 and R in 32, 40, 48; continuation
probability 1/2 or 3/4). `frd2012` is Fudenberg, Rand & Dreber 2012 (384 people; giving costs c and brings the
other b, b/c in 1.5, 2, 2.5, 4; continuation 7/8; a choice is flipped with probability 0, 1/16 or 1/8).
Both hold late, experienced play only.

In `frd2012` a choice is what a person *meant*; what both sides learn, and what strategies react to, is what was
executed after the error.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mores.data import table
from mores.errors import UnknownName
from mores.people.automata import Automata

if TYPE_CHECKING:
    import pyarrow as pa

NO_INPUT = -1
STUDIES = ("df2011", "frd2012")


@dataclass(frozen=True)
class Treatment:
    """The rules under which a group of people played."""

    data: str
    """`df2011` or `frd2012`."""
    name: str
    """As in the file: `D75R40`, `4`."""
    delta: float
    """Probability that a period is followed by another."""
    gain: float
    """(T-R)/(R-P): what defecting on a cooperator brings, in units of the gain from mutual cooperation."""
    loss: float
    """(P-S)/(R-P): what cooperating with a defector costs."""
    error: float = 0.0
    """Probability that a choice is executed as its opposite."""

    @property
    def basin_of_defection(self) -> float:
        """Size of the basin of attraction of always-defect against grim, 0 to 1.

        The share of grim players below which always-defect earns more: (1-delta) l / (1 - (1-delta)(1+g-l)),
        and 1 where grim is no equilibrium, delta < g/(1+g). Dal Bo & Frechette 2018, "On the determinants of
        cooperation in infinitely repeated games: a survey", Journal of Economic Literature 56(1): 60-114.
        """
        if self.delta < self.gain / (1 + self.gain):
            return 1.0
        stop = 1 - self.delta
        return stop * self.loss / (1 - stop * (1 + self.gain - self.loss))

    @property
    def condition(self) -> dict[str, str]:
        """What tells its estimates apart: `{"data": .., "treatment": ..}`."""
        return {"data": self.data, "treatment": self.name}


@dataclass(frozen=True)
class Play:
    """All decisions made under one treatment; periods that were not played hold -1."""

    treatment: Treatment
    person: NDArray[np.intp]
    """[game] who played it, 0..people-1; each side of a game is a row of its own."""
    choice: NDArray[np.int8]
    """[game, period] 1 cooperate, 0 defect."""
    last: NDArray[np.int8]
    """[game, period] what both executed the period before, as an input of an automaton; -1 in the first."""

    @property
    def people(self) -> int:
        """How many persons."""
        return int(self.person.max()) + 1

    @property
    def decisions(self) -> NDArray[np.int64]:
        """[person] how many decisions each made."""
        return self.by_person((self.choice >= 0).sum(axis=1))

    @property
    def cooperations(self) -> NDArray[np.int64]:
        """[person] how many of them were to cooperate."""
        return self.by_person((self.choice == 1).sum(axis=1))

    @property
    def cooperation(self) -> float:
        """The share of `c` among all decisions."""
        return float(self.cooperations.sum() / self.decisions.sum())

    def by_person(self, count: NDArray[np.int64]) -> NDArray[np.int64]:
        """[game, ...] counts summed to [person, ...]."""
        total = np.zeros((self.people, *count.shape[1:]), np.int64)
        np.add.at(total, self.person, count)
        return total


def load(study: str) -> list[Play]:
    """The plays of one study, a treatment each in the order of their names. Raises DataMissing."""
    if study not in STUDIES:
        raise UnknownName("study of the repeated prisoner's dilemma", study, STUDIES)
    rows = _Rows.read(table("repeated-pd-human", f"{study}.csv"), study)
    return [rows.play(name) for name in sorted(set(rows.treatment.tolist()))]


def load_all() -> list[Play]:
    """The plays of both studies: six treatments each."""
    return [play for study in STUDIES for play in load(study)]


def mismatches(play: Play, automata: Automata) -> NDArray[np.int64]:
    """[person, strategy] how many decisions differ from what the strategy would have meant.

    The strategy is led through the game by what was executed, not by what it would have done itself.
    """
    state = np.broadcast_to(automata.start, (len(play.choice), len(automata.start))).copy()
    wrong = np.zeros(state.shape, np.int64)
    for period in range(play.choice.shape[1]):
        seen = play.last[:, period]
        known = seen != NO_INPUT
        state[known] = automata.after[state[known], seen[known, None]]
        chose = play.choice[:, period]
        wrong += (chose[:, None] >= 0) & (automata.cooperates[state] != (chose[:, None] == 1))
    return play.by_person(wrong)


@dataclass(frozen=True)
class _Rows:
    """A file as columns: one row a decision, ordered by person, game and period."""

    study: str
    treatment: NDArray[np.str_]
    person: NDArray[np.int64]
    game: NDArray[np.int64]
    period: NDArray[np.int64]
    choice: NDArray[np.int8]
    last: NDArray[np.int8]
    ratio: NDArray[np.float64]
    error: NDArray[np.float64]

    @classmethod
    def read(cls, file: pa.Table, study: str) -> _Rows:
        columns = {name: file[name].to_numpy(zero_copy_only=False) for name in file.column_names}
        order = np.lexsort((columns["period"], columns["game"], columns["id"]))
        columns = {name: column[order] for name, column in columns.items()}
        choice = (columns["choice"] == "c").astype(np.int8)
        size = len(choice)
        if study == "df2011":
            last = _previous(choice, columns["other_choice"] == "c", columns["period"])
        else:
            last = _input(columns["last_choice"] == "c", columns["last_other"] == "c")
            last[columns["period"] == 1] = NO_INPUT
        return cls(
            study=study,
            treatment=columns["treatment"].astype(str),
            person=columns["id"].astype(np.int64),
            game=columns["game"].astype(np.int64),
            period=columns["period"].astype(np.int64),
            choice=choice,
            last=last,
            ratio=np.asarray(columns.get("bc", np.full(size, np.nan)), float),
            error=np.asarray(columns.get("error", np.zeros(size)), float),
        )

    def play(self, name: str) -> Play:
        """The decisions of one treatment, games as rows and periods as columns."""
        here = np.flatnonzero(self.treatment == name)
        _, game = np.unique(
            np.stack([self.person[here], self.game[here]]), axis=1, return_inverse=True
        )
        game = game.reshape(-1)  # numpy 2.0 gives it two dimensions
        _, person = np.unique(self.person[here], return_inverse=True)
        shape = (int(game.max()) + 1, int(self.period[here].max()))
        choice, last = np.full(shape, -1, np.int8), np.full(shape, NO_INPUT, np.int8)
        at = (game, self.period[here] - 1)
        choice[at], last[at] = self.choice[here], self.last[here]
        who = np.zeros(shape[0], np.intp)
        who[game] = person
        return Play(self._rules(name, here[0]), who, choice, last)

    def _rules(self, name: str, row: int) -> Treatment:
        if self.study == "df2011":
            delta, reward = {"D5": 0.5, "D75": 0.75}[name.split("R")[0]], int(name.split("R")[1])
            unit = reward - 25
            return Treatment(self.study, name, delta, (50 - reward) / unit, (25 - 12) / unit)
        surplus = float(self.ratio[row]) - 1  # R-P = b-c, T-R = P-S = c
        return Treatment(self.study, name, 7 / 8, 1 / surplus, 1 / surplus, float(self.error[row]))


def _input(own: NDArray[np.bool_], other: NDArray[np.bool_]) -> NDArray[np.int8]:
    return (2 * ~own + ~other).astype(np.int8)


def _previous(
    own: NDArray[np.int8], other: NDArray[np.bool_], period: NDArray[np.int64]
) -> NDArray[np.int8]:
    last = np.roll(_input(own == 1, other), 1)
    last[period == 1] = NO_INPUT
    return last
