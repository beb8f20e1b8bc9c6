"""Institution: a world around a world.

Reputation, punishment, noise, generations: each wraps a world (or another institution) and changes what is seen,
what may be done or what follows. They know each other by three things only: **events** (kind, actor, target, value),
**ports** (live columns) and the **words of observations**. Each declares what it `needs` and what it `gives`; a
composition that does not fit fails when composed. An outer one sees the inner one's events, not the reverse.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from mores.actions import Actions
from mores.chance import Chance
from mores.errors import DoesNotFit
from mores.world import Array, Events, Outcome, State, Turn, World


@dataclass
class Around:
    """The state of an institution that adds nothing of its own; subclass it to add columns."""

    inner: State


@dataclass(frozen=True)
class Institution(World):
    """A world around a world; by default it changes nothing."""

    inner: World

    needs: ClassVar[tuple[str, ...]] = ()
    """Ports of what it wraps that it reads or writes."""
    needs_events: ClassVar[tuple[str, ...]] = ()
    """Kinds of events, at least one of which what it wraps must write."""
    gives: ClassVar[tuple[str, ...]] = ()
    """Ports that it adds."""

    def __post_init__(self) -> None:
        ports, emits = set(self.inner.all_ports()), set(self.inner.all_emits())
        lacking = [p for p in self.needs if p not in ports]
        if lacking:
            raise DoesNotFit(
                f"{self.name} around {self.inner.name} needs the port {', '.join(lacking)}, "
                f"but {self.inner.name} has {', '.join(sorted(ports)) or 'none'}; "
                f"wrap a world (or put an institution between) that has it"
            )
        if self.needs_events and not emits & set(self.needs_events):
            raise DoesNotFit(
                f"{self.name} around {self.inner.name} needs events of kind "
                f"{' or '.join(self.needs_events)}, but {self.inner.name} writes "
                f"{', '.join(sorted(emits)) or 'none'}"
            )

    @property
    def seats(self) -> int:  # type: ignore[override]
        """Those of the world inside."""
        return self.inner.seats

    @property
    def core(self) -> World:
        return self.inner.core

    @cached_property
    def layers(self) -> tuple[World, ...]:
        return (self, *self.inner.layers)

    @cached_property
    def owner(self) -> str:
        same = 1 + sum(w.name == self.name for w in self.inner.layers)
        return self.name if same == 1 else f"{self.name}#{same}"

    def all_ports(self) -> tuple[str, ...]:
        return (*self.gives, *(p for p in self.inner.all_ports() if p not in self.gives))

    def all_emits(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*self.emits, *self.inner.all_emits())))

    # everything below passes through; override what the institution changes
    def reset(self, chance: Chance) -> State:
        return Around(self.inner.begin(chance))

    def phase(self, state: State) -> NDArray[np.int8]:
        return self.inner.phase(state.inner)

    def turn(self, state: State) -> Turn:
        return self.inner.turn(state.inner)

    def step(self, state: State, turn: Turn, actions: Actions, chance: Chance) -> Outcome:
        return self.pass_on(state, turn, actions, chance)

    def pass_on(self, state: State, turn: Turn, actions: Actions, chance: Chance) -> Outcome:
        """Let the world inside step; the outcome carries this institution's state."""
        outcome = self.inner.advance(state.inner, turn, actions, chance)
        state.inner = outcome.state
        outcome.state = state
        return outcome

    def brief(self, state: State, table: int, seat: int) -> str:
        return self.inner.brief(state.inner, table, seat)

    def describe(self, state: State, turn: Turn, j: int) -> str:
        return self.inner.describe(state.inner, turn, j)

    def narrate(self, state: State, turn: Turn, events: Events, j: int) -> str | None:
        return self.inner.narrate(state.inner, turn, events, j)

    def members(self, state: State, channel: str) -> NDArray[np.bool_]:
        return self.inner.members(state.inner, channel)

    def port(self, state: State, name: str) -> Array:
        if name in self.gives:
            return super().port(state, name)
        return self.inner.port(state.inner, name)


def changed(world: World, owner: str, name: str, value: Any) -> World:
    """The same composition with one field of one of its layers changed.

    `owner` is a layer as chance knows it (`noise`, `noise#2`...) or "world" for the innermost; "" is the first layer,
    from the outside, that has the field. Raises DoesNotFit naming the layers where there is none.
    """
    own = any(f.name == name for f in fields(world) if f.name != "inner")  # type: ignore[arg-type]
    if own and owner in ("", world.owner, "world" if world.core is world else world.owner):
        return replace(world, **{name: value})  # type: ignore[type-var]
    if isinstance(world, Institution):
        return replace(world, inner=changed(world.inner, owner, name, value))
    who = f"the layer {owner!r}" if owner else "no layer"
    raise DoesNotFit(
        f"{who} {'is not there or ' if owner else ''}has {'no' if owner else 'a'} field {name!r}; "
        f"the innermost is {world.owner!r}"
    )
