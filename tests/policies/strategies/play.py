"""Play strategies against each other without the engine's record: many tables, the moves as one array."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mores import registry
from mores.agent import Policy
from mores.chance import Chance
from mores.engine.seating import Seating, rows_of
from mores.policies.spec import policy
from mores.policies.strategies.base import Strategy
from mores.population import Population
from mores.study import Case
from mores.world import World
from mores.worlds.games.named import PrisonersDilemma

Moves = NDArray[np.int8]


@dataclass
class Played:
    """What was chosen [table, round, seat] and earned [table, seat]."""

    moves: Moves
    score: NDArray[np.float32]

    def text(self, table: int, seat: int) -> str:
        """The moves of a seat as letters."""
        return "".join("CD"[m] for m in self.moves[table, :, seat])


def play(
    pairs: Sequence[tuple[Policy, Policy]],
    turns: int = 10,
    *,
    world: World | None = None,
    noise: float = 0.0,
    seed: int = 1,
    repetitions: int = 1,
) -> Played:
    """Each pair at tables of its own, `repetitions` after each other; noise turns a move over."""
    world = world or PrisonersDilemma(rounds=turns)
    policies = tuple(dict.fromkeys(p for pair in pairs for p in pair))
    number = {p: k for k, p in enumerate(policies)}
    layout = tuple(tuple(number[p] for p in pair) for pair in pairs)
    seating = Seating(Case(world=world, population=Population(policies, layout)))
    chance = Chance(seed, np.arange(len(pairs) * repetitions))
    who = seating.sit(chance)
    memories = seating.remember(who, chance)
    state = world.begin(chance)
    errors = np.random.default_rng(seed)
    rounds: list[Moves] = []
    while (world.phase(state) >= 0).all():
        turn = world.turn(state)
        group = seating.group[rows_of(turn, who)]
        actions = turn.spaces.empty(len(turn))
        for g, (grouped, memory) in enumerate(zip(seating.groups, memories, strict=True)):
            rows = np.flatnonzero(group == g)
            mine = turn if len(rows) == len(turn) else turn.pick(rows)
            own = chance.at(f"{grouped.rule.name}:{turn.role}")
            actions[rows] = grouped.rule.act(mine, memory, own)
            own.tick()
        if noise:
            actions ^= (errors.random(len(actions)) < noise).view(np.int8)
        state = world.advance(state, turn, actions, chance).state
        rounds.append(actions.reshape(-1, 2).copy())
    return Played(np.stack(rounds, 1), world.port(state, "score"))


def pair(first: str, second: str) -> tuple[Policy, Policy]:
    """Two policies by their specs."""
    return policy(first), policy(second)


def registered() -> list[type[Strategy]]:
    """Every registered strategy."""
    kinds = (registry.load("policy", name) for name in registry.names("policy"))
    return [k for k in kinds if isinstance(k, type) and issubclass(k, Strategy)]
