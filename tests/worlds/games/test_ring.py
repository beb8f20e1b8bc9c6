"""The ring: who depends on whom, and what reasoning finds."""

from __future__ import annotations

import numpy as np

from mores.chance import Chance
from mores.worlds.games.ring import Ring

THREE = Ring(
    matrices=(((1.0, 2.0), (3.0, 4.0)), ((10.0, 20.0), (30.0, 40.0)), ((5.0, 6.0), (7.0, 8.0)))
)


def test_points_depend_on_the_next_player() -> None:
    """Each seat is paid by its own choice and the next seat's, the last by the first's."""
    chance = Chance(1, np.arange(1))
    state = THREE.begin(chance)
    turn = THREE.turn(state)
    outcome = THREE.advance(state, turn, np.array([1, 0, 1], np.int8), chance)
    assert outcome.state.score[0].tolist() == [3, 20, 8]
    assert outcome.state.other[0].tolist() == [0, 1, 1]
    line = THREE.narrate(outcome.state, turn, outcome.events[0], 0)
    assert line == "Round 1: player 1 chose F, player 2 chose J, player 3 chose F."


def test_solution_by_dominance() -> None:
    """The default ring is solved by one step of reasoning about the neighbour; matching pennies by none."""
    assert Ring().solution() == (1, 1)
    pennies = Ring(matrices=(((1.0, 0.0), (0.0, 1.0)), ((0.0, 1.0), (1.0, 0.0))))
    assert pennies.solution() is None


def test_brief_tells_every_cell() -> None:
    """A player is told its own payoffs first, then those of the others, from where it sits."""
    brief = Ring().brief(Ring().begin(Chance(1, np.arange(1))), 0, 1)
    lines = brief.splitlines()
    assert lines[2] == "If you choose J and player 1 chooses J, you get 5 points."
    assert lines[-1] == "If player 1 chooses F and you choose F, player 1 gets 15 points."
    assert len(lines) == 2 + 8
