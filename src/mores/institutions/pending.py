"""Pending: what institutions with turns of their own, or that begin what they wrap anew, have in common."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mores.chance import Chance
from mores.institution import Institution
from mores.world import OVER, Array, State, Turn, World, put, take

_FIRST = 32  # worlds number their own phases from 0; those of institutions begin here


def pending(
    institution: Institution, waiting: NDArray[np.bool_], inner: NDArray[np.int8]
) -> NDArray[np.int8]:
    """The phase of each table: the institution's own where its turn is due, else that of what it wraps."""
    if not waiting.any():
        return inner
    return np.where(waiting, np.int8(_FIRST + len(institution.layers)), inner).astype(np.int8)


def after(turn: Turn, otherwise: NDArray[np.int32]) -> NDArray[np.int32]:
    """The rounds that were played when the turn was taken, as a column of one's own."""
    return otherwise if turn.clock is None else turn.clock.astype(np.int32)


def rounds_played(world: World, state: State) -> Array:
    """How many rounds each table has played since it was reset, [T]: the port `clock`, or what the turn says."""
    if "clock" in world.all_ports():
        return world.port(state, "clock")
    phase = world.phase(state)
    played = np.zeros(len(phase), np.int32)
    for p in np.unique(phase[phase != OVER]).tolist():
        where = np.flatnonzero(phase == p)
        part = state if len(where) == len(phase) else take(state, where)
        clock = world.turn(part).clock
        if clock is not None:
            played[where] = clock
    return played


def begin_anew(world: World, state: State, tables: NDArray[np.bool_], chance: Chance) -> State:
    """Reset some of the tables of what is wrapped; the others go on."""
    if tables.all():
        return world.begin(chance)
    index = np.flatnonzero(tables)
    part = chance.take(index)
    fresh = world.begin(part)
    chance.put(index, part)
    return put(state, index, fresh)
