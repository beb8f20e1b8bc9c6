"""Lock: one run a directory at a time; a run that was killed leaves no lock behind."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mores.errors import RecordError


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the directory; refuse if another process does. Where the system has no file locks, do nothing."""
    try:
        import fcntl
    except ImportError:  # Windows: two runs into one folder are then not noticed
        yield
        return
    with (folder / ".lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise RecordError(
                f"another run is writing into {folder}; wait for it or choose another --out"
            ) from error
        yield
