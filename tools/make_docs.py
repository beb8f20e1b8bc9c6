"""Make the pages that come from the code: the command line's and the reference.

Usage::

    python tools/make_docs.py cli            # write docs/cli.md
    python tools/make_docs.py cli --check    # exit 1 when docs/cli.md is not what the code says
    python tools/make_docs.py site           # gather everything in build/docs, ready for the site generator

`docs/` holds what is written by hand, and cli.md, which is kept in the repository so that it can be read and
compared there. The reference pages are never kept: `site` copies `docs/` to `build/docs/pages`, adds them,
and writes the generator's settings with the whole navigation.
"""

from __future__ import annotations

import argparse
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PAGES = ROOT / "docs"
CLI_PAGE = PAGES / "cli.md"
BUILD = ROOT / "build" / "docs"
SETTINGS = ROOT / "zensical.toml"
REFERENCE_MARK = "# [reference]"


def tidy(text: str | None) -> str:
    """Help text without terminal markup, as Markdown paragraphs."""
    plain = re.sub(r"\[/?(?:bold|dim|italic|cyan|green|red|yellow|blue)[^\]]*\]", "", text or "")
    return plain.replace("\b\n", "").replace("\f", "").strip()


def in_cell(text: str) -> str:
    """Text that is safe inside a table row."""
    return " ".join(text.split()).replace("|", "\\|")


def usage(param: Any) -> str:
    """An argument as it stands in a usage line."""
    name = (param.metavar or param.name or "").upper().strip("[].")
    name = f"{name}..." if param.nargs == -1 else name
    return name if param.required else f"[{name}]"


def option_rows(params: list[Any]) -> Iterator[str]:
    """One table row an option."""
    for param in params:
        if getattr(param, "hidden", False):
            continue
        names = ", ".join(f"`{o}`" for o in [*param.opts, *param.secondary_opts])
        default = param.default
        shown = (
            default is not None and default is not False and default != () and not callable(default)
        )
        yield f"| {names} | {in_cell(tidy(param.help))} | {f'`{default}`' if shown else ''} |"


def command_page(path: str, command: Any) -> Iterator[str]:
    """A section for one command: usage, what it does, arguments, options."""
    arguments = [p for p in command.params if p.param_type_name == "argument"]
    options = [p for p in command.params if p.param_type_name == "option" and p.name != "help"]
    words = [path, *(usage(p) for p in arguments), *(["[OPTIONS]"] if options else [])]
    yield f"## {path}\n\n```\n{' '.join(words)}\n```\n\n{tidy(command.help)}\n"
    told = [(p, tidy(getattr(p, "help", ""))) for p in arguments]
    if any(text for _, text in told):
        rows = [f"| `{usage(p)}` | {in_cell(text)} |" for p, text in told]
        yield "| argument | meaning |\n| --- | --- |\n" + "\n".join(rows) + "\n"
    rows = list(option_rows(options))
    if rows:
        yield "| option | meaning | default |\n| --- | --- | --- |\n" + "\n".join(rows) + "\n"


def walk(path: str, command: Any) -> Iterator[str]:
    """Sections of a command and of all below it."""
    below = getattr(command, "commands", None)
    if below is None:
        yield from command_page(path, command)
        return
    for name, child in below.items():
        if not child.hidden:
            yield from walk(f"{path} {name}", child)


def cli_page() -> str:
    """The whole page of the command line, from the program itself."""
    import typer.main

    from mores.cli import app

    program = typer.main.get_command(app)
    head = (
        "# Command line\n\n"
        f"{tidy(program.help)}\n\n"
        "Exit codes: 0 done, 1 the run failed or the check did not hold, 2 wrong usage.\n\n"
        "This page is made from the program: `python tools/make_docs.py cli`.\n"
    )
    return "\n".join([head, *walk("mores", program)]).rstrip() + "\n"


def write_cli(check: bool) -> int:
    """Write docs/cli.md, or say whether it is what the program says."""
    page = cli_page()
    if not check:
        CLI_PAGE.write_text(page, encoding="utf-8")
        return 0
    if CLI_PAGE.exists() and CLI_PAGE.read_text(encoding="utf-8") == page:
        return 0
    print("docs/cli.md is stale: run `python tools/make_docs.py cli`", file=sys.stderr)
    return 1


def write_site() -> int:
    """Gather hand-written and generated pages and the settings in build/docs."""
    import reference_pages

    shutil.rmtree(BUILD, ignore_errors=True)
    shutil.copytree(PAGES, BUILD / "pages")
    (BUILD / "pages" / "cli.md").write_text(cli_page(), encoding="utf-8")
    count = reference_pages.write(BUILD / "pages" / "reference")
    text = SETTINGS.read_text(encoding="utf-8")
    for before, after in (
        ('docs_dir = "docs"', 'docs_dir = "pages"'),
        (REFERENCE_MARK, reference_pages.navigation()),
    ):
        if text.count(before) != 1:
            raise SystemExit(f"zensical.toml must hold exactly one {before!r}")
        text = text.replace(before, after)
    (BUILD / "zensical.toml").write_text(text, encoding="utf-8")
    print(f"{count} reference pages in {BUILD.relative_to(ROOT)}")
    return 0


def main() -> int:
    """Do what the first word says."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("what", choices=["cli", "site"])
    parser.add_argument("--check", action="store_true", help="compare only; exit 1 when stale")
    asked = parser.parse_args()
    return write_cli(asked.check) if asked.what == "cli" else write_site()


if __name__ == "__main__":
    sys.exit(main())
