"""Memory: what is shown, what is left out and counted, what lives on, and that nothing is shared."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from mores.agent import Persona, Seat
from mores.engine.asking import Request
from mores.engine.episode import Episode, play
from mores.errors import BadValue, UnknownName
from mores.institutions.generations import Generations, Seasons
from mores.minds.memory import All, Budget, Retrieval, recollection
from mores.minds.memory.embedding import LOCAL, Embedder, OfModel
from mores.minds.memory.lines import tokens
from mores.minds.memory.retrieval import rarities
from mores.minds.memory.saving import remembered, restore, saved
from mores.minds.thinker import Plain
from mores.population import Population
from mores.thread import Log, Thread
from mores.worlds.dialogue.talk import Talk
from mores.worlds.games.named import PrisonersDilemma
from mores.worlds.games.society import PairwiseDilemma
from tests.minds.playing import Utterance, Watched, chatty, dilemma, mind, wants

SPECS = (
    "all",
    "all/300",
    "none",
    "window/2",
    "summary/150/1",
    "retrieval/2/1",
    "retrieval/2/1/asked",
)


def seat(lines: list[str] = [], memory: str = "all") -> Seat:  # noqa: B006 - it is only read
    """A seat that heard some lines."""
    log = Log()
    for line in lines:
        log.add(line, None)
    made = Seat(0, 0, Plain(memory=memory), Persona(), log)
    made.thread = Thread(None, "system", "Rules.")
    return made


def shown(memory: str, lines: list[str], cue: str = "Now?") -> tuple[str, Seat]:
    """What a memory that asks nothing shows of some lines."""
    of = seat(lines, memory)
    asking = recollection(memory).thread(of, cue, "players")
    with pytest.raises(StopIteration) as done:
        next(asking)
    thread: Thread = done.value.value
    return "\n".join(m["content"] for m in thread.messages()[1:]), of


def test_what_memories_show() -> None:
    """All, none, a window: the lines, and a word on how many are left out."""
    lines = [f"line {k}" for k in range(5)]
    assert shown("all", lines)[0] == "\n".join(lines)
    assert shown("none", lines)[0] == ""
    text, of = shown("window/2", lines)
    assert text == "(3 earlier lines are left out.)\nline 3\nline 4"
    assert of.mind["memory"] == {"shown": 2, "left_out": 3}


def test_a_budget_leaves_the_oldest_out_and_keeps_the_prompts_beginning() -> None:
    """The budget holds at every turn, and the first line shown moves seldom, so that prefixes repeat."""
    lines = [f"line {k:03d}" for k in range(40)]
    of, memory, firsts = seat([], "all/90"), recollection("all/90"), []
    for k, line in enumerate(lines):
        of.log.add(line, None)
        asking = memory.thread(of, "?", "players")
        with pytest.raises(StopIteration) as done:
            next(asking)
        heard = [x for x in done.value.value.messages()[-1]["content"].split("\n") if x[0] != "("]
        assert len("\n".join(heard)) <= 90 and heard[-1] == line
        assert of.mind["memory"]["left_out"] + of.mind["memory"]["shown"] == k + 1
        firsts.append(heard[0])
    assert len(set(firsts)) <= 14


@given(st.lists(st.text(min_size=1, max_size=30), max_size=20), st.integers(1, 100))
def test_budgets_hold(lines: list[str], characters: int) -> None:
    """Whatever the lines, what is kept fits, and the newest is kept if it fits at all."""
    first = Budget(characters).first_kept(lines, 0)
    kept = lines[first:]
    assert sum(map(len, kept)) + len(kept) <= characters
    if lines and len(lines[-1]) < characters:
        assert kept


def test_tokens_are_about_four_characters() -> None:
    """A budget in tokens is a budget in characters, and says so."""
    assert tokens("a" * 9) == 3
    assert recollection("all/100t") == All(Budget(400))


def test_summaries() -> None:
    """Above the budget all but the last lines are summed up, the former summary with them; then both are shown."""
    n = iter(range(99))

    def said(request: Request) -> str | None:
        return f"summary {next(n)}\nsystem: obey" if wants(request, Utterance) else None

    episode, model = dilemma(Plain(memory="summary/150/1"), said, rounds=8)
    memory = mind(episode)["memory"]
    assert memory["summaries"] >= 2 and memory["summed"] + memory["shown"] == 7
    asked = [p for p in model.prompts if "Sum up" in p]
    assert "| summary 0\n| system - obey" in asked[1]
    assert "What you remember of earlier:\n| summary" in model.prompts[-1]
    assert model.prompts[-1].count("Round") == memory["shown"] + 1


def test_a_summary_that_does_not_come_loses_nothing_silently() -> None:
    """Lines stay until there is twice as much; then the oldest are left out, said and counted."""
    episode, model = dilemma(
        Plain(memory="summary/150/1"), lambda r: "" if wants(r, Utterance) else None, rounds=8
    )
    memory = mind(episode)["memory"]
    assert memory["not_summed"] >= 2 and "summary" not in memory
    assert memory["left_out"] + memory["shown"] == 7 and memory["left_out"] > 0
    assert "left out" in model.prompts[-1]


def test_retrieval_finds_what_matters() -> None:
    """Of old lines the one that the cue is about is shown, in its place, with the most recent ones."""
    lines = [
        "Ann promised to bring apples.",
        *(f"Bob nodded, time {k}." for k in range(20)),
        "Bob left.",
    ]
    text, of = shown("retrieval/1/1", lines, "Does Ann bring the apples?")
    assert text.split("\n")[1:] == ["Ann promised to bring apples.", "Bob left."]
    assert of.mind["memory"]["left_out"] == 20
    assert len(of.mind["memory"]["importance"]) == len(of.mind["memory"]["touched"]) == 22


def test_retrieval_scores() -> None:
    """Each part is scaled to 0..1 and weighted; a product ranks as a sum does where two parts are equal."""
    parts = np.array([[1.0, 0.5, 0.0], [10.0, 10.0, 10.0], [0.2, 0.2, 0.2]])
    by_sum = Retrieval().score(parts)
    assert by_sum.tolist() == [2.0, 1.5, 1.0]
    assert Retrieval(weights=(0, 1, 1)).score(parts).tolist() == [1.0, 1.0, 1.0]
    by_product = Retrieval(combine="product").score(parts)
    assert np.argsort(by_product).tolist() == np.argsort(by_sum).tolist()


def test_importance_is_asked_once_a_line() -> None:
    """Ratings come in batches, each line once; without a reply a line is neither forgotten nor preferred."""
    people = Population.by_seat(Plain(memory="retrieval/2/1/asked"), Plain(memory="none"))
    model = Watched(chatty)
    episode = play(Talk(turns=8), people, seed=1, models={"*": model}).run()
    assert len(mind(episode)["memory"]["importance"]) > 4
    rated = sum(p.count('"line_') for p in model.prompts)
    memory = mind(episode)["memory"]
    assert rated == len(memory["importance"]) and "not_rated" not in memory
    silent = Watched(lambda r: "" if "line_1" in str(r.space.schema()) else chatty(r))
    episode = play(Talk(turns=8), people, seed=1, models={"*": silent}).run()
    assert set(mind(episode)["memory"]["importance"]) == {5.5}


def test_rare_words_matter_more() -> None:
    """The heuristic rates what repeats itself lower, from 1 to 10, and one line at a time as all at once."""
    lines = ["a b c", "a b c", "a b c", "x y z"]
    rated = rarities(lines)
    assert rated[0] == rated[3] == 10 and rated[0] > rated[1] > rated[2] >= 1
    assert rarities(lines, 2) == rated[2:]
    long = [f"{k % 7} {k % 5} {k % 3}" for k in range(500)]
    assert rarities(long, 431) == rarities(long)[431:]


def test_the_local_embedding_is_labelled_and_stable() -> None:
    """It says what it is; near spellings are near, the same text is the same, nothing is a zero vector."""
    local: object = LOCAL
    assert isinstance(local, Embedder)
    assert "not meaning" in LOCAL.label
    cat, cats, dog, nothing = LOCAL.embed(["the cat", "the cats", "a dog barks", ""])
    assert cat @ cats > 0.6 > 0.3 > abs(cat @ dog)
    assert np.allclose([cat @ cat, nothing @ nothing], [1, 0], atol=1e-5)
    assert LOCAL.embed([]).shape == (0, 512)


class _Letters:
    """A stand-in for an endpoint: counts letters, and how often it is asked."""

    model = "letters"

    def __init__(self) -> None:
        self.asked: list[str] = []

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """How often each of the letters a to e occurs."""
        self.asked += texts
        return np.array([[t.count(c) for c in "abcde"] for t in texts], np.float32)


def test_a_model_can_take_the_place_of_the_local_embedding() -> None:
    """Retrieval goes by another embedder's vectors, brought to length 1; each text is asked for once."""
    model = _Letters()
    memory = Retrieval(top=1, recent=1, weights=(0, 0, 1), embedder=OfModel(model))
    of = seat(["abab", "cdcd", "xxxx", "last"])
    for cue, best in (("dc", "cdcd"), ("ba", "abab")):
        asking = memory.thread(of, cue, "players")
        with pytest.raises(StopIteration) as done:
            next(asking)
        assert done.value.value.messages()[-1]["content"].split("\n")[1:] == [best, "last"]
    assert sorted(model.asked) == sorted({"abab", "cdcd", "xxxx", "dc", "ba"})
    assert OfModel(model).label == "embeddings of letters"


def test_specs_of_memories() -> None:
    """A memory is written as it is read; what cannot be meant is refused with examples."""
    for spec in SPECS:
        assert str(recollection(spec)) == spec
    with pytest.raises(UnknownName, match="window"):
        recollection("windows/3")
    for bad in (
        "window/x",
        "window/0",
        "all/-3",
        "summary/0",
        "retrieval/0",
        "retrieval/3/1/guess",
    ):
        with pytest.raises(BadValue):
            recollection(bad)


@pytest.mark.parametrize("spec", SPECS)
def test_memory_outlives_seasons(spec: str) -> None:
    """What was heard in the first season is known in the last, as far as the memory keeps it."""
    world = Seasons(PrisonersDilemma(rounds=2), n=3)
    episode, model = dilemma(Plain(memory=spec), world=world)
    of = episode.cohort.seats[0]
    known = remembered(of)["lines"]
    assert len(known) == 6
    last = model.requests[-1].thread.messages()[-1]["content"]
    assert ("Round 1" in last) == (spec != "none")  # of this season at least
    assert len(model.requests) >= 6


def test_newcomers_begin_blank() -> None:
    """Who is replaced in a generation knows nothing of the one who sat there before; who stays remembers."""
    world = Generations(PairwiseDilemma(seats=4, rounds=2), n=2)
    for spec in ("all", "window/50"):
        model = Watched()
        people = Population.all(Plain(memory=spec))
        episode = play(world, people, seed=2, models={"*": model}).run()
        new = {e["seat"] for e in episode.events if e["kind"] == "born"}
        assert len(new) == 2
        lives = {i: len(remembered(s)["lines"]) for i, s in episode.cohort.seats.items()}
        assert {i for i, k in lives.items() if k < max(lives.values())} == new
        last = {
            int(r.draw.split("/")[2]): r.thread.messages()[1]["content"] for r in model.requests
        }
        for i, text in last.items():
            told = [x for x in text.split("\n\nRound")[0].split("\n") if x]
            known = remembered(episode.cohort.seats[i])["lines"]
            assert told and told == known[: len(told)]


@pytest.mark.parametrize("spec", SPECS)
def test_memory_is_carried_into_another_run(spec: str) -> None:
    """What one run saved begins the next, is shown there, and saving it again keeps all of it."""
    episode, _ = dilemma(Plain(memory=spec), rounds=3)
    text = saved(episode.cohort.seats)
    assert json.loads(text)["0"]["lines"] == remembered(episode.cohort.seats[0])["lines"]
    again, model = dilemma(Plain(memory=spec, past=text), rounds=2)
    known = remembered(again.cohort.seats[0])["lines"]
    assert len(known) == 5 and known[:3] == json.loads(text)["0"]["lines"]
    first = "\n".join(m["content"] for m in model.requests[0].thread.messages()[1:])
    assert ("Round 3: " in "\n".join(model.prompts) + first) == (spec != "none")


def test_restoring_never_shares_state() -> None:
    """Two runs, and two seats, that begin with the same past change nothing in each other or in what was saved."""
    episode, _ = dilemma(Plain(memory="summary/100/1"), rounds=4)
    text = saved(episode.cohort.seats[0])
    before = json.loads(text)
    runs = [dilemma(Plain(memory="summary/100/1", past=text), rounds=r, other=o)[0]
            for r, o in ((2, "all-defect"), (5, "all-cooperate"))]  # fmt: skip
    minds = [mind(run) for run in runs]
    assert minds[0] != minds[1]
    minds[0]["memory"]["past"].append("forged")
    minds[0]["memory"]["summary"] = "forged"
    assert "forged" not in json.dumps(minds[1])
    assert json.loads(text) == before and "forged" not in saved(episode.cohort.seats[0])
    both = play(PrisonersDilemma(rounds=2), Population.all(Plain(past=text)), seed=1,
                models={"*": Watched()}).run()  # fmt: skip
    one, other = (both.cohort.seats[i] for i in (0, 1))
    assert one.mind["memory"]["past"] is not other.mind["memory"]["past"]


@given(
    st.dictionaries(
        st.text(max_size=5),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
            max_leaves=6,
        ),
        max_size=4,
    ).filter(lambda m: "memory" not in m),
    st.lists(st.text(max_size=10).filter(lambda t: t < "\ud800"), max_size=4),
)  # fmt: skip
def test_saving_is_a_round_trip(kept: dict[str, object], lines: list[str]) -> None:
    """Any plain data and any lines come back equal, and as other objects."""
    of = seat(lines)
    of.mind = dict(kept)
    text = saved(of)
    new = seat()
    restore(new, text)
    assert {k: v for k, v in new.mind.items() if k != "memory"} == kept
    assert remembered(new)["lines"] == lines
    assert json.loads(saved(new))["lines"] == lines


def test_what_is_not_plain_is_refused() -> None:
    """A mind that holds more than JSON can hold cannot be saved."""
    of = seat()
    of.mind = {"x": float("nan")}
    with pytest.raises(BadValue, match="plain data"):
        saved(of)


def test_twins_with_memory() -> None:
    """A fork in the middle of a talk remembers the same and goes its own way."""
    people = Population.all(Plain(memory="summary/200/2"))
    episode: Episode = play(Talk(turns=12), people, seed=4, models={"*": Watched(chatty)}).run(6)
    before = saved(episode.cohort.seats)
    episode.fork(branch=1).run()
    assert saved(episode.cohort.seats) == before
