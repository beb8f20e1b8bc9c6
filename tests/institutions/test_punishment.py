"""Punishment: who may punish whom, what it costs, and that nothing else changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest

from mores.actions import Actions
from mores.agent import Memory, Rule
from mores.chance import Chance
from mores.errors import BadValue, DoesNotFit
from mores.institutions.punishment import Punishment
from mores.institutions.reputation import Reputation
from mores.policies.donors import AllKeep, EvolvingDonor, FixedDonor
from mores.population import Population
from mores.testing import Move, Sampler, Tables, check_world, play, record
from mores.testing.institutions import Bare
from mores.world import Turn, World
from mores.worlds.games.donor import DonorGame
from mores.worlds.games.named import PrisonersDilemma
from mores.worlds.games.public_goods import PublicGoods

GAME = DonorGame(seats=6, rounds=6, mirrored=False)


@dataclass(frozen=True)
class Avenger(FixedDonor):
    """Gives a fixed share and punishes whoever it may."""

    name: ClassVar[str] = "avenger"

    def act(self, turn: Turn, memory: Memory, chance: Chance) -> Actions:
        """Punish, or give the share."""
        if turn.role == "punisher":
            return np.ones(len(turn), np.int8)
        return super().act(turn, memory, chance)


def turns(world: World, rule: Rule, tables: tuple[int, ...] = (0,)) -> list[Move]:
    """All moves of a game."""
    seen: list[Move] = []
    play(world, Population.all(rule), tables=tables, after=seen.append)
    return seen


def test_the_receiver_may_punish() -> None:
    """After each round all receivers are asked, about their own giver and what was given."""
    moves = turns(Punishment(GAME), FixedDonor(0.25))
    assert [m.turn.role for m in moves] == ["donor", "punisher"] * 6
    gave, asked = moves[0], moves[1]
    assert gave.turn.observation["partner"] is not None
    pairs = set(
        zip(gave.turn.observation["partner"].tolist(), gave.turn.all_rows.tolist(), strict=True)
    )
    rows = asked.turn.all_rows.tolist()
    assert set(zip(rows, asked.turn.observation["partner"].tolist(), strict=True)) == pairs
    assert (asked.turn.observation["gave"] == 0.25).all()


def test_cost_and_fine() -> None:
    """The punisher pays the cost, the punished loses the fine, and nobody falls below the floor."""
    moves = turns(Punishment(GAME, cost=1, fine=4), Avenger(0.0))
    wealth = moves[-1].part.state.inner.wealth[0]
    assert sorted(moves[1].part.state.inner.wealth[0].tolist()) == sorted(wealth.tolist())
    assert (wealth >= 0).all()
    # each punishes three times and is punished three times, as far as it can still pay
    assert wealth.max() <= 10


def test_who_cannot_pay_does_not_punish() -> None:
    """With nothing left after the cost there is no punishment and no event."""
    moves = turns(Punishment(GAME, cost=11), Avenger(0.0))
    assert all(
        len(e.actor) == 0
        for m in moves
        for e in m.events
        if e.kind == "punish" and e.actor is not None
    )
    assert (moves[-1].part.state.inner.wealth == 10).all()


@pytest.mark.parametrize("world", [GAME, DonorGame(seats=12, rounds=4, mirrored=False)])
def test_bystanders(world: World) -> None:
    """A bystander is no party to the act, and nobody is asked twice at once."""
    for moved in turns(Punishment(world, by="bystander"), FixedDonor(0.5), (0, 1, 2)):
        if moved.turn.role == "donor":
            given = moved.turn.observation["partner"][np.argsort(moved.turn.all_rows)]
            givers = np.sort(moved.turn.all_rows)
            continue
        rows, about = moved.turn.all_rows, moved.turn.observation["partner"]
        assert len(np.unique(rows)) == len(rows) == len(givers)
        assert (about == givers).all() and (rows != about).all() and (rows != given).all()
        assert (rows // moved.turn.seats == about // moved.turn.seats).all()


def test_bystanders_of_contributions() -> None:
    """In a group every contribution can be punished by one other member."""
    moves = turns(Punishment(PublicGoods(seats=5, rounds=2), by="bystander"), Sampler(), (0, 1))
    asked = [m.turn for m in moves if m.turn.role == "punisher"]
    assert len(asked) == 2
    for turn in asked:
        assert sorted(turn.all_rows.tolist()) == list(range(10))
        assert (turn.all_rows != turn.observation["partner"]).all()


def test_rate_of_occasions() -> None:
    """With a rate of 0 nobody is ever asked, with one half about half."""
    assert {m.turn.role for m in turns(Punishment(GAME, rate=0), AllKeep())} == {"donor"}
    moves = turns(Punishment(GAME, rate=0.5), AllKeep(), tuple(range(200)))
    asked = sum(len(m.turn) for m in moves if m.turn.role == "punisher")
    assert 0.45 < asked / (200 * 6 * 3) < 0.55


def test_pairs_are_the_same_without() -> None:
    """Punishment and reputation leave the chance of the game alone: the same people meet in the same rounds."""
    game = DonorGame(seats=8, rounds=6, matching="random")

    def met(world: World) -> list[tuple[object, ...]]:
        facts = record(world, Population.all(FixedDonor(0.3)), 7, (2,))[2]
        return [(kind, actor, target) for _, kind, actor, target, _, _ in facts if kind == "give"]

    plain = met(game)
    assert plain == met(Reputation(game)) == met(Punishment(Reputation(game)))
    assert plain == met(Punishment(Punishment(game), by="bystander"))


def test_last_round_of_the_first_run() -> None:
    """Who is punished for the last act of the first run pays from what that run left."""
    game = DonorGame(seats=2, rounds=2)
    world = Punishment(game, cost=1, fine=2)
    tables = Tables(world, Population.all(Avenger(0.0)), 0)
    for _ in range(4):
        tables.move()
    assert sorted(world.port(tables.all.state, "score")[0].tolist()) == [7, 7]
    tables.move()
    assert (world.port(tables.all.state, "wealth") == 10).all()


def test_image_reaches_the_punisher() -> None:
    """Where the world inside keeps reputations, punishers are told the one of whom they may punish."""
    moves = turns(Punishment(Reputation(GAME)), FixedDonor(0.4))
    assert np.allclose(moves[1].turn.observation["image"], 0.4)
    assert "image" not in turns(Punishment(GAME), AllKeep())[1].turn.observation


def test_dilemmas_pay_from_the_score() -> None:
    """A game without holdings is punished in its points."""
    world = Punishment(PrisonersDilemma(rounds=1), cost=1, fine=2, floor=None)
    game = play(world, Population.all(_Punisher()))
    assert (world.port(game.all.state, "score") == 1 - 1 - 2).all()


@dataclass(frozen=True)
class _Punisher(Rule):
    """Takes the last option of whatever it is asked: defects, and punishes."""

    name: ClassVar[str] = "last-option"

    def act(self, turn: Turn, memory: Memory, chance: Chance) -> Actions:
        return np.ones(len(turn), np.int8)


@pytest.mark.parametrize("by", ["partner", "bystander"])
def test_contract(by: str) -> None:
    """Punishment around reputation around either matching keeps the contract of worlds."""
    for matching in ("schedule", "random"):
        game = DonorGame(seats=6, rounds=2, matching=matching)
        check_world(Punishment(Reputation(game), by=by, rate=0.7), tables=(0, 1, 2))  # type: ignore[arg-type]


def test_what_does_not_fit() -> None:
    """A composition that cannot work fails when it is made, naming what is missing."""
    with pytest.raises(DoesNotFit, match="needs the port score, but bare has none"):
        Punishment(Bare())
    with pytest.raises(DoesNotFit, match="needs at least 3 seats"):
        Punishment(PrisonersDilemma(), by="bystander")
    with pytest.raises(DoesNotFit, match="by='bystander'"):
        Punishment(PublicGoods())
    with pytest.raises(BadValue, match="rate"):
        Punishment(GAME, rate=2)


def test_evolving_donors_punish_below_their_limit() -> None:
    """An evolving donor punishes exactly those who gave less than its number."""
    for moved in turns(Punishment(GAME), EvolvingDonor()):
        if moved.turn.role == "punisher":
            limit = moved.part.memory[0]["c"].reshape(-1)[moved.turn.all_rows]
            assert (moved.actions == (moved.turn.observation["gave"] < limit)).all()


def test_words() -> None:
    """The cue says who gave what, and what punishing costs and takes."""
    world = Punishment(GAME, cost=1, fine=2)
    game = Tables(world, Population.all(FixedDonor(0.25)), 0)
    game.move()
    turn = world.turn(game.all.state)
    other = int(turn.observation["partner"][0]) + 1
    assert world.describe(game.all.state, turn, 0) == (
        f"Person {other} gave 25% to you. You hold 15 units. Do you pay 1 to take 2 away from them?"
    )
