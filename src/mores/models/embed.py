"""Embed: texts as vectors, by a spec; what an endpoint was asked once is kept.

======================================  =============================================================================
`hashed`, `hashed/1024`                 words and letter n-grams counted in 512 (1024) buckets: no network, no model;
                                        it finds shared spelling, not shared meaning, and its label says so
`http://localhost:8000/v1#NAME`, ...    any model that makes embeddings, as `--model` names it
======================================  =============================================================================

With a file vectors are kept by model and text, durably before they are used: a run that is played again asks for
none of them again.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from mores.errors import BadValue, MoresError, StorageError
from mores.minds.memory.embedding import Embedder, HashedNgrams, OfModel
from mores.thread import digest

__all__ = ["Embedder", "HashedNgrams", "Kept", "OfModel", "embedder"]

_BATCH = 500
_ALLOWED = (
    "hashed, hashed/DIMENSIONS, or a model that makes embeddings, such as http://HOST:PORT/v1#NAME"
)


class Closes(Protocol):
    """Something that has to be closed."""

    def close(self) -> None:
        """Let go of connections and files."""


def embedder(spec: str = "hashed", keep: str | Path | None = None) -> Embedder:
    """Who makes vectors of texts, by a spec; with `keep` an endpoint's vectors are kept in that file.

    Raises BadValue for a spec that cannot be meant, MoresError where the model makes no embeddings.
    """
    name, _, given = spec.partition("/")
    if name == "hashed":
        if given and (not given.isdecimal() or int(given) < 1):
            raise BadValue("embedder", spec, _ALLOWED)
        return HashedNgrams(int(given)) if given else HashedNgrams()
    from mores.models.face import Model
    from mores.models.spec import answerer

    model = answerer(spec)
    if not isinstance(model, Model) or not model.capabilities.embeddings:
        model.close()
        raise MoresError(f"{spec} makes no embeddings; choose {_ALLOWED}")
    made = OfModel(model)
    return made if keep is None else Kept(made, keep, closes=model)


class Kept:
    """Another embedder whose vectors are kept in a file, by its label and the text; each text is asked for once."""

    def __init__(self, inner: Embedder, path: str | Path, closes: Closes | None = None) -> None:
        self.inner, self.path, self._closes = inner, Path(path), closes
        self._label = inner.label
        self.asked = 0
        """Texts that the other embedder was asked for."""
        try:
            self.db = sqlite3.connect(self.path, isolation_level=None)
            self.db.execute("pragma journal_mode=wal")
            self.db.execute(
                "create table if not exists vector(key blob primary key, floats blob) without rowid"
            )
        except sqlite3.DatabaseError as error:
            raise self._failure(error) from error

    @property
    def label(self) -> str:
        """That of the other embedder."""
        return self._label

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One vector a text, in order."""
        keys = {
            t: digest(self._label.encode(), t.encode("utf-8", "replace"))
            for t in dict.fromkeys(texts)
        }
        try:
            found = self._get(list(keys.values()))
            fresh = [t for t, key in keys.items() if key not in found]
            if fresh:
                self.asked += len(fresh)
                made = np.asarray(self.inner.embed(fresh), "<f4")
                rows = [(keys[t], v.tobytes()) for t, v in zip(fresh, made, strict=True)]
                self._put(rows)
                found.update(rows)
        except sqlite3.DatabaseError as error:
            raise self._failure(error) from error
        vectors = [np.frombuffer(found[keys[t]], "<f4").astype(np.float32) for t in texts]
        return np.stack(vectors) if vectors else np.zeros((0, 1), np.float32)

    def close(self) -> None:
        """Close the file, and the model that makes the vectors."""
        self.db.close()
        if self._closes is not None:
            self._closes.close()

    def _get(self, keys: list[bytes]) -> dict[bytes, bytes]:
        out: dict[bytes, bytes] = {}
        for i in range(0, len(keys), _BATCH):
            part = keys[i : i + _BATCH]
            marks = ",".join("?" * len(part))
            out.update(
                self.db.execute(f"select key, floats from vector where key in ({marks})", part)
            )
        return out

    def _put(self, rows: list[tuple[bytes, bytes]]) -> None:
        self.db.execute("begin immediate")
        try:
            self.db.executemany("insert or ignore into vector values(?,?)", rows)
            self.db.execute("commit")
        except sqlite3.DatabaseError:
            if self.db.in_transaction:
                self.db.execute("rollback")
            raise

    def _failure(self, error: sqlite3.DatabaseError) -> StorageError:
        return StorageError(
            f"{self.path} cannot be used to keep embeddings ({error}); name another file"
        )
