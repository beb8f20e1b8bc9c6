"""Acting: what a rule returned, as the batch of actions that its turn takes.

Policies of others return what is at hand: lists, 64-bit integers, floats. What means an action becomes one; what means
none (0.5 where an option is chosen, NaN, a number out of range) is missing, and is counted there.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from mores.actions import Actions, Columns
from mores.world import Turn


def fitted(name: str, turn: Turn, actions: Any) -> Actions:
    """The actions of policy `name` for a turn. Raises ValueError if they are no batch of as many rows."""
    wanted = turn.spaces.empty(0)
    if isinstance(wanted, Columns):
        if not isinstance(actions, Columns):
            raise _wrong(name, turn, f"a {type(actions).__name__}, not Columns")
        if len(actions) != len(turn):
            raise _wrong(name, turn, f"{len(actions)} actions")
        return actions
    if (
        isinstance(actions, np.ndarray)
        and actions.dtype == wanted.dtype
        and actions.shape == (len(turn), *wanted.shape[1:])
    ):
        return actions
    return _converted(name, turn, actions, wanted)


def _converted(name: str, turn: Turn, actions: Any, wanted: Any) -> Any:
    given = np.asarray(actions)
    if given.ndim == 0:
        raise _wrong(name, turn, f"{type(actions).__name__}, not an array")
    if given.dtype.kind not in "biuf":
        raise _wrong(name, turn, f"an array of {given.dtype}, not of {wanted.dtype}")
    if given.shape != (len(turn), *wanted.shape[1:]):
        shape = " x ".join(str(n) for n in given.shape)
        raise _wrong(name, turn, f"{shape} actions")
    if wanted.dtype.kind == "f":
        return given.astype(wanted.dtype)
    limits = np.iinfo(wanted.dtype)
    with np.errstate(invalid="ignore"):
        means = (given >= limits.min) & (given <= limits.max) & (given == np.floor(given))
    return np.where(means, given, -1).astype(wanted.dtype)


def _wrong(name: str, turn: Turn, what: str) -> ValueError:
    return ValueError(f"policy {name!r} gave {what} for {len(turn)} rows of role {turn.role!r}")
