"""What the checks share: how a broken contract is reported, and when two states are equal."""

from __future__ import annotations

import dataclasses
import re
from typing import Any

import numpy as np

from mores.world import State

_INTERNAL = re.compile(
    r"\barray\(|\bnp\.|\bdtype\b|\b(?:float|int|uint)(?:8|16|32|64)\b|\bnan\b|(?<!\w)<[\w.]+ object at ",
    re.I,
)


class ContractBroken(AssertionError):
    """A part does not do what its kind promises."""


def require(ok: object, message: str) -> None:
    """Raise ContractBroken unless something holds."""
    if not ok:
        raise ContractBroken(message)


def plain(text: object, what: str) -> None:
    """Words shown to agents are non-empty text that shows nothing of the arrays behind them."""
    require(type(text) is str, f"{what} is {type(text).__name__}, not str")
    assert isinstance(text, str)
    require(text.strip(), f"{what} is empty")
    shown = _INTERNAL.search(text)
    require(shown is None, f"{what} shows internals ({shown and shown.group()!r}): {text!r}")


def columns(state: State, path: str = "state") -> dict[str, Any]:
    """The arrays of a state (and lists a table) by their path."""
    if isinstance(state, np.ndarray | list):
        return {path: state}
    if dataclasses.is_dataclass(state) and not isinstance(state, type):
        parts = {f.name: getattr(state, f.name) for f in dataclasses.fields(state)}
    elif isinstance(state, dict):
        parts = state
    elif isinstance(state, tuple):
        parts = {str(i): v for i, v in enumerate(state)}
    else:
        raise ContractBroken(
            f"{path} is {type(state).__name__}; a state holds arrays with the table axis first"
        )
    out: dict[str, Any] = {}
    for name, part in parts.items():
        out.update(columns(part, f"{path}.{name}"))
    return out


def shapes(state: State) -> dict[str, tuple[Any, ...]]:
    """Type and shape without the table axis, a column."""
    return {
        path: (c.dtype, c.shape[1:]) if isinstance(c, np.ndarray) else (list,)
        for path, c in columns(state).items()
    }


def difference(one: State, other: State) -> str | None:
    """The first column in which two states differ; None if they are equal (NaN equals NaN)."""
    a, b = columns(one), columns(other)
    if a.keys() != b.keys():
        return ", ".join(sorted(a.keys() ^ b.keys()))
    for path, column in a.items():
        same = same_array(column, b[path]) if isinstance(column, np.ndarray) else column == b[path]
        if not same:
            return path
    return None


def same_array(a: Any, b: Any) -> bool:
    """Equal type, shape and content; NaN equals NaN."""
    if a.dtype != b.dtype or a.shape != b.shape:
        return False
    return bool(np.array_equal(a, b, equal_nan=a.dtype.kind in "fc"))
