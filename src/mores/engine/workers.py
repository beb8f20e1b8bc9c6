"""Workers: chunks of a study played by several processes; the record is the same as by one."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import replace
from pathlib import Path

from mores.engine.chunk import Chunk, Conduct, Player
from mores.errors import MoresError

_conduct: Conduct | None = None
_player: Player | None = None


def play_all(
    conduct: Conduct,
    chunks: Sequence[Chunk],
    folder: Path,
    workers: int,
    progress: Callable[[int], None],
) -> None:
    """Play chunks into the parts of a folder with some processes."""
    global _conduct
    # where processes can be forked the study needs not be pickled, so it may come from a notebook
    method = "fork" if "fork" in multiprocessing.get_all_start_methods() else "spawn"
    context = multiprocessing.get_context(method)
    quiet = replace(conduct, progress=None)
    _conduct = quiet
    given = None if method == "fork" else quiet
    pool = ProcessPoolExecutor(
        min(workers, len(chunks)), mp_context=context, initializer=_begin, initargs=(given,)
    )
    try:
        jobs = {pool.submit(_play, chunk, folder): chunk for chunk in chunks}
        for job in as_completed(jobs):
            job.result()
            progress(jobs[job].count)
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        raise
    finally:
        _conduct = None
    pool.shutdown()


def _begin(conduct: Conduct | None) -> None:
    global _conduct
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent hears Ctrl-C and ends the pool
    if conduct is not None:
        _conduct = conduct


def _play(chunk: Chunk, folder: Path) -> None:
    global _player
    from mores.engine.run import play_into

    if _player is None:
        if _conduct is None:
            raise MoresError("a worker was started without a study")
        _player = Player(_conduct)
    play_into(_player, chunk, folder)
