"""Hearing: what happened, put into the table's log line by line for those who may hear it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

import numpy as np

from mores.engine.cohort import Cohort, Index
from mores.institution import Institution
from mores.world import PAIR, PUBLIC, Events, Turn, World, take

Members = Callable[[str], frozenset[int]]
"""Who hears a channel, by its name."""


def members_before(cohort: Cohort) -> Members:
    """Who hears what a step is about to bring: the members of channels as they are before it."""
    world = cohort.world
    if not any(_has_channels(type(layer)) for layer in world.layers):
        return lambda channel: frozenset(
            np.flatnonzero(world.members(cohort.state, channel)[0]).tolist()
        )
    state = take(cohort.state, np.zeros(1, np.intp))  # the step owns the other one

    @cache
    def members(channel: str) -> frozenset[int]:
        return frozenset(np.flatnonzero(world.members(state, channel)[0]).tolist())

    return members


@cache
def _has_channels(kind: type[World]) -> bool:
    return kind.members not in (World.members, Institution.members)


def narrate(cohort: Cohort, turn: Turn, events: Sequence[Events], members: Members) -> None:
    """Put what happened into words, each line once, for those who may hear it."""
    n = cohort.world.seats
    for event in events:
        if event.audience is None:
            continue
        for j in _heard(cohort, event, n):
            line = cohort.world.narrate(cohort.state, turn, event, j)
            if line is not None:
                cohort.log.add(line, _ears(event, j, n, members))


def _heard(cohort: Cohort, event: Events, n: int) -> Sequence[int]:
    """The events of a batch that somebody who thinks can hear: a pair's only if one of them does."""
    if event.audience != PAIR:
        return range(n if event.actor is None else len(event.actor))
    thinking = cohort.seating.group[cohort.who[0]] < 0
    actor = np.arange(n) if event.actor is None else event.actor
    heard = thinking[actor % n]
    if event.target is not None:
        heard = heard | (thinking[event.target % n] & (event.target >= 0))
    found: Index = np.flatnonzero(heard)
    numbers: list[int] = found.tolist()
    return numbers


def _ears(event: Events, j: int, n: int, members: Members) -> frozenset[int] | None:
    if event.audience == PUBLIC:
        return None
    if event.audience == PAIR:
        actor = j if event.actor is None else int(event.actor[j])
        target = -1 if event.target is None else int(event.target[j])
        return frozenset((actor % n, actor % n if target < 0 else target % n))
    assert event.audience is not None
    return members(event.audience)
