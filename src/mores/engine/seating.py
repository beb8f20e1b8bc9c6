"""Seating: who sits where in a case, and which of them act in one call."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mores.agent import Memory, Mind, Policy, Rule
from mores.chance import Chance
from mores.study import Case
from mores.world import Turn


@dataclass
class Group:
    """Rules that act in one call: one rule, or a family united in one."""

    rule: Rule
    members: list[int] = field(default_factory=list)
    """Numbers of the policies in the population."""
    number: NDArray[np.int16] = field(default_factory=lambda: np.zeros(0, np.int16))
    """Policy -> which member of the family it is (-1: none)."""


class Seating:
    """The groups of a case. `group` maps policy numbers to groups; minds have group -1."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.policies: tuple[Policy, ...] = case.population.policies
        self.groups: list[Group] = []
        self.group = np.full(len(self.policies), -1, np.int16)
        families: dict[Hashable, list[int]] = {}
        for k, policy in enumerate(self.policies):
            if isinstance(policy, Rule):
                families.setdefault(policy.family(), []).append(k)
        for members in families.values():
            self._add(members)
        self.names = tuple(dict.fromkeys(g.rule.name for g in self.groups))
        """Whose chance the rules draw: those of one name share its clock, each seat has words of its own."""
        self.minds = [k for k, p in enumerate(self.policies) if isinstance(p, Mind)]
        self.heedful = any(
            isinstance(p, Mind) and type(p).notice is not Mind.notice for p in self.policies
        )
        """Whether some minds look at events as arrays."""

    def _add(self, members: list[int]) -> None:
        rules = [p for k in members if isinstance(p := self.policies[k], Rule)]
        number = np.full(len(self.policies), -1, np.int16)
        number[members] = np.arange(len(members))
        self.group[members] = len(self.groups)
        self.groups.append(Group(type(rules[0]).unite(rules), members, number))

    def sit(self, chance: Chance) -> NDArray[np.int16]:
        """Which policy sits where, [T, N]."""
        return self.case.population.seating(self.case.world.seats, chance)

    def remember(self, who: NDArray[np.int16], chance: Chance) -> list[Memory]:
        """Fresh memories of every group."""
        return [self._memory(group, who, chance) for group in self.groups]

    def _memory(self, group: Group, who: NDArray[np.int16], chance: Chance) -> Memory:
        rule, (tables, seats) = group.rule, who.shape
        memory: Memory = {
            name: np.zeros((tables, seats, *shape), dtype)
            for name, (dtype, shape) in rule.fields.items()
        }
        if "member" in memory:
            memory["member"][:] = group.number[who]
        rule.start(memory, chance.at(f"{rule.name}/start"))
        for name, trait in self.case.population.traits.items():
            if name in memory:
                rows = trait if trait.ndim == 1 else trait[chance.tables]
                memory[name][:, : trait.shape[-1]] = rows
        return memory


def rows_of(turn: Turn, who: NDArray[np.int16]) -> NDArray[np.int16]:
    """The policy number of each row of a turn."""
    cells = who.reshape(-1)
    return cells if turn.rows is None else cells.take(turn.rows)
