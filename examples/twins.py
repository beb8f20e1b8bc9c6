"""Counterfactuals: the same societies, the same chance, one thing changed at one moment.

python examples/twins.py
"""

from __future__ import annotations

from mores import Intervention, Population, Study, run
from mores.institutions.noise import Noise
from mores.metrics.comparison import compare_all
from mores.metrics.conduct import cooperation
from mores.policies.spec import policy
from mores.worlds.games.named import PrisonersDilemma


def main() -> None:
    """What one burst of mistakes from round 20 on does to tit for tat."""
    society = Noise(PrisonersDilemma(rounds=60), p=0.0)
    study = Study.of(society, Population.all(policy("tit-for-tat")), name="twins", replicates=200)
    burst = Intervention(at=20, owner="noise", settings={"p": 0.05})
    record = run(study.twins(burst))

    same = record.sql("select min(value) = max(value) as same from events where round < 20")
    print("equal until round 20:", bool(same["same"][0]))
    for found in compare_all(cooperation, cooperation.measure(record)):
        span = f"{found.low:.3f} to {found.high:.3f}"
        print(
            f"cooperation, {found.a} minus {found.b}: {found.difference:.3f} ({span}), n {found.n}"
        )


if __name__ == "__main__":
    main()
