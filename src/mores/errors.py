"""What can go wrong, one class a kind of mistake.

::

    MoresError                  everything below; catch this one
    ├── UsageError              what was asked for cannot be meant (exit 2)
    │   ├── UnknownName         no such study, world, metric, field...; carries the nearest spelling
    │   ├── BadValue            a field that cannot take this value
    │   └── DoesNotFit          parts that cannot be composed, naming what is missing
    ├── NotLoaded               a registered part whose code cannot be imported
    ├── DataMissing             a data set that is not here, and how to get it
    ├── RecordError             a run directory that cannot be read: other schema, other study, damaged
    ├── StorageError            disk full, read-only, no permission
    ├── Budget                  a cap on calls, tokens, money or time was reached
    └── EpisodeError            something inside one episode; recorded, never fatal to the others

Every message names the thing, the value and the next step, so that no traceback has to be read.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any


class MoresError(Exception):
    """Any mistake that Mores explains; the command line prints its text and exits 1."""

    exit_code = 1

    def __reduce__(self) -> tuple[Any, ...]:
        # as it is, not made anew from its message: errors of workers arrive as what they were
        return _again, (type(self), self.args), self.__dict__


def _again(kind: type[MoresError], args: tuple[Any, ...]) -> MoresError:
    error = kind.__new__(kind)
    error.args = args
    return error


class UsageError(MoresError):
    """What was asked for cannot be meant; the command line exits 2."""

    exit_code = 2


class UnknownName(UsageError):
    """A name that is not registered: says what there is and the nearest spelling."""

    def __init__(self, kind: str, name: str, known: Iterable[str], hint: str = "") -> None:
        known = sorted(known)
        close = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
        guess = f" Did you mean {' or '.join(repr(c) for c in close)}?" if close else ""
        some = ", ".join(known[:24]) + (", ..." if len(known) > 24 else "")
        listed = f" Known: {some}." if known else ""
        super().__init__(
            f"there is no {kind} named {name!r}.{guess}{listed}{' ' + hint if hint else ''}"
        )
        self.kind, self.name, self.known, self.close = kind, name, known, close


class BadValue(UsageError):
    """A field was given a value that it cannot take."""

    def __init__(self, field: str, value: object, allowed: str) -> None:
        super().__init__(f"{field}={value!r} is not possible: {allowed}")
        self.field, self.value, self.allowed = field, value, allowed


class DoesNotFit(UsageError):
    """Parts that cannot be composed; the message names what is missing."""


class NotLoaded(MoresError):
    """A registered part whose code cannot be imported."""


class DataMissing(MoresError):
    """A data set that a study needs is not here."""


class RecordError(MoresError):
    """A run directory that cannot be read as the record it should be."""


class StorageError(MoresError):
    """The disk is full, read-only, or closed to us; what was written before is kept."""


class Budget(MoresError):
    """A cap on calls, tokens, money or time was reached; what is finished is kept."""
