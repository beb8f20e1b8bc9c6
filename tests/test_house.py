"""The house rules that no linter knows: what may import what, what parts say of themselves, where chance comes from."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from mores import registry
from mores.cli.doctor import EXTRAS

SRC = Path(__file__).resolve().parent.parent / "src"
ENTRANCES = {"mores.__main__"}
"""What starts the program may know the parts."""
HEAVY = {
    "aiohttp", "altair", "duckdb", "gymnasium", "matplotlib", "numba", "pandas", "pettingzoo", "polars", "scipy",
    "starlette", "torch", "transformers", "vl_convert",
}  # fmt: skip
"""Slow to import, or brought by an extra: these are imported where they are used."""
NEEDS_ITS_EXTRA = {"mores.adapters.pettingzoo": {"gymnasium", "pettingzoo"}}
"""Modules that are of no use without an extra, and are imported by nothing."""
NUMPY_RANDOM = ("np.random", "numpy.random")
UNSAFE = {"pickle", "cloudpickle", "dill", "joblib", "marshal", "shelve"}
GENERATORS = {"BitGenerator", "Generator", "PCG64", "Philox", "SeedSequence", "default_rng"}
"""What of numpy.random takes its seed from whoever calls."""


@cache
def trees() -> dict[str, ast.Module]:
    """Every module of the package, parsed, by its dotted name."""
    found = {}
    for path in sorted(SRC.rglob("*.py")):
        name = ".".join(path.relative_to(SRC).with_suffix("").parts).removesuffix(".__init__")
        found[name] = ast.parse(path.read_text(encoding="utf-8"), str(path))
    return found


def on_import(body: list[ast.stmt]) -> Iterator[ast.Import | ast.ImportFrom]:
    """The import statements that run when a module is imported."""
    for node in body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield node
        elif isinstance(node, ast.If):
            yield from on_import(node.orelse)
            if "TYPE_CHECKING" not in ast.unparse(node.test):
                yield from on_import(node.body)
        elif isinstance(node, ast.Try):
            handled = [statement for handler in node.handlers for statement in handler.body]
            yield from on_import([*node.body, *handled, *node.orelse, *node.finalbody])


def imported(node: ast.Import | ast.ImportFrom) -> Iterator[str]:
    """The modules that a statement names; `from package import module` names the module."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
        return
    assert node.level == 0 and node.module, "imports are absolute"
    inner = [f"{node.module}.{alias.name}" for alias in node.names]
    modules = [name for name in inner if name in trees()]
    yield from modules
    if len(modules) < len(inner):
        yield node.module


def needed(name: str) -> set[str]:
    """What a module imports when it is imported itself."""
    return {other for node in on_import(trees()[name].body) for other in imported(node)}


def used(name: str) -> set[str]:
    """The packages that a module imports anywhere, also inside functions."""
    nodes = (n for n in ast.walk(trees()[name]) if isinstance(n, ast.Import | ast.ImportFrom))
    return {other.split(".")[0] for node in nodes for other in imported(node)}


def calls(name: str) -> Iterator[tuple[str, ast.Call]]:
    """Every call in a module with what is called, as written."""
    for node in ast.walk(trees()[name]):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node


def test_nothing_imports_in_a_circle() -> None:
    """Modules can be imported in an order, so each can be read with what is before it."""
    try:
        list(TopologicalSorter({name: needed(name) for name in trees()}).static_order())
    except CycleError as circle:
        pytest.fail(" -> ".join(circle.args[1]))


def test_nouns_know_no_parts() -> None:
    """The modules at the top, and the actions, import nothing from packages that are built on them."""
    nouns = {
        n for n in trees() if n.count(".") <= 1 and not any(m.startswith(n + ".") for m in trees())
    }
    nouns |= {n for n in trees() if n.startswith("mores.actions")} | {"mores"}
    for noun in nouns - ENTRANCES:
        parts = {n for n in needed(noun) if n.split(".")[0] == "mores"} - nouns
        assert not parts, f"{noun} imports {sorted(parts)}"


def test_heavy_libraries_are_imported_where_they_are_used() -> None:
    """No module needs an extra, or a second to start, only because it is imported."""
    for name in trees():
        heavy = {n.split(".")[0] for n in needed(name)} & HEAVY
        assert heavy <= NEEDS_ITS_EXTRA.get(name, set()), f"{name} imports {sorted(heavy)}"


def test_importing_mores_loads_no_heavy_library() -> None:
    """In a fresh interpreter `import mores` brings none of the libraries that take long."""
    code = "import sys, mores; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert not loaded & (HEAVY | {"pyarrow", "pydantic", "typer", "jinja2"})


@pytest.mark.parametrize("kind", registry.PACKAGES)
def test_registered_parts_say_what_they_are_for(kind: str) -> None:
    """Every name in a table can be imported, and its first line is one sentence that fits a list."""
    for name in registry.names(kind):
        first = registry.summary(kind, name)
        assert 10 <= len(first) <= 120, f"{kind} {name}: {first!r}"
        assert first[0].isupper() and first.endswith((".", "?")), f"{kind} {name}: {first!r}"


def test_public_things_are_documented() -> None:
    """Every module, and every public function and class at its top, has a docstring."""
    things = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    for name, tree in trees().items():
        assert ast.get_docstring(tree), name
        for node in tree.body:
            if isinstance(node, things) and not node.name.startswith("_"):
                assert ast.get_docstring(node), f"{name}.{node.name}"


def test_chance_is_passed_in() -> None:
    """No module uses a global generator, or one whose seed nobody gave."""
    for name in trees():
        assert "random" not in used(name), f"{name} imports random"
        for node in ast.walk(trees()[name]):
            if isinstance(node, ast.Attribute) and ast.unparse(node.value) in NUMPY_RANDOM:
                assert node.attr in GENERATORS, f"{name}:{node.lineno} {node.attr}"
        for called, node in calls(name):
            if called.endswith("default_rng"):
                assert node.args or node.keywords, f"{name}:{node.lineno} has no seed"


def test_nothing_that_was_read_is_executed() -> None:
    """Neither eval nor exec nor a format that runs code when it is read."""
    for name in trees():
        assert not used(name) & UNSAFE, f"{name} imports {sorted(used(name) & UNSAFE)}"
        for called, node in calls(name):
            assert called not in ("eval", "exec"), f"{name}:{node.lineno}"
            given = {k.arg: ast.unparse(k.value) for k in node.keywords}
            assert given.get("allow_pickle", "False") == "False", f"{name}:{node.lineno}"


def test_every_extra_is_told() -> None:
    """What pyproject offers as an extra is what `mores doctor` looks for and what the page on dependencies explains."""
    root = SRC.parent
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    page = (root / "docs" / "dependencies.md").read_text(encoding="utf-8")
    assert set(EXTRAS) == set(project["optional-dependencies"])
    for extra in EXTRAS:
        assert f"| `{extra}` |" in page


def test_every_page_is_in_the_navigation() -> None:
    """No page written by hand can be reached by its address only."""
    root = SRC.parent
    settings = (root / "zensical.toml").read_text(encoding="utf-8")
    for page in (root / "docs").glob("*.md"):
        assert f'"{page.name}"' in settings
