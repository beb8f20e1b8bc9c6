"""Recorded: answers with the replies that another run stored, where the requests match; nothing is ever asked anew."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from mores.engine.asking import Request, Response
from mores.engine.store import Store
from mores.errors import RecordError


class Recorded:
    """The replies of a run directory, matched by what is said, what may be answered, role and draw."""

    deterministic = False

    def __init__(self, folder: str | Path) -> None:
        path = Path(folder) / "store.sqlite"
        if not path.is_file():
            raise RecordError(
                f"{folder} holds no stored replies (no {path.name}); name a run in which models were asked"
            )
        self.model = f"recorded:{Path(folder).name}"
        self.store = Store(path)
        self._ready: list[Response] = []

    def submit(self, requests: Sequence[Request]) -> None:
        for request in requests:
            found = self._find(request)
            if found is None:
                found = Response(request.key, "", "no recorded reply matches this request")
            self._ready.append(found)

    def _find(self, request: Request) -> Response | None:
        row = self.store.db.execute(
            "select text, fault from reply where node=? and space=? and role=? and draw in (?, '0')",
            (request.thread.hash, request.space.key, request.role, request.draw),
        ).fetchone()
        return None if row is None else Response(request.key, row[0], row[1])

    def poll(self, block: bool) -> list[Response]:
        ready, self._ready = self._ready, []
        return ready

    def close(self) -> None:
        """Close the store."""
        self.store.close()
