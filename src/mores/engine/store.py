"""The call store: every reply of a model, written durably before it is used.

A reply is keyed by (model, what was said, what may be answered, draw). A log is a chain of lines, each
kept once with the hash of all that was said before it; what a seat heard is a run of that chain; a message
is kept once by its content. So a dialogue's history costs what is new, whoever listens. Resuming is
replaying: what is here is never asked again. SQLite in WAL mode: what is committed survives
kill -9; with `sync="full"` also a power cut.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from mores.errors import RecordError, StorageError
from mores.thread import Segment, Thread, digest

if TYPE_CHECKING:
    from mores.engine.asking import Response

SCHEMA = 2
# keys are random: rows are appended and only their keys sorted in, which writes a third fewer pages
_TABLES = """
create table if not exists meta(name text primary key, value text) without rowid;
create table if not exists line(hash blob primary key, before blob, text text);
create table if not exists node(hash blob primary key, parent blob, role text, text text, lines blob, since blob);
create table if not exists reply(key blob primary key, node blob, space blob, model text, role text, draw text,
    text text, fault text, prompt_tokens int, completion_tokens int);
create table if not exists attempt(key blob, n int, kind text, status int, wait real, seconds real,
    primary key(key, n)) without rowid;
create table if not exists more(key blob primary key, flags text, reasoning text, reasoning_tokens int) without rowid;
"""
Node = tuple[bytes, "bytes | None", str, "str | None", "bytes | None", "bytes | None"]
"""hash, parent, role and words: as text, as hashes of lines, or as the run of the log after `since` up to `lines`."""
Line = tuple["bytes | None", str]
_SHORT = 40  # characters up to which a message costs less as it is than by its hash
_CHECKPOINT = 4000  # pages of log before they are sorted into the file
_BATCH = 500  # below SQLite's smallest limit of variables in a statement
_ROWS = 16


@cache
def _statement(table: str, width: int, rows: int) -> str:
    one = f"({','.join('?' * width)})"
    return f"insert or ignore into {table} values{','.join([one] * rows)}"


@dataclass(slots=True)
class Stored:
    """One reply to be kept."""

    key: bytes
    thread: Thread
    space: bytes
    model: str
    role: str
    draw: str
    text: str
    fault: str | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    more: Response | None = None
    """Where there is more than that to keep: attempts that failed, flags, reasoning."""


class Store:
    """Replies by key; open one a process."""

    def __init__(
        self, path: Path | None = None, sync: Literal["normal", "full"] = "normal"
    ) -> None:
        self.path = path
        try:
            self.db = sqlite3.connect(
                ":memory:" if path is None else str(path), isolation_level=None, timeout=60
            )
            self.db.execute("pragma journal_mode=wal")
            self.db.execute(f"pragma synchronous={'full' if sync == 'full' else 'normal'}")
            self.db.execute(f"pragma wal_autocheckpoint={_CHECKPOINT}")
            self.db.executescript(_TABLES)
            self._check_schema()
        except sqlite3.DatabaseError as error:
            raise self._failure(error) from error
        self._seen: set[bytes] = set()

    def _check_schema(self) -> None:
        self.db.execute("insert or ignore into meta values('schema', ?)", (str(SCHEMA),))
        found = self.db.execute("select value from meta where name='schema'").fetchone()[0]
        if found != str(SCHEMA):
            raise RecordError(
                f"{self.path} is a call store of schema {found}, this version reads {SCHEMA}; "
                "use the version of Mores that wrote it, or another --out"
            )

    def get(self, keys: Sequence[bytes]) -> dict[bytes, tuple[str, str | None]]:
        """The replies that are here: key -> (text, fault)."""
        out: dict[bytes, tuple[str, str | None]] = {}
        for i in range(0, len(keys), _BATCH):
            part = keys[i : i + _BATCH]
            marks = ",".join("?" * len(part))
            found = self.db.execute(
                f"select key, text, fault from reply where key in ({marks})", part
            )
            out.update({k: (text, fault) for k, text, fault in found})
        return out

    def put(self, replies: Iterable[Stored]) -> dict[bytes, tuple[str, str | None]]:
        """Keep replies that arrived together, in one commit; what is kept where some were here already."""
        replies = list(replies)
        nodes: list[Node] = []
        lines: dict[bytes, Line] = {}
        mine: set[bytes] = set()
        for r in replies:
            self._walk(r.thread, nodes, lines, mine)
        rows = [
            (r.key, r.thread.hash, r.space, r.model, r.role, r.draw, r.text, r.fault, r.prompt_tokens,
             r.completion_tokens)
            for r in replies
        ]  # fmt: skip
        more = [r.more for r in replies if r.more is not None]
        try:
            self.db.execute("begin immediate")
            self._insert("line", [(h, before, text) for h, (before, text) in lines.items()])
            self._insert("node", nodes)
            new = self._insert("reply", rows)
            if more:
                self._put_more(more)
            self.db.execute("commit")
        except sqlite3.DatabaseError as error:
            if self.db.in_transaction:
                self.db.execute("rollback")
            raise self._failure(error) from error
        self._seen |= mine
        self._seen |= lines.keys()
        return {} if new == len(rows) else self.get([r.key for r in replies])

    def _insert(self, table: str, rows: Sequence[Sequence[object]]) -> int:
        """Insert rows that are not there, and say how many; many in a statement, because each lets other threads in."""
        at = new = 0
        while len(rows) - at >= _ROWS:
            flat = [value for row in rows[at : at + _ROWS] for value in row]
            new += self.db.execute(_statement(table, len(rows[0]), _ROWS), flat).rowcount
            at += _ROWS
        if at < len(rows):
            new += self.db.executemany(_statement(table, len(rows[0]), 1), rows[at:]).rowcount
        return new

    def _put_more(self, responses: Sequence[Response]) -> None:
        tries = [
            (r.key, n, a.kind, a.status, a.wait, a.seconds)
            for r in responses
            for n, a in enumerate(r.attempts, 1)
        ]
        self._insert("attempt", tries)
        rows = [
            (r.key, ", ".join(r.flags), r.reasoning, r.reasoning_tokens)
            for r in responses
            if r.flags or r.reasoning
        ]
        self._insert("more", rows)

    def attempts(self) -> list[tuple[str, int, str, int, float, float]]:
        """Every attempt at a call that took more than one: key (hex), number, kind, status, wait, seconds."""
        read = "select key, n, kind, status, wait, seconds from attempt order by key, n"
        return [(k.hex(), *rest) for k, *rest in self.db.execute(read)]

    def more(self) -> list[tuple[str, str, str | None, int | None]]:
        """What else is known of some replies: key (hex), flags, reasoning, its tokens."""
        read = "select key, flags, reasoning, reasoning_tokens from more order by key"
        return [(k.hex(), *rest) for k, *rest in self.db.execute(read)]

    def counts(self) -> dict[str, int]:
        """Replies, those that failed, calls that were tried again, tokens in and out."""
        read = "select count(*), count(fault), total(prompt_tokens), total(completion_tokens) from reply"
        replies, failed, prompt, completion = self.db.execute(read).fetchone()
        retried = self.db.execute("select count(*) from attempt where n > 1").fetchone()[0]
        return {
            "replies": int(replies),
            "failed": int(failed),
            "retried": int(retried),
            "prompt_tokens": int(prompt),
            "completion_tokens": int(completion),
        }

    def _walk(
        self, thread: Thread, nodes: list[Node], lines: dict[bytes, Line], mine: set[bytes]
    ) -> None:
        """Gather what is not kept yet of a thread."""
        node: Thread | None = thread
        seen = self._seen
        while node is not None and node.hash not in seen and node.hash not in mine:
            parent = None if node.parent is None else node.parent.hash
            if isinstance(node, Segment):
                nodes.append((node.hash, parent, node.role, None, *self._heard(node, lines)))
            elif len(node.text) <= _SHORT:
                nodes.append((node.hash, parent, node.role, node.text, None, None))
            else:
                known = digest(node.text.encode("utf-8", "replace"))
                if known not in seen:
                    lines[known] = (None, node.text)
                nodes.append((node.hash, parent, node.role, None, known, None))
            mine.add(node.hash)
            node = node.parent

    def _heard(self, node: Segment, lines: dict[bytes, Line]) -> tuple[bytes, bytes | None]:
        """What a seat heard: a run of the public log, or the lines one by one where some were for its ears."""
        log = node.log
        if log.whispered(node.start, node.stop, node.seat):
            heard = log.heard(node.start, node.stop, node.seat)
            hashes = [digest(line.encode("utf-8", "replace")) for line in heard]
            lines.update((h, (None, line)) for h, line in zip(hashes, heard, strict=True))
            return b"".join(hashes), None
        # back to what is kept, which has all before it: a line is written once, whoever hears it
        chain, at = log.chain, node.stop
        while at and chain[at] not in self._seen and chain[at] not in lines:
            if chain[at] != chain[at - 1]:
                lines[chain[at]] = (chain[at - 1], log.lines[at - 1])
            at -= 1
        return chain[node.stop], chain[node.start]

    def messages(self, node: bytes) -> list[dict[str, str]]:
        """The thread that ends in a node, as chat messages, oldest first."""
        out: list[dict[str, str]] = []
        at: bytes | None = node
        while at is not None:
            row = self.db.execute(
                "select parent, role, text, lines, since from node where hash=?", (at,)
            ).fetchone()
            if row is None:
                break
            parent, role, text, hashes, since = row
            if text is None:
                text = "\n".join(self._lines(hashes, since))
            out.append({"role": role, "content": text})
            at = parent
        return out[::-1]

    def _lines(self, hashes: bytes, since: bytes | None) -> list[str]:
        read = "select before, text from line where hash=?"
        if since is None:
            parts = [hashes[i : i + 16] for i in range(0, len(hashes), 16)]
            return [self.db.execute(read, (h,)).fetchone()[1] for h in parts]
        out, at = [], hashes
        while at != since:
            at, text = self.db.execute(read, (at,)).fetchone()
            out.append(text)
        return out[::-1]

    def all(
        self,
    ) -> list[tuple[str, bytes, str, str, str, str, str | None, int | None, int | None]]:
        """Every reply in a fixed order: key (hex), node, model, role, draw, text, fault, tokens in and out."""
        read = (
            "select key, node, model, role, draw, text, fault, prompt_tokens, completion_tokens "
            "from reply order by key"
        )
        return [(k.hex(), *rest) for k, *rest in self.db.execute(read)]

    def __len__(self) -> int:
        return int(self.db.execute("select count(*) from reply").fetchone()[0])

    def close(self) -> None:
        """Close the file; everything committed is kept."""
        self.db.close()

    def _failure(self, error: sqlite3.DatabaseError) -> Exception:
        text = str(error)
        if "full" in text or "readonly" in text or "unable to open" in text or "I/O" in text:
            return StorageError(
                f"the call store {self.path} cannot be written ({text}); free space or choose another "
                "--out: replies committed so far are kept and will not be asked for again"
            )
        return RecordError(
            f"the call store {self.path} cannot be read ({text}); move it away to start afresh, "
            "or restore it from a copy"
        )
