"""Laboratory treatments of the repeated prisoner's dilemma as worlds, and cooperation in a record of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mores.errors import UnknownName
from mores.institutions.intentions import Intentions
from mores.institutions.noise import Noise
from mores.institutions.stopping import RandomStopping
from mores.metric import Estimate
from mores.people.clustered_share import clustered_share
from mores.people.repeated_pd import Treatment
from mores.record import Column, Record
from mores.world import World
from mores.worlds.games.named import PrisonersDilemma

LONGEST = 1000
"""Rounds after which a game ends in any case; at a continuation probability of 7/8 none comes near."""


_FRD2012 = {
    "1": (1.5, 1 / 8),
    "2": (2.0, 1 / 8),
    "3": (2.5, 1 / 8),
    "4": (4.0, 1 / 8),
    "5": (4.0, 1 / 16),
    "6": (4.0, 0.0),
}
"""Benefit over cost, and execution error, of the treatments of Fudenberg, Rand & Dreber 2012."""


def laboratory(data: str, name: str) -> Treatment:
    """The rules of a treatment as published, without the data: `df2011` D5R32 to D75R48, `frd2012` 1 to 6."""
    if data == "frd2012" and name in _FRD2012:
        ratio, error = _FRD2012[name]
        return Treatment(data, name, 7 / 8, 1 / (ratio - 1), 1 / (ratio - 1), error)
    shadow, _, reward = name.partition("R")
    if data == "df2011" and shadow in ("D5", "D75") and reward in ("32", "40", "48"):
        unit = int(reward) - 25
        delta = 0.5 if shadow == "D5" else 0.75
        return Treatment(data, name, delta, (50 - int(reward)) / unit, (25 - 12) / unit)
    raise UnknownName(f"treatment of {data}", name, [*_FRD2012, "D5R32", "D75R40", "..."])


def game(treatment: Treatment) -> PrisonersDilemma:
    """The stage game of a treatment in the points of its paper.

    df2011: T=50, P=25, S=12; frd2012: giving costs 2 and brings the other 2 b/c.
    """
    if treatment.data == "frd2012":
        benefit = round(2 + 2 / treatment.gain, 6)
        return PrisonersDilemma(
            r=benefit - 2, s=-2.0, t=benefit, p=0.0, rounds=LONGEST, announced=False
        )
    reward = round((50 + 25 * treatment.gain) / (1 + treatment.gain), 6)
    return PrisonersDilemma(r=reward, s=12.0, t=50.0, p=25.0, rounds=LONGEST, announced=False)


def world(treatment: Treatment) -> World:
    """A treatment as it was played: random stopping, and execution errors beside a record of what was meant."""
    inner: World = game(treatment)
    if treatment.error:
        inner = Intentions(Noise(inner, p=treatment.error))
    return RandomStopping(inner, delta=treatment.delta)


def decisions(record: Record) -> Column:
    """The choices of a record, as they were meant wherever that was recorded."""
    done, meant = record.column("choose"), record.column("intend")
    if not len(meant):
        return done
    plain = ~np.isin(done.arm, np.unique(meant.arm))
    both = {n: np.concatenate([getattr(meant, n), c[plain]]) for n, c in vars(done).items()}
    return Column(**both)


def cooperation_by_arm(record: Record, metric: str) -> list[Estimate]:
    """The share of cooperation among all decisions of each arm, the interval over its tables."""
    made = decisions(record)
    arms = record.array("episodes", "arm")
    done = record.array("episodes", "status") == "done"
    found = []
    for arm, condition in enumerate(record.conditions):
        here = (made.arm == arm) & (made.value >= 0)
        hits, count = _by_table(made.table[here], made.value[here] == 0)
        share = clustered_share(metric, hits, count, condition)
        lost = int(((arms == arm) & ~done).sum())
        found.append(replace(share, missing=lost, method="linearised over tables"))
    return found


def _by_table(
    table: NDArray[np.int32], hit: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """How many hits and how many decisions each table has that has any."""
    count = np.bincount(table)
    hits = np.bincount(table, hit).astype(np.int64)
    return hits[count > 0], count[count > 0]
