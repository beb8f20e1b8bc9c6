"""A real OpenAI-compatible server, `transformers serve`, with a model built here: a study is played through it."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.error import URLError
from urllib.request import Request, urlopen

import pytest

import mores
from mores import Population, Study
from mores.agent import Mind
from mores.models.face import Model
from mores.models.pocket_lessons import Lesson
from mores.models.spec import answerer
from mores.policies.spec import policy
from mores.policies.strategies.classic import TitForTat
from mores.worlds.games.named import PrisonersDilemma

if TYPE_CHECKING:
    from mores.models.hf import HuggingFace
    from mores.models.pocket import Trained

for library in ("torch", "transformers", "fastapi", "uvicorn", "openai"):
    pytest.importorskip(library, reason="needs the extra hf and transformers[serving]")
pytest.importorskip("aiohttp", reason="needs the extra http")

PATIENCE = 120.0
LESSON = Lesson(PrisonersDilemma(rounds=4), TitForTat(), (policy("random"),))
CONVERSATIONS = [said for said, _ in LESSON.examples(2, seed=9)]


def fetched(url: str, body: Any = None) -> Any:
    """The JSON that a URL gives."""
    data = None if body is None else json.dumps(body).encode()
    with urlopen(Request(url, data, {"Content-Type": "application/json"}), timeout=30) as answer:
        return json.load(answer)


def free_port() -> int:
    """A port of this machine that nobody uses."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


@pytest.fixture(scope="module")
def served(
    pocket: tuple[Path, Trained], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, str]]:
    """The base URL of a server with the pocket model, and what the model is called there."""
    program = Path(sys.executable).with_name("transformers")
    if not program.exists():
        found = shutil.which("transformers")
        if found is None:
            pytest.skip("transformers has no command here")
        program = Path(found)
    port, log = free_port(), tmp_path_factory.mktemp("serve") / "log"
    name = str(pocket[0])
    options = [
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
        "--device",
        "cpu",
        "--log-level",
        "error",
    ]
    env = {**os.environ, "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
    with log.open("w") as out:
        server = subprocess.Popen(
            [program, "serve", name, *options], stdout=out, stderr=out, env=env
        )
    try:
        wait_for(f"http://127.0.0.1:{port}/health", server, log)
        yield f"http://127.0.0.1:{port}/v1", name
    finally:
        server.terminate()
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


@pytest.fixture(scope="module")
def inside(pocket: tuple[Path, Trained]) -> HuggingFace:
    """The same model in process."""
    from mores.models.hf import HuggingFace

    return HuggingFace(pocket[0], temperature=0)


def wait_for(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    """Return when the server answers; fail with its log where it does not."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if server.poll() is not None:
            pytest.fail(f"transformers serve ended: {log.read_text()[-2000:]}")
        try:
            fetched(url)
        except (URLError, ConnectionError):
            time.sleep(0.2)
        else:
            return
    pytest.fail(f"transformers serve did not start: {log.read_text()[-2000:]}")


def test_a_study_is_played_through_a_real_server(served: tuple[str, str], tmp_path: Path) -> None:
    """Every turn is answered and read, with the server's own token counts; the rule that was learnt shows.

    The same study on the same directory asks for nothing again.
    """
    url, name = served
    spec = f"{url}#{name}?temperature=0&max_tokens=4"
    seats = Population.by_seat(Mind(), policy("all-defect"))
    study = Study.of(PrisonersDilemma(rounds=4), seats, name="served", replicates=4)
    record = mores.run(study, out=tmp_path / "run", models={"players": answerer(spec)})
    calls = record.table("calls").to_pylist()
    assert len(calls) >= 4 and not record.table("faults").num_rows
    assert {c["fault"] for c in calls} == {None}
    assert all(c["prompt_tokens"] > 50 and c["completion_tokens"] >= 1 for c in calls)
    column = record.column("choose")
    mine = column.seat == 0
    later = mine & (column.round > 0)
    assert set(column.value[mine & (column.round == 0)]) == {
        0.0
    }  # tit for tat begins with the first option
    assert (column.value[later] == 1).mean() > 0.5  # and answers defection
    again = mores.run(study, out=tmp_path / "run", models={"players": answerer(spec)})
    assert again.hashes == record.hashes


def test_it_says_what_the_model_says_in_process(
    served: tuple[str, str], inside: HuggingFace
) -> None:
    """The server's likeliest reply is that of the same model in process: one template, one tokenizer."""
    url, name = served
    over_http = answerer(f"{url}#{name}?temperature=0&max_tokens=4")
    assert isinstance(over_http, Model)
    try:
        for said in CONVERSATIONS:
            (there,), (here,) = over_http.generate(said), inside.generate(said)
            assert (there.text, there.prompt_tokens) == (here.text, here.prompt_tokens)
            best = inside.choose(said, ["J", "F"])
            assert there.text == best.options[int(best.probabilities.argmax())]
    finally:
        over_http.close()


def test_probabilities_where_they_are_served(served: tuple[str, str], inside: HuggingFace) -> None:
    """Its typed decisions give the same probabilities of options as the model in process."""
    url, name = served
    question = {
        "move": {
            "type": "choice",
            "instructions": "Do you choose J or F?",
            "criteria": {"J": None, "F": None},
        }
    }
    found = fetched(
        f"{url}/systemone", {"model": name, "state": "Round 1 of 4.", "questions": question}
    )
    asked = (
        "Round 1 of 4.\n\nDo you choose J or F?\nA. J\nB. F\n"
        "Answer with the letter of the option that fits best (A to B) only."
    )
    here = inside.choose([{"role": "user", "content": asked}], ["A", "B"]).probabilities
    there = found["answers"]["move"]["probabilities"]
    assert [there["J"], there["F"]] == pytest.approx(here, abs=1e-3)


def test_choose_falls_back_where_there_are_no_log_probabilities(served: tuple[str, str]) -> None:
    """The server's chat gives none: shares among draws take their place, and the answer says so."""
    url, name = served
    over_http = answerer(f"{url}#{name}?max_tokens=4")
    assert isinstance(over_http, Model)
    try:
        chosen = over_http.choose(CONVERSATIONS[0], ["J", "F"], draws=4)
    finally:
        over_http.close()
    assert chosen.way in ("schema", "words") and chosen.draws == 4
