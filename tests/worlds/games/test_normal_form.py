"""Matrix games: payoffs, missing choices, words, and that tables do not matter to each other."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mores import registry
from mores.chance import Chance
from mores.errors import BadValue
from mores.testing import check_world
from mores.world import World, put, take
from mores.worlds.games.named import PrisonersDilemma
from mores.worlds.games.normal_form import MatrixGame, MatrixState, NormalForm
from mores.worlds.games.ring import Ring

NAMES = [n for n, where in registry.table("world").items() if ".games.named:" in where]
WIDE = NormalForm((((1, 2), (3, 4), (5, 6)), ((7, 8), (9, 10), (11, 12))), rounds=3)


def game(name: str) -> MatrixGame:
    """A registered matrix game with its defaults."""
    made = registry.load("world", name)()
    assert isinstance(made, MatrixGame)
    return made


def played(world: World, rounds: list[list[int]], tables: int = 1) -> tuple[MatrixState, list[str]]:
    """The state and the log of the first table after the given choices at every table."""
    chance = Chance(1, np.arange(tables))
    state, lines = world.begin(chance), []
    for choices in rounds:
        turn = world.turn(state)
        outcome = world.advance(state, turn, np.array(choices * tables, np.int8), chance)
        state = outcome.state
        for j in range(world.seats):
            line = world.narrate(state, turn, outcome.events[0], j)
            lines += [line] if line else []
    return state, lines


@given(st.integers(1, 6), st.integers(1, 6), st.data())
def test_payoffs_of_any_matrix(k: int, l_: int, data: st.DataObject) -> None:
    """Every cell of any matrix pays what it says, and adds up over rounds."""
    numbers = st.integers(-99, 99).map(float)
    cell = st.tuples(numbers, numbers)
    rows = data.draw(st.lists(st.lists(cell, min_size=l_, max_size=l_), min_size=k, max_size=k))
    payoffs = tuple(map(tuple, rows))
    world = NormalForm(payoffs, rounds=k * l_)
    cells = [[i, j] for i in range(k) for j in range(l_)]
    state, _ = played(world, cells, tables=2)
    assert state.score.tolist() == [np.array(payoffs).sum((0, 1)).tolist()] * 2
    assert state.own.tolist() == [[k - 1, l_ - 1]] * 2
    assert state.other.tolist() == [[l_ - 1, k - 1]] * 2
    assert (world.phase(state) == -1).all()


@pytest.mark.parametrize("name", NAMES)
def test_named_games_are_what_they_are_called(name: str) -> None:
    """Each named game is registered under its own name and pays the cells of its table."""
    world = replace(game(name), rounds=1)
    assert world.name == name
    assert registry.load("world", name) is type(world)
    for i, row in enumerate(world.table):
        for j, cell in enumerate(row):
            assert played(world, [[i, j]])[0].score[0].tolist() == list(cell)


@pytest.mark.parametrize(
    "world", [*map(game, NAMES), WIDE, replace(WIDE, shuffle=True), Ring(), Ring(rounds=9)]
)
def test_contract(world: World) -> None:
    """Every matrix game keeps the contract of worlds."""
    check_world(world)


@pytest.mark.parametrize(
    "world", [*map(game, NAMES), WIDE, replace(WIDE, shuffle=True), Ring(rounds=9)]
)
def test_tables_can_be_taken_apart(world: World) -> None:
    """Stepping some tables apart and putting them back is stepping all of them."""
    actions = np.random.default_rng(1).integers(0, 2, (5, 4, world.seats)).astype(np.int8)
    actions[2, 1] = -1
    some = np.array([1, 3])
    rest = np.array([0, 2])
    whole, apart = Chance(3, np.arange(4)), Chance(3, np.arange(4))
    one, two = world.begin(whole), world.begin(apart)
    for step in actions[:3]:
        one = world.advance(one, world.turn(one), step.reshape(-1), whole).state
        for index in (some, rest):
            part, chance = take(two, index), apart.take(index)
            part = world.advance(part, world.turn(part), step[index].reshape(-1), chance).state
            two = put(two, index, part)
            apart.put(index, chance)
    for name in ("phase", "played", "own", "other", "score"):
        assert (getattr(one, name) == getattr(two, name)).all(), name


def test_old_turns_stay_as_they_were() -> None:
    """What a turn showed is not changed by the step that follows."""
    world = game("prisoners-dilemma")
    chance = Chance(1, np.arange(2))
    state = world.begin(chance)
    turn = world.turn(state)
    world.advance(state, turn, np.array([0, 1, 1, 0], np.int8), chance)
    assert (turn.observation["own_last"] == -1).all()
    assert turn.clock is not None
    assert turn.clock.tolist() == [0, 0]


def test_missing_choices_repeat_and_stay_missing_in_the_record() -> None:
    """A missing choice counts as the last one, but its event keeps the gap and the log says so."""
    world = game("prisoners-dilemma")
    state, lines = played(world, [[1, 0], [-1, 0]])
    assert state.score[0].tolist() == [10, 0]
    assert (
        lines[1]
        == "Round 2: player 1 made no choice (F was taken), player 2 chose J; they got 5 and 0 points."
    )
    chance = Chance(1, np.arange(500))
    start = world.begin(chance)
    given_up = np.full(1000, -1, np.int8)
    outcome = world.advance(start, world.turn(start), given_up, chance)
    assert outcome.events[0].value is given_up
    assert outcome.state.own.mean() == pytest.approx(0.5, abs=0.06)


def test_uneven_options_are_masked() -> None:
    """Where one player has fewer options, the others are closed to it in the turn and in words."""
    state = WIDE.begin(Chance(1, np.arange(2)))
    turn = WIDE.turn(state)
    assert turn.mask is not None
    assert turn.mask.tolist() == [[True, True, False], [True, True, True]] * 2
    assert WIDE.describe(state, turn, 0) == "Round 1 of 3. Do you choose J or F?"
    assert WIDE.describe(state, turn, 1) == "Round 1 of 3. Do you choose J, F or Q?"


def test_words() -> None:
    """The brief says every cell from the seat's own side; the cue and the log say rounds and points."""
    world = NormalForm((((8, 8), (0, 10)), ((10, 0), (1, 1))), rounds=2)
    state = world.begin(Chance(1, np.arange(1)))
    assert world.brief(state, 0, 1).splitlines() == [
        "You are player 2 and play with player 1. The game has 2 rounds.",
        "Both choose at the same time. You choose J or F; the other player chooses J or F.",
        "If you choose J and the other player chooses J, you get 8 points and the other player gets 8 points.",
        "If you choose J and the other player chooses F, you get 0 points and the other player gets 10 points.",
        "If you choose F and the other player chooses J, you get 10 points and the other player gets 0 points.",
        "If you choose F and the other player chooses F, you get 1 point and the other player gets 1 point.",
    ]
    state, lines = played(world, [[0, 1]])
    assert lines == ["Round 1: player 1 chose J, player 2 chose F; they got 0 and 10 points."]
    cue = world.describe(state, world.turn(state), 1)
    assert cue == (
        "Round 2 of 2. So far you have 10 points and the other player has 0 points. Do you choose J or F?"
    )
    hidden = replace(world, announced=False, labels=("X", "Q"), unit="coin")
    assert "several rounds" in hidden.brief(state, 0, 0)
    assert "you get 10 coins" in hidden.brief(state, 0, 0)
    assert hidden.describe(state, hidden.turn(state), 0).startswith(
        "Round 2. So far you have 0 coins"
    )


def test_order_of_mention_is_shuffled_by_table() -> None:
    """With `shuffle` about half of the tables hear of the second option first; the game is the same."""
    world = replace(game("stag-hunt"), shuffle=True)
    state = world.begin(Chance(2, np.arange(400)))

    cues = [world.describe(state, world.turn(state), 2 * t) for t in range(400)]
    assert np.mean(["F or J" in c for c in cues]) == pytest.approx(0.5, abs=0.1)
    plain = played(game("stag-hunt"), [[1, 0]])[0]
    assert (played(world, [[1, 0]])[0].score == plain.score).all()


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (lambda: NormalForm(rounds=0), "rounds"),
        (lambda: NormalForm((((1, 1),), ((1, 1), (2, 2)))), "equal length"),
        (lambda: NormalForm((((1, np.nan),),)), r"payoffs\[0\]\[0\]"),
        (lambda: NormalForm(((1, 2), (3, 4))), "pair of numbers"),  # type: ignore[arg-type]
        (lambda: NormalForm(labels=("J",)), "labels"),
        (lambda: NormalForm(labels=("J", "J")), "differ"),
        (lambda: PrisonersDilemma(r=9.0), "t > r > p > s"),
        (lambda: Ring(matrices=(((1.0,),),)), "at least 2 seats"),
        (lambda: Ring(matrices=(((1.0, 2.0), (1.0, 2.0)), ((1.0,),))), r"matrices\[1\]"),
    ],
)
def test_bad_fields_are_named(make: object, field: str) -> None:
    """A field that cannot be is refused with its name, its value and what is allowed."""
    assert callable(make)
    with pytest.raises(BadValue, match=field):
        make()
