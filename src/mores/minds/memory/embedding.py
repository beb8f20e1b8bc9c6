"""Embedding: texts as vectors, here without a network; an endpoint can take its place."""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]

_WORD = re.compile(r"\w+")


@runtime_checkable
class Embedder(Protocol):
    """Makes vectors of texts, [texts, dimensions], each of length 1 (or 0 where a text says nothing)."""

    @property
    def label(self) -> str:
        """What it is, for records."""

    def embed(self, texts: Sequence[str]) -> Vectors:
        """One vector a text, in order; the same text always has the same vector."""


class Embeds(Protocol):
    """A model that makes embeddings."""

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """A vector a text [text, dimension], of any length."""


@dataclass(frozen=True)
class HashedNgrams:
    """A hashed bag of words and letter n-grams: it finds shared spelling, not shared meaning.

    Words, and letter runs of `low` to `high` letters within them, are hashed (CRC-32) into `dimensions` signed
    buckets and counted, words three times as much as their parts; counts are damped by a square root and the vector has
    length 1. No network, no model, the same everywhere. "Cat" is near "cats" and far from "kitten".

    Weinberger et al. 2009 (feature hashing); Bojanowski et al. 2017 (bags of letter n-grams).
    """

    dimensions: int = 512
    low: int = 3
    high: int = 5

    @property
    def label(self) -> str:
        """Says what it is not, too."""
        return f"hashed n-grams ({self.dimensions} dimensions; spelling, not meaning)"

    def embed(self, texts: Sequence[str]) -> Vectors:
        if not texts:
            return np.zeros((0, self.dimensions), np.float32)
        return np.stack([_vector(self, text) for text in texts])


LOCAL = HashedNgrams()
"""What is used where no other embedder is named."""


@lru_cache(maxsize=16_384)
def _vector(of: HashedNgrams, text: str) -> NDArray[np.float32]:
    counts = np.zeros(of.dimensions, np.float64)
    for word in _WORD.findall(text.casefold()):
        _add(counts, word, 3.0)
        padded = f"<{word}>"
        for n in range(of.low, of.high + 1):
            for k in range(len(padded) - n + 1):
                _add(counts, padded[k : k + n], 1.0)
    damped = np.sign(counts) * np.sqrt(np.abs(counts))
    length = float(np.sqrt((damped**2).sum()))
    vector = (damped / length if length else damped).astype(np.float32)
    vector.flags.writeable = False
    return vector


class OfModel:
    """The embeddings of a model, such as an endpoint's: whatever has `embed(texts)`; each text is asked for once.

    It asks at once and not through the call store: a run that is played again asks again. Vectors are brought to
    length 1.
    """

    def __init__(self, model: Embeds, label: str = "") -> None:
        self.model = model
        self._label = label or f"embeddings of {getattr(model, 'model', type(model).__name__)}"
        self._known: dict[str, NDArray[np.float32]] = {}

    @property
    def label(self) -> str:
        """Which model it is."""
        return self._label

    def embed(self, texts: Sequence[str]) -> Vectors:
        fresh = list(dict.fromkeys(t for t in texts if t not in self._known))
        if fresh:
            found = np.asarray(self.model.embed(fresh), np.float32)
            length = np.linalg.norm(found, axis=1, keepdims=True)
            self._known.update(zip(fresh, found / np.where(length > 0, length, 1), strict=True))
        return np.stack([self._known[t] for t in texts]) if texts else np.zeros((0, 1), np.float32)


def _add(counts: NDArray[np.float64], part: str, weight: float) -> None:
    code = zlib.crc32(part.encode("utf-8", "replace"))
    counts[(code >> 1) % len(counts)] += weight if code & 1 else -weight
