"""The pocket model: what it reads, what it is, and that it has learnt."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from mores import Population, play
from mores.agent import Mind, Rule
from mores.engine.asking import Request
from mores.errors import BadValue
from mores.models.pocket_lessons import Lesson
from mores.models.scripted import Scripted
from mores.policies.spec import policy
from mores.worlds.games.named import PrisonersDilemma

if TYPE_CHECKING:
    from mores.models.pocket import Trained


def rule(spec: str) -> Rule:
    """A rule by its spec."""
    made = policy(spec)
    assert isinstance(made, Rule)
    return made


WORLD = PrisonersDilemma(rounds=4)
LESSON = Lesson(WORLD, rule("tit-for-tat"), (policy("random"),))


def test_a_lesson_is_what_a_model_would_be_sent() -> None:
    """Every conversation of a lesson is the request that a mind in the same seat sends, word by word."""
    examples = LESSON.play(table=1, seed=3)  # the player sits in seat 1
    answers = iter([answer for _, answer in examples])
    sent: list[Any] = []

    def script(request: Request) -> str:
        sent.append(request.thread.messages())
        return next(answers)

    seats = Population.by_seat(policy("random"), Mind())
    play(WORLD, seats, seed=3, table=1, models={"players": Scripted(script)}).run()
    assert sent == [said for said, _ in examples]


@pytest.mark.parametrize(
    ("spec", "expect"),
    [("grim", "JJFF"), ("pavlov", "JJFJ"), ("alternator", "JFJF"), ("all-defect", "FFFF")],
)
def test_a_lesson_plays_its_rule(spec: str, expect: str) -> None:
    """Rules with and without memory act in a lesson as they do in a game: here against J F F J."""
    lesson = Lesson(WORLD, rule(spec), (policy("loop:pattern=0/1/1/0"),))
    assert "".join(answer for _, answer in lesson.play(0)) == expect


def test_a_random_rule_draws_as_in_a_game() -> None:
    """A rule that draws meets the same chance in a lesson as among rules."""
    lesson = Lesson(WORLD, rule("random"), (policy("all-cooperate"),))
    game = play(
        WORLD, Population.by_seat(policy("random"), policy("all-cooperate")), seed=5, table=2
    )
    did = [e["value"] for e in game.run().events if e["kind"] == "choose" and e["seat"] == 0]
    assert [WORLD.named.index(a) for _, a in lesson.play(2, 5)] == did


def test_a_lesson_needs_others() -> None:
    """A game of two with nobody to play against is refused at once."""
    with pytest.raises(BadValue, match="others"):
        Lesson(WORLD, rule("tit-for-tat"), ())


def test_it_has_learnt_the_rule(pocket: tuple[Path, Trained]) -> None:
    """After 240 steps the likeliest answer is the rule's at 80% of held-out turns or more (chance: about 60%)."""
    trained = pocket[1]
    always_first = np.mean([a == "J" for _, a in LESSON.examples(64)])
    assert trained.turns == 256 and 0.5 < always_first < 0.7
    assert trained.accuracy >= 0.8


def test_it_is_small_safe_and_labelled(pocket: tuple[Path, Trained]) -> None:
    """Under a million parameters, safetensors only, with a chat template, and a note that says what it is."""
    folder, trained = pocket
    assert trained.parameters < 1_000_000
    names = {p.name for p in folder.iterdir()}
    assert {"model.safetensors", "chat_template.jinja", "config.json", "tokenizer.json"} <= names
    assert not [n for n in names if n.endswith((".bin", ".pt", ".py", ".pkl"))]
    written = json.loads((folder / "pocket.json").read_text())
    assert written["steps"] == 240 and written["lessons"] == ["tit-for-tat in prisoners-dilemma"]
    assert written["note"].startswith("A model organism")


def test_same_seed_same_model(tmp_path: Path) -> None:
    """With a number of steps the weights depend on the seed alone, and torch's own generator is left as it was."""
    torch = pytest.importorskip("torch", reason="needs the extra hf")
    pytest.importorskip("transformers", reason="needs the extra hf")
    from mores.models.pocket import Size, train

    state, threads = torch.random.get_rng_state(), torch.get_num_threads()
    size = Size(vocabulary=300, width=16, layers=1, heads=2)
    for name, seed in (("a", 0), ("b", 0), ("c", 1)):
        train(tmp_path / name, [LESSON], steps=3, seed=seed, size=size, tables=20)
    a, b, c = ((tmp_path / n / "model.safetensors").read_bytes() for n in "abc")
    assert a == b != c
    assert torch.equal(state, torch.random.get_rng_state()) and torch.get_num_threads() == threads


def test_time_ends_a_training(tmp_path: Path) -> None:
    """Without a number of steps the time ends it; no time is refused."""
    pytest.importorskip("transformers", reason="needs the extra hf")
    from mores.models.pocket import Size, train

    size = Size(vocabulary=300, width=16, layers=1, heads=2)
    assert train(tmp_path, [LESSON], seconds=0.2, size=size, tables=4).steps >= 1
    with pytest.raises(BadValue, match="seconds"):
        train(tmp_path, [LESSON], seconds=0)
