"""What the tests of the report share: small studies, and a reader of pages that sees what a browser would."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from mores.institutions.generations import Generations
from mores.metric import Metric, Reference
from mores.metrics.conduct import share_given
from mores.metrics.welfare import final_resources_mean
from mores.policies.givers import FixedGiver
from mores.population import Population
from mores.study import Case, Study
from mores.world import World
from mores.worlds.games.dictator import Dictator
from mores.worlds.games.donor import DonorGame

VOID = frozenset(["meta", "link", "br", "hr", "img", "input", "line", "path", "rect", "circle"])


@dataclass
class Tag:
    """One element as it was opened."""

    name: str
    attributes: dict[str, str | None]


@dataclass
class Page(HTMLParser):
    """The elements of a page, its text, and what was left open or closed twice."""

    tags: list[Tag] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    open: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    @classmethod
    def read(cls, html: str) -> Page:
        """The page in a text; fails where elements do not nest."""
        page = cls()
        page.feed(html)
        page.close()
        assert page.open == []
        return page

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element is opened."""
        self.tags.append(Tag(tag, dict(attrs)))
        if tag not in VOID or tag in ("line", "path", "rect", "circle"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element without content."""
        self.tags.append(Tag(tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        """An element is closed: the one opened last."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Text, but for the style sheet."""
        if self.open[-1:] != ["style"]:
            self.text.append(data)

    @property
    def words(self) -> str:
        """All that can be read, in one line."""
        return " ".join(" ".join(self.text).split())

    def named(self, *names: str) -> list[Tag]:
        """The elements of these names."""
        return [t for t in self.tags if t.name in names]


def donor(generations: int = 2, **more: Any) -> Study:
    """Three conditions of a small donor game over generations."""
    world: World = Generations(inner=DonorGame(seats=4, rounds=2), n=generations)
    shares = (0.0, 0.5, 1.0)
    cases = tuple(
        Case(world=world, population=Population.all(FixedGiver(share=s)), condition={"giving": s})
        for s in shares
    )
    metrics = (final_resources_mean, share_given)
    settings: Mapping[str, Any] = {"seats": 4, "generations": generations}
    fields: dict[str, Any] = {"name": "small-donor", "cases": cases, "replicates": 4, "metrics": metrics,
                    "settings": settings, "summary": "Giving fixed shares."}  # fmt: skip
    return Study(**(fields | more))


def dictator(metrics: tuple[Metric, ...] = (share_given,), **more: Any) -> Study:
    """One condition of three dictators who give .3, beside people whose giving has a distribution."""
    people = Reference(
        metric="share_given", source="Somebody 1994", value=0.25, low=0.2, high=0.3, n=100,
        distribution=(tuple(k / 10 for k in range(11)), (40, 5, 10, 20, 10, 15, 0, 0, 0, 0)),
    )  # fmt: skip
    case = Case(world=Dictator(pairs=3), population=Population.all(FixedGiver(share=0.3)))
    fields: dict[str, Any] = {"name": "dictator", "cases": (case,), "replicates": 3, "metrics": metrics,
                    "references": (people,)}  # fmt: skip
    return Study(**(fields | more))
