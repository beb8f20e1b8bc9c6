"""The command line: `mores COMMAND`. What it prints can be had from Python by the same names.

Every command is a plain function in a module of its own group; nothing heavy is imported before a command needs it.
"""

from __future__ import annotations

import sys

import typer

from mores.cli import (
    aligning,
    asking,
    calls,
    comparing,
    doctor,
    listing,
    planning,
    playing,
    running,
    tables,
)
from mores.cli import new as templates
from mores.cli.shell import Shell

app = typer.Typer(
    cls=Shell,
    name="mores",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="A laboratory for social alignment: simulate societies, measure them against people, align, measure again.",
)


@app.callback(invoke_without_command=True)
def entry(
    version: bool = typer.Option(False, "--version", help="Say which version this is."),
) -> None:
    """A laboratory for social alignment: simulate societies, measure them against people, align, measure again."""
    if version:
        from mores import __version__

        print(f"mores {__version__}")
        raise typer.Exit()


for module in (
    listing,
    running,
    comparing,
    calls,
    tables,
    playing,
    asking,
    aligning,
    planning,
    templates,
    doctor,
):
    module.register(app)


def main() -> None:
    """What the program `mores` runs."""
    app(prog_name="mores")
    sys.exit(0)


__all__ = ["app", "main"]
