"""Parts are found by name; old names keep working; a wrong one is answered with the nearest."""

from __future__ import annotations

import pytest

from mores import registry
from mores.errors import UnknownName


@pytest.mark.parametrize("kind", sorted(registry.PACKAGES))
def test_every_name_loads_and_says_what_it_is_for(kind: str) -> None:
    """Every registered part can be imported and has a first line."""
    assert registry.names(kind)
    for name in registry.names(kind):
        assert registry.load(kind, name) is not None
        assert registry.summary(kind, name)


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    """The message names what was asked for, the nearest spelling and where all are listed."""
    with pytest.raises(
        UnknownName, match=r"'tit-for-tatt'.*Did you mean 'tit-for-tat'.*mores list policy"
    ):
        registry.load("policy", "tit-for-tatt")


def test_a_renamed_part_keeps_working(monkeypatch: pytest.MonkeyPatch) -> None:
    """The old name gives the part under its new name, and says so."""
    monkeypatch.setitem(registry.RENAMED, ("policy", "wsls"), "pavlov")
    with pytest.warns(FutureWarning, match="'wsls' is now called 'pavlov'"):
        assert registry.load("policy", "wsls") is registry.load("policy", "pavlov")
