"""Inspect AI's providers as answerers, with its own mock provider."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from mores import Population, play
from mores.actions import Amount, Choice, Space, Utterance
from mores.agent import Mind
from mores.engine.asking import Request, Response
from mores.errors import BadValue, MoresError
from mores.models.face import Model
from mores.thread import Thread
from mores.worlds.games.named import PrisonersDilemma

pytest.importorskip("inspect_ai", reason="needs the extra inspect")

from inspect_ai.model import ContentReasoning, ContentText, ModelOutput, ModelUsage

from mores.models.inspect import Inspect

# Inspect's own use of tenacity
pytestmark = pytest.mark.filterwarnings("ignore:The 'initial' parameter is deprecated")
USAGE = {"input_tokens": 7, "output_tokens": 2, "total_tokens": 9}


def output(text: Any, stop: Any = "stop", **usage: Any) -> Any:
    """What a provider of Inspect's gives back."""
    out = ModelOutput.from_content("mockllm", text, stop_reason=stop)
    out.usage = ModelUsage(**USAGE, **usage)
    return out


Said = Callable[[list[Any], Any], Any]


@pytest.fixture
def made() -> Iterator[Callable[..., Inspect]]:
    """Makes models that answer by a function of messages and configuration; closes them in the end."""
    all_: list[Inspect] = []

    def make(say: Said, **given: Any) -> Inspect:
        def custom(messages: Any, tools: Any, choice: Any, config: Any) -> Any:
            return say(messages, config)

        all_.append(Inspect("mockllm/model", custom_outputs=custom, **given))
        return all_[-1]

    yield make
    for one in all_:
        one.close()
        one.close()


def ask(model: Inspect, *spaces: Space) -> list[Response]:
    """Ask once for each space and wait for all; replies in the order asked."""
    thread = Thread(None, "system", "Be brief.").say("Well?")
    requests = [Request(bytes([k]), thread, s, "players", str(k)) for k, s in enumerate(spaces)]
    model.submit(requests)
    found: dict[bytes, Response] = {}
    while len(found) < len(requests):
        found.update({r.key: r for r in model.poll(True)})
    assert model.poll(True) == []
    return [found[r.key] for r in requests]


def test_answers_arrive_with_their_tokens(made: Callable[..., Inspect]) -> None:
    """Every request is answered once, with text and counts; cached prompt tokens count as prompt tokens."""
    model = made(lambda m, c: output(m[-1].text + m[0].role, input_tokens_cache_read=3))
    replies = ask(model, *[Utterance()] * 40)
    assert {r.text for r in replies} == {"Well?system"}
    assert {(r.prompt_tokens, r.completion_tokens, r.fault) for r in replies} == {(10, 2, None)}
    assert isinstance(model, Model)


def test_identity_says_how_it_draws(made: Callable[..., Inspect]) -> None:
    """Sampling is part of the model's identity; temperature 0 is deterministic; the provider is told."""
    seen: list[Any] = []

    def say(messages: Any, config: Any) -> Any:
        seen.append(config)
        return output("J")

    model = made(say, temperature=0.0, max_tokens=5)
    assert ask(model, Choice("J", "F"))[0].text == "J"
    assert (seen[0].temperature, seen[0].max_tokens, seen[0].max_retries) == (0.0, 5, 9)
    assert (
        model.deterministic and model.model == "inspect:mockllm/model?temperature=0.0&max_tokens=5"
    )
    assert not made(lambda m, c: output("J")).deterministic


def test_faults_are_replies_with_a_reason(made: Callable[..., Inspect]) -> None:
    """Errors, filters and cut values become faults, each of its own request; cut free text is kept and marked."""

    def fail() -> Any:
        raise KeyError("boom")

    said: Iterator[Callable[[], Any]] = iter(
        [
            lambda: output("no", "content_filter"),
            lambda: output("7", "max_tokens"),
            lambda: output("so it", "max_tokens"),
            lambda: ModelOutput(model="mockllm", usage=ModelUsage(**USAGE)),
            fail,
            lambda: output("8"),
        ]
    )
    model = made(lambda m, c: next(said)(), limit=1)
    spaces = (Amount(0, 10), Amount(0, 10), Utterance(), Utterance(), Utterance(), Amount(0, 10))
    filtered, cut, open_, empty, failed, good = (ask(model, s)[0] for s in spaces)
    assert filtered.fault == "ended by a content filter"
    assert cut.fault == "cut: max_tokens" and cut.flags == ("length",)
    assert (open_.fault, open_.flags, open_.text) == (None, ("length",), "so it")
    assert empty.fault == "the provider gave no choices"
    assert failed.fault == "KeyError: 'boom'"
    assert (good.fault, good.text) == (None, "8")


def test_a_refused_key_ends_the_run(made: Callable[..., Inspect]) -> None:
    """A 401 is no reply: nothing may be stored for it."""

    class RefusedError(Exception):
        status_code = 401

    def refuse(messages: Any, config: Any) -> Any:
        raise RefusedError("bad key")

    with pytest.raises(MoresError, match="refused the key"):
        ask(made(refuse), Utterance())


def test_reasoning_is_kept_apart(made: Callable[..., Inspect]) -> None:
    """What a reasoning model thought is not what it answered."""
    parts = [ContentReasoning(reasoning="They will defect."), ContentText(text="F")]
    reply = ask(made(lambda m, c: output(parts, reasoning_tokens=2)), Choice("J", "F"))[0]
    assert (reply.text, reply.reasoning, reply.reasoning_tokens) == ("F", "They will defect.", 2)


def test_schemas_are_asked_for(made: Callable[..., Inspect]) -> None:
    """With schemas=True a choice is asked for by its JSON schema, and the value unwrapped; free text is not."""
    seen: list[Any] = []

    def say(messages: Any, config: Any) -> Any:
        seen.append(config.response_schema)
        return output('{"answer": "F"}')

    model = made(say, schemas=True)
    assert ask(model, Choice("J", "F"))[0].text == "F"
    assert ask(model, Utterance())[0].text == '{"answer": "F"}'
    assert seen[0].json_schema.properties["answer"].enum == ["J", "F"] and seen[1] is None


def test_shares_among_draws(made: Callable[..., Inspect]) -> None:
    """`choose` counts draws and says so; what cannot be read is in no share."""
    said = iter(["J", "J", "F", "hm"])
    chosen = made(lambda m, c: output(next(said))).choose(
        [{"role": "user", "content": "?"}], ["J", "F"], draws=4
    )
    assert chosen.probabilities.tolist() == pytest.approx([2 / 3, 1 / 3])
    assert (chosen.way, chosen.draws, chosen.missing) == ("words", 4, 1)


def test_plays_a_game(made: Callable[..., Inspect]) -> None:
    """Two minds play a prisoner's dilemma through Inspect."""
    model = made(lambda m, c: output("I choose F."))
    game = play(PrisonersDilemma(rounds=3), Population.all(Mind()), models={"players": model})
    assert game.run().scores.tolist() == [3.0, 3.0]


def test_what_cannot_be_reached_is_said_at_once() -> None:
    """An unknown provider is refused before anything is asked."""
    with pytest.raises(BadValue, match="nonsense"):
        Inspect("nonsense/model")


def test_no_scores_and_no_embeddings(made: Callable[..., Inspect]) -> None:
    """What Inspect's providers do not give is refused with the way that there is."""
    model = made(lambda m, c: output("x"))
    with pytest.raises(MoresError, match="hf:PATH"):
        model.score([{"role": "user", "content": "?"}], "x")
    with pytest.raises(MoresError, match="embeddings"):
        model.embed(["x"])
