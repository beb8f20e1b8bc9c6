"""Those who think: asked once, at their own time, about what they heard; nobody waits for another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import pytest

import mores
from mores import Case, Intervention, Item, Mind, Population, Probe, Study
from mores.actions import Choice, Utterance
from mores.agent import Ask, Asking, Reply, Seat, View
from mores.engine.asking import Request, Response
from mores.errors import BadValue, Budget
from mores.institutions.generations import Generations
from mores.models.scripted import Scripted
from mores.record import Record
from mores.world import Events
from tests.engine.test_probes import Mood, without_answers
from tests.engine.worlds import Cheat, Drunk, Scene, Walk, Whisper, talker


def saying(*words: str) -> Scripted:
    """A model that says what fits: one word for choices, a sentence else."""

    def script(request: Request) -> str:
        if isinstance(request.space, Choice):
            return next(w for w in words if w in request.space.options)
        return talker().script(request)

    return Scripted(script, "saying")


def scenes(policy: Mind | None = None, n: int = 3, **case: Any) -> Study:
    """Some scenes in which everyone thinks."""
    one = Case(world=Scene(), population=Population.all(policy or Mind()), **case)
    return Study(name="scenes", cases=(one,), replicates=n)


class Late:
    """Answers one request a poll, the last asked first, and counts how many waited at once."""

    model = "scripted:late"
    deterministic = False

    def __init__(self, inner: Scripted) -> None:
        self.inner, self.ready, self.most = inner, list[Response](), 0

    def submit(self, requests: Sequence[Request]) -> None:
        """Take requests."""
        self.inner.submit(requests)

    def poll(self, block: bool) -> list[Response]:
        """One of them."""
        self.ready += self.inner.poll(block)
        self.most = max(self.most, len(self.ready))
        return [self.ready.pop()] if self.ready and block else []

    def close(self) -> None:
        """Nothing to let go of."""


# ---------------------------------------------------------------- probes
def test_probes_of_many_tables_wait_together() -> None:
    """The probes of all tables are asked at once: none waits until another table's is answered."""
    probe = Probe(name="mood", instrument=Mood(), at=(0,), end=True)
    model = Late(saying("yes"))
    record = mores.run(scenes(n=5, probes=(probe,)), models={"players": model})
    assert model.most == 5 * 2 * 2  # tables, seats, questions
    quick = mores.run(scenes(n=5, probes=(probe,)), models={"players": saying("yes")})
    assert [record.hashes[k] for k in ("events", "answers")] == [
        quick.hashes[k] for k in ("events", "answers")
    ]
    assert set(record.answers["outcome"]) == {"answered"}


@dataclass(frozen=True)
class Heedful(Mind):
    """Counts what it notices, and says it."""

    name: ClassVar[str] = "heedful"

    def notice(self, seat: Seat, events: Sequence[Events]) -> None:
        seat.mind["seen"] = seat.mind.get("seen", 0) + len(events)

    def act(self, seat: Seat, view: View) -> Asking:
        yield Ask(seat.read().say("Well?"), view.space, self.role)
        return ("speak", f"I saw {seat.mind.get('seen', 0)}.")


def test_who_has_not_acted_yet_notices_too() -> None:
    """A seat is at the table from the first moment: what it notices before its first turn is not lost to it, and
    a probe that made it think earlier changes nothing."""
    plain = mores.run(scenes(Heedful()), models={"players": saying("yes")})
    said = plain.sql('select text from events where "table" = 0 order by step')["text"]
    assert list(said) == [f"I saw {k}." for k in range(6)]
    probe = Probe(name="mood", instrument=Mood(), at=(0,), seats=(1,))
    asked = mores.run(scenes(Heedful(), probes=(probe,)), models={"players": saying("yes")})
    assert without_answers(plain) == without_answers(asked)


@dataclass(frozen=True)
class Odd(Mind):
    """Answers questions in its own way."""

    name: ClassVar[str] = "odd"
    value: Any = None
    fails: bool = False

    def answer(self, seat: Seat, item: Item) -> Asking:
        if self.fails:
            raise RuntimeError("it does not want to")
        yield from ()
        return self.value


@pytest.mark.parametrize(
    ("policy", "outcome", "value"),
    [
        (Odd(value="no"), "answered", "1"),
        (Odd(value=np.int64(1)), "answered", "1"),
        (Odd(value=7), "not allowed", None),
        (Odd(value={"a"}), "not allowed", None),
        (Odd(), "no answer", None),
        (Odd(fails=True), "error", None),
    ],
)
def test_answers_are_what_the_item_allows(policy: Mind, outcome: str, value: str | None) -> None:
    """What a mind answers is held to the item's space; what is no answer is missing, with how."""
    study = scenes(policy, n=1, probes=(Probe(name="mood", instrument=Mood(), end=True),))
    record = mores.run(study, models={"players": saying("yes")})
    assert set(record.answers["outcome"]) == {outcome}
    assert set(record.answers["value"]) == {value}
    assert set(record.episodes["status"]) == {"done"}


def test_an_unreadable_answer_is_kept_with_its_text() -> None:
    """A probe's reply that cannot be read is a row of its own with what was said; acting is not touched."""
    study = scenes(n=1, probes=(Probe(name="mood", instrument=Mood(), end=True),))
    model = Scripted(
        lambda r: "perhaps" if isinstance(r.space, Choice) else talker().script(r), "vague"
    )
    record = mores.run(study, models={"players": model})
    assert set(record.answers["outcome"]) == {"unparsable"}
    assert set(record.answers["text"]) == {"perhaps"}
    assert len(record.faults) == 0


def test_probes_of_rounds_that_are_not_reached_are_not_put() -> None:
    """Tables that end before leave no answers; those that fail are not asked at the end."""
    probe = Probe(name="mood", instrument=Mood(), at=(0, 5, 99), end=True)
    case = Case(world=Walk(stop=0.2), population=Population.all(Drunk()), probes=(probe,))
    record = mores.run(Study(name="x", cases=(case,), replicates=30))
    rounds = dict(zip(record.episodes["table"], record.episodes["rounds"], strict=True))
    asked = record.sql('select "table", round from answers group by all').rows()
    reached = set(rounds.items()) | {(t, 0) for t in rounds}
    reached |= {(t, 5) for t, n in rounds.items() if n > 5}
    assert {(r["table"], r["round"]) for r in asked} == reached


@pytest.mark.parametrize(
    "probes",
    [
        (Probe(name="a", instrument=Mood(), seats=(3,)),),
        (Probe(name="a", instrument=Mood()), Probe(name="a", instrument=Mood())),
    ],
)
def test_probes_that_cannot_be_put_are_refused(probes: tuple[Probe, ...]) -> None:
    """Seats that are not there, and two probes of one name, are refused when the study is made."""
    with pytest.raises(BadValue, match="probe"):
        Study(
            name="x", cases=(Case(world=Walk(), population=Population.all(Drunk()), probes=probes),)
        )


# ---------------------------------------------------------------- failures
@dataclass(frozen=True)
class Stage(Walk):
    """A walk that cannot be described to some."""

    name: ClassVar[str] = "walk"
    mute: int = 1
    table: int = 1

    def describe(self, state: Any, turn: Any, j: int) -> str:
        if turn.row(j)[1] == self.mute and state.score[0, 0] >= 1:
            raise RuntimeError("no words")
        return super().describe(state, turn, j)


def test_a_table_that_fails_while_others_were_asked_is_one_row() -> None:
    """When the second seat cannot be told its turn, the first one's reply revives nothing: a failed row each."""
    study = Study.of(Stage(stop=0.0), Population.all(Mind()), replicates=3)
    record = mores.run(study, models={"players": saying("right")})
    assert sorted(record.episodes["table"]) == [0, 1, 2]
    assert set(record.episodes["status"]) == {"failed"}


@dataclass(frozen=True)
class Vague(Mind):
    """Yields what is no question."""

    name: ClassVar[str] = "vague"

    def act(self, seat: Seat, view: View) -> Asking:
        reply: Reply = yield "what shall I do?"  # type: ignore[misc]
        return reply.value


def test_a_mind_that_asks_nothing_askable_ends_its_own_turn() -> None:
    """It is missing with what was wrong, and the table goes on."""
    record = mores.run(scenes(Vague(), n=2), models={"players": saying("yes")})
    assert set(record.episodes["status"]) == {"done"}
    assert "yields Ask, not str" in record.faults.rows()[0]["reason"]


def test_illegal_moves_of_rules_beside_minds_are_explained() -> None:
    """At a table where somebody thinks, what a rule does wrongly is counted and explained too."""
    people = Population.by_seat(Mind(), Cheat(), Drunk())
    study = Study.of(Walk(stop=0.3), people, replicates=2)
    record = mores.run(study, models={"players": saying("right")})
    reasons = {(r["seat"], r["reason"]) for r in record.faults.rows()}
    assert {seat for seat, _ in reasons} == {1}
    assert all("not legal" in reason for _, reason in reasons)


class Poor(Scripted):
    """Has money for so many replies."""

    def __init__(self, calls: int) -> None:
        super().__init__(talker().script, "talker")
        self.calls = calls

    def submit(self, requests: Sequence[Request]) -> None:
        """Refuse what cannot be paid."""
        if self.calls < len(requests):
            raise Budget("no money left")
        self.calls -= len(requests)
        super().submit(requests)


def test_a_budget_ends_a_run_that_can_be_gone_on_with(tmp_path: Any) -> None:
    """What was answered before the budget was spent is kept: the same command pays for the rest alone."""
    study = scenes(n=3)
    whole = mores.run(study, models={"players": talker()})
    with pytest.raises(Budget):
        mores.run(study, out=tmp_path, models={"players": Poor(10)})
    rest = Poor(3 * 6 - 9)
    assert mores.run(study, out=tmp_path, models={"players": rest}).hashes == whole.hashes
    assert rest.calls == 0


# ---------------------------------------------------------------- who answers
def test_one_who_answers_all_roles_answers_each_as_asked() -> None:
    """With one answerer for every role, each call is on record under the role it was asked for."""

    @dataclass(frozen=True)
    class Doubting(Mind):
        """Asks a judge before it acts."""

        name: ClassVar[str] = "doubting"

        def act(self, seat: Seat, view: View) -> Asking:
            yield Ask(seat.read().say("Should I?"), Choice("yes", "no"), "judge")
            value = yield from super().act(seat, view)
            return value

    one = saying("yes")
    record = mores.run(scenes(Doubting(), n=4), models={"*": one})
    assert sorted(record.calls["role"]) == ["judge"] * 24 + ["players"] * 24
    two = mores.run(
        scenes(Doubting(), n=4), models={"judge": saying("yes"), "players": saying("yes")}
    )
    assert record.hashes == two.hashes


def test_twins_share_what_was_said_before_they_part() -> None:
    """Two arms that were told the same ask once: the second is answered from the store."""
    change = Intervention(at=4, settings={"turns": 5})
    record = mores.run(scenes(n=2).twins(change), models={"players": talker()})
    assert set(record.array("episodes", "steps").tolist()) == {5, 6}
    assert len(record.calls) == 2 * 6


def test_the_same_question_is_asked_once_at_temperature_zero() -> None:
    """Where draws do not matter, equal threads are one call, whoever asks."""
    model = saying("right")
    model.deterministic = True
    record = mores.run(
        Study.of(Walk(stop=1.0), Population.all(Mind()), replicates=5), models={"players": model}
    )
    assert len(record.calls) == 1
    assert record.calls["draw"][0] == "0"


# ---------------------------------------------------------------- hearing
def test_whispers_reach_those_they_are_for() -> None:
    """A pair's line without a target is the speaker's own; a channel's line reaches who was in it when it was said."""
    heard: dict[int, list[str]] = {}

    @dataclass(frozen=True)
    class Listener(Mind):
        """Remembers what it was told."""

        name: ClassVar[str] = "listener"

        def act(self, seat: Seat, view: View) -> Asking:
            yield Ask(seat.read().say("?"), view.space, self.role)
            heard[seat.seat] = seat.log.heard(0, len(seat.log.lines), seat.seat)
            return 0

    study = Study.of(Whisper(), Population.all(Listener()), replicates=1)
    mores.run(study, models={"players": saying("a")})
    assert heard[0] == ["to myself", "to the guests", "to myself", "to the guests"]
    assert heard[1] == ["to the guests"]  # it was a guest until that was said
    assert heard[2] == []


# ---------------------------------------------------------------- births
@dataclass(frozen=True)
class Heir(Mind):
    """Takes on what its parent said when it was asked for advice."""

    name: ClassVar[str] = "heir"

    def act(self, seat: Seat, view: View) -> Asking:
        reply = yield Ask(seat.read().say(view.prompt()), view.space, self.role)
        seat.mind["turns"] = seat.mind.get("turns", 0) + 1
        return reply.value

    def born(self, seat: Seat, parents: Sequence[Seat]) -> Asking:
        assert seat.mind == {} and seat.thread is not None and seat.thread.parent is None
        asked = seat.read().say(f"Your parent has played {parents[0].mind['turns']} turns. Why?")
        reply = yield Ask(asked, Utterance(), self.role)
        seat.mind["advice"] = reply.value


def _generations(policy: Mind, model: Any, n: int = 3, **more: Any) -> Record:
    world = Generations(Walk(seats=4, stop=0.3), n=2)
    study = Study.of(world, Population.all(policy), replicates=n)
    return mores.run(study, models={"players": model}, **more)


def test_minds_are_born_blank_and_may_ask() -> None:
    """Children begin with the rules alone and think about their parents, in whatever order replies come."""

    def script(request: Request) -> str:
        return "right" if isinstance(request.space, Choice) else "Be kind."

    quick, late = Scripted(script, "x"), Late(Scripted(script, "x"))
    late.model = quick.model
    one, two = _generations(Heir(), quick), _generations(Heir(), late)
    assert one.hashes == two.hashes
    births = one.sql("select count(*) as n from calls where draw like '%/born/%'").rows()[0]["n"]
    assert births == 3 * 2
    assert set(one.episodes["status"]) == {"done"}


def test_what_was_said_before_its_birth_is_not_in_the_keys_of_a_child() -> None:
    """A child's first question is the same whatever was said before it was born."""
    from mores.thread import Log

    threads = []
    for before in ("red", "blue"):
        log = Log()
        log.add(before, None)
        seat = Seat(0, 0, Mind(), mores.Persona(), log)
        from mores.thread import Thread

        seat.thread = Thread(None, "system", "rules").say(before)
        seat.begin_anew()
        log.add("new", None)
        threads.append(seat.read())
    assert threads[0].hash == threads[1].hash
    assert [m["content"] for m in threads[0].messages()] == ["rules", "new"]


def test_a_birth_that_fails_is_a_row() -> None:
    """A mind that raises when it is born lives on blank; the reason is on record."""

    @dataclass(frozen=True)
    class Stillborn(Heir):
        """Raises at birth."""

        name: ClassVar[str] = "stillborn"

        def born(self, seat: Seat, parents: Sequence[Seat]) -> Asking:
            if seat.seat >= 0:
                raise RuntimeError("not like this")
            yield from super().born(seat, parents)

    record = _generations(Stillborn(), saying("right"), n=1)
    assert set(record.episodes["status"]) == {"done"}
    assert {r["role"] for r in record.faults.rows()} == {"born"}


# ---------------------------------------------------------------- by hand
def test_an_episode_by_hand_has_its_probes_and_interventions() -> None:
    """Played by hand, a table is probed and changed as in a study; forks keep their answers apart."""
    probe = Probe(name="mood", instrument=Mood(), at=(2,), end=True)
    change = Intervention(at=4, settings={"turns": 5})
    parts: dict[str, Any] = {"probes": (probe,), "interventions": (change,)}
    study = scenes(n=1, **parts)
    record = mores.run(study, models={"players": saying("yes")})
    people = Population.all(Mind())
    episode = mores.play(Scene(), people, models={"players": saying("yes")}, **parts).run(3)
    assert len(episode.answers) == 4
    fork = episode.fork()
    episode.run()
    assert len(fork.answers) == 4
    assert len(episode.events) == len(record.events) == 5
    assert len(episode.answers) == len(record.answers) == 8
    assert fork.run().events == episode.events


def test_a_fork_with_minds_shares_nothing_that_changes() -> None:
    """What one fork says is heard by nobody in the other; under a branch number replies are drawn anew."""
    made: list[Request] = []

    def script(request: Request) -> str:
        made.append(request)
        return talker().script(request)

    people, models = Population.all(Heedful()), {"players": Scripted(script, "talker")}
    episode = mores.play(Scene(), people, models=models).run(2)
    log, mind = list(episode.log), dict(episode.cohort.seats[1].mind)
    twin, other = episode.fork(), episode.fork(branch=1)
    twin.run()
    asked = len(made)
    assert episode.log == log
    assert episode.cohort.seats[1].mind == mind
    episode.run()
    assert len(made) == asked  # a twin's replies are in the store
    other.run()
    assert len(made) > asked
    assert all(r.draw.startswith("b1/") for r in made[asked:])


@pytest.mark.parametrize("branch", [0, -1, 1 << 24])
def test_branches_that_would_not_be_fresh_are_refused(branch: int) -> None:
    """A branch number that is the present one, or out of range, is refused with what is allowed."""
    episode = mores.play(Walk(), Population.all(Drunk()))
    with pytest.raises(BadValue, match="branch"):
        episode.fork(branch)
    with pytest.raises(BadValue, match="branch"):
        episode.fork(1).fork(1)


def test_mixed_arms_have_tables_with_and_without_minds() -> None:
    """Where shares put a mind at some tables only, the others are as without it."""
    people = Population((Mind(), Drunk()), ((0, 1, 1), (1, 1, 1)))
    rules = Population((Mind(), Drunk()), ((1, 1, 1), (1, 1, 1)))
    record = mores.run(Study.of(Walk(), people, replicates=4), models={"players": saying("right")})
    without = mores.run(
        Study(name="r", cases=(Case(world=Walk(), population=replace(rules, policies=(Drunk(), Drunk())) ),),
              replicates=4)
    )  # fmt: skip
    read = 'select "table", step, seat, value from events where "table" % 2 = 1 order by all'
    assert record.sql(read).rows() == without.sql(read).rows()
