"""Population: which policy sits where, and who sits there.

A population says for every seat of every table which policy plays it: one for all, one a seat, by shares, focal agents
among background ones, or every pair in a round robin (then one replicate has several tables). Personas and
traits belong to seats.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations_with_replacement
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mores.agent import Persona, Policy
from mores.chance import Chance
from mores.errors import BadValue


@dataclass(frozen=True)
class Population:
    """Policies and where they sit.

    `layout` [tables a replicate, seats] holds numbers of policies; a single column stands for all seats.
    `shares` instead draws who sits where, exact to rounding, anew in every replicate.
    """

    policies: tuple[Policy, ...]
    layout: tuple[tuple[int, ...], ...] = ((0,),)
    shares: tuple[float, ...] | None = None
    personas: tuple[Persona, ...] = ()
    """Who sits in seat i (the seats beyond have none)."""
    traits: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    """Numbers of the agents, [k] for the first k seats or [tables, k]; set into the memory of rules
    that have such a field."""

    # ---------------------------------------------------------------- ways to make one
    @classmethod
    def all(cls, policy: Policy) -> Population:
        """Everyone plays the same policy."""
        return cls((policy,))

    @classmethod
    def by_seat(cls, *policies: Policy) -> Population:
        """The i-th policy sits in seat i."""
        distinct = tuple(dict.fromkeys(policies))
        return cls(distinct, (tuple(distinct.index(p) for p in policies),))

    @classmethod
    def by_share(cls, shares: Mapping[Policy, float]) -> Population:
        """Each policy holds its share of the seats; shares sum to 1. Who sits where is drawn."""
        total = sum(shares.values())
        if abs(total - 1) > 1e-6 or any(s < 0 for s in shares.values()):
            raise BadValue(
                "shares", dict.fromkeys(shares.values()), f"they sum to {total:g}, not 1"
            )
        return cls(tuple(shares), shares=tuple(shares.values()))

    @classmethod
    def focal(cls, focal: Policy, background: Policy, seats: Sequence[int], of: int) -> Population:
        """Focal agents in the given seats of `of`, background agents in the others."""
        bad = [s for s in seats if not 0 <= s < of]
        if bad:
            raise BadValue("seats", bad, f"seats are 0 to {of - 1}")
        return cls((focal, background), (tuple(0 if i in set(seats) else 1 for i in range(of)),))

    @classmethod
    def round_robin(cls, policies: Sequence[Policy], itself: bool = True) -> Population:
        """Every pair of policies at a table of its own; with `itself`, also each against its like."""
        pairs = combinations_with_replacement(range(len(policies)), 2)
        return cls(tuple(policies), tuple(p for p in pairs if itself or p[0] != p[1]))

    # ---------------------------------------------------------------- what the engine asks
    @property
    def tables(self) -> int:
        """How many tables one replicate has."""
        return len(self.layout)

    def check(self, seats: int, replicates: int = 0) -> None:
        """Refuse a layout that does not fit the world, or traits that do not reach for so many replicates."""
        if self.shares is None:
            self._check_layout(seats)
        tables = replicates * self.tables
        for name, column in self.traits.items():
            if column.ndim not in (1, 2) or column.shape[-1] > seats:
                raise BadValue(f"traits.{name}", column.shape, f"the world has {seats} seats")
            if column.ndim == 2 and len(column) < tables:
                allowed = f"a row for each of {tables} tables, or one dimension for all"
                raise BadValue(f"traits.{name}", column.shape, allowed)

    def _check_layout(self, seats: int) -> None:
        widths = {len(row) for row in self.layout}
        if not widths or (widths != {1} and widths != {seats}):
            found = ", ".join(map(str, sorted(widths))) or "no"
            raise BadValue("population", f"{found} seats", f"the world has {seats} seats")
        beyond = {k for row in self.layout for k in set(row) if not 0 <= k < len(self.policies)}
        if beyond:
            allowed = f"numbers of {len(self.policies)} policies, from 0"
            raise BadValue("population.layout", sorted(beyond), allowed)

    def seating(self, seats: int, chance: Chance) -> NDArray[np.int16]:
        """Which policy sits where, [T, N]; tables are numbered replicate-major."""
        tables = chance.tables
        if self.shares is not None:
            return self._drawn(seats, chance)
        layout = np.array(self.layout, np.int16)
        return np.broadcast_to(layout[tables % len(layout)], (len(tables), seats)).copy()

    def _drawn(self, seats: int, chance: Chance) -> NDArray[np.int16]:
        assert self.shares is not None
        # largest remainders: the counts are as near to the shares as whole seats can be
        exact = np.array(self.shares) * seats
        counts = np.floor(exact).astype(int)
        order = np.argsort(counts - exact, kind="stable")
        counts[order[: seats - counts.sum()]] += 1
        deck = np.repeat(np.arange(len(self.shares), dtype=np.int16), counts)
        return deck[chance.at("population").permutation("seats", seats)]

    def persona(self, seat: int) -> Persona:
        """Who sits there."""
        return self.personas[seat] if seat < len(self.personas) else _NOBODY

    def with_traits(self, **traits: NDArray[Any]) -> Population:
        """The same population with other traits."""
        return replace(self, traits={**self.traits, **traits})


_NOBODY = Persona()
