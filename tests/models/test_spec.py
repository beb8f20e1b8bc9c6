"""Who answers, in words: read, checked before anything is opened, and made once a process."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.engine.worlds import Scene, talker

import mores
from mores import Mind, Population, Study
from mores.errors import BadValue, MoresError, UnknownName
from mores.models.http import Http
from mores.models.person import Person
from mores.models.recorded import Recorded
from mores.models.scripted import Scripted
from mores.models.spec import LATE, answerer, answerers, endpoint, identity, parse
from mores.testing import Endpoint


def test_roles_and_parameters() -> None:
    """A role is what stands before an = that is not inside a URL."""
    url = "http://localhost:8000/v1#org/qwen?temperature=0&max_tokens=20"
    assert parse([url, "judge=scripted:first", "seat.3=person"]) == {
        "*": url, "judge": "scripted:first", "seat.3": "person",
    }  # fmt: skip
    found = endpoint(url)
    assert (found.url, found.name) == ("http://localhost:8000/v1", "org/qwen")
    assert found.given == {"temperature": 0.0, "max_tokens": 20}
    assert identity(url) == ("org/qwen?temperature=0.0&max_tokens=20", True)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["http://localhost/v1"], "models lists what is served"),
        (["http://localhost/v1#m?temprature=0"], "temperature"),
        (["http://localhost/v1#m?temperature=hot"], "a number"),
        (["http://localhost/v1#m?attempts=0"], "at least 1"),
        (["http://localhost/v1#m?schemas=maybe"], "auto, on or off"),
        (["http:#m"], "http://HOST:PORT"),
        (["gpt"], "scripted:NAME"),
        (["recorded:"], "recorded:DIR"),
        (["scripted:no-such"], "no scripted model named"),
        (["judge=person", "judge=person"], "given twice"),
        (["seat.x=person"], "seat.NUMBER"),
    ],
)
def test_what_cannot_be_meant_is_refused_at_once(words: list[str], says: str) -> None:
    """Before a call is made or a file opened, with what could be meant."""
    with pytest.raises((BadValue, UnknownName), match=says):
        answerers(words)


def test_what_each_spec_makes(tmp_path: Path) -> None:
    """Every kind makes its answerer; its identity is known without making it."""
    study = Study.of(Scene(turns=2), Population.all(Mind()), replicates=1)
    mores.run(study, out=tmp_path, models={"players": talker()})
    for spec, kind in (
        ("scripted:first", Scripted),
        (f"recorded:{tmp_path}", Recorded),
        ("person", Person),
        ("http://localhost:1/v1#m?seed=3", Http),
    ):
        made = answerer(spec)
        assert isinstance(made, kind)
        assert identity(spec) == (made.model, made.deterministic)
        made.close()


def test_what_is_not_installed_says_how(monkeypatch: pytest.MonkeyPatch) -> None:
    """A kind whose library is missing names the extra; one without a module says that it is not there."""
    monkeypatch.setitem(LATE, "hf", ("mores.models.no_such_module", "X", "hf"))
    with pytest.raises(MoresError, match="not in this version"):
        answerer("hf:somewhere")
    monkeypatch.setitem(LATE, "hf", ("no_such_library.module", "X", "hf"))
    with pytest.raises(MoresError, match=r"pip install 'mores\[hf\]'"):
        answerer("hf:somewhere")


def test_seats_may_have_a_model_of_their_own() -> None:
    """`seat.1=` answers for seat 1, the rest for all others; two models at one endpoint."""
    with Endpoint(reply="choice") as url:
        make = answerers([f"{url}#one", f"seat.1={url}#two"])
        study = Study.of(Scene(turns=4), Population.all(Mind()), replicates=2)
        record = mores.run(study, models=make)
    calls = record.table("calls")
    seats = {d.split("/")[2] for d in calls["draw"].to_pylist()}
    pairs = set(zip(calls["model"].to_pylist(), calls["draw"].to_pylist(), strict=True))
    assert seats == {"0", "1"}
    assert all((model == "two") == (draw.split("/")[2] == "1") for model, draw in pairs)
