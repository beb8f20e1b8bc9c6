"""Shell: what all commands share: consoles, `--json`, settings, and the one place where an error becomes a message.

Exit codes: 0 done, 1 the run failed or the check did not hold, 2 wrong usage, 130 stopped by Ctrl-C.
"""

from __future__ import annotations

import json
import math
import os
import sys
import warnings
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer
from typer.core import TyperGroup

from mores.errors import BadValue, MoresError

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

STOPPED = 130
WIDTH = 140
DEBUG = "MORES_DEBUG"

Json = Annotated[bool, typer.Option("--json", help="Print one JSON value and nothing else.")]
Settings = Annotated[
    list[str] | None,
    typer.Argument(metavar="[FIELD=VALUE]...", help="Settings; a comma inside a value is a list."),
]
Seed = Annotated[int, typer.Option("--seed", help="The same seed gives the same record.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress bar, no tables.")]
Workers = Annotated[
    int, typer.Option("--workers", min=1, help="Processes that share the replicates.")
]


# ---------------------------------------------------------------- output
def out() -> Console:
    """The console of standard output."""
    return _console(sys.stdout)


def err() -> Console:
    """The console of standard error: progress, notes, errors."""
    return _console(sys.stderr)


def _console(stream: TextIO) -> Console:
    """A console as wide as its terminal; in a file or a pipe, wide enough for most tables."""
    from rich.console import Console

    width = None if stream.isatty() else WIDTH
    return Console(file=stream, highlight=False, markup=False, emoji=False, width=width)


def note(text: str) -> None:
    """Say something beside the result."""
    print(text, file=sys.stderr)


def emit(as_json: bool, data: Any, *shown: RenderableType) -> None:
    """The result of a command: one JSON value, or what a person reads."""
    if as_json:
        print(json.dumps(jsonable(data), ensure_ascii=False, allow_nan=False))
        return
    console = out()
    for part in shown:
        console.print(part)


def jsonable(value: Any) -> Any:
    """Plain data that JSON can hold; NaN and infinity become null."""
    if isinstance(value, Mapping):
        return {str(k): jsonable(v) for k, v in value.items()}
    if isinstance(value, str) or value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float | Decimal):
        return float(value) if math.isfinite(value) else None
    if hasattr(value, "tolist"):  # numpy
        return jsonable(value.tolist())
    if isinstance(value, Iterable) and not isinstance(value, bytes):
        return [jsonable(v) for v in value]
    return value.hex() if isinstance(value, bytes) else str(value)


# ---------------------------------------------------------------- input
def pairs(words: list[str] | None, what: str = "setting") -> dict[str, str]:
    """`field=value` words as a dictionary. Raises BadValue."""
    found: dict[str, str] = {}
    for word in words or []:
        name, equals, value = word.partition("=")
        if not equals or not name.strip():
            raise BadValue(what, word, "field=value, without spaces around =")
        if name.strip() in found:
            raise BadValue(what, word, f"{name.strip()} is given twice")
        found[name.strip()] = value
    return found


def varied(words: list[str] | None) -> dict[str, list[str]]:
    """`--vary field=a,b` words as a dictionary of lists."""
    from mores.design.settings import split

    return {name: split(text) for name, text in pairs(words, "--vary").items()}


# ---------------------------------------------------------------- errors
class Shell(TyperGroup):
    """The group of all commands; what goes wrong in any of them ends here."""

    def main(self, args: Any = None, *rest: Any, **more: Any) -> Any:
        """Run one command line and exit with its code; never shows a traceback unless MORES_DEBUG is set."""
        words = list(sys.argv[1:] if args is None else args)
        standalone = more.pop("standalone_mode", True)
        with warnings.catch_warnings():
            _plain_warnings()
            code = self._code(words, *rest, **more)
        if not standalone:
            return code
        sys.exit(code)

    def _code(self, words: list[str], *rest: Any, **more: Any) -> int:
        try:
            found = super().main(words, *rest, **{**more, "standalone_mode": False})
        except MoresError as error:
            return _failed(words, str(error), error.exit_code, error)
        except KeyboardInterrupt:
            found = STOPPED
        except BrokenPipeError:  # the reader has seen enough
            _nobody_reads()
            return 0
        except Exception as error:
            if hasattr(error, "format_message"):  # what typer says of wrong usage
                return _usage(words, error)
            return _failed(words, _unexpected(error), 1, error)
        if found == STOPPED:
            return _failed(words, "stopped; the same command goes on from there", STOPPED)
        return found if isinstance(found, int) else 0


def _usage(words: list[str], error: Any) -> int:
    if type(error).__name__ == "NoArgsIsHelpError":
        print(error.format_message() or error.ctx.get_help())
        return 2
    said = str(error.format_message()).rstrip()
    ctx = getattr(error, "ctx", None)
    if type(error).__name__ == "NoSuchOption":
        said = said.rstrip(".") + ". Settings of a study are written without dashes: field=value."
    help_at = f"{ctx.command_path} --help" if ctx is not None else "mores --help"
    return _failed(words, f"{said}\n`{help_at}` says how it is used.", 2)


def _unexpected(error: Exception) -> str:
    if isinstance(error, OSError):
        where = f" ({error.filename})" if error.filename else ""
        return f"the system refused: {error.strerror or error}{where}"
    if isinstance(error, MemoryError):
        return "there is not enough memory; take fewer replicates or seats, or --record aggregate"
    return (
        f"something unforeseen went wrong: {type(error).__name__}: {error}\n"
        f"This is a mistake in Mores or in a part that was loaded; {DEBUG}=1 shows where."
    )


def _failed(words: list[str], text: str, code: int, error: BaseException | None = None) -> int:
    if error is not None and os.environ.get(DEBUG):
        import traceback

        traceback.print_exception(error, file=sys.stderr)
    try:
        print(f"mores: {text}", file=sys.stderr)
        if "--json" in words:
            print(json.dumps({"error": text}, ensure_ascii=False), flush=True)
    except BrokenPipeError:
        _nobody_reads()
    return code


def _nobody_reads() -> None:
    """Let the rest of the output go nowhere, so that Python does not complain at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _plain_warnings() -> None:
    """Warnings as one line a reader can use."""

    def show(message: Warning | str, category: type[Warning], *_: Any) -> None:
        if issubclass(category, UserWarning | FutureWarning):
            note(f"note: {message}")

    warnings.showwarning = show  # type: ignore[assignment]
    warnings.simplefilter("default", FutureWarning)
