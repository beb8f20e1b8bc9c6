"""Embedders by spec, and vectors that are kept."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from mores.errors import BadValue, MoresError, StorageError
from mores.models.embed import Embedder, HashedNgrams, Kept, OfModel, embedder
from mores.testing import Endpoint


class Letters:
    """Vectors by the first letters; counts what it is asked."""

    def __init__(self, name: str = "letters") -> None:
        self.label = name
        self.asked: list[str] = []

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One number a text."""
        self.asked += texts
        return np.array([[len(t), ord((t + " ")[0]) / 7] for t in texts], np.float32)


def test_hashed_needs_nothing() -> None:
    """The default: no network, the same everywhere, labelled as what it is."""
    made = embedder()
    assert isinstance(made, HashedNgrams) and "spelling, not meaning" in made.label
    assert embedder("hashed/64").embed(["a rose"]).shape == (1, 64)
    cat, cats, dog = made.embed(["the cat", "the cats", "a dog barks"])
    assert cat @ cats > 0.5 > cat @ dog


@pytest.mark.parametrize("spec", ["hashed/0", "hashed/many", "nothing", "hashed/-3"])
def test_wrong_specs_are_refused(spec: str) -> None:
    """With what is allowed."""
    with pytest.raises(BadValue):
        embedder(spec)


def test_a_model_without_embeddings_is_refused() -> None:
    """A script answers, and makes no vectors."""
    with pytest.raises(MoresError, match="makes no embeddings"):
        embedder("scripted:random")


def test_an_endpoint_is_asked_once(tmp_path: Path) -> None:
    """Vectors of a server, of length 1, kept in a file: the second time the server is not needed."""
    pytest.importorskip("aiohttp", reason="needs the extra http")
    with Endpoint() as url:
        spec = f"{url}#letters"
        first = embedder(spec, tmp_path / "e.sqlite")
        assert isinstance(first, Kept) and isinstance(embedder(spec), OfModel)
        vectors = first.embed(["a rose", "is a rose", "a rose"])
        assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(3))
        assert (vectors[0] == vectors[2]).all() and first.asked == 2
        first.close()
    again = embedder(spec, tmp_path / "e.sqlite")
    assert isinstance(again, Kept)
    assert (again.embed(["is a rose", "a rose"]) == vectors[1::-1]).all() and again.asked == 0
    again.close()


@given(st.lists(st.text(max_size=8), max_size=12))
def test_kept_vectors_are_those_that_were_made(texts: list[str]) -> None:
    """In order, repeated ones too; each text is asked for once."""
    inner = Letters()
    kept = Kept(inner, ":memory:")
    first = kept.embed(texts)
    assert first.dtype == np.float32 and len(first) == len(texts)
    if texts:
        assert (first == Letters().embed(texts)).all()
        assert (kept.embed(texts[::-1]) == first[::-1]).all()
    assert inner.asked == list(dict.fromkeys(texts)) and kept.asked == len(set(texts))
    kept.close()


def test_kept_vectors_outlive_the_process(tmp_path: Path) -> None:
    """Another embedder of the same label finds them in the file; one of another label does not."""
    Kept(Letters(), tmp_path / "e.sqlite").embed(["a", "b"])
    same, other = Letters(), Letters("other")
    Kept(same, tmp_path / "e.sqlite").embed(["b", "c"])
    Kept(other, tmp_path / "e.sqlite").embed(["b"])
    assert (same.asked, other.asked) == (["c"], ["b"])
    assert isinstance(Kept(same, ":memory:"), Embedder)


def test_a_file_that_is_none_is_said(tmp_path: Path) -> None:
    """A damaged file is a storage error that names it."""
    (tmp_path / "e.sqlite").write_text("no database " * 100)
    with pytest.raises(StorageError, match=r"e\.sqlite"):
        Kept(Letters(), tmp_path / "e.sqlite")
    with pytest.raises(StorageError):
        Kept(Letters(), tmp_path)
