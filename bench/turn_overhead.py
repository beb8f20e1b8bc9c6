"""Turn overhead: what the engine costs an agent's turn with an instant model, everything durable and on record.

64 scenes of two seats and one of 100 seats, each turn one reply in the call store before it is used, events recorded,
calls metered. Beside it the same with every reply committed alone (one scene at a time).
"""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import mores
from _common import arguments, report, result
from _scene import Scene, talker
from mores import Mind, Population, Study
from mores.models.meter import Meter, Team


def turn_cost(seats: int, scenes: int, turns: int, repeats: int = 5) -> float:
    """Median CPU in microseconds a turn."""
    study = Study.of(
        Scene(seats=seats, turns=turns), Population.all(Mind()), replicates=scenes, name="overhead"
    )
    costs = []
    for _ in range(repeats + 1):
        with tempfile.TemporaryDirectory() as place:
            models = Team({"players": talker()}, Meter())
            begun = time.process_time()
            mores.run(study, out=Path(place) / "run", models=models)
            costs.append((time.process_time() - begun) / (scenes * turns) * 1e6)
    return sorted(costs[1:])[len(costs[1:]) // 2]


def main() -> None:
    """Measure and print."""
    parser = arguments(__doc__)
    parser.add_argument("--turns", type=int, default=50, help="turns a scene (default: 50)")
    args = parser.parse_args()
    two = turn_cost(2, 64, args.turns)
    hundred = turn_cost(100, 64, args.turns)
    alone = turn_cost(2, 1, 20 * args.turns)
    report(
        [
            result("turn, 2 seats", two, "us CPU a turn", goal="<= 60", met=two <= 60),
            result("turn, 100 seats", hundred, "us CPU a turn", goal="<= 1.2 of 2 seats",
                   met=hundred <= 1.2 * two, of_two=hundred / two),
            result("turn, one reply a commit", alone, "us CPU a turn", goal="<= 100", met=alone <= 100),
        ],
        args.json,
    )  # fmt: skip


if __name__ == "__main__":
    main()
