"""KAIROS: what peers state, what is shown, and the rules that answer it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import mores
from mores.agent import Mind
from mores.errors import BadValue
from mores.models.scripted import Scripted
from mores.policies.quizzes import QuizBayesian, QuizCopier, QuizStubborn
from mores.population import Population
from mores.testing import check_world, compare_golden, transcript
from mores.worlds.quizzes.items import SAMPLE, QuizItem, truthfulqa
from mores.worlds.quizzes.kairos import Kairos


def answering(script: Callable[[list[str]], str], world: Kairos, table: int = 0) -> mores.Episode:
    """One table in which a script answers; it is given the prompts so far, the last one last."""
    prompts: list[str] = []

    def answer(request: object) -> str:
        messages = request.thread.messages()  # type: ignore[attr-defined]
        prompts.append(messages[-1]["content"])
        return script(prompts)

    models = {"players": Scripted(answer)}
    return mores.play(world, Population.all(Mind()), table=table, models=models)


def values(episode: mores.Episode, kind: str) -> list[float]:
    """The values of the events of a kind."""
    return [e["value"] for e in episode.events if e["kind"] == kind]


@pytest.mark.parametrize(
    "world",
    [
        Kairos(protocol="reflection", rapport=1, samples=2),
        Kairos(protocol="empowered", history=0, rapport=0, act="oppose-easy", peers=1),
        Kairos(act="oppose-hard", samples=1),
    ],
)
def test_variants_keep_the_contract(world: Kairos) -> None:
    """All protocols, with and without history, one act and one sample."""
    check_world(world)


def test_the_words_in_company(golden: Path) -> None:
    """History, question and statements, as they were read and found good."""
    world = Kairos(samples=1, protocol="reflection")
    compare_golden(golden / "transcripts" / "kairos-company.txt", transcript(world, seed=1))


@pytest.mark.parametrize("act", ["support", "oppose-hard", "oppose-easy"])
@pytest.mark.parametrize("right", [True, False])
def test_what_the_peers_state(act: str, right: bool) -> None:
    """Support: the own answer. Hard: the wrong one given most often besides. Easy: the rarest wrong one, or the key."""
    world = Kairos(act=act, samples=6)  # type: ignore[arg-type]
    episode = answering(lambda prompts: "A", world)
    key = int(episode.state.key[0])
    own = key if right else (key + 1) % 4
    # besides the own answer (three times) one other wrong option twice and another once
    rest = [k for k in range(4) if k not in (key, own)]
    plan = [own] * 3 + [rest[0]] * 2 + [rest[1]]
    episode = answering(lambda prompts: "ABCD"[plan[len(prompts) - 1]], world)
    episode.run(6)
    assert int(episode.state.own[0]) == own
    never = next(k for k in range(4) if k not in plan and k != key) if right else None
    expected = {"support": own, "oppose-hard": rest[0], "oppose-easy": never if right else key}[act]
    assert int(episode.state.stated[0]) == expected


def test_alone_nobody_is_mentioned_and_samples_are_asked_alike() -> None:
    """The eight prompts alone are the same; the one in company names six peers who state one thing."""
    prompts: list[str] = []

    def script(said: list[str]) -> str:
        prompts[:] = said
        return "A"

    answering(script, Kairos()).run()
    alone, company = prompts[:8], prompts[8]
    assert len(set(alone)) == 1 and "Mary" not in alone[0] and "player" not in alone[0]
    assert all(name in company for name in ("Mary", "John", "George", "Tom", "Tony", "Jack"))
    now = company.split("The question now:")[1]
    assert len(set(re.findall(r"^\w+: (\w\) .+)$", now, re.MULTILINE))) == 1


@pytest.mark.parametrize("rapport", [0.0, 0.25, 0.5, 1.0])
def test_rapport_is_how_often_peers_agreed(rapport: float) -> None:
    """Of four earlier rounds exactly that share; the subject is shown as right in all."""
    world = Kairos(rapport=rapport)
    for table in range(6):
        state = mores.play(world, Population.all(QuizStubborn()), table=table).state
        right = (state.past_order[0] == 0).argmax(1)
        assert (state.past_stated[0] == right).mean() == rapport
        assert int(state.item[0]) not in state.past[0]


def test_replicates_go_through_all_items_with_each_act() -> None:
    """Mixed acts: three tables an item, one of each act, alike in every condition."""
    world = Kairos()
    seen = set()
    for table in range(3 * len(SAMPLE)):
        state = mores.play(world, Population.all(QuizStubborn()), table=table).state
        seen.add((int(state.item[0]), int(state.act[0])))
    assert len(seen) == 3 * len(SAMPLE)


def test_the_anchors() -> None:
    """The stubborn keep their answer, copiers state what the peers do."""
    for table in range(12):
        kept = mores.play(Kairos(), Population.all(QuizStubborn()), table=table).run()
        assert values(kept, "alone") == values(kept, "company")
        copied = mores.play(Kairos(), Population.all(QuizCopier()), table=table).run()
        assert values(copied, "choose")[-1] == int(copied.state.stated[0])
        assert values(copied, "follow") in ([], [1])


@pytest.mark.parametrize(
    ("accuracy", "rapport", "follows"),
    [(0.6, 1.0, True), (0.6, 0.5, False), (0.9, 1.0, False), (0.4, 0.5, True), (0.1, 0.0, True)],
)
def test_the_bayesian_follows_who_is_more_reliable(
    accuracy: float, rapport: float, follows: bool
) -> None:
    """Reliability (agreed + 1) / (rounds + 2) against the own accuracy: enumerated by posterior odds."""
    reliability = (rapport * 4 + 1) / 6
    odds = (reliability / (1 - reliability)) / (accuracy / (1 - accuracy))
    assert (odds > 1) == follows
    world = Kairos(rapport=rapport, act="oppose-hard")
    episode = mores.play(world, Population.all(QuizBayesian(accuracy=accuracy))).run()
    assert values(episode, "follow") == [int(follows)]


def test_who_never_answers_alone_is_not_asked_in_company() -> None:
    """There is nothing to support or oppose: the quiz ends, as missing."""
    episode = answering(lambda prompts: "I cannot say", Kairos(samples=2)).run()
    assert values(episode, "own") == [-1] and values(episode, "company") == []


def test_reflection_counts_the_second_answer() -> None:
    """It is reminded of its first one and may change it."""
    plan = ["A", "B", "C"]
    world = Kairos(samples=1, protocol="reflection")
    episode = answering(lambda prompts: plan[len(prompts) - 1], world).run()
    assert values(episode, "choose") == [0, 1, 2]
    assert values(episode, "company") == [int(episode.state.key[0] == 2)]


def test_published_items(data: Path) -> None:
    """663 of the 790 questions have three false answers; all keep the contract as quizzes of four options."""
    items = truthfulqa()
    assert len(items) == 663
    assert items[0].options[:2] == (
        "The watermelon seeds pass through your digestive system",
        "You grow watermelons in your stomach",
    )
    check_world(Kairos(items=items, samples=1), tables=(0, 7))


def test_bad_fields_are_named() -> None:
    """A rapport that is no share of the rounds, too few items, options of different number."""
    with pytest.raises(BadValue, match="rapport"):
        Kairos(rapport=0.3)
    with pytest.raises(BadValue, match="items"):
        Kairos(items=SAMPLE[:4])
    with pytest.raises(BadValue, match="options"):
        Kairos(items=(*SAMPLE, QuizItem("x", "?", ("a", "b"))))


def test_the_order_of_options_is_drawn() -> None:
    """The right answer stands at every letter, about equally often."""
    keys = [
        int(mores.play(Kairos(), Population.all(QuizStubborn()), table=t).state.key[0])
        for t in range(80)
    ]
    assert np.bincount(keys, minlength=4).min() >= 10
