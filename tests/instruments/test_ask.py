"""Tests of asking: who answers, what is scored, what is missing."""

from __future__ import annotations

import json
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mores import registry
from mores.actions import Allocation, Amount, Choice, Ranking, Space, Utterance
from mores.engine.replay import replay
from mores.errors import BadValue, DoesNotFit, UnknownName
from mores.instrument import Item
from mores.instruments.asking import ask, made, study
from mores.instruments.fairness import ITEMS, Fairness
from mores.instruments.respondents import ConstantRespondent
from mores.instruments.scoring import oriented, position
from mores.metric import Estimate
from mores.models.person import Person
from mores.policies.givers import TraitGiver
from mores.population import Population
from mores.record import Record


def _scores(record: Record) -> dict[str, Estimate]:
    return {e.metric: e for e in record.estimates}


def test_items_are_whole() -> None:
    """Every item has its own id, a construct and a pole, and each construct has three items."""
    assert len({i.id for i in ITEMS}) == len(ITEMS) == 9
    constructs = [i.attributes["construct"] for i in ITEMS]
    assert sorted(constructs) == sorted(["giving", "fairness", "trust"] * 3)
    assert {i.attributes["pole"] for i in ITEMS} == {1, -1}
    assert all(i.attributes["pole"] == 1 for i in ITEMS if i.attributes["construct"] == "giving")


def test_every_registered_instrument_can_be_asked() -> None:
    """What is registered as an instrument can be made by name and answered by chance."""
    for name in registry.names("instrument"):
        record = ask(name, "random", n=3)
        assert len(record.table("answers")) == 3 * len(made(name).items())


def test_random_answers_are_legal_and_score_about_a_half() -> None:
    """Chance answers every item with a legal value, and no construct is favoured by how items point."""
    record = ask("fairness", "random", n=400)
    assert set(record.table("answers")["outcome"].to_pylist()) == {"answered"}
    for estimate in _scores(record).values():
        assert (estimate.n, estimate.missing) == (400, 0)
        assert estimate.low - 0.03 < 0.5 < estimate.high + 0.03


def test_same_seed_same_answers() -> None:
    """The seed decides the answers of chance."""
    assert ask(seed=1, n=5).hashes == ask(seed=1, n=5).hashes
    assert ask(seed=1, n=5).hashes["answers"] != ask(seed=2, n=5).hashes["answers"]


def test_trait_givers_answer_from_their_trait() -> None:
    """Who would give a share says so in all formats; what a rule has no view on is missing, not zero."""
    share = np.linspace(0, 1, 5, dtype=np.float32)[:, None]
    people = Population.all(TraitGiver()).with_traits(giving=share)
    record = ask("fairness", people, n=5)
    giving = _scores(record)["giving"]
    assert giving.value == pytest.approx(0.5, abs=0.01)
    assert (giving.n, giving.missing) == (5, 0)
    trust = _scores(record)["trust"]
    assert (trust.n, trust.missing) == (0, 5)
    assert np.isnan(trust.value)


@pytest.mark.parametrize(
    ("respondent", "giving", "fairness"),
    [("constant:lowest", 0.0, 1 / 3), ("constant:highest", 1.0, 2 / 3)],
)
def test_constant_respondents(respondent: str, giving: float, fairness: float) -> None:
    """Who always takes one end scores by how the items of a construct point."""
    found = _scores(ask("fairness", respondent, n=2))
    assert found["giving"].value == pytest.approx(giving)
    assert found["fairness"].value == pytest.approx(fairness)


@pytest.mark.parametrize(
    ("space", "value", "expected"),
    [
        (Choice("no", "yes"), "A", 0),
        (Choice("no", "yes"), "yes", 1),
        (Choice("no", "yes"), "C", None),
        (Amount(1, 7, step=1), "4", 4.0),
        (Amount(1, 7, step=1), "4.5", None),
        (Amount(1, 7, step=1), "A", None),
        (Ranking(("x", "y", "z")), "B", ["y", "x", "z"]),
        (Allocation(("me", "you"), 10.0), "you", {"me": 0.0, "you": 10.0}),
        (Utterance(), "A", None),
    ],
)
def test_what_a_constant_means(space: Space, value: str, expected: object) -> None:
    """A constant answer is read for each format, and means nothing where it cannot."""
    from mores.chance import Chance

    chance = Chance(0, np.array([0]))
    batch = ConstantRespondent(value).answer(Item("x", "?", space), {}, chance, 1)
    assert space.read(batch, 0) == expected


def test_models_answer_in_words() -> None:
    """A scripted model answers through the same spaces; what cannot be read is missing with its text."""
    assert _scores(ask("fairness", "scripted:random", n=4))["trust"].n == 4
    record = ask("fairness", "scripted:garbled", n=3)
    assert all(np.isnan(e.value) and e.missing == 3 for e in record.estimates)
    assert set(record.table("answers")["outcome"].to_pylist()) == {"unparsable"}


def test_a_person_answers_at_the_terminal() -> None:
    """A person is shown every item and answers by number or in words."""
    said = iter(['{"yourself": 60, "stranger": 40}', "20", "3", "7", "1", "4", "3", "7", "1"])
    shown: list[str] = []
    person = Person(lambda: next(said), shown.append)
    record = ask("fairness", "person", models={"players": person})
    assert {e.metric: round(e.value, 3) for e in record.estimates} == {
        "giving": round((0.4 + 0.4 + 0.5) / 3, 3),
        "fairness": 1.0,
        "trust": round((2 / 3 + 1 + 1) / 3, 3),
    }
    assert all(any(i.text in text for text in shown) for i in ITEMS)


def test_a_run_of_ask_is_kept_and_replayed(tmp_path) -> None:  # type: ignore[no-untyped-def]
    """The record of asking is a run like any other: it opens, and replays to the same content."""
    record = ask("fairness", "random", n=6, out=tmp_path / "asked")
    assert Record.open(tmp_path / "asked").hashes == record.hashes
    assert replay(study("fairness", "random", 6), tmp_path / "asked").match


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda: ask("fairnes"), UnknownName, "fairness"),
        (lambda: ask("fairness", "fare"), UnknownName, "fair"),
        (lambda: ask("fairness", "scripted:nobody"), UnknownName, "random"),
        (lambda: ask("fairness", "constant: "), BadValue, "lowest"),
        (lambda: ask("fairness", n=0), BadValue, "at least 1"),
        (lambda: position(Utterance(), "well"), DoesNotFit, "Utterance"),
    ],
)
def test_bad_input_is_explained(
    call: Callable[[], object], error: type[Exception], says: str
) -> None:
    """What cannot be meant is refused, naming the next step."""
    with pytest.raises(error, match=says):
        call()


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_scores_stay_within_bounds_and_poles_mirror(data: st.DataObject) -> None:
    """Any legal answer scores within 0 to 1, and turning an item round turns its score round."""
    item = data.draw(st.sampled_from(ITEMS))
    words = np.array(
        [data.draw(st.lists(st.integers(0, 2**32 - 1), min_size=4, max_size=4))], np.uint32
    )
    value = item.space.read(item.space.sample(words[:, : item.space.width]), 0)
    value = json.loads(json.dumps(value))
    turned = Item(item.id, item.text, item.space, {"pole": -item.attributes["pole"]})
    assert -1e-6 <= oriented(item, value) <= 1 + 1e-6
    assert oriented(item, value) + oriented(turned, value) == pytest.approx(1)


def test_the_instrument_says_what_it_is() -> None:
    """The questionnaire is our own, not a sample of another, and says that it is not validated."""
    assert not Fairness.sample_only
    assert "not validated" in Fairness.source
