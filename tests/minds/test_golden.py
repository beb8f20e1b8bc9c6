"""What a model is sent, word for word: one short game for each way of thinking and each memory."""

from __future__ import annotations

from pathlib import Path

import pytest

from mores.agent import Mind, Persona
from mores.policies.spec import policy
from mores.testing import compare_golden
from tests.minds.playing import Watched, dilemma

SPECS = {
    "mind": "mind",
    "plain": "plain",
    "reason-then-act": "reason-then-act",
    "social-chain-of-thought": "social-chain-of-thought",
    "metamind": "metamind:hypotheses=2,revisions=1",
    "reflecting": "reflecting:every=2",
    "self-debate": "self-debate",
    "thinking-modes": "thinking-modes",
    "thinking-modes-asked": "thinking-modes:depth=asked",
    "esrs": "esrs:stirs=choose[1:1] guilt 10/choose[0:0] satisfaction 8",
    "esrs-social": "esrs:inner=social-chain-of-thought,stirs=choose[1:1] guilt 10",
    "memory-none": "plain:memory=none",
    "memory-window": "plain:memory=window/1",
    "memory-budget": "plain:memory=all/150",
    "memory-summary": "plain:memory=summary/120/1",
    "memory-retrieval": "plain:memory=retrieval/1/1",
    "memory-retrieval-asked": "plain:memory=retrieval/1/1/asked",
}
PERSONA = Persona(
    name="Ann", public={"age": "36"}, private={"partyid": "ind"}, traits={"agreeableness": 0.7}
)


@pytest.mark.parametrize("name", SPECS)
def test_prompts(name: str, golden: Path) -> None:
    """A seeded prisoner's dilemma against tit for tat: every prompt and every reply, as a reviewer reads them."""
    mind = policy(SPECS[name])
    assert isinstance(mind, Mind)
    episode, model = dilemma(
        mind, rounds=4 if name.startswith("memory") else 3, personas=(PERSONA,)
    )
    compare_golden(golden / "minds" / f"{name}.txt", page(SPECS[name], model, episode.scores))


def page(spec: str, model: Watched, scores: object) -> str:
    """All requests of a game, each message with its role and each reply below."""
    lines = [f"{spec}\n"]
    for k, request in enumerate(model.requests):
        lines.append(f"===== question {k + 1}")
        for message in request.thread.messages():
            lines.append(f"--- {message['role']}\n{message['content']}")
        from tests.minds.playing import default

        lines.append(f"--- reply\n{default(request)}\n")
    lines.append(f"scores: {scores}")
    return "\n".join(lines) + "\n"
