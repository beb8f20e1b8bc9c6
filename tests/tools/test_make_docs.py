"""The pages that are made from the code."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

import make_docs
import reference_pages
from mores import registry


def test_cli_page_is_fresh() -> None:
    """docs/cli.md says what the program says; `python tools/make_docs.py cli` mends it."""
    pytest.importorskip("mores.cli")
    assert make_docs.cli_page() == make_docs.CLI_PAGE.read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", sorted(reference_pages.KINDS))
def test_every_part_has_a_page(kind: str) -> None:
    """Every registered part explains itself: its page has a text and its summary is not empty."""
    pytest.importorskip(registry.PACKAGES[kind])
    for name in registry.names(kind):
        assert reference_pages.page(kind, name).startswith(f"# {name}\n")
        assert reference_pages.summary(kind, name), f"{kind} {name} has no docstring"


def test_every_kind_of_the_registry_is_in_the_reference() -> None:
    """A new kind of part cannot be forgotten in the site."""
    assert set(reference_pages.KINDS) == set(registry.PACKAGES)


@dataclass(frozen=True)
class Toy:
    """A part.

    See :class:`~mores.world.World`::

        code

    Told apart:
    - one
    - two
    """

    seats: int = 2
    """How many | sit."""


def test_docstrings_become_markdown() -> None:
    """References become code, literal blocks lose their colons, lists get the empty line they need."""
    text = reference_pages.markdown(reference_pages.docstring(Toy))
    assert "See `World`:\n\n    code" in text
    assert "Told apart:\n\n- one\n- two" in text


def test_fields_are_documented() -> None:
    """The string under a field is its meaning in the table, safe for a table cell."""
    table = "\n".join(reference_pages.parameters(Toy))
    assert "| `seats` | a whole number | `2` | How many \\| sit. |" in table


def test_parameters_of_studies_are_documented() -> None:
    """A study's page shows what can be set, what each takes and what it is otherwise."""
    page = reference_pages.page("study", "donor-game")
    assert "| `generations` | a whole number of at least 1 | `10` |" in page


def test_defaults_are_shown_as_they_are_typed() -> None:
    """Lists by commas, none and true in small letters."""
    assert reference_pages.typed((1, None, True, "a")) == "1,none,true,a"
