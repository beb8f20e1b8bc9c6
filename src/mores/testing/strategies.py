"""Hypothesis strategies for action spaces, batches of actions and populations of numbers (needs `hypothesis`)."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

from mores.actions import (
    Actions,
    Allocation,
    Amount,
    Choice,
    Form,
    OneOf,
    Ranking,
    Space,
    Utterance,
)

NAMES = st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=8)
"""Plain lower-case names."""


def _distinct(least: int, most: int) -> st.SearchStrategy[list[str]]:
    return st.lists(NAMES, min_size=least, max_size=most, unique=True)


@st.composite
def choices(draw: st.DrawFn) -> Choice:
    """One of one to nine options, some perhaps closed."""
    options = draw(_distinct(1, 9))
    flags = draw(st.none() | st.lists(st.booleans(), min_size=len(options), max_size=len(options)))
    if flags is None or not any(flags):
        return Choice(*options)
    return Choice(*options, open=tuple(flags))


@st.composite
def amounts(draw: st.DrawFn) -> Amount:
    """A range, with or without steps."""
    low = draw(st.integers(-1000, 1000))
    steps = draw(st.integers(1, 1000))
    step = draw(st.sampled_from([None, 0.25, 0.5, 1.0, 5.0]))
    return Amount(float(low), low + steps * (step or 1.0), step=step)


def simple() -> st.SearchStrategy[Space]:
    """A space that is not joined of others."""
    return st.one_of(
        choices(),
        amounts(),
        _distinct(1, 6).map(lambda parts: Allocation(tuple(parts), 10.0)),
        _distinct(1, 6).map(lambda options: Ranking(tuple(options))),
        st.integers(1, 200).map(Utterance),
    )


def forms() -> st.SearchStrategy[Form]:
    """Several answers in one."""
    return st.dictionaries(NAMES, simple(), min_size=1, max_size=3).map(lambda parts: Form(**parts))


def one_ofs() -> st.SearchStrategy[OneOf]:
    """A tagged union of one to four kinds, some without a value."""
    return st.dictionaries(NAMES, st.none() | simple(), min_size=1, max_size=4).map(
        lambda kinds: OneOf(**kinds)
    )


def spaces() -> st.SearchStrategy[Space]:
    """Any action space."""
    return st.one_of(simple(), forms(), one_ofs())


@st.composite
def values(draw: st.DrawFn, space: Space) -> Any:
    """A legal plain value of a space, as a reader or a person would give it."""
    if isinstance(space, Choice):
        return space.options.index(draw(st.sampled_from(space.allowed)))
    if isinstance(space, Amount):
        if space.step is None:
            return float(draw(st.floats(space.low, space.high, width=32)))
        steps = round((space.high - space.low) / space.step)
        return space.low + draw(st.integers(0, steps)) * space.step
    if isinstance(space, Allocation):
        weights = [draw(st.integers(0, 20)) for _ in space.parts]
        weights[0] += not any(weights)
        whole = sum(weights)
        return {p: space.budget * w / whole for p, w in zip(space.parts, weights, strict=True)}
    if isinstance(space, Ranking):
        return list(draw(st.permutations(range(len(space.options)))))
    if isinstance(space, Utterance):
        text = draw(st.text(min_size=1, max_size=space.limit))
        return text.strip() or "x"
    if isinstance(space, Form):
        return {name: draw(values(part)) for name, part in space.fields if part is not None}
    assert isinstance(space, OneOf)
    name, part = draw(st.sampled_from(space.fields))
    return (name, None if part is None else draw(values(part)))


@st.composite
def actions(draw: st.DrawFn, space: Space, most: int = 20) -> Actions:
    """A batch of up to `most` legal actions, as chance would draw them."""
    m = draw(st.integers(1, most))
    seed = draw(st.integers(0, 2**32 - 1))
    words = np.random.Generator(np.random.PCG64(seed)).integers(
        0, 2**32, (m, space.width), np.uint32
    )
    return space.sample(words)
