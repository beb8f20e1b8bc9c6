"""Studies found by name or file, set by dotted fields, and varied in a grid."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import mores
from mores.design import command, find, rebuild, resolve
from mores.design.parts import population, specs, world
from mores.design.settings import words
from mores.errors import BadValue, UnknownName
from mores.worlds.games.named import PrisonersDilemma

PYTHON = '''
from typing import Annotated, Literal
from pydantic import Field
from mores import Case, Metric, Population, Reference, Study
from mores.design import study
from mores.institutions.noise import Noise
from mores.policies.spec import policy
from mores.worlds.games.named import PrisonersDilemma


@study(source="Somebody 2020")
def little(
    players: tuple[str, ...] = ("tit-for-tat",),
    institution: tuple[Literal["none", "noise"], ...] = ("none", "noise"),
    rounds: Annotated[int, Field(ge=1, le=50)] = 4,
    replicates: int = 3,
) -> Study:
    """A little study of cooperation."""
    cases = []
    for who in players:
        for name in institution:
            game = PrisonersDilemma(rounds=rounds)
            cases.append(
                Case(
                    world=Noise(game, p=0.2) if name == "noise" else game,
                    population=Population.all(policy(who)),
                    condition={"players": who, "institution": name},
                )
            )

    def measured(record):
        c = record.column("choose")
        return record.sample(c.arm, c.table, c.value == 0)

    return Study(
        name="little",
        cases=tuple(cases),
        replicates=replicates,
        metrics=(Metric(name="cooperation", measure=measured),),
        references=(Reference(metric="cooperation", source="People 2001", value=0.5, n=20),),
    )
'''
TOML = """
name = "helping"
replicates = 3
metrics = ["cooperation", "beside.py:coop"]
population = "tit-for-tat"

[world]
name = "prisoners-dilemma"
rounds = 4

[[condition]]
mistakes = "none"

[[condition]]
mistakes = "some"
institutions = [{ name = "noise", p = 0.2 }]
population = { seats = ["all-cooperate", "grim"] }

[[reference]]
metric = "cooperation"
source = "People 2001"
value = 0.5
"""
BESIDE = '''
from mores import Metric


def coop() -> Metric:
    """Again."""
    def measured(record):
        c = record.column("choose")
        return record.sample(c.arm, c.table, c.value == 0)

    return Metric(name="coop", measure=measured)
'''


@pytest.fixture
def python(tmp_path: Path) -> Path:
    """A file with one study."""
    file = tmp_path / "little.py"
    file.write_text(PYTHON)
    return file


@pytest.fixture
def toml(tmp_path: Path) -> Path:
    """A study without Python, and a metric in a file beside it."""
    (tmp_path / "beside.py").write_text(BESIDE)
    file = tmp_path / "helping.toml"
    file.write_text(TOML)
    return file


# ---------------------------------------------------------------- studies
def test_a_python_file_gives_its_study(python: Path) -> None:
    """The one marked function is found, with its parameters, summary and source."""
    found = find(str(python))
    study = resolve(python, {"rounds": "7", "players": "grim,all-defect"})
    assert list(found.parameters) == ["players", "institution", "rounds", "replicates"]
    assert study.summary == "A little study of cooperation." and study.source == "Somebody 2020"
    assert len(study.cases) == 4 and study.settings["rounds"] == 7
    assert study.settings["players"] == ("grim", "all-defect")
    assert resolve(f"{python}:little").name == "little"


def test_a_study_of_the_catalogue_is_found_by_name() -> None:
    """A registered name with a setting, as the command line gives it."""
    study = resolve("donor-game", {"institution": "none", "generations": "2"})
    assert [dict(c.condition)["institution"] for c in study.cases] == ["none"]


def test_a_package_names_a_study() -> None:
    """`package.module:name` works where the catalogue's names do."""
    assert resolve("mores.catalogue.donor_game:donor_game").name == "donor-game"


def test_toml_gives_worlds_people_metrics_and_references(toml: Path) -> None:
    """Everything a study has can be said in TOML, and the study runs."""
    study = resolve(toml)
    assert [w.name for w in study.cases[1].world.layers] == ["noise", "prisoners-dilemma"]
    assert [p.name for p in study.cases[1].population.policies] == ["all-cooperate", "grim"]
    assert [r.source for r in study.references] == ["People 2001"]
    record = mores.run(study)
    assert {e.metric for e in record.estimates} == {"cooperation", "coop"}
    assert record.estimates[0].value == 1.0


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("[world]", "[word]"), "word"),
        (("rounds = 4", "round = 4"), "Did you mean 'rounds'"),
        (("rounds = 4", 'rounds = "many"'), "a whole number"),
        (("p = 0.2", "q = 0.2"), "field of institution noise"),
        (('"noise"', '"nois"'), "Did you mean 'noise'"),
        (('"cooperation", ', '"cooperaton", '), "Did you mean 'cooperation'"),
        (("replicates = 3", "replicates = 0"), "replicates"),
        (('"all-cooperate", "grim"', '"all-cooperate"'), "the world has 2 seats"),
        (("value = 0.5", "valu = 0.5"), "Did you mean 'value'"),
        (('name = "helping"', "name = "), "not TOML"),
    ],
)
def test_a_mistake_in_a_toml_file_is_named(toml: Path, change: tuple[str, str], said: str) -> None:
    """Every wrong key, name and value says what it is and what was meant."""
    assert change[0] in TOML
    toml.write_text(TOML.replace(*change))
    with pytest.raises((BadValue, UnknownName)) as error:
        resolve(toml)
    text = str(error.value)
    assert said in text, text


# ---------------------------------------------------------------- dotted settings
def test_dotted_settings_reach_worlds_institutions_and_policies(python: Path) -> None:
    """A field of a part is changed in every case that has it, and in no other."""
    study = resolve(python, {"world.rounds": "9", "noise.p": "0.5", "players": "grim"})
    assert [getattr(c.world.core, "rounds", None) for c in study.cases] == [9, 9]
    assert [getattr(c.world, "p", None) for c in study.cases] == [1.0, 0.5]
    everyone = resolve(python, {"population": "random", "random.p": "0.9"})
    assert {p.label for c in everyone.cases for p in c.population.policies} == {"random"}
    again = resolve(python, {"population": "random", "population.p": "0.9"})
    assert again.cases[0].population == everyone.cases[0].population


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("round", "rounds"),
        ("world.round", "world.rounds"),
        ("noise.q", "noise."),
        ("nosie.p", "noise.p"),
        ("tit-for-tat.x", ""),
    ],
)
def test_an_unknown_setting_is_named_with_the_nearest(
    python: Path, name: str, nearest: str
) -> None:
    """A name that nothing has raises UnknownName with what was perhaps meant."""
    with pytest.raises(UnknownName) as error:
        resolve(python, {name: "1"})
    assert repr(name) in str(error.value) and nearest in str(error.value)


def test_replicates_are_the_same_as_a_setting_and_as_an_argument(toml: Path) -> None:
    """A study that has no such parameter takes them too."""
    assert resolve(toml, {"replicates": "7"}).replicates == 7
    with pytest.raises(BadValue, match="replicates"):
        resolve(toml, {"replicates": "0"})


# ---------------------------------------------------------------- grids
def test_vary_makes_a_condition_of_every_cell(python: Path) -> None:
    """Cells multiply; what was varied joins the conditions as it was read."""
    study = resolve(
        python, {"institution": "none"}, {"rounds": ["2", "4"], "players": ["grim", "all-defect"]}
    )
    assert [dict(c.condition) for c in study.cases] == [
        {"players": p, "institution": "none", "rounds": r}
        for r in (2, 4)
        for p in ("grim", "all-defect")
    ]
    assert study.settings["rounds"] == [2, 4]


def test_a_varied_study_measures_each_cell_as_if_it_were_run_alone(python: Path) -> None:
    """Metrics that differ from cell to cell see their own arms only: the values are those of single runs."""
    grid = mores.run(resolve(python, None, {"rounds": ["2", "8"]}), seed=5)
    for rounds in (2, 8):
        alone = mores.run(resolve(python, {"rounds": rounds}), seed=5)
        mine = [e for e in grid.estimates if e.condition["rounds"] == rounds]
        assert [(e.value, e.n) for e in mine] == [(e.value, e.n) for e in alone.estimates]
        assert [{**e.condition, "rounds": rounds} for e in alone.estimates] == [
            dict(e.condition) for e in mine
        ]


def test_what_is_varied_must_not_fight_a_condition(python: Path) -> None:
    """Several values of a condition's own key in one cell have no name; replicates cannot be varied."""
    with pytest.raises(BadValue, match="institution"):
        resolve(python, None, {"institution": ["('none','noise')", "none"]})
    with pytest.raises(BadValue, match="replicates"):
        resolve(python, None, {"replicates": ["1", "2"]})
    with pytest.raises(BadValue, match="varied too"):
        resolve(python, {"rounds": "2"}, {"rounds": ["1", "2"]})


# ---------------------------------------------------------------- making again
def test_a_study_is_made_again_from_its_manifest(
    python: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What a manifest keeps holds from any folder, also for lists and grids."""
    monkeypatch.chdir(python.parent)
    settings, vary = {"players": ("grim", "all-defect")}, {"rounds": [2, 3]}
    kept = command("little.py", settings, vary)
    study = resolve("little.py", settings, vary)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    again = rebuild({"command": kept, "replicates": 9})
    assert [c.condition for c in again.cases] == [c.condition for c in study.cases]
    assert again.replicates == 9
    with pytest.raises(BadValue, match="Study object"):
        rebuild({"study": "x", "command": {}})


# ---------------------------------------------------------------- bad files


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("x = (", "cannot be loaded"),
        ("1 / 0", "line 1"),
        ("x = 1", "there is none"),
        ("import nothing_like_this", "No module named"),
        (PYTHON + "\nsecond = little", "several"),
    ],
)
def test_a_python_file_without_a_study_says_so(tmp_path: Path, content: str, said: str) -> None:
    """What a file lacks, or where it fails, is said without a traceback."""
    file = tmp_path / "x.py"
    file.write_text(content)
    with pytest.raises(BadValue, match=said):
        resolve(file)


@pytest.mark.parametrize(
    ("spec", "error"),
    [
        ("nowhere.toml", BadValue),
        ("nowhere.py", BadValue),
        ("nothing_like_this:x", BadValue),
        ("mores.study:nothing", UnknownName),
        ("mores.study:Probe.name.x", UnknownName),
        ("donor-gam", UnknownName),
    ],
)
def test_a_spec_that_leads_nowhere_is_refused(spec: str, error: type[Exception]) -> None:
    """Files, modules and names that are not there are named."""
    with pytest.raises(error):
        resolve(spec)


def test_a_function_that_makes_no_study_is_refused(tmp_path: Path) -> None:
    """Whatever else it gives is named by its type."""
    file = tmp_path / "x.py"
    file.write_text("from mores.design import study\n@study()\ndef f():\n    return 3\n")
    with pytest.raises(BadValue, match="int"):
        resolve(file)


# ---------------------------------------------------------------- worlds and people
def test_worlds_are_named_as_games_and_files(tmp_path: Path) -> None:
    """Registered names with fields, ordinal games by place, and classes in files."""
    assert world("prisoners-dilemma", {"rounds": "3"}) == PrisonersDilemma(rounds=3)
    assert world("2x2:6,7", {"rounds": "4"}).name == "2x2"
    file = tmp_path / "mine.py"
    file.write_text("from mores.worlds.games.named import Chicken as Mine\n")
    assert world(f"{file}:Mine").name == "chicken"
    with pytest.raises(UnknownName, match="stag-hunt"):
        world("stag-hun")


@pytest.mark.parametrize("make", [population, specs])
def test_policies_with_commas_inside_are_kept_whole(make: Callable[[str], Any]) -> None:
    """A comma inside a policy's own values does not part two policies."""
    found = make("memory-one:0.9,0.1,0.9,0.1,grim")
    assert len(found.policies if make is population else found) == 2


def test_every_study_of_the_catalogue_can_be_resolved() -> None:
    """Each has a summary and parameters that are all typed and defaulted."""
    from mores import registry

    for name in registry.names("study"):
        design = find(name)
        assert design.summary, name
        for p in design.parameters.values():
            assert words(p.type) and repr(p.default) != "required", (name, p.name)
