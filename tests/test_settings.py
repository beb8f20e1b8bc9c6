"""Values as people type them, read as parameters and fields take them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field

from mores.agent import Policy
from mores.design.settings import Parameter, fields_of, parameters_of, read, split, words
from mores.errors import BadValue
from mores.institutions.noise import Noise


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (int, "5", 5),
        (float, "0.5", 0.5),
        (bool, "yes", True),
        (Literal["a", "b"], "b", "b"),
        (Literal[1, 2], "2", 2),
        (tuple[str, ...], "a,b", ("a", "b")),
        (tuple[str, ...], "a", ("a",)),
        (tuple[float, ...], "1, 2.5", (1.0, 2.5)),
        (tuple[str, ...], "('a', 'b')", ("a", "b")),
        (tuple[tuple[int, int], ...], "(1,2),(3,4)", ((1, 2), (3, 4))),
        (int | None, "none", None),
        (int | str, "x", "x"),
        (dict[str, float], "{'a': 1}", {"a": 1.0}),
        (Any, "3", 3),
    ],
)
def test_a_text_is_read_as_its_parameter_takes_it(kind: Any, text: str, value: object) -> None:
    """What is typed becomes what the type of the parameter means."""
    assert read(Parameter("f", kind), text) == value


@pytest.mark.parametrize(
    ("kind", "text", "said"),
    [
        (int, "x", "a whole number"),
        (Annotated[int, Field(ge=1)], "0", "at least 1"),
        (Annotated[float, Field(ge=0, le=1)], "2", "at least 0 and at most 1"),
        (float, "nan", "a number"),
        (Literal["none", "reputation"], "reputaton", "Did you mean 'reputation'"),
        (tuple[Literal["none", "noise"], ...], "none,nois", "Did you mean 'noise'"),
        (tuple[int, int], "1", "2 values"),
    ],
)
def test_a_value_that_is_not_possible_is_named_with_what_is_allowed(
    kind: Any, text: str, said: str
) -> None:
    """The message names the field, the value, what is allowed, and the nearest spelling."""
    with pytest.raises(BadValue) as error:
        read(Parameter("fine", kind), text)
    assert "fine=" in str(error.value) and text in str(error.value) and said in str(error.value)


@given(st.lists(st.text("abcxyz019.-", min_size=1), min_size=1))
def test_commas_part_a_list_and_nothing_else(parts: list[str]) -> None:
    """Joining parts by commas and splitting them again gives the parts; so inside brackets."""
    assert split(",".join(parts)) == parts
    assert split(f"f({','.join(parts)})") == [f"f({','.join(parts)})"]


@given(st.integers())
def test_numbers_are_read_back(value: int) -> None:
    """A number written out is read as itself."""
    assert read(Parameter("f", int), str(value)) == value


def test_a_policy_parameter_reads_a_policy_specification() -> None:
    """A parameter of the type Policy takes what `--others` takes."""
    found = read(Parameter("f", tuple[Policy, ...]), "tit-for-tat,grim")
    assert [p.name for p in found] == ["tit-for-tat", "grim"]
    assert "policy" in words(Policy)


def test_what_can_be_set_is_known_with_its_defaults() -> None:
    """Functions have parameters; institutions have their fields, but not what they wrap."""

    def make(a: int, b: float = 2.0) -> None: ...

    assert list(parameters_of(make)) == ["a", "b"]
    assert "p" in fields_of(Noise) and "inner" not in fields_of(Noise)
