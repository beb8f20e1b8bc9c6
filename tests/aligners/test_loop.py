"""Tests of the loop: the curve, held-out agents, resuming after a kill, comparisons."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import mores
from mores.aligners.held_out import fresh, stream
from mores.aligners.loop import LoopResult, Round, align, loop
from mores.catalogue.dictator_humans import dictator_humans
from mores.errors import BadValue, RecordError, StorageError
from mores.policies.givers import TraitGiver
from mores.population import Population
from mores.study import Study
from mores.worlds.games.dictator import Dictator

KILLED = """
import os, signal, sys
from dataclasses import dataclass
from mores.aligners.loop import loop
from mores.aligners.words.pevo import Pevo
from mores.catalogue.dictator_humans import dictator_humans

out, where = sys.argv[1:]

class Killed(Pevo):
    made = 0
    def fit(self, rows, study, chance):
        Killed.made += 1
        if where == "fit" and Killed.made == 2:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().fit(rows, study, chance)

def told(done, of):
    if where == "told" and done == 2:
        os.kill(os.getpid(), signal.SIGKILL)

loop(dictator_humans(agents=60), Killed(), rounds=4, seed=3, out=out, progress=told)
"""


def _distance(rounds: list[Round]) -> list[float]:
    return [e.value for r in rounds for e in r.estimates if e.metric == "distance_tv"]


@pytest.fixture(scope="module")
def looped() -> LoopResult:
    """Three rounds of the demonstration, smaller."""
    return loop(dictator_humans(agents=300), "pevo", rounds=3, seed=1)


def test_the_shape_that_scripts_rely_on(looped: LoopResult) -> None:
    """`rounds` has one entry more than rounds, from round 0; all of it is plain JSON."""
    found = json.loads(json.dumps(looped.as_dict(), allow_nan=False))
    assert (found["study"], found["method"]) == ("dictator-humans", "pevo")
    assert [r["round"] for r in found["rounds"]] == [0, 1, 2, 3]
    assert [r["round"] for r in found["control"]] == [0, 1, 2, 3]
    estimate = next(e for e in found["rounds"][0]["estimates"] if e["metric"] == "distance_tv")
    assert set(estimate) == {"metric", "condition", "value", "low", "high", "n", "missing", "unit"}
    assert set(found["comparisons"][0]) == {
        "metric",
        "a",
        "b",
        "difference",
        "low",
        "high",
        "p_adjusted",
    }


def test_alignment_moves_giving_and_the_control_does_not(looped: LoopResult) -> None:
    """On held-out agents the distance falls at once; rewriting as many at random leaves it where it was."""
    curve, control = _distance(looped.rounds), _distance(looped.control)
    assert curve[0] == pytest.approx(0.653, abs=0.005)
    assert max(curve[1:]) < 0.15
    assert control == pytest.approx([curve[0]] * 4, abs=0.02)
    made = [r.log["cases"][0]["rewritten"] for r in looped.rounds[1:]]
    assert made == [r.log["cases"][0]["rewritten"] for r in looped.control[1:]]


def test_before_and_after_are_compared_in_pairs(looped: LoopResult) -> None:
    """The last round less round 0, for every metric and distance, on the same held-out units."""
    found = {c.metric: c for c in looped.comparisons}
    assert set(found) == {
        "share_given", "gave_nothing", "gave_half", "distance_tv", "distance_js", "distance_wasserstein",
    }  # fmt: skip
    tv = found["distance_tv"]
    curve = _distance(looped.rounds)
    assert tv.difference == pytest.approx(curve[-1] - curve[0])
    assert tv.low < tv.difference < tv.high < 0
    assert tv.p_adjusted < 0.05
    assert (tv.a["round"], tv.b["round"]) == (3, 0)
    assert all(c.paired and c.n == 300 for c in looped.comparisons)


def test_the_same_seed_gives_the_same_loop(looped: LoopResult) -> None:
    """Everything is made from the seed; another seed gives other figures."""
    again = loop(dictator_humans(agents=300), "pevo", rounds=3, seed=1)
    assert again.as_dict() == looped.as_dict()
    other = loop(dictator_humans(agents=300), "pevo", rounds=1, seed=2, control=False)
    assert _distance(other.rounds)[1] != _distance(looped.rounds)[1]
    assert other.control == []


@pytest.mark.parametrize("where", ["fit", "told"])
def test_a_killed_loop_ends_as_if_nothing_had_happened(where: str, tmp_path: Path) -> None:
    """After kill -9 between two steps the loop goes on, and its files equal those of one that was not cut off."""
    design = dictator_humans(agents=60)
    command = [sys.executable, "-c", KILLED, str(tmp_path / "cut"), where]
    died = subprocess.run(command, capture_output=True, check=False)
    assert died.returncode == -signal.SIGKILL, died.stderr.decode()
    cut = loop(design, "pevo", rounds=4, seed=3, out=tmp_path / "cut")
    whole = loop(design, "pevo", rounds=4, seed=3, out=tmp_path / "whole")
    assert {**cut.as_dict(), "out": ""} == {**whole.as_dict(), "out": ""}
    assert (tmp_path / "cut/loop.json").read_bytes() == (tmp_path / "whole/loop.json").read_bytes()
    traits = [np.load(tmp_path / p / "round-04/traits.npz")["0/giving"] for p in ("cut", "whole")]
    assert (traits[0] == traits[1]).all()


def test_more_rounds_go_on_from_those_that_are_there(tmp_path: Path) -> None:
    """Asking for more rounds in the same folder plays the new ones alone, with the same result."""
    design = dictator_humans(agents=60)
    loop(design, "pevo", rounds=1, out=tmp_path / "a")
    made = (tmp_path / "a/round-01/change.json").stat().st_mtime_ns
    more = loop(design, "pevo", rounds=2, out=tmp_path / "a")
    assert (tmp_path / "a/round-01/change.json").stat().st_mtime_ns == made
    assert more.as_dict()["rounds"] == loop(design, "pevo", rounds=2).as_dict()["rounds"]


def test_a_search_over_rules_resumes_too(tmp_path: Path) -> None:
    """A change of rules is kept as dotted settings and made again from them."""
    from .toys import taxes

    settings = {"grid": {"world.fine": (0.0, 2.0), "world.cost": (1.0, 3.0)}, "budget": 80}
    results = [
        align(taxes(), "institution-search", settings=settings, out=tmp_path / "a")
        for _ in range(2)
    ]
    assert results[0].as_dict() == results[1].as_dict()
    assert results[1].change.study.cases[0].world == results[0].change.study.cases[0].world
    assert results[0].change.log["settings"] == {"world.fine": 2.0, "world.cost": 1.0}


def test_align_is_the_first_round_of_a_loop(looped: LoopResult) -> None:
    """`align` gives the change and both records, with the estimates that the loop has for rounds 0 and 1."""
    once = align(dictator_humans(agents=300), "pevo", seed=1)
    rows = once.as_dict()["estimates"]
    after = [r["value"] for r in rows if r["metric"] == "distance_tv"]
    assert after == _distance(looped.rounds)[:2]
    assert {r["condition"]["when"] for r in rows} == {"before", "after"}
    assert once.change.study is not looped.final


def test_held_out_agents_are_drawn_from_those_of_the_study() -> None:
    """Fresh agents have traits that are there, joint ones stay together, and the same seed draws the same places."""
    a = np.arange(50, dtype=np.float32)[:, None] / 50
    people = Population.all(TraitGiver()).with_traits(giving=a, other=a + 1)
    design = Study.of(Dictator(), people, replicates=50)
    drawn = fresh(design, 4).cases[0].population.traits
    assert set(drawn["giving"].ravel()) < set(a.ravel())
    assert (drawn["other"] == drawn["giving"] + 1).all()
    assert (fresh(design, 4).cases[0].population.traits["giving"] == drawn["giving"]).all()
    assert (fresh(design, 5).cases[0].population.traits["giving"] != drawn["giving"]).any()
    one = Study.of(Dictator(pairs=25), people.with_traits(giving=a.T, other=a.T + 1))
    assert set(fresh(one, 4).cases[0].population.traits["giving"].ravel()) < set(a.ravel())
    none = Study.of(Dictator(), Population.all(TraitGiver()))
    assert fresh(none, 4) == none


def test_training_and_judging_never_share_a_seed() -> None:
    """The aligner's seeds differ from round to round and from the held-out one."""
    seeds = [stream(0, "held-out"), *(stream(0, "training", r) for r in range(1, 30))]
    assert len(set(seeds)) == len(seeds)


def test_another_loop_is_not_gone_on_with(tmp_path: Path) -> None:
    """Another seed, study or method in the same folder is refused, and so is the folder of a run."""
    design = dictator_humans(agents=20)
    loop(design, "pevo", rounds=1, out=tmp_path / "a")
    with pytest.raises(RecordError, match="another loop"):
        loop(design, "pevo", rounds=1, seed=9, out=tmp_path / "a")
    with pytest.raises(RecordError, match="another loop"):
        loop(design, "random-rewrite", rounds=1, out=tmp_path / "a")
    mores.run(design, out=tmp_path / "run")
    with pytest.raises(RecordError, match="record of a run"):
        loop(design, "pevo", rounds=1, out=tmp_path / "run")
    (tmp_path / "a/loop.json").write_text("{")
    with pytest.raises(RecordError, match="cannot be read"):
        loop(design, "pevo", rounds=1, out=tmp_path / "a")


def test_a_damaged_change_is_named(tmp_path: Path) -> None:
    """A truncated file is reported with what to remove, never guessed at."""
    design = dictator_humans(agents=20)
    loop(design, "pevo", rounds=1, out=tmp_path / "a")
    (tmp_path / "a/round-01/traits.npz").write_bytes(b"PK\x03\x04")
    with pytest.raises(RecordError, match="remove that folder"):
        loop(design, "pevo", rounds=1, out=tmp_path / "a")


def test_bad_input_is_explained(tmp_path: Path) -> None:
    """No rounds, settings for an aligner that is made already, a place that is a file."""
    from mores.aligners.words.pevo import Pevo

    design = dictator_humans(agents=20)
    with pytest.raises(BadValue, match="rounds"):
        loop(design, "pevo", rounds=0)
    with pytest.raises(BadValue, match="by name"):
        loop(design, Pevo(), settings={"trait": "giving"})
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="--out"):
        loop(design, "pevo", out=tmp_path / "file")
