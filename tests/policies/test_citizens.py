"""Citizens: scripted and learning members of the pairwise society."""

from __future__ import annotations

import numpy as np
import pytest

from mores.errors import BadValue
from mores.institution import Institution
from mores.institutions.generations import Seasons
from mores.institutions.punishment import Punishment
from mores.institutions.reputation import Reputation
from mores.institutions.selection import PartnerSelection
from mores.policies.citizens import Citizen, PunishmentLearner
from mores.population import Population
from mores.testing import Move, check_policy, play
from mores.world import World
from mores.worlds.games.society import PairwiseDilemma

QUICK = PunishmentLearner(decay=0.99)


def society(seasons: int, direct: bool = False, everything: bool = False) -> Institution:
    """The society of the card, for some seasons."""
    world: World = PairwiseDilemma()
    if direct or everything:
        world = Punishment(world, cost=-2, fine=3, unjust_cost=10, floor=None)
    if everything:
        world = Punishment(world, cost=-2, fine=3, unjust_cost=10, floor=None, by="bystander")
        world = PartnerSelection(Reputation(world, rule="points"))
    return Seasons(world, n=seasons)


def cooperation(world: World) -> np.ndarray:
    """The share of cooperation in each match, over ten tables."""
    shares: list[float] = []

    def see(move: Move) -> None:
        shares.extend(
            float((e.value == 0).mean())
            for e in move.events
            if e.kind == "choose" and e.value is not None
        )

    play(world, Population.all(QUICK), tables=range(10), after=see, limit=100_000)
    return np.array(shares)


@pytest.mark.parametrize("rule", [Citizen(), Citizen(False, "defectors"), QUICK])
def test_contract(rule: Citizen | PunishmentLearner) -> None:
    """Each acts legally in every role, whatever is batched with it."""
    assert check_policy(rule, [society(2, everything=True)], tables=(0, 1, 2))


def test_learning_without_punishment_unlearns_cooperation() -> None:
    """Defection dominates, and learners find it."""
    shares = cooperation(society(60))
    assert shares[-500:].mean() < 0.15


def test_learning_under_direct_punishment_finds_cooperation() -> None:
    """Just punishers are paid, so that learners come to punish defectors and then to cooperate."""
    shares = cooperation(society(60, direct=True))
    assert shares[-500:].mean() > 0.7


def test_citizens_punish_by_rule() -> None:
    """Whom a citizen punishes depends on what was done alone."""
    for punishes in ("nobody", "defectors", "cooperators", "everybody"):
        people = Population.by_seat(*[Citizen(i < 3, punishes) for i in range(5)])
        hit: dict[bool, set[int]] = {True: set(), False: set()}

        def see(move: Move, hit: dict[bool, set[int]] = hit) -> None:
            if move.turn.role == "punisher":
                for gave, did in zip(move.turn.observation["gave"], move.actions, strict=True):
                    hit[bool(gave >= 0.5)].add(int(did))

        play(Punishment(PairwiseDilemma(rounds=4), floor=None), people, after=see)
        assert hit[True] == {int(punishes in ("cooperators", "everybody"))}
        assert hit[False] == {int(punishes in ("defectors", "everybody"))}


def test_refused() -> None:
    """Unknown targets and rates beyond 1 are refused."""
    with pytest.raises(BadValue, match="punishes"):
        Citizen(punishes="neighbours")
    with pytest.raises(BadValue, match="gamma"):
        PunishmentLearner(gamma=2)
