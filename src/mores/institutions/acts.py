"""Acts: what somebody did to somebody, read from the events of any world as a share given.

Institutions know the world they wrap by events alone. A gift, a contribution, an offer and a choice to cooperate are
all an act of an actor, with or without a target, of a share from 0 (nothing, defected) to 1 (everything, cooperated).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mores.world import Events, Rows, Turn

SHARES = ("give", "contribute", "send", "return", "offer")
"""Kinds of events whose value is a share."""
KINDS = (*SHARES, "choose")
"""Kinds of events that are acts."""


@dataclass(slots=True)
class Acts:
    """The acts of one step. `actor` and `target` are flat rows [k]; `share` float32 [k], NaN where missing."""

    actor: Rows
    target: Rows | None
    share: NDArray[np.float32]


def acts(turn: Turn, events: Sequence[Events], good: int = 0) -> Acts | None:
    """The first batch of acts among the events of a step; `good` is the option of a choice that cooperates."""
    for event in events:
        if event.value is None or event.kind not in KINDS:
            continue
        actor = event.actor
        if actor is None:
            actor = np.arange(len(event.value), dtype=np.int32)
        share = event.value
        if event.kind == "choose":
            share = (share == good).astype(np.float32)
            share[event.value < 0] = np.nan
        return Acts(actor, _target(turn, event, actor), share)
    return None


def _target(turn: Turn, event: Events, actor: Rows) -> Rows | None:
    """Whom the acts were done to: as the event says, as the turn said, or the other of two."""
    if event.target is not None:
        return event.target
    partner = turn.observation.get("partner")
    if partner is not None and len(partner) == len(actor):
        return partner
    return partners(turn.seats, actor)


def partners(seats: int, rows: Rows) -> Rows | None:
    """The other seat where there are only two; None where who is meant is not known."""
    return rows ^ np.int32(1) if seats == 2 else None
