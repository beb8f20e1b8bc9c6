"""Prefixes: the share of prompts that a cache could serve, counted right and high where it should be."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mores.actions import OneOf
from mores.engine.asking import Request
from mores.engine.episode import play
from mores.errors import BadValue
from mores.models.prefix import PrefixMeter, cacheable_share, rendered
from mores.policies.spec import policy
from mores.population import Population
from mores.thread import Thread
from mores.world import World
from mores.worlds.dialogue.talk import Talk
from mores.worlds.games.donor import DonorGame
from tests.minds.playing import Watched


def test_counting_by_hand() -> None:
    """What an earlier prompt began with is counted, what follows the first difference is not."""
    one = Thread(None, "system", "abcdefgh")
    assert rendered(one) == "system\nabcdefgh\n"
    assert cacheable_share([one], block=1) == 0
    assert cacheable_share([one, one], block=1) == 0.5
    other = Thread(None, "system", "abcdefxh")
    # of 16 characters: the role and its line break, and six letters
    assert cacheable_share([one, other], block=1) == pytest.approx(13 / 32)
    meter = PrefixMeter(block=1)
    assert [meter.add(one), meter.add(one.say("more")), meter.add(other)] == [0, 16, 13]


def test_nothing_sent_has_no_share() -> None:
    """Without prompts the share is not a number, and a block has to have a length."""
    assert math.isnan(cacheable_share([]))
    with pytest.raises(BadValue):
        PrefixMeter(block=0)


_LONG = "".join(chr(97 + k * k % 26) for k in range(900))
_TEXTS = st.text(max_size=12, alphabet="ab") | st.tuples(
    st.integers(0, len(_LONG)), st.text(max_size=3, alphabet="ab")
).map(lambda cut: _LONG[: cut[0]] + cut[1])


@given(st.lists(_TEXTS, max_size=12), st.integers(1, 5))
def test_against_comparison_with_every_earlier_prompt(texts: list[str], block: int) -> None:
    """The meter equals the longest common beginning with any earlier prompt, in whole blocks."""
    threads = [Thread(None, "user", t) for t in texts]
    prompts = [rendered(t) for t in threads]
    expected = 0
    for k, prompt in enumerate(prompts):
        best = 0
        for before in prompts[:k]:
            n = 0
            while n < len(prompt) and prompt[n : n + block] == before[n : n + block]:
                n += len(prompt[n : n + block])
            best = max(best, n)
        expected += best
    total = sum(map(len, prompts))
    found = cacheable_share(threads, block)
    assert (math.isnan(found) and total == 0) or found == pytest.approx(expected / total)


def talkative(request: Request) -> str | None:
    """Says a sentence of ordinary length, never the same."""
    if not isinstance(request.space, OneOf):
        return None
    said = (
        f"I see your point about number {request.key.hex()[:4]}, but I think that it would be fairer if whoever takes "
        "the larger room paid a bit more of the rent each month."
    )
    return json.dumps({"do": "say", "with": said})


@pytest.mark.parametrize("mind", ["mind", "social-chain-of-thought", "reason-then-act"])
@pytest.mark.parametrize(
    "world", [Talk(turns=20), DonorGame()], ids=["a dialogue of 10 turns each", "the donor game"]
)
def test_most_of_what_is_sent_was_sent_before(world: World, mind: str) -> None:
    """At least 70% of the prompts of one dialogue and of one donor game can come from a prefix cache."""
    model = Watched(talkative)
    play(world, Population.all(policy(mind)), seed=1, models={"*": model}).run()
    assert len(model.requests) >= 20
    assert cacheable_share(r.thread for r in model.requests) >= 0.7


def test_a_budget_keeps_prefixes() -> None:
    """Leaving out in steps serves the cache better than a window that moves with every line."""
    shares = []
    for memory in ("all/2400", "window/8"):
        model = Watched(talkative)
        people = Population.all(policy(f"plain:memory={memory}"))
        play(Talk(turns=120), people, seed=1, models={"*": model}).run()
        shares.append(cacheable_share(r.thread for r in model.requests))
    assert shares[0] > shares[1] + 0.2
