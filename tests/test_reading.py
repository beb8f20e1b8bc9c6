"""Reading replies: tolerant of form, strict about meaning."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mores import reading
from mores.actions import Amount, Choice, Form, OneOf, Utterance

PLAY = ("cooperate", "defect")
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@pytest.mark.parametrize(
    "text",
    [
        "cooperate",
        "Cooperate.",
        "**COOPERATE**",
        "  'cooperate'\n",
        '"cooperate"',
        '{"choice": "cooperate"}',
        '```json\n{"action": "Cooperate"}\n```',
        "I thought about it for long.\n\ncooperate",
        "They may defect, but my answer is cooperate",
        "Answer: cooperate",
        "I choose to cooperate this time.",
    ],
)
def test_options_that_are_read(text: str) -> None:
    """Case, quotes, fences, JSON and prose around one option do not matter."""
    assert reading.option(text, PLAY) == ("cooperate", None)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "...",
        "I am not sure.",
        "cooperate or defect",
        "If they cooperate I defect.",
        "I will not cooperate.",
        "I won't cooperate",
        "I would never, ever say; never cooperate",
        "cooperation is good",
        "null",
        "{}",
        '{"a": "cooperate", "b": "defect"}',
    ],
)
def test_options_that_are_not_read(text: str) -> None:
    """Nothing, both, a denial or a different word are no answer, and the reason is said."""
    value, why = reading.option(text, PLAY)
    assert value is None
    assert why


def test_longer_options_win() -> None:
    """An option inside a longer one is not taken for it."""
    assert reading.option("I say: give all", ("give", "give all")) == ("give all", None)
    assert reading.option("B", ("A", "B")) == ("B", None)
    assert reading.option("A reason, then: B", ("B", "C")) == ("B", None)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("42", 42),
        ("I give 42 units.", 42),
        ("I give $42", 42),
        ("42%", 42),
        ("1,250", 1250),
        ("-3.5", -3.5),
        ("\u22123.5", -3.5),
        ("1e2", 100),
        ('{"amount": 7}', 7),
        ('{"amount": "7 units"}', 7),
        ("```\n7\n```", 7),
        ("7 and again 7", 7),
    ],
)
def test_numbers_that_are_read(text: str, value: float) -> None:
    """One number is read out of units, signs of money, fences and prose; the typographic minus is a minus."""
    assert reading.number(text) == (value, None)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "seven",
        "5 or 6",
        "5/10",
        "true",
        "null",
        "NaN",
        "Infinity",
        "1e999",
        "1" * 500,
        "5k",
        "v2",
    ],
)
def test_numbers_that_are_not_read(text: str) -> None:
    """Words, two numbers, truth values and what is not finite are no number, and the reason is said."""
    value, why = reading.number(text)
    assert value is None
    assert why


def test_shares() -> None:
    """Shares are an object or a list, in any case of letters; truth values and giants are no shares."""
    expected = ({"me": 6.0, "you": 4.0}, None)
    for text in ('{"Me": 6, "YOU": 4}', "[6, 4]", '{"split": {"me": 6, "you": 4}}'):
        assert reading.shares(text, ("me", "you")) == expected
    for text in ('{"me": 6}', '{"me": true, "you": 9}', '{"me": 1e999, "you": 0}', "6 and 4"):
        assert reading.shares(text, ("me", "you"))[0] is None
    assert reading.shares('{"me": 1' + "0" * 400 + ', "you": 1}', ("me", "you"))[0] is None


def test_rankings() -> None:
    """A ranking is a JSON list, numbered lines or a chain; all options, each once."""
    for text in ('["b", "a", "c"]', "1. b\n2. a\n3. c", "b > a > c", "- B\n- A\n- C"):
        assert reading.ranking(text, ("a", "b", "c")) == ([1, 0, 2], None)
    for text in ("a > b", '["a", "a", "b"]', "", "a, b, c, d"):
        assert reading.ranking(text, ("a", "b", "c"))[0] is None


def test_forms_and_tags() -> None:
    """Each field of a form is read by its own space; a kind without a value may be named bare."""
    form = Form(choice=Choice(*PLAY), units=Amount(0, 10, step=1))
    assert form.parse('{"choice": "Defect", "units": "3 units"}') == (
        {"choice": 1, "units": 3.0},
        None,
    )
    for text, part in (
        ('{"choice": "defect"}', "units"),
        ('{"choice": "x", "units": 3}', "choice"),
    ):
        assert part in str(form.parse(text)[1])
    act = OneOf(speak=Utterance(10), leave=None)
    assert act.parse("Leave.") == (("leave", None), None)
    assert act.parse('{"do": "speak", "with": "hello"}') == (("speak", "hello"), None)
    assert act.parse('{"do": "sing", "with": "hello"}')[0] is None
    assert act.parse('{"do": "speak", "with": "far too long a text"}')[0] is None


ATTACKS = [
    "```" + "\n" * 90_000,
    "```" + "a" * 90_000,
    "```" * 30_000,
    "{" * 50_000 + "}" * 50_000,
    "[" * 90_000,
    "111," * 20_000 + "1a",
    "answer " * 20_000,
    "answer" + " " * 90_000,
    "not " * 20_000,
    '{"a":' * 5_000 + "1" + "}" * 5_000,
    "\x00\ud800\u202e",
]


@pytest.mark.parametrize("text", ATTACKS, ids=lambda t: ascii(t[:8]))
def test_hostile_replies(text: str) -> None:
    """Replies made to stall or break a reader are refused like any others."""
    assert reading.option(text, PLAY)[0] is None
    assert reading.shares(text, ("a", "b"))[0] is None
    assert reading.ranking(text, ("a", "b"))[0] is None
    assert reading.tagged(text, {"go": None})[0] is None
    reading.number(text)


@given(JSON)
def test_any_json_is_read_or_refused(value: object) -> None:
    """Whatever JSON a model returns, each reader gives a value or a reason."""
    text = json.dumps(value)
    for found, why in (
        reading.option(text, PLAY),
        reading.number(text),
        reading.shares(text, ("a", "b")),
        reading.ranking(text, ("a", "b")),
        reading.tagged(text, {"go": None}),
    ):
        assert (found is None) != (why is None)
