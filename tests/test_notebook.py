"""What a notebook needs: runs inside a running event loop, quietly, with results that show themselves."""

from __future__ import annotations

import asyncio
from html.parser import HTMLParser

import pytest

import mores
from mores import Mind, Population, Record, Study
from mores.metrics.conduct import cooperation
from mores.models.scripted import scripted
from mores.policies.spec import policy
from mores.worlds.games.named import PrisonersDilemma


class Tags(HTMLParser):
    """Collects tags; an opened one that is not closed stays in `open`."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note it, and that it is open."""
        self.seen.append(tag)
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """It closes what was opened last."""
        assert self.open.pop() == tag


def tags(html: str) -> list[str]:
    """The tags of a piece of HTML that is well formed."""
    parser = Tags()
    parser.feed(html)
    assert parser.open == []
    return parser.seen


def study(*, thinks: bool = False) -> Study:
    """A small dilemma, of rules or of minds."""
    people = Population.all(Mind() if thinks else policy("random"))
    world = PrisonersDilemma(rounds=3)
    return Study.of(world, people, replicates=5, metrics=(cooperation,), name="<b>little</b>")


@pytest.mark.parametrize("thinks", [False, True], ids=["rules", "minds"])
@pytest.mark.parametrize("workers", [1, 2])
def test_a_run_inside_a_running_event_loop(thinks: bool, workers: int) -> None:
    """As in a cell of a notebook; the record is the one that is made outside of it."""
    asked = (
        {"players": scripted("random")} if workers == 1 else lambda: {"players": scripted("random")}
    )
    models = asked if thinks else None

    async def cell() -> Record:
        return mores.run(study(thinks=thinks), workers=workers, models=models)

    inside = asyncio.run(cell())
    outside = mores.run(
        study(thinks=thinks), models={"players": scripted("random")} if thinks else None
    )
    assert inside.hashes == outside.hashes and len(inside.events) == 30


def test_two_runs_at_once_in_threads_of_a_loop() -> None:
    """Runs in threads, as `asyncio.to_thread` makes them, do not disturb each other."""

    async def cells() -> list[Record]:
        tasks = (asyncio.to_thread(mores.run, study(thinks=True), models={"players": scripted("random")}, seed=s)
                 for s in (1, 2, 1))  # fmt: skip
        return list(await asyncio.gather(*tasks))

    one, two, again = asyncio.run(cells())
    assert one.hashes == again.hashes != two.hashes


def test_a_run_says_nothing_unless_asked(capfd: pytest.CaptureFixture[str]) -> None:
    """No progress bar fills the cell; whoever wants one passes `progress`."""
    told: list[int] = []
    mores.run(study())
    assert capfd.readouterr() == ("", "")
    mores.run(study(), progress=lambda p: told.append(p.done))
    assert told[-1] == 5


def test_results_show_themselves() -> None:
    """A record shows its estimates and a frame its rows, as HTML that is whole and escaped."""
    record = mores.run(study())
    shown = record._repr_html_()
    assert "table" in tags(shown) and "cooperation" in shown and "<b>little</b>" not in shown
    for frame in (record.events, record.episodes, record.answers, record.sql("select '<i>' as x")):
        assert tags(frame._repr_html_())[0] == "table"
    assert "&lt;i&gt;" in record.sql("select '<i>' as x")._repr_html_()
    bare = mores.run(Study.of(PrisonersDilemma(rounds=1), Population.all(policy("grim"))))
    assert "no estimates" in bare._repr_html_()
    assert "Record of" in repr(record) and "Frame of" in repr(record.events)
