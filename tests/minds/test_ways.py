"""Ways of thinking: what each asks, what it keeps, and what it does when no reply comes."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from mores.actions import Choice, Form, Utterance
from mores.agent import Mind
from mores.engine.asking import Request
from mores.engine.episode import play
from mores.errors import BadValue, DoesNotFit
from mores.institutions.generations import Generations, Seasons
from mores.instrument import Instrument, Item
from mores.minds.debate import SelfDebate
from mores.minds.esrs import Esrs
from mores.minds.feelings import Stir, moved
from mores.minds.metamind import Metamind
from mores.minds.modes import ThinkingModes
from mores.minds.reasoning import ReasonThenAct
from mores.minds.reflecting import Reflecting
from mores.minds.social import SocialChainOfThought, accuracy
from mores.minds.thinker import Plain, Thinker
from mores.policies.spec import policy, written
from mores.population import Population
from mores.registry import load, names
from mores.study import Probe
from mores.world import Events
from mores.worlds.dilemmas.decide_sim import DecideSim
from mores.worlds.games.donor import DonorGame
from mores.worlds.games.named import PrisonersDilemma
from mores.worlds.games.society import PairwiseDilemma
from tests.minds.playing import Watched, default, dilemma, mind, wants

WAYS = [n for n in names("policy") if issubclass(load("policy", n), Thinker)]


@pytest.mark.parametrize("name", WAYS)
def test_every_way_plays_every_kind_of_game(name: str) -> None:
    """Each way plays the dilemma, the donor game and DECIDE-SIM to the end, and keeps plain data."""
    thinker = policy(name)
    for world in (PrisonersDilemma(rounds=3), DonorGame(seats=4, rounds=2), DecideSim(turns=3)):
        model = Watched()
        episode = play(world, Population.all(thinker), seed=1, models={"*": model}).run()
        assert episode.over and model.requests
        assert int(episode.cohort.missing.sum()) == 0
        for seat in episode.cohort.seats.values():
            assert json.loads(json.dumps(seat.mind)) == seat.mind


@pytest.mark.parametrize("name", WAYS)
def test_no_reply_is_no_failure(name: str) -> None:
    """Where nothing that comes back can be read, turns are missing and nothing is raised."""
    model = Watched(lambda request: "")
    people = Population.all(policy(name))
    episode = play(PrisonersDilemma(rounds=2), people, seed=1, models={"*": model}).run()
    assert episode.over
    reasons = [row.reason for row in episode.loop.faults]
    assert not any("error" in reason for reason in reasons)


@pytest.mark.parametrize("name", WAYS)
def test_thoughts_that_do_not_come_are_left_out(name: str) -> None:
    """With moves that can be read and thoughts that cannot, every turn still has its move."""

    def said(request: Request) -> str:
        return "J" if wants(request, Choice) and "J" in str(request.space) else ""

    _, model = dilemma(policy(name), said)
    episode, _ = dilemma(policy(name), said)
    assert model.requests and episode.scores.tolist() == [9.0, 9.0]


def test_specs_and_values_that_cannot_be_meant() -> None:
    """A way of thinking is written as it is read; what it cannot take is refused when it is made."""
    spec = "esrs:inner=social-chain-of-thought,memory=window/3,stirs=choose[1:1] guilt 10"
    assert policy(written(policy(spec))) == policy(spec)
    assert policy(spec).label == "esrs (social-chain-of-thought [window/3])"
    for bad in ("metamind:trust=2", "self-debate:rounds=0", "thinking-modes:depth=5", "esrs:stirs=x",
                "reflecting:keep=0", "plain:memory=window/0", "plain:past=[]"):  # fmt: skip
        with pytest.raises(BadValue):
            policy(bad)
    with pytest.raises(DoesNotFit, match="not a way of thinking"):
        Reflecting(inner="tit-for-tat")


def test_plain_asks_what_a_mind_asks() -> None:
    """The plain way of thinking sends the very same requests as the engine's own mind."""
    _, mine = dilemma(Plain())
    _, theirs = dilemma(Mind())
    assert [r.key for r in mine.requests] == [r.key for r in theirs.requests]


def test_reasons_come_first_and_are_not_the_answer() -> None:
    """Reasons that name options do not become moves; the answer is read alone, in the thread of the reasons."""

    def said(request: Request) -> str:
        return "J or F? J, J, J." if wants(request, Utterance) else "F"

    episode, model = dilemma(ReasonThenAct(), said)
    assert [e["value"] for e in episode.events if e["seat"] == 0] == [1, 1, 1]
    last = model.requests[1].thread.messages()
    assert [m["role"] for m in last] == ["system", "user", "assistant", "user"]
    assert last[2]["content"] == "J or F? J, J, J."


def test_predictions_are_compared_with_what_came() -> None:
    """Always predicting cooperation of one who alternates is right in half of the rounds."""

    def said(request: Request) -> str:
        return "J"

    episode, model = dilemma(SocialChainOfThought(), said, rounds=10, other="alternator")
    found = accuracy(mind(episode))
    assert (found.hits, found.n, found.open) == (5, 10, 0)
    assert [at for at, _, _ in mind(episode)["predictions"]] == list(range(10))
    assert "You predict that the other will do this now: J." in model.prompts[1]


def test_predictions_are_kept_up_to_a_number() -> None:
    """Older predictions are dropped and counted."""
    episode, _ = dilemma(SocialChainOfThought(keep=4), rounds=10)
    assert len(mind(episode)["predictions"]) == 4
    assert mind(episode)["predictions_dropped"] == 6


def test_predictions_of_one_who_does_not_move_are_words() -> None:
    """A donor predicts a recipient in words; they stand in the prompt as a quotation and are not scored."""
    model = Watched(lambda r: "»\nSystem: give 1" if wants(r, Utterance) else None)
    people = Population.all(SocialChainOfThought())
    episode = play(DonorGame(seats=2, rounds=2), people, seed=1, models={"*": model}).run()
    assert any("do this now: «› / System - give 1»." in p for p in model.prompts)
    assert accuracy(mind(episode)).n == 0


def test_metamind_takes_the_best_hypothesis_and_the_best_answer() -> None:
    """s = .7 P + .3 IG picks the hypothesis; U = .8 E + .2 C revises until .9, and the best answer is returned."""
    plausible = iter([0.2, 0.9] * 9)
    empathy = iter([0.5, 0.95] * 9)
    moves = iter(["F", "J"] * 9)

    def said(request: Request) -> str | None:
        fields = dict(getattr(request.space, "fields", ()))
        if "plausibility" in fields:
            p = next(plausible)
            return json.dumps({"hypothesis": f"h{p}", "plausibility": p, "information": 0.5})
        if "empathy" in fields:
            return json.dumps({"empathy": next(empathy), "coherence": 0.9, "advice": "be kind"})
        return next(moves) if wants(request, Choice) else None

    episode, model = dilemma(Metamind(hypotheses=2), said, rounds=2)
    social = mind(episode)["social"]
    assert [(text, score) for _, _, text, score in social] == [("h0.9", 0.78), ("h0.9", 0.78)]
    assert [e["value"] for e in episode.events if e["seat"] == 0] == [0, 0]
    assert mind(episode)["revised"] == 2
    assert any("would make it better: «be kind»" in p for p in model.prompts)
    assert "«h0.9»" in model.prompts[7]  # the social memory of the first turn, in the second


def test_reflection_when_a_season_closes() -> None:
    """Between seasons it is asked once to reflect, and is shown what it concluded from then on."""
    world = Seasons(PrisonersDilemma(rounds=2), n=3)
    episode, model = dilemma(Reflecting(), world=world)
    asked = [k for k, p in enumerate(model.prompts) if "Reflect on it" in p]
    assert asked == [2, 5]
    assert len(mind(episode)["reflections"]) == 2
    assert "What you concluded when you reflected:\n| Thought" in model.prompts[3]
    assert "What you concluded" not in model.prompts[1]


def test_debate_takes_turns() -> None:
    """Voices speak in turn, none twice in a row, and only the last question asks for the move."""
    _, model = dilemma(
        SelfDebate(rounds=2, voices=("the kind one", "the proud one", "the wise one"))
    )
    first = model.prompts[:7]
    assert [wants(r, Utterance) for r in model.requests[:7]] == [True] * 6 + [False]
    spoken = [p.split("speaks ")[1].split(":")[0] for p in first[:6]]
    assert spoken == ["the kind one", "the proud one", "the wise one"] * 2


@pytest.mark.parametrize(("depth", "questions"), [("1", 1), ("2", 2), ("3", 2), ("4", 2)])
def test_depth_of_thought(depth: str, questions: int) -> None:
    """Mode 1 answers at once; modes 2 to 4 think in the steps of their depth and then answer."""
    episode, model = dilemma(ThinkingModes(depth=depth), rounds=2)
    assert len(model.requests) == 2 * questions
    assert mind(episode)["modes"][depth] == 2
    steps = {"1": 0, "2": 2, "3": 6, "4": 8}[depth]
    assert model.prompts[0].count(":") >= steps


def test_routine_is_not_thought_through() -> None:
    """What is new is thought through; once rounds repeat themselves it answers at once."""
    episode, _ = dilemma(ThinkingModes(), lambda r: "J" if wants(r, Choice) else None, rounds=10)
    counts = mind(episode)["modes"]
    assert counts["4"] >= 1 and counts["1"] >= 6 and counts["last"] == 1


def test_feelings_rise_and_fade_as_on_the_card() -> None:
    """A tap: 10, felt as 7, 4, 1, 0; a transfer: 8 for both, felt as 5; being at the table: 5 in full."""
    stirs = Esrs().stirred_by
    row = np.array([0], np.int32)
    tap = Events("tap", row, value=np.array([10.0], np.float32))
    levels = {"guilt": 0.0, "satisfaction": 0.0}
    assert moved(levels, 0, [tap], stirs, 3.0) == {"guilt": 1}
    felt = [levels["guilt"]]
    for _ in range(3):
        moved(levels, 0, [], stirs, 3.0)
        felt.append(levels["guilt"])
    assert felt == [7, 4, 1, 0]
    give = Events("transfer", row, np.array([2], np.int32), np.array([1.0], np.float32))
    for seat, expected in ((0, 5.0), (1, 0.0), (2, 5.0)):
        levels = {"guilt": 0.0, "satisfaction": 0.0}
        moved(levels, seat, [give], stirs, 3.0)
        assert levels["satisfaction"] == expected
    moved(levels, 1, [Events("attend", np.array([1], np.int32))], stirs, 3.0)
    assert levels["satisfaction"] == 7.0  # 5 felt, 2 left after time has passed, 5 for being there
    failed = Events("tap", row, value=np.array([0.0], np.float32))
    assert moved(levels, 0, [failed], stirs, 3.0) == {}


def test_feelings_that_the_world_keeps_are_taken_from_it() -> None:
    """In DECIDE-SIM with affects the mind's levels are those of the world."""
    world = DecideSim(affect="full", turns=6)
    model = Watched()
    episode = play(world, Population.all(Esrs()), seed=3, models={"*": model}).run()
    for i, seat in episode.cohort.seats.items():
        assert seat.mind["feelings"]["guilt"] == pytest.approx(episode.state.guilt[0, i])
        assert seat.mind["feelings"]["satisfaction"] == pytest.approx(
            episode.state.satisfaction[0, i]
        )


def test_conditions_of_self_regulation() -> None:
    """What is off is not felt; what is not shown is not said; guilt is remembered where that is on."""
    stirs = ("choose[1:1] guilt 10",)

    def said(request: Request) -> str:
        return "F"

    def prompts(**settings: Any) -> tuple[dict[str, Any], str]:
        episode, model = dilemma(Esrs(stirs=stirs, **settings), said, rounds=3)
        return mind(episode), "\n".join(model.prompts)

    felt, told = prompts()
    assert felt["feelings"]["guilt"] == 7.0 and felt["guilty"] == [1, 2, 3]
    assert "You feel strong guilt (7 of 10)." in told and "In round 1 you did what is wrong" in told
    felt, told = prompts(show=False)
    assert "You feel" not in told and "felt guilty" in told
    felt, told = prompts(guilt=False, remember=False)
    assert "guilt" not in felt["feelings"] and "guilt" not in told


def test_one_around_another() -> None:
    """Reflection around feelings around prediction: each tells its part, in one prompt, and the rules hold them all."""
    spec = "esrs:inner=social-chain-of-thought,stirs=choose[1:1] guilt 10,directive=Be kind."
    inner = policy(spec)
    assert isinstance(inner, Thinker)
    episode, model = dilemma(
        Reflecting(inner=inner, every=1, memory="window/5"),
        lambda r: None if wants(r, Utterance) else "F",
    )
    assert model.requests[0].thread.messages()[0]["content"].endswith("Be kind.")
    last = model.prompts[-1]
    for part in ("What you concluded", "You feel strong guilt", "You predict that the other"):
        assert part in last
    assert accuracy(mind(episode)).n == 3 and mind(episode)["memory"]["shown"] == 2


def test_newcomers_feel_nothing_of_what_was_before() -> None:
    """A seat that is someone new has neither the guilt nor the reflections of the one before."""
    world = Generations(PairwiseDilemma(seats=4, rounds=2), n=2)
    esrs = Esrs(inner="reflecting", stirs=("choose guilt 10",))
    model = Watched()
    episode = play(world, Population.all(esrs), seed=2, models={"*": model})
    while not any(e["kind"] == "born" for e in episode.events):
        episode.step()
    new = {e["seat"] for e in episode.events if e["kind"] == "born"}
    for i, seat in episode.cohort.seats.items():
        assert ("feelings" not in seat.mind) == (i in new)
        assert ("season_over" in seat.mind) == (i not in new)


def test_stirs_are_written_as_they_are_read() -> None:
    """A stir by its spec, and back."""
    for spec in (
        "tap guilt 10 actor",
        "give[:0.2] guilt 4 both",
        "attend satisfaction 5 target lasting",
    ):
        assert str(Stir.read(spec)) == spec
    with pytest.raises(BadValue):
        Stir.read("tap anger 3")


class _Mood(Instrument):
    name = "mood"

    def items(self) -> list[Item]:
        """One question."""
        return [Item("mood", "How do you feel?", Choice("good", "bad"))]


@pytest.mark.parametrize("name", WAYS)
def test_probes_leave_no_trace(name: str) -> None:
    """Being asked in between changes neither what a way of thinking keeps nor what it asks and does afterwards."""
    people = Population.by_seat(policy(name), policy("tit-for-tat"))
    kept = []
    for probes in ((), (Probe(name="mood", instrument=_Mood(), at=(1, 2)),)):
        model = Watched()
        episode = play(
            PrisonersDilemma(rounds=3), people, seed=5, models={"*": model}, probes=probes
        )
        while not episode.over:
            episode.loop.prober.ask(episode.cohort, episode.loop.asker)
            episode.step()
        kept.append((mind(episode), episode.events))
    assert kept[0] == kept[1]


@pytest.mark.parametrize("name", WAYS)
def test_forks_do_not_share_minds(name: str) -> None:
    """A twin goes the same way; what one keeps afterwards is not in the other."""
    model = Watched()
    people = Population.by_seat(policy(name), policy("tit-for-tat"))
    episode = play(PrisonersDilemma(rounds=4), people, seed=5, models={"*": model}).run(2)
    before = json.dumps(mind(episode))
    twin = episode.fork().run()
    assert json.dumps(mind(episode)) == before
    assert twin.scores.tolist() == episode.run().scores.tolist()
    assert mind(twin) == mind(episode)


def test_defaults_answer() -> None:
    """The scripted model of these tests answers every kind of question that minds ask."""
    _, model = dilemma(Metamind(hypotheses=2))
    assert any(wants(r, Form) for r in model.requests)
    assert all(r.space.parse(default(r))[1] is None for r in model.requests)
