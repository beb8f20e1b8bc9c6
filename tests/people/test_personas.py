"""Personas: what is told in which wording, and populations drawn from shares, tables and respondents."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mores import data
from mores.agent import Persona
from mores.errors import BadValue, UnknownName
from mores.people.persona_sources import Joint, Marginals, Microdata, draw
from mores.people.personas import introduced, level, rendered, said, wordings

ANN = Persona(
    name="Ann",
    text="Grew up by the sea.\nLikes dogs.",
    public={"age": "36"},
    private={"partyid": "ind"},
    traits={"openness": 0.85, "giving": 4.0},
    values=("fairness", "quiet"),
    goals=("win the prize; at any cost",),
    secrets=("is in debt",),
)
SHARES = {"sex": {"female": 0.51, "male": 0.49}, "age": {"young": 1.0, "old": 3.0}}


def test_a_persona_in_words() -> None:
    """Every part is told once, in order, with numbers in words where they are from 0 to 1."""
    assert rendered(ANN) == (
        "You are Ann.\n"
        "What others may know about you: age 36.\n"
        "What only you know about yourself: party identification ind.\n"
        "Your traits, from 0 to 1: openness 0.85 (very high); giving 4.\n"
        "What matters to you: fairness; quiet.\n"
        "What you want: «win the prize; at any cost».\n"
        "What you keep to yourself: is in debt.\n"
        "A description of you:\n| Grew up by the sea.\n| Likes dogs."
    )


@pytest.mark.parametrize("wording", wordings())
def test_wordings_say_the_same_in_other_words(wording: str) -> None:
    """Whatever the wording, all that a persona holds is said; nothing is said of an empty one."""
    text = rendered(ANN, wording)
    for part in (
        "Ann",
        "36",
        "ind",
        "0.85 (very high)",
        "fairness",
        "quiet",
        "at any cost",
        "in debt",
    ):
        assert part in text
    assert "| Likes dogs." in text
    assert len({rendered(ANN, w) for w in wordings()}) == len(wordings())
    assert rendered(Persona(wording=wording)) == ""


def test_a_wording_that_is_not() -> None:
    """An unknown wording is refused with those that exist."""
    with pytest.raises(UnknownName, match="interview"):
        rendered(Persona(name="Ann", wording="interviews"))


def test_only_public_facts_are_introduced() -> None:
    """Others are told public facts by name, or by number where there is no name; nobody else is mentioned."""
    people = (ANN, Persona(), Persona(public={"age": "20"}, private={"income": "0"}))
    assert introduced(people) == "Ann: age 36.\nPerson 3: age 20."


def test_levels() -> None:
    """The words of traits cover 0 to 1 and nothing else."""
    assert [level(x) for x in (0.0, 0.2, 0.5, 0.79, 1.0)] == [
        "very low",
        "low",
        "middling",
        "high",
        "very high",
    ]
    assert level(-0.1) == level(1.2) == ""


@given(st.text())
def test_values_are_one_line(value: str) -> None:
    """Whatever a value is, it is bare words or one quotation."""
    text = said(value)
    assert len(text.splitlines()) <= 1
    assert text == value or (text[0] == "«" and text[-1] == "»")


def test_shares_are_met() -> None:
    """Frequencies drawn are those asked for, within what chance allows; columns are independent."""
    people = draw(Marginals(SHARES), 4000, seed=1).personas
    sex = Counter(p.private["sex"] for p in people)
    old = Counter(p.private["age"] for p in people)
    assert abs(sex["female"] / 4000 - 0.51) < 0.03
    assert abs(old["old"] / 4000 - 0.75) < 0.03
    both = sum(p.private == {"sex": "female", "age": "old"} for p in people)
    assert abs(both / 4000 - 0.51 * 0.75) < 0.03


def test_a_joint_table_keeps_combinations() -> None:
    """Cells that are not in the table are never drawn."""
    table = Joint(("sex", "age"), {("f", "old"): 1, ("m", "young"): 3, ("m", "old"): 0})
    people = draw(table, 2000, seed=2, public=("sex",)).personas
    cells = Counter((p.public["sex"], p.private["age"]) for p in people)
    assert set(cells) == {("f", "old"), ("m", "young")}
    assert abs(cells["f", "old"] / 2000 - 0.25) < 0.04


def test_draws_depend_on_the_seed_alone() -> None:
    """The same seed gives the same people, more of them begin with the same, another column changes no other."""
    few, many = (draw(Marginals(SHARES), n, seed=3).personas for n in (5, 50))
    assert many[:5] == few
    assert draw(Marginals(SHARES), 50, seed=4).personas != many
    more = draw(Marginals({"religion": {"a": 1, "b": 1}, **SHARES}), 50, seed=3).personas
    assert [p.private["sex"] for p in more] == [p.private["sex"] for p in many]


def test_survey_weights_count() -> None:
    """Respondents come up in proportion to their weights; one of weight 0 never does."""
    rows = [{"who": "a"}, {"who": "b"}, {"who": "c"}]
    people = draw(Microdata(rows, [1.0, 0.0, 3.0]), 2000, seed=5).personas
    who = Counter(p.private["who"] for p in people)
    assert set(who) == {"a", "c"} and abs(who["c"] / 2000 - 0.75) < 0.04


def test_what_is_not_known_is_left_out_and_counted() -> None:
    """A missing answer is no fact, and how many lack it is said."""
    source = Microdata([{"age": "30", "name": "Ann"}, {"age": "40", "income": "5"}])
    drawn = draw(source, 100, seed=6, public=("age",), traits=("income",))
    lacking = sum(not p.traits for p in drawn.personas)
    assert 0 < lacking < 100 and drawn.missing["income"] == lacking
    assert all(p.traits in ({}, {"income": 5.0}) for p in drawn.personas)
    assert {p.name for p in drawn.personas} == {"", "Ann"}


def test_what_cannot_be_drawn_from_is_refused() -> None:
    """Weights that are none, columns that are not there, traits that are no numbers, nobody at all."""
    for weights in ([1.0], [1.0, -1.0], [0.0, 0.0], [1.0, float("nan")]):
        with pytest.raises(BadValue):
            Microdata([{"a": "1"}, {"a": "2"}], weights)
    with pytest.raises(BadValue):
        Joint(("a", "b"), {("x",): 1.0})
    with pytest.raises(BadValue):
        Marginals({"a": {}})
    source = Microdata([{"a": "x"}])
    with pytest.raises(UnknownName):
        draw(source, 1, seed=1, public=("b",))
    with pytest.raises(BadValue, match=r"traits\.a"):
        draw(source, 1, seed=1, traits=("a",))
    with pytest.raises(BadValue):
        draw(source, 0, seed=1)


def test_respondents_of_the_survey(data: Path) -> None:
    """The General Social Survey extracts read whole; drawn people follow the weighted shares."""
    gss = Microdata.gss(("age", "sex", "partyid"))
    assert len(gss.rows) == 500 and gss.columns == ("age", "sex", "partyid")
    assert gss.weights is not None
    weights = np.array(gss.weights)
    women = np.array([row["sex"] == "female" for row in gss.rows])
    expected = weights[women].sum() / weights.sum()
    people = draw(gss, 3000, seed=7, public=("sex",)).personas
    found = np.mean([p.public["sex"] == "female" for p in people])
    assert abs(found - expected) < 0.04
    assert len(Microdata.gss_cat().rows) == 21_483
    young = gss.where(lambda row: int(row["age"]) < 30)
    assert 0 < len(young.rows) < 500 and young.weights is not None


def test_the_persona_bank(data: Path) -> None:
    """1,500 invented people with names; what is asked for of them is what is told."""
    drawn = draw(Microdata.persona_bank(("first_name", "last_name", "age")), 20, 8, public=("age",))
    assert all(p.name and p.public["age"].isdigit() and not p.private for p in drawn.personas)
    assert "You are " in rendered(drawn.personas[0])
    with pytest.raises(UnknownName):
        Microdata.persona_bank(("shoe_size",))


def test_sets_are_on_record() -> None:
    """Both sets say where they come from and what they should be."""
    for slug in ("gss-samples", "gss-persona-bank"):
        assert data.data_set(slug).licence == "MIT" and data.data_set(slug).files
