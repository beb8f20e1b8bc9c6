"""Files: studies and parts of them found in files and packages."""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from mores.errors import BadValue, MoresError, UnknownName
from mores.study import Study

_PREFIX = "mores_file_"


def existing(path: str | Path) -> Path:
    """The absolute path of a file that is there. Raises BadValue."""
    file = Path(path).expanduser().absolute()
    if not file.is_file():
        raise BadValue("file", str(path), f"there is no such file in {file.parent}")
    return file


def studies_in(module: ModuleType) -> list[str]:
    """The names in a module that stand for studies: functions marked with @study, and Study objects."""
    return [
        n
        for n, v in vars(module).items()
        if isinstance(v, Study)
        or (getattr(v, "makes_study", False) and v.__module__ == module.__name__)
    ]


def only(module: ModuleType, file: Path) -> str:
    """The name of the study in a module that was asked for without one. Raises BadValue where there are several."""
    names = studies_in(module)
    for preferred in ("study", "STUDY"):
        if preferred in names:
            return preferred
    if len(names) != 1:
        many = (
            f"several ({', '.join(names)}): name one, as in {file.name}:{names[0]}"
            if names
            else "none"
        )
        raise BadValue(
            "study",
            str(file),
            f"a function with @mores.design.study, or a Study named `study`; there is {many}",
        )
    return names[0]


def load(file: Path) -> ModuleType:
    """A Python file as a module; loaded once while its content stays the same. What it raises becomes BadValue."""
    content = file.read_bytes()
    name = _PREFIX + hashlib.blake2b(str(file).encode() + content, digest_size=8).hexdigest()
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, file)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look their module up while they are made
    if str(file.parent) not in sys.path:
        sys.path.insert(0, str(file.parent))  # as `python FILE` would: it may import its neighbours
    try:
        spec.loader.exec_module(module)
    except MoresError:
        del sys.modules[name]
        raise
    except BaseException as error:
        del sys.modules[name]
        if isinstance(error, KeyboardInterrupt):
            raise
        raise BadValue("file", str(file), f"it cannot be loaded: {_where(error, file)}") from error
    return module


def checksum(spec: str) -> str | None:
    """The checksum of the file that a study is made from; None where it comes from a package."""
    file = Path(spec.rpartition(":")[0] if ".py:" in spec else spec)
    if file.suffix not in (".py", ".toml") or not file.is_file():
        return None
    return hashlib.blake2b(file.read_bytes(), digest_size=16).hexdigest()


def _where(error: BaseException, file: Path) -> str:
    line = getattr(error, "lineno", None)
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == str(file):
            line = trace.tb_lineno
        trace = trace.tb_next
    return f"{type(error).__name__}: {error}" + (f" (line {line})" if line else "")


def attribute(spec: str, beside: Path | None = None) -> Any:
    """What `package.module:name` or `file.py:name` (relative to `beside`) names. Raises BadValue, UnknownName."""
    where, _, name = spec.rpartition(":")
    if where.endswith(".py"):
        module = load(existing((beside or Path.cwd()) / where))
    else:
        try:
            module = importlib.import_module(where)
        except ImportError as error:
            raise BadValue(
                "name", spec, f"the module {where!r} cannot be imported: {error}"
            ) from error
        except ValueError as error:
            raise BadValue("name", spec, "package.module:name") from error
    found = module
    for part in name.split("."):
        if not hasattr(found, part):
            known = [n for n in vars(module) if not n.startswith("_")]
            raise UnknownName(f"object in {where}", name, known)
        found = getattr(found, part)
    return found
