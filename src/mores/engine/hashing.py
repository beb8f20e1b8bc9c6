"""Hashing: a content hash a table, the same whatever the batches, workers, machines or times.

Events are hashed one by one with integer arithmetic and added up, so that the hash does not
depend on the order in which blocks were written; small tables are hashed as sorted rows.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mores.engine.flat import rows

if TYPE_CHECKING:
    from mores.record import Record

LEFT_OUT = {"calls": {"seconds", "attempts"}, "episodes": {"seconds"}}
"""Columns that are not content: times and attempts."""
_CHUNK = 256
_A, _B, _C = (np.uint64(x) for x in (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB))


def table_hash(record: Record, name: str) -> str:
    """The hash of one table as 32 hex digits."""
    table = record.table(name)
    if name == "events":
        return _events(record, table)
    drop = LEFT_OUT.get(name, set())
    return columns_hash(table.select([c for c in table.column_names if c not in drop]))


def columns_hash(table: pa.Table) -> str:
    """The hash of a table as a set of rows: their order does not matter."""
    h = np.zeros(len(table), np.uint64)
    with np.errstate(over="ignore"):
        for name in table.column_names:
            h = _mix(h + np.uint64(_word(name)) + _codes(table[name]))
        total = int(h.sum(dtype=np.uint64))
    return hashlib.blake2b(f"{total}/{len(table)}".encode(), digest_size=16).hexdigest()


def _codes(column: pa.ChunkedArray) -> NDArray[np.uint64]:
    """One 64-bit code a value: of its bits for numbers, of its text for all else."""
    kind = column.type
    if pa.types.is_floating(kind):
        value = column.cast(pa.float64()).fill_null(np.nan).to_numpy(zero_copy_only=False)
        bits: NDArray[np.uint64] = np.where(np.isnan(value), -1e30, value + 0.0).view(np.uint64)
        return bits
    if pa.types.is_integer(kind):
        whole = column.cast(pa.int64()).fill_null(-(2**62)).to_numpy(zero_copy_only=False)
        raw: NDArray[np.uint64] = np.ascontiguousarray(whole).view(np.uint64)
        return raw
    text = column.cast(pa.string()).fill_null("\0").combine_chunks().dictionary_encode()
    if isinstance(text, pa.ChunkedArray):
        text = text.chunk(0) if text.num_chunks else pa.array([], pa.string()).dictionary_encode()
    words = np.array([_word(w) for w in text.dictionary.to_pylist()] or [0], np.uint64)
    codes: NDArray[np.uint64] = words[text.indices.to_numpy(zero_copy_only=False)]
    return codes


def _mix(x: NDArray[np.uint64]) -> NDArray[np.uint64]:
    x ^= x >> np.uint64(30)
    x *= _B
    x ^= x >> np.uint64(27)
    x *= _C
    x ^= x >> np.uint64(31)
    return x


def _word(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little")


def _events(record: Record, blocks: pa.Table) -> str:
    total, count = np.uint64(0), 0
    arms = [_word(json.dumps(dict(c), sort_keys=True, default=str)) for c in record.conditions]
    for start in range(0, len(blocks), _CHUNK):
        part = blocks.slice(start, _CHUNK)
        values = _event_hashes(part, arms)
        with np.errstate(over="ignore"):
            total = np.uint64(total + values.sum(dtype=np.uint64))
        count += len(values)
    return hashlib.blake2b(f"{int(total)}/{count}".encode(), digest_size=16).hexdigest()


def _event_hashes(part: pa.Table, arms: list[int]) -> NDArray[np.uint64]:
    flat = rows(part)
    kinds = part["kind"].cast(pa.string()).to_pylist()
    base = [
        (_word(k) ^ arms[a]) & (2**64 - 1)
        for k, a in zip(kinds, part["arm"].to_pylist(), strict=True)
    ]
    h = np.repeat(np.array(base, np.uint64), part["count"].to_numpy())
    with np.errstate(over="ignore"):
        for name in ("table", "step", "season", "round", "seat", "target"):
            h += flat[name].astype(np.int64).view(np.uint64) * _A
            h = _mix(h)
        value = np.where(np.isnan(flat["value"]), -1e30, flat["value"] + 0.0)  # the zeros are one
        h = _mix(h ^ value.view(np.uint64))
        _add_texts(part, h)
    return h


def _add_texts(part: pa.Table, h: NDArray[np.uint64]) -> None:
    if part["text"].null_count == len(part):
        return
    at = 0
    for words, n in zip(part["text"].to_pylist(), part["count"].to_pylist(), strict=True):
        for k, word in enumerate(words or ()):
            if word is not None:
                h[at + k] ^= np.uint64(_word(word))
        at += n
