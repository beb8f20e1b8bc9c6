"""A population of automata plays the repeated prisoner's dilemma: how much it cooperates, exactly and simulated.

Both are small references for the engine, which plays the same population with policies of its own. Pairs are
drawn at random, each plays one game that goes on with probability delta after every period, each means the
opposite of what its automaton says with the tremble, and what it means is executed as its opposite with the
error. Counted is what was meant, as in the laboratory data.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mores.errors import BadValue
from mores.people.automata import DAL_BO_FRECHETTE, Automata, stack

Array = NDArray[np.float64]


def expected_cooperation(
    weights: Array,
    tremble: float,
    delta: float,
    error: float = 0.0,
    names: Sequence[str] = DAL_BO_FRECHETTE,
) -> float:
    """The share of cooperation among all decisions of an infinite population, solved as a Markov chain.

    The chain runs over pairs of states; the expected visits v to each pair solve v = v0 + delta M' v. Raises
    BadValue for probabilities outside [0, 1], or delta = 1.
    """
    _check(weights, tremble, delta, error, names)
    automata = stack(names)
    size = len(automata.cooperates)
    means = np.where(automata.cooperates, 1 - tremble, tremble)
    first = np.zeros(size)
    first[automata.start] = weights
    moves = _transitions(automata, means * (1 - error) + (1 - means) * error)
    begin = np.outer(first, first).ravel()
    visits = np.linalg.solve(np.eye(size * size) - delta * moves.T, begin) * (1 - delta)
    return float(visits.reshape(size, size).sum(axis=1) @ means)


def _transitions(automata: Automata, executes: Array) -> Array:
    """[pair of states, next pair] probabilities, given P(cooperation is executed) in each state."""
    size = len(executes)
    moves = np.zeros((size * size, size * size))
    mine, theirs = np.divmod(np.arange(size * size), size)
    for mine_d in (0, 1):
        for theirs_d in (0, 1):
            chance = np.abs(mine_d - executes[mine]) * np.abs(theirs_d - executes[theirs])
            after = automata.after[mine, 2 * mine_d + theirs_d] * size
            after += automata.after[theirs, 2 * theirs_d + mine_d]
            np.add.at(moves, (np.arange(size * size), after), chance)
    return moves


def simulate_cooperation(
    weights: Array,
    tremble: float,
    delta: float,
    error: float,
    games: int,
    rng: np.random.Generator,
    names: Sequence[str] = DAL_BO_FRECHETTE,
) -> float:
    """The share of cooperation among all decisions in `games` games of randomly drawn pairs.

    Raises BadValue as `expected_cooperation` does.
    """
    _check(weights, tremble, delta, error, names)
    automata = stack(names)
    state = automata.start[rng.choice(len(names), size=(games, 2), p=weights / np.sum(weights))]
    cooperations = decisions = 0
    while len(state):
        means = automata.cooperates[state] ^ (rng.random(state.shape) < tremble)
        done = means ^ (rng.random(state.shape) < error)
        cooperations += int(means.sum())
        decisions += means.size
        state = automata.after[state, 2 * ~done + ~done[:, ::-1]]
        state = state[rng.random(len(state)) < delta]
    return cooperations / decisions


def _check(
    weights: Array, tremble: float, delta: float, error: float, names: Sequence[str]
) -> None:
    if np.shape(weights) != (len(names),) or np.min(weights) < 0 or abs(np.sum(weights) - 1) > 1e-6:
        raise BadValue("weights", weights, f"{len(names)} shares >= 0 that sum to 1")
    for field, value in (("tremble", tremble), ("error", error)):
        if not 0 <= value <= 1:
            raise BadValue(field, value, "a probability in [0, 1]")
    if not 0 <= delta < 1:
        raise BadValue("delta", delta, "a probability in [0, 1)")
