"""Action spaces: what is sampled is legal, what is written is read back, what is said is understood."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from mores.actions import (
    Allocation,
    Amount,
    Choice,
    Columns,
    Form,
    OneOf,
    Ranking,
    Space,
    Utterance,
    renamed,
)
from mores.errors import BadValue
from mores.testing import strategies as own


def _has_text(space: Space) -> bool:
    parts = getattr(space, "fields", ())
    return isinstance(space, Utterance) or any(_has_text(p) for _, p in parts if p is not None)


@given(own.spaces(), st.data())
def test_samples_are_legal(space: Space, data: st.DataObject) -> None:
    """Chance draws legal actions only (text apart, of which it knows none)."""
    assume(not _has_text(space))
    batch = data.draw(own.actions(space))
    assert space.valid(batch).all()


@given(own.spaces(), st.integers(0, 5))
def test_missing_is_not_legal(space: Space, m: int) -> None:
    """An empty batch has its length, and none of its actions counts as made."""
    assume(not (isinstance(space, Form) and not space.fields))
    batch = space.empty(m)
    assert len(batch) == m
    assert not space.valid(batch).any()


@given(own.spaces(), st.data())
def test_write_then_read(space: Space, data: st.DataObject) -> None:
    """A legal plain value survives being written into a batch, and leaves its neighbours missing."""
    value = data.draw(own.values(space))
    assert space.check(value) is None
    batch, heap = space.empty(3), list[str]()
    space.write(batch, 1, value, lambda t: (heap.append(t), len(heap) - 1)[1])  # type: ignore[func-returns-value]
    assert space.valid(batch).tolist() == [False, True, False]
    again, heap_again = space.empty(3), list[str]()
    read = space.read(batch, 1, lambda k: heap[k])
    space.write(again, 1, read, lambda t: (heap_again.append(t), len(heap_again) - 1)[1])  # type: ignore[func-returns-value]
    assert heap_again == heap
    assert _near(space.read(again, 1, lambda k: heap[k]), read)


@given(own.spaces(), st.data())
def test_what_is_said_is_understood(space: Space, data: st.DataObject) -> None:
    """A value said as its JSON schema asks, bare or in a fence, is read as that value."""
    assume(not _has_text(space))
    value = data.draw(own.values(space))
    said = json.dumps(_said(space, value))
    for text in (said, f"```json\n{said}\n```"):
        found, why = space.parse(text)
        assert why is None
        assert _near(found, value)


@given(own.spaces(), st.text(max_size=60))
def test_any_reply_is_read_or_refused(space: Space, text: str) -> None:
    """A reply of any text gives a legal value, or none and a reason; it never raises."""
    value, why = space.parse(text)
    if why is None:
        assert space.check(value) is None
    else:
        assert value is None
        assert why


@given(own.spaces())
def test_words_schema_and_key(space: Space) -> None:
    """Every space says in words what may be answered, has a JSON schema, and a key of 16 bytes."""
    assert space.words().strip()
    assert json.loads(json.dumps(space.schema()))
    assert len(space.key) == 16


@given(own.simple())
def test_gym_spaces(space: Space) -> None:
    """Simple spaces map to Gymnasium spaces that sample."""
    pytest.importorskip("gymnasium")
    assert space.gym().sample() is not None


def test_closed_options() -> None:
    """What is closed is neither legal, nor sampled, nor offered, nor read."""
    space = Choice("stay", "go", "wait").masked(np.array([True, False, True]))
    assert space.allowed == ("stay", "wait")
    assert space.check(1) is not None
    assert space.check("go") is not None
    assert space.parse("go")[0] is None
    assert space.schema()["enum"] == ["stay", "wait"]
    words = np.arange(0, 2**32, 2**27, dtype=np.uint64).astype(np.uint32)[:, None]
    assert set(space.sample(words).tolist()) == {0, 2}


def test_masks() -> None:
    """A mask closes options row by row; a row with none open can only be missing."""
    space = Choice("a", "b", "c")
    mask = np.array([[True, True, False], [False, False, True], [False, False, False]])
    words = np.full((3, 1), 2**32 - 1, np.uint32)
    assert space.sample(words, mask).tolist() == [1, 2, -1]
    assert space.valid(np.array([2, 2, 0], np.int8), mask).tolist() == [False, True, False]


def test_amounts_keep_to_their_steps() -> None:
    """Between steps nothing is legal; -1 is an amount like any other; the ends belong to the range."""
    space = Amount(0, 100, step=50)
    assert space.valid(np.array([0, 33.3, 50, 100, 150, np.nan], np.float32)).tolist() == [
        True,
        False,
        True,
        True,
        False,
        False,
    ]
    tenths = Amount(0, 1, step=0.1)
    assert all(tenths.parse(f"{k / 10:g}")[1] is None for k in range(11))
    assert tenths.sample(np.full((1, 1), 2**32 - 1, np.uint32)).tolist() == [1.0]
    below_zero = Amount(-5, 5)
    batch = below_zero.empty(1)
    below_zero.write(batch, 0, -1)
    assert below_zero.read(batch, 0) == -1


@pytest.mark.parametrize(
    ("space", "value"),
    [
        (Choice("a", "b"), "c"),
        (Choice("a", "b"), 300),
        (Choice("a", "b"), -1),
        (Amount(0, 1), 1e300),
        (Amount(0, 1), "much"),
        (Allocation(("a", "b"), 10), {"a": 10}),
        (Allocation(("a", "b"), 10), {"a": 5, "b": 6}),
        (Allocation(("a", "b"), 10), {"a": -1, "b": 11}),
        (Ranking(("a", "b")), ["a", "a"]),
        (Utterance(3), "four"),
        (Form(x=Choice("a")), {}),
        (OneOf(go=None), "stay"),
    ],
    ids=str,
)
def test_what_is_not_legal_is_refused(space: Space, value: Any) -> None:
    """A plain value outside the space gets a reason in words."""
    assert space.check(value)


def test_text_that_has_no_bytes_is_mended() -> None:
    """Half a surrogate pair, which a model can write in JSON, is replaced, so that text can be stored."""
    value, why = Utterance().parse("\ud800 hello")
    assert why is None
    assert value.encode()


def test_columns_take_and_set_rows() -> None:
    """Joined actions are taken and replaced by rows, tags included."""
    space = OneOf(give=Amount(0, 1), leave=None)
    batch, other = space.empty(3), space.empty(1)
    space.write(other, 0, ("leave", None))
    batch[np.array([1])] = other
    assert isinstance(batch, Columns)
    assert space.valid(batch).tolist() == [False, True, False]
    assert space.read(batch[np.array([1])], 0) == ("leave", None)


def test_renamed_options() -> None:
    """The same choice under other names has other words and the same numbers."""
    assert renamed(Choice("cooperate", "defect"), {"defect": "F", "cooperate": "J"}).options == (
        "J",
        "F",
    )


@pytest.mark.parametrize("make", [lambda: Choice(), lambda: Choice("a", "a"), lambda: Amount(1, 0)])
def test_impossible_spaces(make: Any) -> None:
    """A choice of nothing or of one name twice, and a range upside down, are refused."""
    with pytest.raises(BadValue):
        make()


def _said(space: Space, value: Any) -> Any:
    """A value as its JSON schema has it."""
    if isinstance(space, Choice):
        return space.options[value]
    if isinstance(space, Ranking):
        return [space.options[k] for k in value]
    if isinstance(space, Form):
        return {n: _said(s, value[n]) for n, s in space.fields if s is not None}
    if isinstance(space, OneOf):
        part = dict(space.fields)[value[0]]
        return {"do": value[0]} if part is None else {"do": value[0], "with": _said(part, value[1])}
    return value


def _near(one: Any, other: Any) -> bool:
    """Equal but for single precision."""
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(_near(one[k], other[k]) for k in one)
    if isinstance(one, tuple | list):
        return len(one) == len(other) and all(_near(a, b) for a, b in zip(one, other, strict=True))
    if isinstance(one, float):
        return bool(abs(one - other) <= 1e-5 * max(1.0, abs(one)))
    return bool(one == other)
