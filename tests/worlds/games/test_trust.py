"""The trust game."""

from __future__ import annotations

import numpy as np
import pytest

from mores.errors import BadValue
from mores.policies.givers import Altruist, FixedGiver, Selfish, TraitGiver
from mores.population import Population
from mores.testing import Sampler, play, record
from mores.worlds.games.trust import Trust


def test_what_is_sent_is_tripled() -> None:
    """Half of 10 sent arrives as 15, a third of which returned makes investor and trustee 10 and 20."""
    people = Population.by_seat(FixedGiver(0.5), FixedGiver(1 / 3))
    score = play(Trust(), people).all.state.score
    assert np.allclose(score, [[10, 20]], atol=1e-4)


def test_full_trust_and_full_return() -> None:
    """Everything sent and everything returned leaves the investor with thirty."""
    people = Population.by_seat(Altruist(), Altruist())
    assert play(Trust(trustee_endowment=0), people).all.state.score.tolist() == [[30.0, 0.0]]


def test_who_got_nothing_is_not_asked() -> None:
    """A trustee who received nothing has nothing to decide, beside one who has."""
    people = Population((FixedGiver(0.5), Selfish(), Sampler()), ((0, 1, 2, 2),))
    kinds = [(e[1], e[2]) for e in record(Trust(pairs=2, rounds=2), people)[0]]
    assert kinds == 2 * [("send", 0), ("send", 1), ("return", 2)]


def test_tables_may_part() -> None:
    """Tables where nobody sends go on to the next round while others return; all come out as alone."""
    people = Population.all(TraitGiver(noise=0.3))
    world = Trust(rounds=6)
    together = record(world, people, 4, range(12))
    lengths = {len(facts) for facts in together.values()}
    assert len(lengths) > 1
    assert all(together[t] == record(world, people, 4, [t])[t] for t in range(12))


@pytest.mark.parametrize("settings", [{"multiplier": 0.0}, {"trustee_endowment": -1.0}])
def test_impossible_settings(settings: dict[str, float]) -> None:
    """A multiplier of nothing or a debt to begin with is refused."""
    with pytest.raises(BadValue):
        Trust(**settings)  # type: ignore[arg-type]
