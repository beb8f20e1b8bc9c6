"""Every registered strategy keeps what it declares: memory, chance, clock, payoffs, who else is there."""

from __future__ import annotations

import numpy as np
import pytest

from mores.agent import Policy
from mores.chance import Chance
from mores.engine.seating import Seating
from mores.policies.spec import policy
from mores.policies.strategies.base import Strategy
from mores.population import Population
from mores.study import Case
from mores.testing import check_policy
from mores.world import put
from mores.worlds.games.named import PrisonersDilemma, RockPaperScissors, StagHunt
from tests.policies.strategies.play import Moves, play, registered

SPECS = {"biased": "biased:0.7,0.3", "loop": "loop:1,0,0", "q-learner": "q-learner:options=2"}
KINDS = registered()
EVERY = [SPECS.get(k.name, k.name) for k in KINDS]


def strategy(spec: str) -> Strategy:
    """A strategy by its spec."""
    made = policy(spec)
    assert isinstance(made, Strategy)
    return made


DETERMINISTIC = [s for s in EVERY if not strategy(s).stochastic]


def against_noise(
    made: Strategy, tables: int, rounds: int, seed: int
) -> tuple[Moves, Moves, Chance]:
    """Moves [table, round] of a strategy and of opponents at random; its every draw has the same random word."""
    world = PrisonersDilemma(rounds=rounds)
    seating = Seating(Case(world=world, population=Population.all(made)))
    chance = Chance(
        seed, np.zeros(tables, np.int64)
    )  # one replicate number: equal words at all tables
    who = seating.sit(chance)
    (memory,) = seating.remember(who, chance)
    state = world.begin(chance)
    others = np.random.default_rng(seed)
    own, other = [], []
    mine = chance.at("strategy")  # never ticked: equal words in all rounds
    rows = np.arange(tables, dtype=np.intp) * 2
    for _ in range(rounds):
        turn = world.turn(state)
        actions = others.integers(0, 2, 2 * tables).astype(np.int8)
        actions[rows] = seating.groups[0].rule.act(turn.pick(rows), memory, mine)
        own.append(actions[::2].copy())
        other.append(actions[1::2].copy())
        state = world.advance(state, turn, actions, chance).state
    return np.stack(own, 1), np.stack(other, 1), chance


def test_there_are_enough() -> None:
    """The set is as large as a classic tournament's and every member says where it comes from."""
    assert len(KINDS) >= 60
    assert all(k.source and k.__doc__ for k in KINDS)


@pytest.mark.parametrize("spec", [s for s in EVERY if strategy(s).memory != np.inf])
def test_memory_is_as_declared(spec: str) -> None:
    """Equal last rounds (and, for those that look at the clock, equal round numbers) bring equal next moves."""
    made = strategy(spec)
    depth = int(made.memory)
    for seed in (1, 2, 3):
        own, other, _ = against_noise(made, 150, depth + 8, seed)
        seen: dict[tuple[object, ...], int] = {}
        for t in range(max(depth, 1), own.shape[1]):
            for table in range(len(own)):
                key: tuple[object, ...] = (
                    own[table, t - depth : t].tobytes(),
                    other[table, t - depth : t].tobytes(),
                    t if made.uses_clock else None,
                )
                assert seen.setdefault(key, own[table, t]) == own[table, t], (seed, t, key)


@pytest.mark.parametrize("spec", EVERY)
def test_contract(spec: str) -> None:
    """Every strategy keeps the contract of rules; those for any game do so in games of three options, too."""
    check_policy(strategy(spec), [PrisonersDilemma(rounds=12)])
    if strategy(spec).any_game:
        usual = strategy(spec.partition(":")[0])
        check_policy(usual, [RockPaperScissors(rounds=12)])


@pytest.mark.parametrize("spec", DETERMINISTIC)
def test_deterministic_never_draws(spec: str) -> None:
    """A strategy that declares no chance never touches it, and its like play alike."""
    _, _, chance = against_noise(strategy(spec), 20, 20, 1)
    assert "strategy" not in chance.clocks


@pytest.mark.parametrize("spec", [s for s in EVERY if s not in DETERMINISTIC])
def test_stochastic_draws(spec: str) -> None:
    """A strategy that declares chance uses it: other seeds, other moves."""
    made = strategy(spec)
    moves = [
        play([(made, policy("random"))], 60, seed=s).moves[0, :, 0].tobytes() for s in (1, 2, 3)
    ]
    assert len(set(moves)) > 1


@pytest.mark.parametrize("spec", EVERY)
def test_length_and_payoffs_are_as_declared(spec: str) -> None:
    """Who does not use the number of rounds or the payoffs plays the same when they are different."""
    made = strategy(spec)
    opponent = policy("random")
    usual = play([(made, opponent)], 25).moves[0]
    assert not made.uses_length
    assert (play([(made, opponent)], 50).moves[0, :25] == usual).all()
    if not made.uses_payoffs:
        assert (play([(made, opponent)], world=StagHunt(rounds=25)).moves[0] == usual).all()


def test_who_else_plays_does_not_matter() -> None:
    """A match goes the same alone and beside matches of all other strategies, with and without noise in the room."""
    pairs: list[tuple[Policy, Policy]] = [(policy(s), policy("random")) for s in EVERY]
    crowd = play(pairs, 20).moves
    for k in range(0, len(pairs), 5):
        alone = play([*pairs[k : k + 1]] * (k + 1), 20).moves
        assert (alone[k] == crowd[k]).all(), EVERY[k]


@pytest.mark.parametrize("spec", DETERMINISTIC)
def test_matches_may_begin_at_different_times(spec: str) -> None:
    """A table that starts anew beside others plays as a fresh one; the others are not disturbed."""
    made, world, rounds, restart = strategy(spec), PrisonersDilemma(rounds=40), 20, 7
    seating = Seating(Case(world=world, population=Population.all(made)))
    script = np.random.default_rng(5).integers(0, 2, (rounds, 6)).astype(np.int8)

    def moves(anew: bool) -> Moves:
        chance = Chance(1, np.arange(6))
        (memory,) = seating.remember(seating.sit(chance), chance)
        state = world.begin(chance)
        rows = np.arange(6, dtype=np.intp) * 2
        out = []
        for r in range(rounds):
            if anew and r == restart:
                half = np.array([3, 4, 5])
                state = put(state, half, world.begin(chance.take(half)))
            turn = world.turn(state)
            actions = np.zeros(12, np.int8)
            actions[rows] = seating.groups[0].rule.act(turn.pick(rows), memory, chance.at("x"))
            actions[1::2] = script[r]
            if anew and r >= restart:
                actions[7::2] = script[r - restart, 3:]
            out.append(actions[::2].copy())
            state = world.advance(state, turn, actions, chance).state
        return np.stack(out)

    plain, mixed = moves(False), moves(True)
    assert (mixed[:, :3] == plain[:, :3]).all()
    assert (mixed[restart:, 3:] == plain[: rounds - restart, 3:]).all()
