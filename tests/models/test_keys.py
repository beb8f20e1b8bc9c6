"""Keys are found, sent where they belong, and shown nowhere."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from tests.engine.worlds import Scene

import mores
from mores import Mind, Population, Study
from mores.errors import BadValue, UsageError
from mores.models.keys import env_file, key_for, names, redact
from mores.models.spec import answerers
from mores.testing import Endpoint
from mores.testing.wire import Answer, Call

SECRET = "sk-test-4f9d1c7a2b"  # not a key of anything


def test_a_file_of_variables_is_read(tmp_path: Path) -> None:
    """Quotes, export and comments are understood; the environment goes first."""
    path = tmp_path / ".env"
    path.write_text(
        "# keys\nexport A='one two'\nB=\"x#y\"\nC=z # why\n\nOPENAI_API_KEY=from-file\nnonsense\n"
    )
    assert env_file(path) == {"A": "one two", "B": "x#y", "C": "z", "OPENAI_API_KEY": "from-file"}
    url = "http://localhost:8000/v1"
    assert key_for(url, {}, tmp_path) == "from-file"
    assert key_for(url, {"OPENAI_API_KEY": "from-env"}, tmp_path) == "from-env"
    assert key_for(url, {"MORES_KEY_LOCALHOST": "mine", "OPENAI_API_KEY": "x"}, tmp_path) == "mine"
    assert env_file(tmp_path / "none") == {}


def test_a_key_goes_only_where_it_belongs() -> None:
    """A stranger's host is not given the vendor's key."""
    env = {
        "OPENAI_API_KEY": "a",
        "MORES_KEY_MODELS_EXAMPLE_ORG": "b",
        "MORES_KEY_LOCALHOST_8001": "c",
    }
    there = Path("/nonexistent")
    assert key_for("https://api.openai.com/v1", env, there) == "a"
    assert key_for("https://models.example.org/v1", env, there) == "b"
    assert key_for("https://other.example.org/v1", env, there) is None
    assert key_for("http://localhost:8001/v1", env, there) == "c"
    assert names("http://10.1.2.3:80/v1")[-1] == "OPENAI_API_KEY"


def test_a_short_word_is_no_secret() -> None:
    """Servers without keys are given a word such as `none`: it is not cut out of every text."""
    assert redact("none of this", "none") == "none of this"
    assert redact(f"Bearer {SECRET}!", SECRET) == "Bearer [key]!"


class Telltale(Endpoint):
    """A server that repeats the key it was sent, in replies and in errors."""

    def __init__(self, status: int) -> None:
        super().__init__(reply=lambda body, dice: f'{{"do": "speak", "with": "{SECRET}"}}')
        self.status = status
        self.sent: list[str] = []

    def handle(self, call: Call) -> Answer:
        self.sent.append(call.headers.get("authorization", ""))
        if self.status != 200:
            self._flying += 1
            return Answer(
                b'{"error": {"message": "bad key ' + SECRET.encode() + b'"}}', self.status
            )
        return super().handle(call)


@pytest.mark.parametrize("status", [200, 400, 401])
def test_the_key_is_nowhere(
    status: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    """However hard the server tries, the key is in no file, no output, no log and no error."""
    monkeypatch.setenv("OPENAI_API_KEY", SECRET)
    caplog.set_level(logging.DEBUG)
    server = Telltale(status)
    study = Study.of(Scene(turns=3), Population.all(Mind()), replicates=2)
    said = ""
    with server as url:
        try:
            mores.run(study, out=tmp_path, models=answerers([f"{url}#m"]))
        except UsageError as error:
            said = str(error) + repr(error)
    assert server.sent and set(server.sent) == {f"Bearer {SECRET}"}
    assert (status == 401) == bool(said)
    out, err = capfd.readouterr()
    assert SECRET not in said + out + err + caplog.text
    files = [p for p in tmp_path.rglob("*") if p.is_file()]
    assert files
    for path in files:
        assert SECRET.encode() not in path.read_bytes(), path.name


def test_a_password_in_a_url_is_refused_without_repeating_it() -> None:
    """What stands before the @ of a URL would be recorded: it is refused and not shown."""
    with pytest.raises(BadValue, match="environment") as caught:
        answerers([f"http://me:{SECRET}@localhost/v1#m"])
    assert SECRET not in str(caught.value)
