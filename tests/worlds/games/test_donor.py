"""The donor game against the figures of its card, and its schedule against what it promises."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mores.agent import Rule
from mores.chance import Chance
from mores.errors import BadValue
from mores.policies.donors import AllGive, AllKeep, EvolvingDonor, FixedDonor
from mores.population import Population
from mores.testing import Move, Sampler, Tables, check_world, play
from mores.world import World
from mores.worlds.games.donor import DonorGame
from mores.worlds.games.pairing import plan, turned, turned_apart


def finals(world: World, rule: Rule, tables: int = 2) -> np.ndarray:
    """What everyone holds in the end, the mean of both runs."""
    game = play(world, Population.all(rule), tables=range(tables))
    return world.port(game.all.state, "score")


def gifts(world: World, table: int = 0, seed: int = 0) -> list[list[tuple[int, int]]]:
    """Who gave to whom at one table, round by round."""
    rounds: list[list[tuple[int, int]]] = []

    def see(move: Move) -> None:
        for e in move.events:
            assert e.actor is not None and e.target is not None
            n = move.turn.seats
            rounds.append(
                [(int(a) % n, int(b) % n) for a, b in zip(e.actor, e.target, strict=True)]
            )

    play(world, Population.all(AllGive()), seed, [table], after=see)
    return rounds


@pytest.mark.parametrize(("share", "mean"), [(0.1, 18.748), (0.5, 393.906), (0.9, 12_996.47)])
def test_fixed_fractions(share: float, mean: float) -> None:
    """If all give the same fraction, holdings end where the card says."""
    assert finals(DonorGame(), FixedDonor(share)).mean() == pytest.approx(mean, abs=0.005)


def test_ceiling_and_floor() -> None:
    """All-give ends at 30,720 exactly, all-keep at 10 exactly, at every table."""
    assert (finals(DonorGame(), AllGive()).mean(1) == 30_720).all()
    assert (finals(DonorGame(), AllKeep()) == 10).all()


def test_card_schedule() -> None:
    """Twelve rounds are the card's: offset t - 1 up to round 6, then t mod 6; A gives in odd rounds."""
    assert [plan(t - 1, 12) for t in range(1, 13)] == [
        (t % 2 == 1, t - 1 if t <= 6 else t % 6) for t in range(1, 13)
    ]


def test_every_cross_pair_once() -> None:
    """In a run everyone alternates, and every ordered pair of the two halves meets exactly once."""
    rounds = gifts(DonorGame(mirrored=False))
    met = Counter(pair for pairs in rounds for pair in pairs)
    assert len(met) == 72 and set(met.values()) == {1}
    givers = [{a for a, _ in pairs} for pairs in rounds]
    assert all(not x & y for x, y in pairwise(givers))


@given(st.integers(1, 20), st.integers(1, 20))
def test_no_ordered_pair_twice(half: int, pairs: int) -> None:
    """The schedule of any even number of rounds up to the number of seats repeats no ordered pair."""
    seats, rounds = 2 * max(half, pairs), 2 * min(half, pairs)
    order = np.arange(seats, dtype=np.int32)[None]
    met = []
    for played in range(rounds):
        first, offset = plan(played, rounds)
        met += list(zip(*(x.tolist() for x in turned(order, offset, first)), strict=True))
    assert len(met) == len(set(met))


def test_tables_apart_are_tables_together() -> None:
    """Pairs of tables in different rounds are those of each table alone."""
    order = Chance(3, np.arange(4)).at("x").permutation("order", 8)
    offset, first = np.array([0, 3, 1, 2]), np.array([True, False, True, False])
    givers, receivers = turned_apart(order, offset, first)
    for t in range(4):
        alone = turned(order[t : t + 1], int(offset[t]), bool(first[t]))
        assert (givers.reshape(4, 4)[t] - 8 * t == alone[0]).all()
        assert (receivers.reshape(4, 4)[t] - 8 * t == alone[1]).all()


@pytest.mark.parametrize("matching", ["schedule", "random"])
def test_second_run_swaps_roles(matching: str) -> None:
    """The second run has the same pairs in the same rounds, the other way round."""
    rounds = gifts(DonorGame(seats=8, rounds=6, matching=matching), table=3)  # type: ignore[arg-type]
    assert len(rounds) == 12
    for first, second in zip(rounds[:6], rounds[6:], strict=True):
        assert {(b, a) for a, b in first} == set(second)


def test_random_matching_differs_by_round() -> None:
    """Fresh pairs are drawn each round, and everyone is in exactly one of them."""
    rounds = gifts(DonorGame(seats=20, rounds=5, matching="random", mirrored=False))
    assert len({frozenset(pairs) for pairs in rounds}) == 5
    assert all(sorted(x for pair in pairs for x in pair) == list(range(20)) for pairs in rounds)


def test_score_is_mean_of_runs() -> None:
    """While the first run lasts the score is what one holds; in the second, the mean with the first run's end."""
    world = DonorGame(seats=4, rounds=2)
    game = Tables(world, Population.all(AllGive()), 0)
    state = game.all.state
    game.move()
    assert (world.port(state, "score") == world.port(state, "wealth")).all()
    game.move()
    first = world.port(state, "score").copy()
    assert world.port(state, "run")[0] == 1 and (world.port(state, "wealth") == first).all()
    game.move()
    live = world.port(state, "wealth")
    assert live.sum() == 60 and (world.port(state, "score") == (first + live) / 2).all()


def test_holdings_are_kept_account_of() -> None:
    """What is given leaves the giver and arrives multiplied; a missing decision gives nothing, told as missing."""
    world = DonorGame(seats=2, rounds=2, mirrored=False, multiplier=3)
    state = world.begin(Chance(0, np.arange(1)))
    turn = world.turn(state)
    outcome = world.advance(state, turn, np.array([0.25], np.float32), Chance(0, np.arange(1)))
    assert sorted(state.wealth[0].tolist()) == [7.5, 17.5]
    turn = world.turn(outcome.state)
    outcome = world.advance(state, turn, np.array([np.nan], np.float32), Chance(0, np.arange(1)))
    assert sorted(state.wealth[0].tolist()) == [7.5, 17.5]
    assert outcome.events[0].value is not None and np.isnan(outcome.events[0].value[0])


def test_punishing_instead_of_giving() -> None:
    """Who spends x removes 2x from the other, who keeps at least 0; the rest of the game is as before."""
    world = DonorGame(seats=2, rounds=2, mirrored=False, punish_instead=True)
    chance = Chance(0, np.arange(1))
    state = world.begin(chance)
    turn = world.turn(state)
    for kind, share, left in (("punish", 0.3, (7.0, 4.0)), ("give", 0.5, (2.0, 11.0))):
        turn = world.turn(state)
        actions = world.space.empty(1)
        world.space.write(actions, 0, (kind, share))
        outcome = world.advance(state, turn, actions, chance)
        d, r = int(turn.all_rows[0]), int(turn.observation["partner"][0])
        assert (state.wealth[0, d], state.wealth[0, r]) == pytest.approx(left, abs=1e-5)
        assert [len(e.actor) for e in outcome.events if e.actor is not None] == (
            [0, 1] if kind == "punish" else [1, 0]
        )


@pytest.mark.parametrize(
    "settings",
    [
        {"seats": 7},
        {"rounds": 14},
        {"rounds": 5},
        {"rounds": 0, "matching": "random"},
        {"matching": "swiss"},
        {"endowment": -1},
    ],
)
def test_refused_settings(settings: dict[str, object]) -> None:
    """Settings that no game can be played with are refused with the field's name."""
    with pytest.raises(BadValue, match=next(iter(settings))):
        DonorGame(**settings)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "world",
    [
        DonorGame(seats=6, rounds=4),
        DonorGame(seats=6, rounds=3, matching="random"),
        DonorGame(seats=6, rounds=6, mirrored=False, punish_instead=True),
    ],
)
def test_contract(world: World) -> None:
    """Every kind of the game keeps the contract of worlds."""
    check_world(world, tables=(0, 1, 2))


def test_words() -> None:
    """The cue says amounts and people, and the number of rounds is not told."""
    world = DonorGame()
    game = Tables(world, Population.all(Sampler()), 0)
    turn = world.turn(game.all.state)
    cue, brief = world.describe(game.all.state, turn, 0), world.brief(game.all.state, 0, 0)
    other = int(turn.observation["partner"][0]) + 1
    assert cue.startswith(
        f"Round 1. You hold 10 units. You are matched with person {other}, who holds 10 units."
    )
    assert "12 rounds" not in brief and "person 1 of 12" in brief


def test_state_is_small() -> None:
    """A seat takes at most 300 bytes of state and memory."""
    n = 1000
    game = Tables(DonorGame(seats=n, matching="random"), Population.all(EvolvingDonor()), 0)
    columns = [*vars(game.all.state).values(), *game.all.memory[0].values()]
    assert sum(c.nbytes for c in columns) <= 300 * n
