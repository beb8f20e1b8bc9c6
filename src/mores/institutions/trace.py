"""Trace: a chain of who gave what to whom, back from one person through those who received."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mores.institutions.acts import Acts
from mores.world import Array


@dataclass
class Trace:
    """The last acts of everyone, newest first, [T, N, length]."""

    share: NDArray[np.float32]
    target: NDArray[np.int32]
    """Seat, -1 where not known."""
    round: NDArray[np.int32]
    """Rounds played before the act; -1 where there was none."""

    @classmethod
    def empty(cls, tables: int, seats: int, length: int) -> Trace:
        """Nothing known of anyone."""
        shape = (tables, seats, length)
        return cls(
            np.full(shape, np.nan, np.float32),
            np.full(shape, -1, np.int32),
            np.full(shape, -1, np.int32),
        )

    def forget(self, tables: NDArray[np.bool_]) -> None:
        """Begin anew at some tables."""
        self.share[tables], self.target[tables], self.round[tables] = np.nan, -1, -1


def remember(trace: Trace, act: Acts, clock: Array | None, seats: int) -> None:
    """Put acts in front of the earlier ones of those who acted."""
    table = act.actor // seats
    values = (
        act.share,
        np.int32(-1) if act.target is None else act.target % seats,
        trace.round.reshape(len(trace.round), -1).max(1)[table] + 1
        if clock is None
        else clock[table],
    )
    for column, value in zip((trace.share, trace.target, trace.round), values, strict=True):
        flat = column.reshape(-1, column.shape[2])
        now = flat.take(act.actor, axis=0)
        now[:, 1:] = now[:, :-1].copy()
        now[:, 0] = value
        flat[act.actor] = now


def links(trace: Trace, table: int, seat: int, length: int) -> list[tuple[int, float, int]]:
    """The chain from one seat: (who gave, share, to whom), newest first, each link before the one that follows it."""
    out: list[tuple[int, float, int]] = []
    before = np.iinfo(np.int32).max
    while seat >= 0 and len(out) < length:
        found = [k for k in range(length) if 0 <= trace.round[table, seat, k] < before]
        if not found:
            break
        k = found[0]
        target = int(trace.target[table, seat, k])
        out.append((seat, float(trace.share[table, seat, k]), target))
        before, seat = int(trace.round[table, seat, k]), target
    return out


def chain(trace: Trace, table: int, seat: int, length: int) -> str:
    """The chain in words."""
    said = []
    for n, (giver, share, target) in enumerate(links(trace, table, seat, length)):
        to = f" to person {target + 1}" if target >= 0 else ""
        when = "The last time they gave, person" if n == 0 else "Before that, person"
        said.append(f"{when} {giver + 1} gave {100 * share:.0f}%{to}.")
    return " ".join(said)
