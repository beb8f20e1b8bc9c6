"""New: a template for a world, an instrument or a study; it runs as it is written."""

from __future__ import annotations

import keyword
import re
from importlib import resources
from pathlib import Path
from typing import Annotated

import typer

from mores.cli import shell
from mores.cli.shell import Json
from mores.errors import BadValue, StorageError, UnknownName

NEXT = {
    "world": ("mores run {file}", "mores play {file}:{cls}", "docs: Your first world"),
    "instrument": ("mores ask {file}", "mores ask {file} --model person"),
    "study": ("mores run {file}", "mores run {file} --dry-run", "mores plan {file}"),
}


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("new")(new)


def new(
    kind: Annotated[str, typer.Argument(help="world, instrument or study.")],
    name: Annotated[str, typer.Argument(help="What it is called; the file is named after it.")],
    toml: Annotated[bool, typer.Option("--toml", help="A study without Python.")] = False,
    folder: Annotated[
        Path, typer.Option("--in", metavar="DIR", help="Where the file goes.")
    ] = Path(),
    json: Json = False,
) -> None:
    """Write a template of a world, an instrument or a study that runs as it stands."""
    if kind not in NEXT:
        raise UnknownName("template", kind, NEXT)
    if toml and kind != "study":
        raise BadValue("--toml", kind, "only a study can be written in TOML")
    words = named(name)
    file = folder / f"{'_'.join(words)}.{'toml' if toml else 'py'}"
    cls = "".join(w.capitalize() for w in words)
    text = (
        resources.files("mores.cli")
        .joinpath("templates", f"{kind}.{file.suffix[1:]}.txt")
        .read_text("utf-8")
    )
    for mark, value in (("@NAME@", "-".join(words)), ("@CLASS@", cls), ("@FILE@", file.name)):
        text = text.replace(mark, value)
    _write(file, text)
    steps = [s.format(file=file, cls=cls) for s in NEXT[kind]]
    shell.emit(
        json,
        {"file": str(file), "next": steps},
        f"{file} is written. Next:\n  " + "\n  ".join(steps),
    )


def named(name: str) -> list[str]:
    """The words of a name. Raises BadValue where none can be made a Python name."""
    spaced = re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", name)
    words = [w.lower() for w in re.split(r"[^A-Za-z0-9]+", spaced) if w]
    joined = "_".join(words)
    if not joined.isidentifier() or keyword.iskeyword(joined):
        raise BadValue("NAME", name, "letters, digits and dashes, beginning with a letter")
    return words


def _write(file: Path, text: str) -> None:
    if file.parent.is_file():
        raise BadValue("--in", str(file.parent), "a folder; this is a file")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("x", encoding="utf-8") as f:
            f.write(text)
    except FileExistsError:
        raise BadValue(
            "NAME", str(file), "there is such a file already; choose another name"
        ) from None
    except OSError as error:
        raise StorageError(
            f"{file} cannot be written ({error.strerror}); choose another place with --in"
        ) from error
