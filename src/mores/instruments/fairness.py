"""Fairness: a short questionnaire of our own on giving, fairness and trust."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from mores.actions import Allocation, Amount, Choice, Space
from mores.instrument import Instrument, Item
from mores.instruments.scoring import construct_metrics
from mores.metric import Metric

AGREEMENT = Amount(1, 7, "agreement, 1 not at all to 7 completely", 1)


def _item(name: str, construct: str, text: str, space: Space, pole: int = 1) -> Item:
    return Item(f"fairness/{name}", text, space, {"construct": construct, "pole": pole})


ITEMS: tuple[Item, ...] = (
    _item(
        "divide",
        "giving",
        "You are handed 100 points. Nobody else knows of it. You can let a stranger, whom you will never "
        "meet, have some of them. How do you divide the points between yourself and the stranger?",
        Allocation(("yourself", "stranger"), 100.0),
    ),
    _item(
        "donate",
        "giving",
        "You win 50 coins in a draw. A collection for people who lost their homes is held next to you. "
        "How many of the coins do you put in?",
        Amount(0, 50, "coins", 1),
    ),
    _item(
        "bonus",
        "giving",
        "You and a colleague did a job together. By mistake the whole bonus was paid to you, and your "
        "colleague will not hear of it. How much of the bonus do you pass on?",
        Choice("nothing", "a quarter", "half", "three quarters", "all of it"),
    ),
    _item(
        "rules",
        "fairness",
        "A rule should hold for everyone alike, for those who made it too.",
        AGREEMENT,
    ),
    _item(
        "unseen",
        "fairness",
        "Taking a little more than one's share is all right as long as nobody notices.",
        AGREEMENT,
        pole=-1,
    ),
    _item(
        "same-work",
        "fairness",
        "Two people did the same work equally well. One of them is a friend of the person who pays. How "
        "should the pay be divided?",
        Choice(
            "all of it to the friend",
            "most of it to the friend",
            "a bit more to the friend",
            "equally",
        ),
    ),
    _item(
        "lend",
        "trust",
        "A neighbour whom you know only by sight asks to borrow a tool. Do you lend it?",
        Choice("certainly not", "probably not", "probably", "certainly"),
    ),
    _item(
        "word",
        "trust",
        "When people give their word, they mostly keep it.",
        AGREEMENT,
    ),
    _item(
        "careful",
        "trust",
        "Whoever deals with strangers should expect to be cheated.",
        AGREEMENT,
        pole=-1,
    ),
)


@dataclass(frozen=True, kw_only=True)
class Fairness(Instrument):
    """Nine items of our own wording on giving, fairness and trust: choices, scales, an amount, a division.

    Three items a construct, attributes `construct` and `pole`. Scores (metrics `giving`, `fairness`,
    `trust`) are means over a respondent's items, each put on 0 to 1 and turned to point the same way.
    Made for Mores and not validated on people: its scores compare respondents of Mores with each
    other, not with any population.
    """

    name: ClassVar[str] = "fairness"
    source: ClassVar[str] = "written for Mores; not validated on people"

    def items(self) -> Sequence[Item]:
        return ITEMS

    def metrics(self) -> Sequence[Metric]:
        return construct_metrics(ITEMS)
