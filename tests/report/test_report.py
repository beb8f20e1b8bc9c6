"""The report as a page: what stands in it, that it is whole, and that nothing in it can run."""

import base64
import hashlib
import itertools
import math
import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

import mores
from mores.actions import Choice
from mores.engine.show import record_html
from mores.errors import StorageError
from mores.instrument import Instrument, Item
from mores.metric import Estimate, Metric, Reference
from mores.policies.givers import FixedGiver
from mores.population import Population
from mores.report import charts, html, write
from mores.study import Case, Probe, Study
from mores.world import Events, Turn
from mores.worlds.games.dictator import Dictator

from .pages import Page, dictator, donor

pytest.importorskip("vl_convert")
EVIL = "<script>alert('x')</script><img src=x onerror=alert(1)>\" onload=\"alert(2)"


def page_of(study: Study, **more: Any) -> tuple[str, Page]:
    """The report of a study played now, as text and as read."""
    text = html(mores.run(study, seed=1, **more), study)
    return text, Page.read(text)


def harmless(page: Page) -> None:
    """Nothing on the page can run, load or send."""
    assert not page.named(
        "script", "img", "iframe", "object", "embed", "link", "form", "base", "foreignobject"
    )
    assert not [t for t in page.tags for a in t.attributes if a.startswith("on") or a == "style"]
    links = [t.attributes.get("href") or "#" for t in page.tags if "href" in t.attributes]
    assert all(link.startswith("#") for link in links)


@pytest.fixture(scope="module")
def whole() -> tuple[str, Page]:
    """The report of the small donor game."""
    return page_of(donor())


def test_a_report_says_what_was_asked_and_what_came_out(whole: tuple[str, Page]) -> None:
    """Sections stand in their order, with estimates, comparisons, development, episodes and how it was made."""
    text, page = whole
    order = [text.index(f'<section id="{name}"') for name in
             ("asked", "results", "comparisons", "trajectories", "episodes", "missing", "manifest")]  # fmt: skip
    assert order == sorted(order)
    for said in ("Small donor", "Giving fixed shares.", "3 conditions", "4 replicates", "seed 1", "generations: 2",
                 "by generation", "by round", "gave 50% of their units", "No action was missing.",
                 "12 of 12 episodes", "nothing was spent"):  # fmt: skip
        assert said.replace("generations: 2", "generations 2") in page.words


def test_nothing_on_the_page_can_run(whole: tuple[str, Page]) -> None:
    """No scripts, no requests; the policy allows its one style sheet by hash and nothing else."""
    text, page = whole
    harmless(page)
    policy = page.named("meta")[1].attributes["content"] or ""
    style = text.split("<style>")[1].split("</style>")[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert policy.startswith("default-src 'none'")
    assert f"'sha256-{digest}'" in policy
    assert "unsafe" not in policy
    assert "http" not in re.sub(
        r"http://www.w3.org/[\w/]+", "", style + "".join(text.split("<svg")[1:2])
    )


def test_a_page_can_be_read_without_seeing_it(whole: tuple[str, Page]) -> None:
    """Charts are described, tables have heads, headings descend by one, identifiers are unique."""
    _, page = whole
    figures = page.named("figure")
    assert figures and all(f.attributes.get("aria-label") for f in figures)
    assert all("scope" in t.attributes for t in page.named("th"))
    levels = [int(t.name[1]) for t in page.named("h1", "h2", "h3", "h4")]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(b - a <= 1 for a, b in itertools.pairwise(levels))
    ids = [t.attributes["id"] for t in page.tags if "id" in t.attributes]
    assert len(ids) == len(set(ids))
    anchors = {(t.attributes["href"] or "")[1:] for t in page.named("a")}
    assert anchors <= set(ids)


def test_the_same_record_makes_the_same_report() -> None:
    """Nothing on the page depends on when it was written."""
    study = dictator()
    record = mores.run(study, seed=1)
    assert html(record, study) == html(record, study)


def test_references_stand_beside_estimates_with_their_source() -> None:
    """In the table, by letter below it, and as a distribution with a distance that has an interval."""
    _, page = page_of(dictator())
    assert "25% (A)" in page.words or "A 25%" in page.words
    for said in (
        "Somebody 1994",
        "n = 100",
        "Actions beside people",
        "Total variation distance",
        "9 0",
    ):
        assert said in page.words
    assert "0.8 " in page.words  # .3 is played, a fifth of people are in its class


def test_references_without_a_figure_are_not_lost() -> None:
    """What the study has no estimate for is listed."""
    lone = Reference(metric="gave_nothing", source="Somebody else 1999", value=0.36)
    _, page = page_of(dictator(references=(lone,)))
    assert "Somebody else 1999" in page.words
    assert "36%" in page.words


def test_notes_stand_where_their_figures_are() -> None:
    """A note that names a metric is in its block, others come first; code in backticks is code."""
    text, page = page_of(donor(notes=("About share_given: `x<y` matters.", "About all of it.")))
    assert text.index("About all of it.") < text.index("<article")
    assert text.index("<code>share_given</code>") < text.index("About share_given")
    assert "x<y" in page.words


# ---------------------------------------------------------------- hostile texts
@dataclass(frozen=True)
class Evil(Dictator):
    """A dictator game whose words attack the page."""

    def brief(self, state: Any, table: int, seat: int) -> str:
        """Rules that attack."""
        return EVIL

    def describe(self, state: Any, turn: Turn, j: int) -> str:
        """A cue that attacks."""
        return EVIL

    def narrate(self, state: Any, turn: Turn, events: Events, j: int) -> str | None:
        """A line that attacks."""
        return EVIL


@dataclass(frozen=True)
class EvilGiver(FixedGiver):
    """A giver with a label that attacks."""

    @property
    def label(self) -> str:
        """The label."""
        return EVIL


@dataclass(frozen=True, kw_only=True)
class EvilQuestions(Instrument):
    """One question that attacks."""

    name = "evil"

    def items(self) -> list[Item]:
        """The question."""
        return [Item(EVIL, EVIL, Choice(EVIL, "no"))]


def test_whatever_is_said_stays_text() -> None:
    """Utterances, rules, labels, policies, items, notes, settings and sources are shown, never obeyed."""
    probe = Probe(name=EVIL, instrument=EvilQuestions(), end=True)
    cases = [
        Case(world=Evil(), population=Population.all(EvilGiver(share=s)), condition={EVIL: f"{s}{EVIL}"},
             probes=(probe,))
        for s in (0.1, 0.2)
    ]  # fmt: skip
    share = dictator().metrics[0]
    evil = Metric(name=EVIL, measure=share.measure, summary=EVIL, unit=EVIL)
    people = Reference(metric=EVIL, source=EVIL, value=0.1, note=EVIL, condition={})
    spread = replace(dictator().references[0], source=EVIL, note=EVIL)
    study = Study(
        name=EVIL, cases=tuple(cases), replicates=3, metrics=(share, evil), references=(people, spread), summary=EVIL,
        source=EVIL, notes=(EVIL, f"`{EVIL}`"), settings={EVIL: EVIL},
    )  # fmt: skip
    text, page = page_of(study, command={"study": EVIL, "settings": {EVIL: EVIL}})
    harmless(page)
    assert page.words.count("alert('x')") > 20
    assert EVIL not in text
    assert EVIL not in record_html(mores.run(study, seed=1))


# ---------------------------------------------------------------- unusual records
def test_many_conditions_make_a_page_that_can_be_read() -> None:
    """More conditions than a chart can name are drawn in order of value, tables folded, the size bounded."""
    policies = [FixedGiver(share=k / 150) for k in range(150)]
    cases = tuple(
        Case(world=Dictator(), population=Population.all(p), condition={"k": k, "half": k % 2})
        for k, p in enumerate(policies)
    )
    text, page = page_of(replace(dictator(), cases=cases, references=()), replicates=2)
    assert "Conditions, lowest to highest" in page.words
    assert "All 150 conditions as a table" in page.words
    assert len(text) < 1_500_000


def test_a_thousand_generations_are_drawn_in_few_points() -> None:
    """Periods are put together, so that a long run makes a page of the usual size."""
    text, page = page_of(donor(generations=1000, metrics=()), replicates=2)
    assert len(text) < 1_500_000
    assert "by generation" in page.words
    assert "rounds left out" in page.words


@pytest.mark.parametrize("level", ["none", "aggregate", "decisions", "sample:1"])
def test_every_level_of_record_has_a_report(level: str) -> None:
    """What was not recorded is not shown; the rest is."""
    _, page = page_of(donor(metrics=(final(),)), record=level)
    assert "What came out" in page.words
    if level == "aggregate":
        assert "there are no bands" in page.words
    if level == "none":
        assert "by round" not in page.words


def final() -> Metric:
    """The metric that needs no events."""
    from mores.metrics.welfare import final_resources_mean

    return final_resources_mean


def test_one_condition_and_one_figure_are_said_plainly() -> None:
    """There is nothing to compare, and no table of one row."""
    text, page = page_of(dictator(references=()))
    assert 'class="figure"' in text
    assert "Comparisons" not in page.words


def test_estimates_that_are_not_there_are_dashes() -> None:
    """NaN is shown as missing, not as zero, and breaks no chart."""

    def broken(record: Any) -> list[Estimate]:
        nan = math.nan
        return [
            Estimate(metric="fit", condition={"game": g}, value=v, low=nan, high=nan, n=0, missing=3)
            for g, v in (("a", nan), ("b", 0.5), ("c", math.inf))
        ]  # fmt: skip

    study = dictator(metrics=(), estimates=broken, references=())
    _, page = page_of(study)
    assert "a – – 0 3" in page.words
    all_missing = [
        Estimate(metric="x", value=math.nan, low=math.nan, high=math.nan, n=0, missing=9)
    ]
    _, page = page_of(replace(study, estimates=lambda record: all_missing))
    assert "9 missing" in page.words


def test_effects_without_spread_are_said_in_words() -> None:
    """Where every pair differs by the same amount the effect size is infinite."""
    _, page = page_of(donor())
    assert "every pair differs by the same amount" in page.words


@dataclass(frozen=True, kw_only=True)
class Questions(Instrument):
    """Two questions."""

    name = "questions"

    def items(self) -> list[Item]:
        """The questions: givers can answer the one in shares."""
        from mores.actions import Amount

        giving = {"construct": "giving"}
        return [
            Item("share", "How much?", Amount(0, 1, "share"), giving),
            Item("which", "Which?", Choice("left", "right")),
        ]


def test_answers_are_counted_by_outcome() -> None:
    """How many were asked, and how many answers could be read, by item."""
    probe = Probe(name="asked", instrument=Questions(), end=True)
    base = dictator(references=(), metrics=())
    study = replace(base, cases=(replace(base.cases[0], probes=(probe,)),), expect="nothing")
    _, page = page_of(study)
    assert "Answers, worst first" in page.words
    assert "asked which 18 0% 0 18 asked share 18 100% 0 0" in page.words
    assert "This study computes no estimates." in page.words


@dataclass(frozen=True)
class Broken(FixedGiver):
    """A giver that fails."""

    def act(self, turn: Turn, memory: Any, chance: Any) -> Any:
        """Fails."""
        raise ValueError("out of ideas")


def test_failed_episodes_are_shown_with_their_reason() -> None:
    """A condition whose episodes all died is on the page, with why and how often."""
    base = dictator(references=())
    bad = replace(base.cases[0], population=Population.all(Broken()), condition={"who": "bad"})
    study = replace(base, cases=(replace(base.cases[0], condition={"who": "good"}), bad))
    _, page = page_of(study)
    assert "3 of 6 episodes" in page.words
    assert "ValueError: out of ideas" in page.words


def test_episodes_of_another_design_are_listed_not_told() -> None:
    """A study that did not make the record is never played in its name."""
    record = mores.run(dictator(), seed=1)
    other = replace(
        dictator(), cases=(replace(dictator().cases[0], world=Dictator(pairs=3, endowment=50)),)
    )
    page = Page.read(html(record, other))
    assert "could not be played again in words" in page.words
    assert "Give: seat 1 to seat 4, 0.3" in page.words


def test_what_is_told_is_what_was_recorded() -> None:
    """The lines of an episode are the events of its table."""
    _, page = page_of(dictator())
    assert page.words.count("gave 30 of 100 units") == 3


def test_without_the_extra_there_are_tables_and_a_word(monkeypatch: pytest.MonkeyPatch) -> None:
    """Charts are left out, numbers are not."""
    monkeypatch.setattr(charts, "available", lambda: False)
    text, page = page_of(donor())
    assert "<svg" not in text.replace('<svg class="swatch"', "")
    assert "they need the extra" in page.words
    assert "Final resources mean" in page.words


def test_the_command_that_makes_it_again_is_on_the_page() -> None:
    """From the command line as it was typed, quoted where a shell needs it."""
    command = {"study": "dictator", "settings": {"who": "me, you"}, "vary": {"k": ["1", "2"]}}
    _, page = page_of(dictator(), command=command)
    assert "mores run dictator 'who=me, you' --vary k=1,2 --replicates 3 --seed 1" in page.words


# ---------------------------------------------------------------- files
def test_a_report_is_written_whole(tmp_path: Path) -> None:
    """A directory gets `report.html`, a missing folder is made, nothing is left beside."""
    study = dictator()
    record = mores.run(study, seed=1)
    assert write(record, study, tmp_path) == tmp_path / "report.html"
    deep = write(record, study, tmp_path / "a" / "b.html")
    assert deep.read_text("utf-8") == html(record, study)
    assert {p.name for p in tmp_path.iterdir()} == {"report.html", "a"}


def test_a_report_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    """A place inside a file is refused, with what to do."""
    (tmp_path / "file").write_text("")
    study = dictator()
    with pytest.raises(StorageError, match="choose another place"):
        write(mores.run(study, seed=1), study, tmp_path / "file" / "report.html")


def test_a_notebook_shows_estimates() -> None:
    """A record shows itself as one table; without estimates it says so."""
    shown = Page.read(mores.run(donor(), seed=1)._repr_html_())
    assert "3 conditions, 12 episodes, seed 1" in shown.words
    assert "100%" in shown.words
    bare = mores.run(donor(metrics=()), seed=1)._repr_html_()
    assert "no estimates" in bare
