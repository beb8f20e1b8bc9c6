"""A donor game with image scoring in Mesa, in Mesa's own idiom: one object an agent, one shuffle a round."""

from __future__ import annotations

import json
import sys
import time
from typing import Any

import mesa


class Donor(mesa.Agent):  # type: ignore[misc]
    """Gives a share that depends on the partner's image."""

    def __init__(self, model: Any) -> None:
        super().__init__(model)
        self.base = self.random.random() * 0.5
        self.slope = self.random.random()
        self.wealth = 10.0
        self.trace = [0.5, 0.5, 0.5]

    def give(self, other: Any) -> None:
        """One donation."""
        image = sum(other.trace) / 3
        share = min(1.0, max(0.0, self.base + self.slope * (image - 0.5)))
        gift = share * self.wealth
        self.wealth -= gift
        other.wealth += 2 * gift
        self.trace = [*self.trace[1:], share]


class DonorGame(mesa.Model):  # type: ignore[misc]
    """Rounds of random pairs; the richer half is copied with noise after each generation."""

    def __init__(self, seats: int, rounds: int, seed: int) -> None:
        super().__init__(seed=seed)
        self.rounds = rounds
        for _ in range(seats):
            Donor(self)

    def step(self) -> None:
        """One generation."""
        for t in range(self.rounds):
            pool = list(self.agents)
            self.random.shuffle(pool)
            half = len(pool) // 2
            for giver, taker in zip(pool[:half], pool[half:], strict=False):
                giver.give(taker) if t % 2 == 0 else taker.give(giver)
        ranked = sorted(self.agents, key=lambda a: a.wealth)
        half = len(ranked) // 2
        for child, parent in zip(ranked[:half], ranked[half:], strict=False):
            child.base = parent.base + self.random.gauss(0, 0.05)
            child.slope = parent.slope + self.random.gauss(0, 0.05)
        for agent in ranked:
            agent.wealth, agent.trace = 10.0, [0.5, 0.5, 0.5]


def main() -> None:
    """Print agent-steps a second."""
    seats, rounds, generations = (int(x) for x in sys.argv[1:4])
    model = DonorGame(seats, rounds, 1)
    start = time.perf_counter()
    for _ in range(generations):
        model.step()
    seconds = time.perf_counter() - start
    speed = seats * rounds * generations / seconds
    print(json.dumps({"peer": f"mesa {mesa.__version__}", "agent_steps_per_second": speed}))


if __name__ == "__main__":
    main()
