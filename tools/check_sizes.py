"""Say which functions are too long to be read at once, and which files are getting there.

A function above `LONGEST_FUNCTION` lines fails the check; a file above `LONG_FILE` lines is named, no more.
Docstrings do not count: explaining is not what makes code long.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("src", "tests", "bench", "tools", "examples")
LONGEST_FUNCTION = 60
LONG_FILE = 400

Function = ast.FunctionDef | ast.AsyncFunctionDef


def docstring_lines(node: Function) -> int:
    """How many lines the docstring of a function takes."""
    first = node.body[0]
    if not (isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)):
        return 0
    if not isinstance(first.value.value, str):
        return 0
    return (first.end_lineno or first.lineno) - first.lineno + 1


def long_functions(path: Path, tree: ast.Module) -> Iterator[str]:
    """One line for each function above the limit."""
    for node in ast.walk(tree):
        if isinstance(node, Function):
            length = (node.end_lineno or node.lineno) - node.lineno + 1 - docstring_lines(node)
            if length > LONGEST_FUNCTION:
                where = f"{path.relative_to(ROOT)}:{node.lineno}"
                yield f"{where}: {node.name} has {length} lines (at most {LONGEST_FUNCTION})"


def main() -> int:
    """Walk the sources; exit 1 when a function is above the limit."""
    failures: list[str] = []
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            text = path.read_text(encoding="utf-8")
            count = len(text.splitlines())
            if count > LONG_FILE:
                print(f"note: {path.relative_to(ROOT)} has {count} lines; could it be two files?")
            failures += long_functions(path, ast.parse(text, str(path)))
    print("\n".join(failures) if failures else "sizes: fine")
    return int(bool(failures))


if __name__ == "__main__":
    sys.exit(main())
