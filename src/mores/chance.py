"""Chance: every random draw, keyed so that it never depends on who else draws, or when.

A draw is a function of (study seed, replicate, owner, the owner's own clock, purpose) and of nothing else: not
of the engine's step, the condition, the batch or the depth of wrapping. So the same seed gives the same
record in any order, on any number of workers, and wrapping a world in an institution leaves its chance alone.

Each (seed, owner, purpose, clock) names one Philox stream. Table `t` of it owns the words `t*n .. t*n+n`, so any
run of tables is one bulk fill and any seat can be read alone. Only raw words come from numpy; all else is made
here with integer arithmetic or exact float steps and without rejection, so that records are equal across
machines and numpy versions. (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3".)
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from itertools import pairwise
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from mores.errors import BadValue

Words = NDArray[np.uint32]
_BRANCH_SHIFT = 40  # a clock fits 40 bits; what is above tells branches of one run apart
_BRANCHES = 1 << 24
_SPARSE = 64  # reading words that nobody needs is cheaper than pointing the stream anew
_FEW = 8  # below 1/8 of a row it is cheaper to read seats alone than to fill for all


@lru_cache(maxsize=65536)
def _key(seed: int, owner: str, purpose: str) -> int:
    text = f"{seed}\0{owner}\0{purpose}".encode()
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "little")


class _Stream:
    """One Philox generator, pointed anew for every fill (six times cheaper than making one)."""

    def __init__(self) -> None:
        self.bits = np.random.Philox(key=0)
        self.state = self.bits.state
        self.inner = self.state["state"]

    def read(self, key: int, clock: int, start: int, count: int) -> Words:
        """Words `start .. start+count` of the stream (key, clock)."""
        block, skip = divmod(start, 8)
        self.inner["key"][0] = key
        self.inner["key"][1] = clock
        self.inner["counter"][:] = (block, 0, 0, 0)
        self.state["buffer_pos"] = 4
        self.state["has_uint32"] = 0
        self.bits.state = self.state
        raw = self.bits.random_raw((skip + count + 1) // 2)
        return raw.view(np.uint32)[skip : skip + count]


_stream = _Stream()


@lru_cache(maxsize=1)
def _quantiles() -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Normal quantiles at k/4096 and the steps between them; the two ends closed at 4.2 sd."""
    normal = NormalDist()
    q = np.array([-4.2, *(normal.inv_cdf(k / 4096) for k in range(1, 4096)), 4.2], np.float32)
    return q[:-1].copy(), np.diff(q)


class Chance:
    """The draws of one owner at its present clock, for the tables of one cohort.

    `tables` are the replicate numbers that key the draws, shape [T]. All draws have shape [T, n]: table first,
    then seat (or whatever `n` counts). `clocks` counts, a table, how many steps each owner has made.
    """

    __slots__ = ("_clock", "_runs", "branch", "clocks", "owner", "seed", "tables")

    def __init__(
        self,
        seed: int,
        tables: NDArray[np.int64],
        *,
        branch: int = 0,
        clocks: dict[str, NDArray[np.int64]] | None = None,
        owner: str = "",
    ) -> None:
        self.seed = seed
        self.tables = tables
        self.branch = branch
        self.clocks = {} if clocks is None else clocks
        self.owner = owner
        self._runs: list[tuple[int, int, int]] | None = None
        self._clock: int | None = None

    def __len__(self) -> int:
        return len(self.tables)

    # ---------------------------------------------------------------- owners and clocks
    def at(self, owner: str) -> Chance:
        """The same tables as `owner` draws them; clocks are shared."""
        other = Chance.__new__(Chance)
        other.seed, other.tables, other.branch = self.seed, self.tables, self.branch
        other.clocks, other.owner = self.clocks, owner
        if self._runs is None:
            self._runs = _contiguous(self.tables)
        other._runs, other._clock = self._runs, None
        return other

    def clock(self) -> NDArray[np.int64]:
        """How many steps the owner has made, a table; shape [T]."""
        found = self.clocks.get(self.owner)
        if found is None:
            found = self.clocks[self.owner] = np.zeros(len(self.tables), np.int64)
        return found

    def tick(self) -> None:
        """The owner has made a step: its next draws are fresh."""
        self.clock()[:] += 1
        self._clock = None

    def take(self, index: NDArray[np.intp]) -> Chance:
        """The chance of some of the tables, with clocks of its own."""
        clocks = {k: v[index] for k, v in self.clocks.items()}
        return Chance(self.seed, self.tables[index], branch=self.branch, clocks=clocks)

    def put(self, index: NDArray[np.intp], part: Chance) -> None:
        """Write back the clocks of tables that were taken out."""
        for owner, clock in part.clocks.items():
            if owner not in self.clocks:
                self.clocks[owner] = np.zeros(len(self.tables), np.int64)
            self.clocks[owner][index] = clock

    def fork(self, branch: int | None = None) -> Chance:
        """A copy; with a branch number its draws from now on differ from the original's.

        Branches are told apart by their numbers alone: 1 to 16 million, each once in a family of forks.
        """
        if branch is not None and (branch == self.branch or not 0 < branch < _BRANCHES):
            allowed = (
                f"a whole number from 1 to {_BRANCHES - 1}, other than that of the branch it leaves"
            )
            raise BadValue("branch", branch, allowed)
        clocks = {k: v.copy() for k, v in self.clocks.items()}
        b = self.branch if branch is None else branch
        return Chance(self.seed, self.tables, branch=b, clocks=clocks, owner=self.owner)

    # ---------------------------------------------------------------- draws
    def words(self, purpose: str, n: int) -> Words:
        """Raw 32-bit words, shape [T, n]; everything else is made of these."""
        key = _key(self.seed, self.owner, purpose)
        if self._clock is None:
            self._clock = self._lockstep()
        runs = self._runs
        if runs is None:
            runs = self._runs = _contiguous(self.tables)
        if self._clock >= 0 and len(runs) == 1:
            at = self._clock | self.branch << _BRANCH_SHIFT
            a, b, first = runs[0]
            return _stream.read(key, at, first * n, (b - a) * n).reshape(b - a, n)
        return self._scattered(key, n)

    def pick(self, purpose: str, n: int, rows: NDArray[np.integer]) -> Words:
        """The words of some seats only, `rows` = table * n + seat; equal to `words(...).ravel()[rows]`."""
        if len(rows) * _FEW > len(self.tables) * n:
            picked: Words = self.words(purpose, n).reshape(-1)[rows]
            return picked
        key, clock = _key(self.seed, self.owner, purpose), self.clock()
        out = np.empty(len(rows), np.uint32)
        for j, row in enumerate(rows.tolist()):
            t, i = divmod(row, n)
            at = int(clock[t]) | self.branch << _BRANCH_SHIFT
            out[j] = _stream.read(key, at, int(self.tables[t]) * n + i, 1)[0]
        return out

    def uniform(self, purpose: str, n: int) -> NDArray[np.float32]:
        """Floats in [0, 1) with 24 bits, shape [T, n]."""
        return unit(self.words(purpose, n))

    def coin(self, purpose: str, n: int, p: float | NDArray[np.floating]) -> NDArray[np.bool_]:
        """True with probability `p` (a number, or an array that broadcasts to [T, n])."""
        return self.words(purpose, n) < threshold(p)

    def integers(self, purpose: str, n: int, high: int | NDArray[np.integer]) -> NDArray[np.int32]:
        """Whole numbers in [0, high), shape [T, n]."""
        return below(self.words(purpose, n), high)

    def normal(self, purpose: str, n: int) -> NDArray[np.float32]:
        """Standard normal draws by interpolated quantiles (cut at 4.2 sd), shape [T, n]."""
        start, width = _quantiles()
        w = self.words(purpose, n)
        bin_ = w >> np.uint32(20)
        x = (w & np.uint32(0xFFFFF)).astype(np.float32) * np.float32(2**-20)
        x *= width.take(bin_)
        x += start.take(bin_)
        return x

    def permutation(self, purpose: str, n: int) -> NDArray[np.int32]:
        """A shuffled 0..n-1 a table, shape [T, n]."""
        keyed = self.words(purpose, n).astype(np.uint64)
        keyed <<= np.uint64(32)
        keyed |= np.arange(n, dtype=np.uint64)
        keyed.sort(axis=1)
        return keyed.astype(np.uint32).view(np.int32)

    def categorical(self, purpose: str, n: int, weights: NDArray[np.floating]) -> NDArray[np.int32]:
        """Indices drawn with the given weights (need not sum to one), shape [T, n]."""
        cut = np.cumsum(np.asarray(weights, np.float64))
        at = np.searchsorted(cut / cut[-1], self.uniform(purpose, n), side="right")
        return np.minimum(at, len(cut) - 1).astype(np.int32)

    # ---------------------------------------------------------------- inside
    def _lockstep(self) -> int:
        """The clock all tables share, or -1 where they differ."""
        clock = self.clock()
        if len(clock) == 0:
            return 0
        return int(clock[0]) if len(clock) == 1 or (clock == clock[0]).all() else -1

    def _scattered(self, key: int, n: int) -> Words:
        """Words of tables that do not follow each other or whose clocks differ."""
        out = np.empty((len(self.tables), n), np.uint32)
        clock = self.clock()
        for value in np.unique(clock).tolist():
            at = value | self.branch << _BRANCH_SHIFT
            index = np.flatnonzero(clock == value)
            tables = self.tables[index]
            low, high = int(tables.min()), int(tables.max()) + 1
            if high - low <= _SPARSE * len(index):
                span = _stream.read(key, at, low * n, (high - low) * n).reshape(-1, n)
                out[index] = span[tables - low]
                continue
            for i, table in zip(index.tolist(), tables.tolist(), strict=True):
                out[i] = _stream.read(key, at, table * n, n)
        return out


def _contiguous(tables: NDArray[np.int64]) -> list[tuple[int, int, int]]:
    """Runs of consecutive replicates: (start, stop, first replicate)."""
    if len(tables) == 0:
        return []
    cuts = (np.flatnonzero(np.diff(tables) != 1) + 1).tolist()
    edges = [0, *cuts, len(tables)]
    return [(a, b, int(tables[a])) for a, b in pairwise(edges)]


def unit(words: Words) -> NDArray[np.float32]:
    """Words as floats in [0, 1)."""
    out: NDArray[np.float32] = (words >> np.uint32(8)).astype(np.float32) * np.float32(2**-24)
    return out


def below(words: Words, high: int | NDArray[np.integer]) -> NDArray[np.int32]:
    """Words as whole numbers in [0, high)."""
    scaled = (words.astype(np.uint64) * np.asarray(high, np.uint64)) >> np.uint64(32)
    return scaled.astype(np.int32)


def threshold(p: float | NDArray[np.floating]) -> Words | np.uint64 | NDArray[np.uint64]:
    """The word below which a coin of probability `p` falls; p = 1 is certain, p = 0 impossible."""
    if isinstance(p, float | int):
        return np.uint64(min(max(p, 0.0), 1.0) * 4294967296.0)
    out: NDArray[np.uint64] = (np.clip(p, 0, 1).astype(np.float64) * 4294967296.0).astype(np.uint64)
    return out
