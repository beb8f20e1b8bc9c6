"""A person can take a seat in every world, whatever it asks, and survive every slip of the finger."""

from __future__ import annotations

import pytest

from mores import registry
from mores.actions import Amount, Choice, Form, OneOf, Utterance
from mores.engine.asking import Request
from mores.models.person import Person
from mores.thread import Thread
from tests.cli.calling import Call

FEW = 6
TYPED = "nonsense\n\n1\n0\n0.5\n" * 2_000
"""Lines for any question: most worlds take a number, or an option by its number."""


@pytest.mark.parametrize("name", registry.names("world"))
def test_every_small_world_can_be_played(call: Call, name: str) -> None:
    """Nonsense, empty lines, then numbers: it comes to its end and says what happened."""
    world = registry.load("world", name)()
    if world.seats > FEW:
        pytest.skip(f"{world.seats} seats")
    done = call("play", name, "--json", input=TYPED)
    assert done.code == 0, done.err[-300:]
    assert done.json["events"] and done.json["seat"] == 0
    assert "That could not be used" in done.err or "text" in done.err


def asked(space: object, *lines: str) -> tuple[str, list[str]]:
    """What a person who types these lines has answered, and what they were shown."""
    typed, shown = iter(lines), list[str]()
    person = Person(lambda: next(typed), shown.append)
    thread = Thread(None, "user", "Well?")
    person.submit([Request(b"key", thread, space, "players", "0")])  # type: ignore[arg-type]
    return person.poll(True)[0].text, shown


def test_several_answers_in_one_are_asked_for_one_by_one() -> None:
    """Nobody has to type JSON: what comes out is read by the space as it is."""
    space = Form(
        reason=Utterance(50), offer=Amount(0, 10), also=OneOf(leave=None, say=Utterance(9))
    )
    text, shown = asked(space, "because", "99", "3", "shout", "SAY", "hello")
    assert space.parse(text) == (
        {"reason": "because", "offer": 3.0, "also": ("say", "hello")},
        None,
    )
    assert sum("could not be used" in s for s in shown) == 2 and "offer:" in shown


def test_options_go_by_number_or_name_and_closed_ones_are_not_offered() -> None:
    """Numbers count the options that are open."""
    space = Choice("left", "middle", "right", open=(True, False, True))
    text, shown = asked(space, "middle", "3", "2")
    assert text == "right" and "  [1] left  [2] right" in shown


def test_the_end_of_input_is_one_message(call: Call) -> None:
    """A pipe that ends in the middle of a play exits 1 without a traceback."""
    done = call("play", "prisoners-dilemma", input="1\n")
    assert done.code == 1 and "end of input" in done.err
    assert call("play", "prisoners-dilemma", input="").code == 1
