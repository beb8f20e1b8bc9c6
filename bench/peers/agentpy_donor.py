"""A donor game with image scoring in AgentPy, in its own idiom: lists of agents with attributes."""

from __future__ import annotations

import json
import sys
import time
from typing import Any

import agentpy


class Donor(agentpy.Agent):  # type: ignore[misc]
    """Gives a share that depends on the partner's image."""

    def setup(self) -> None:
        """Random genes."""
        self.base = self.model.random.random() * 0.5
        self.slope = self.model.random.random()
        self.fresh()

    def fresh(self) -> None:
        """A new generation begins."""
        self.wealth, self.trace = 10.0, [0.5, 0.5, 0.5]

    def give(self, other: Any) -> None:
        """One donation."""
        image = sum(other.trace) / 3
        share = min(1.0, max(0.0, self.base + self.slope * (image - 0.5)))
        gift = share * self.wealth
        self.wealth -= gift
        other.wealth += 2 * gift
        self.trace = [*self.trace[1:], share]


class DonorGame(agentpy.Model):  # type: ignore[misc]
    """Rounds of random pairs; the richer half is copied with noise after each generation."""

    def setup(self) -> None:
        """The population."""
        self.agents = agentpy.AgentList(self, self.p.seats, Donor)

    def step(self) -> None:
        """One generation."""
        for t in range(self.p.rounds):
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
        self.agents.fresh()


def main() -> None:
    """Print agent-steps a second."""
    seats, rounds, generations = (int(x) for x in sys.argv[1:4])
    model = DonorGame({"seats": seats, "rounds": rounds, "steps": generations, "seed": 1})
    model.run(steps=0, display=False)
    start = time.perf_counter()
    for _ in range(generations):
        model.step()
    seconds = time.perf_counter() - start
    speed = seats * rounds * generations / seconds
    print(json.dumps({"peer": f"agentpy {agentpy.__version__}", "agent_steps_per_second": speed}))


if __name__ == "__main__":
    main()
