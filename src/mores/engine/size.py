"""Size: how much memory a study takes at least, so that one that cannot fit is refused before it is begun."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from mores.engine.chunk import SEATS, THINKING, thinks
from mores.errors import BadValue, UsageError
from mores.study import Case, Study

STATE = 300
"""Bytes of state and memory a seat that is in play, roughly."""
ROW = 48
"""Bytes a seat in the tables of a finished run while they are put together."""
MOST = 2**31 - 1
"""Tables of a condition, and seats of a table, are numbered by 32 bits."""


def needed(study: Study) -> int:
    """Bytes that a run of the study takes at least; events that are held in memory come on top."""
    in_play = max((_in_play(study, case) for case in study.cases), default=0)
    return in_play * STATE + sum(_tables(study, c) * c.world.seats for c in study.cases) * ROW


def _tables(study: Study, case: Case) -> int:
    return study.replicates * case.population.tables


def _in_play(study: Study, case: Case) -> int:
    """Seats that move together."""
    seats = case.world.seats
    together = THINKING if thinks(case) else max(1, SEATS // max(1, seats))
    return min(together, _tables(study, case)) * seats


def available() -> int | None:
    """Bytes of memory of this machine, or of the container it is; None where the system does not say."""
    found = []
    with suppress(AttributeError, OSError, ValueError):
        found.append(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
    with suppress(OSError, ValueError):  # no container, or one without a limit
        found.append(int(Path("/sys/fs/cgroup/memory.max").read_text()))
    return min((f for f in found if f > 0), default=None)


def check(study: Study) -> None:
    """Raises BadValue for numbers that cannot be counted, UsageError for a study larger than the machine."""
    for case in study.cases:
        if _tables(study, case) > MOST:
            raise BadValue("replicates", study.replicates, f"at most {MOST:,} tables a condition")
        if case.world.seats > MOST:
            raise BadValue("seats", case.world.seats, f"at most {MOST:,} a table")
    need, have = needed(study), available()
    if have is not None and need > have:
        raise UsageError(
            f"{study.name} needs about {words(need)} of memory and this machine has {words(have)}; take fewer "
            "replicates or seats, or divide it into several runs"
        )


def words(size: int) -> str:
    """A number of bytes as people say it."""
    for unit, factor in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6)):
        if size >= factor:
            return (
                f"{size / factor:,.3g} {unit}"
                if size < 1000 * factor
                else f"{size / factor:,.0f} {unit}"
            )
    return f"{max(1, round(size / 1e3))} kB"
