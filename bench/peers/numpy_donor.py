"""The same donor game as a bare numpy program on one default generator: no keys, no record, no engine."""

from __future__ import annotations

import json
import sys
import time

import numpy as np


def play(seats: int, rounds: int, generations: int, worlds: int) -> None:
    """All worlds at once; pairs are rolled halves of one shuffle a generation."""
    rng = np.random.default_rng(0)
    half, shape = seats // 2, (worlds, seats)
    base, slope = rng.random(shape, np.float32) * np.float32(0.5), rng.random(shape, np.float32)
    offset = (np.arange(worlds) * seats)[:, None]
    for _ in range(generations):
        for _mirror in range(2):
            wealth = np.full(shape, 10, np.float32).reshape(-1)
            trace = np.full((3, worlds * seats), 0.5, np.float32)
            order = rng.permuted(np.tile(np.arange(seats, dtype=np.int32), (worlds, 1)), axis=1)
            for t in range(rounds):
                a = (order[:, :half] + offset).reshape(-1)
                b = (np.roll(order[:, half:], t // 2, axis=1) + offset).reshape(-1)
                giver, taker = (a, b) if t % 2 == 0 else (b, a)
                image = (trace[0].take(taker) + trace[1].take(taker) + trace[2].take(taker)) / 3
                share = base.reshape(-1).take(giver) + slope.reshape(-1).take(giver) * (image - 0.5)
                share = np.clip(share, 0, 1).astype(np.float32)
                gift = share * wealth.take(giver)
                wealth[giver] -= gift
                wealth[taker] += 2 * gift
                trace[0][giver] = trace[1].take(giver)
                trace[1][giver] = trace[2].take(giver)
                trace[2][giver] = share
        ranked = np.argpartition(wealth.reshape(shape), half, axis=1)
        for genes in (base, slope):
            parents = np.take_along_axis(genes, ranked[:, half:], 1)
            noise = rng.standard_normal(parents.shape, np.float32) * np.float32(0.05)
            np.put_along_axis(genes, ranked[:, : seats - half], parents + noise, 1)


def main() -> None:
    """Print agent-steps a second."""
    seats, rounds, generations, worlds = (int(x) for x in sys.argv[1:5])
    play(seats, rounds, 1, worlds)
    start = time.perf_counter()
    play(seats, rounds, generations, worlds)
    seconds = time.perf_counter() - start
    speed = worlds * seats * rounds * 2 * generations / seconds
    print(json.dumps({"peer": f"bare numpy {np.__version__}", "agent_steps_per_second": speed}))


if __name__ == "__main__":
    main()
