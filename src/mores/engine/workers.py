"""Workers: chunks of a study played by several processes; the record is the same as by one."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from multiprocessing.connection import wait
from multiprocessing.reduction import ForkingPickler
from multiprocessing.util import Finalize
from pathlib import Path
from typing import NoReturn

from mores.engine.chunk import Chunk, Conduct, Player
from mores.errors import Budget, MoresError

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
    _sendable(given)
    pool = ProcessPoolExecutor(
        min(workers, len(chunks)), mp_context=context, initializer=_begin, initargs=(given,)
    )
    try:
        jobs = {pool.submit(_play, chunk, folder): chunk for chunk in chunks}
        for job in as_completed(jobs):
            job.result()
            progress(jobs[job].count)
    except BrokenProcessPool as error:
        raise MoresError(
            "a worker process ended without a word: killed, or out of memory. What was finished is kept: the same "
            "command goes on from there, perhaps with fewer --workers"
        ) from error
    except Budget:
        pool.shutdown(
            cancel_futures=True
        )  # the others come to the same end by themselves, and keep what they paid for
        raise
    except BaseException:
        # nobody may write into the directory any more once it is given free; parts are whole or not there
        _end(pool)
        raise
    finally:
        _conduct = None
    pool.shutdown()


def _sendable(conduct: Conduct | None) -> None:
    """Say it in words where processes cannot be forked and a study cannot be sent to them."""
    if conduct is None:
        return
    try:
        ForkingPickler.dumps(conduct)
    except Exception as error:
        raise MoresError(
            f"this study cannot be sent to other processes here ({error}); use --workers 1, or functions with names"
        ) from error


def _end(pool: ProcessPoolExecutor) -> None:
    """Stop all workers at once."""
    running = list((getattr(pool, "_processes", None) or {}).values())
    pool.shutdown(wait=False, cancel_futures=True)
    for process in running:
        process.terminate()
    for process in running:
        process.join(2)
        if process.is_alive():  # it may be held up in what it does when it is told to end
            process.kill()
            process.join()


def _begin(conduct: Conduct | None) -> None:
    global _conduct
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent hears Ctrl-C and ends the pool
    threading.Thread(target=_end_with_parent, name="mores-parent", daemon=True).start()
    if conduct is not None:
        _conduct = conduct


def _end_with_parent() -> None:
    """A worker whose parent was killed must not hold the directory: it ends too."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _play(chunk: Chunk, folder: Path) -> None:
    global _player
    from mores.engine.run import play_into

    if _conduct is None:
        raise MoresError("a worker was started without a study")
    try:
        if _player is None:
            _player = Player(_conduct)
            Finalize(None, _player.close, exitpriority=10)
        play_into(_player, chunk, folder)
    except Exception as error:
        _raise_whole(error)


def _raise_whole(error: Exception) -> NoReturn:
    """An error as it is if it can be sent to the parent, else in words."""
    try:
        ForkingPickler.loads(ForkingPickler.dumps(error))  # as it will be sent
    except Exception:
        said = f"a worker failed: {type(error).__name__}: {error}"
        raise MoresError(str(error) if isinstance(error, MoresError) else said) from None
    raise error
