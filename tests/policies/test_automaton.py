"""Automata as people play them: like the strategies of the same name, and in the engine as the exact value says."""

from __future__ import annotations

import numpy as np
import pytest

import mores
from mores.errors import BadValue, UnknownName
from mores.institutions.intentions import Intentions
from mores.institutions.noise import Noise
from mores.institutions.stopping import RandomStopping
from mores.people.automata import LENIENT
from mores.people.automaton_play import expected_cooperation
from mores.people.engine_play import cooperation_by_arm
from mores.policies.automaton import Automaton, mixture
from mores.policies.spec import policy
from mores.population import Population
from mores.study import Study
from mores.worlds.games.named import PrisonersDilemma


@pytest.mark.parametrize(
    ("strategy", "known"),
    [
        ("AD", "all-defect"),
        ("AC", "all-cooperate"),
        ("G", "grim"),
        ("TFT", "tit-for-tat"),
        ("WSLS", "pavlov"),
        ("DTFT", "suspicious-tit-for-tat"),
        ("TF2T", "tit-for-two-tats"),
    ],
)
def test_without_a_tremble_it_plays_as_the_classic_strategy(strategy: str, known: str) -> None:
    """Against the same random opponents both make the same moves."""
    moves = []
    for mine in (Automaton(strategy, 0.0), policy(known)):
        people = Population.by_seat(mine, policy("random"))
        study = Study.of(PrisonersDilemma(rounds=12), people, replicates=40)
        moves.append(mores.run(study, seed=3).column("choose").value)
    np.testing.assert_array_equal(moves[0], moves[1])


@pytest.mark.parametrize(("delta", "error"), [(0.75, 0.0), (0.875, 0.125)])
def test_a_mixture_in_the_engine_cooperates_as_the_markov_chain_says(
    delta: float, error: float
) -> None:
    """Nine automata with a tremble, through random stopping and noise: the interval at 99.9 % holds the exact value."""
    weights = np.array([0.2, 0.1, 0.1, 0.2, 0.1, 0.1, 0.1, 0.05, 0.05])
    game = Intentions(Noise(PrisonersDilemma(rounds=1000), p=error))
    study = Study.of(
        RandomStopping(game, delta=delta), mixture(LENIENT, weights.tolist(), 0.1), replicates=3000
    )
    (share,) = cooperation_by_arm(mores.run(study, seed=5), "cooperation")
    exact = expected_cooperation(weights, 0.1, delta, error, LENIENT)
    assert abs(share.value - exact) < 1.7 * (share.high - share.low) / 2
    assert share.n == 3000 and share.missing == 0


def test_the_record_says_who_played_what() -> None:
    """Seats carry the automaton's name, in the shares of the mixture; a share of 0 has no policy."""
    people = mixture(("AD", "AC", "TFT"), (0.7, 0.0, 0.3), 0.05)
    record = mores.run(Study.of(PrisonersDilemma(rounds=1), people, replicates=2000))
    names, counts = np.unique(record.array("seats", "policy").astype(str), return_counts=True)
    assert names.tolist() == ["automaton:AD", "automaton:TFT"]
    assert counts[0] / counts.sum() == pytest.approx(0.7, abs=0.03)


def test_bad_automata_are_refused() -> None:
    """A strategy that does not exist, and a tremble that is no probability."""
    with pytest.raises(UnknownName, match="WSLS"):
        Automaton("WSL")
    with pytest.raises(BadValue, match="tremble"):
        Automaton("TFT", 1.5)
