"""The repeated games study: results that can be worked out, families, people and language models."""

from __future__ import annotations

import os
from collections import Counter

import pytest

from mores.catalogue.repeated_games import repeated_games
from mores.catalogue.specs import rejoined
from mores.design import resolve
from mores.engine.run import run
from mores.errors import BadValue, UnknownName
from mores.metric import Estimate
from mores.record import Record
from mores.worlds.games.ordinal import SIZE, family

needs_data = pytest.mark.skipif(not os.environ.get("MORES_DATA"), reason="MORES_DATA is not set")


def find(record: Record, metric: str, **condition: object) -> Estimate:
    """The one estimate of a metric under a condition."""
    wanted = condition.items()
    found = [
        e for e in record.estimates if e.metric == metric and wanted <= dict(e.condition).items()
    ]
    assert len(found) == 1, found
    return found[0]


def test_alternators() -> None:
    """Two alternators in battle of the sexes earn 8.5 a round."""
    settings = {
        "game": "battle-of-the-sexes",
        "players": "alternator,alternator",
        "replicates": "2",
    }
    record = run(resolve("repeated-games", settings))
    assert find(record, "payoff_per_round").value == 8.5
    assert find(record, "coordination").value == 1


@pytest.mark.parametrize(
    ("first", "second", "totals"),
    [
        ("grim", "defect-once", (90, 10)),
        ("grim", "all-defect", (45, 55)),
        ("tit-for-tat", "defect-once", (74, 74)),
    ],
)
def test_scripted_pairs(first: str, second: str, totals: tuple[int, int]) -> None:
    """The card's totals over ten rounds of the prisoner's dilemma."""
    record = run(repeated_games(replicates=1))
    for player, total in zip((1, 2), totals, strict=True):
        found = find(record, "payoff_by_seat", first=first, second=second, player=player)
        assert found.value * 10 == pytest.approx(total)
        assert find(
            record, "family_score", first=first, second=second, player=player
        ).value == pytest.approx(total / 100)


def test_fixed_option_against_one_who_yields() -> None:
    """One who keeps to the own favourite meets an alternator in exactly half the rounds."""
    record = run(repeated_games(game=("battle-of-the-sexes",), replicates=1))
    assert find(record, "coordination", first="always-first").value == 0.5


def test_measures_are_kept_to_games_where_they_mean_something() -> None:
    """Cooperation is of dilemmas, yielding of battle of the sexes."""
    record = run(repeated_games(replicates=1))
    games = {
        m: {e.condition["game"] for e in record.estimates if e.metric == m}
        for m in ("cooperation", "yielding")
    }
    assert games == {"cooperation": {"prisoners-dilemma"}, "yielding": {"battle-of-the-sexes"}}


def test_the_families() -> None:
    """All 144 games by family: their sizes, and scores that can be worked out."""
    sizes = Counter(family(r, c) for r in range(1, SIZE + 1) for c in range(1, SIZE + 1))
    record = run(
        repeated_games(
            game=("all",), players=("always-first", "always-second"), rounds=3, replicates=1
        )
    )
    for name, size in sizes.items():
        assert find(record, "family_score", family=name, player="always-first").n == size
    everyone = find(record, "family_score", family="all", player="always-first")
    assert everyone.n == 144 and 0.25 <= everyone.value <= 1


def test_published_families() -> None:
    """The ratios of language models stand beside the families, in rows of their own."""
    study = repeated_games(game=("all",), players=("grim", "grim"), rounds=1, replicates=1)
    record = run(study)
    gpt4 = {
        e.condition["family"]: e
        for e in record.estimates
        if e.condition["player"] == "GPT-4 (published)"
    }
    assert gpt4["Win-win"].value == 0.933 and gpt4["Win-win"].n == 36
    assert gpt4["all"].value == 0.773 and gpt4["all"].method == "published"
    assert "3,600" in study.notes[0]


@needs_data
def test_language_models_beside_scripted_players() -> None:
    """GPT-4, as released, earns what grim does of one who defects once, and meets an alternator half the time."""
    record = run(repeated_games(replicates=1))
    gpt4 = "GPT-4 (published)"
    assert find(record, "payoff_by_seat", first=gpt4, second="defect-once").value == 9.0
    assert find(record, "coordination", first=gpt4, second="alternator-yielding").value == 0.5
    nobody = [e for e in record.estimates if e.condition.get("second") == "always-second"]
    assert not nobody  # nobody plays against that one here


def test_people_are_there_without_data(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the data folder the figures of people remain, and a note says what is left out."""
    monkeypatch.setenv("MORES_DATA", "/nowhere")
    study = repeated_games()
    assert {r.metric for r in study.references} == {"cooperation", "yielding", "payoff_by_seat"}
    assert all(r.note.startswith("people") for r in study.references)
    assert study.estimates is None and "left out" in study.notes[0]


def test_other_games_and_commas() -> None:
    """A place holds a comma, and so do policies: lists are put together again."""
    assert rejoined(["2x2:6", "7", "chicken"]) == ("2x2:6,7", "chicken")
    assert rejoined(["memory-one:.9", ".1", "first=1", "grim"]) == (
        "memory-one:.9,.1,first=1",
        "grim",
    )
    record = run(resolve("repeated-games", {"game": "2x2:6,7,chicken", "replicates": "1"}))
    assert {e.condition["game"] for e in record.estimates} == {"2x2:6,7", "chicken"}


def test_what_cannot_be_meant() -> None:
    """Three players, an unknown game, all and one more."""
    with pytest.raises(BadValue, match="two policies"):
        repeated_games(players=("grim", "grim", "grim"))
    with pytest.raises(UnknownName, match="chicken"):
        repeated_games(game=("chiken",))
    with pytest.raises(BadValue, match="all"):
        repeated_games(game=("all", "chicken"))
