"""Ledger: the call store of a run, read after the fact: what was asked, what it took, and each exchange in full.

::

    with Ledger.open("runs/donor-game") as ledger:
        ledger.account()                    # sums, as `mores run --json` prints them
        ledger.calls(role="judge", fault=True)
        ledger.exchange("3f2a")             # messages, reply, attempts, tokens
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from mores.engine.store import Store
from mores.errors import BadValue, RecordError
from mores.models.prefix import PrefixMeter

if TYPE_CHECKING:
    from mores.record import Record

STORE = "store.sqlite"
AGAIN = "That could not be used: "
"""How the engine begins when it asks again for a reply that it could not read."""
EMPTY = "the reply was empty"
_FIELDS = (
    "key", "role", "model", "draw", "text", "fault", "prompt_tokens", "completion_tokens", "attempts", "flags",
    "reasoning", "reasoning_tokens",
)  # fmt: skip
_READ = """
select lower(hex(r.key)), r.role, r.model, r.draw, r.text, r.fault, r.prompt_tokens, r.completion_tokens,
    coalesce((select max(n) from attempt a where a.key = r.key), 1), m.flags, m.reasoning, m.reasoning_tokens
from reply r left join more m on m.key = r.key
"""
_ASKED_AGAIN = """
select count(*) from reply r join node n on n.hash = r.node
left join line l on l.hash = n.lines and n.since is null
where n.role = 'user' and substr(coalesce(n.text, l.text), 1, ?) = ?
"""


@dataclass(frozen=True)
class Account:
    """Sums over all replies of a run, by however many commands it was made."""

    replies: int = 0
    retried: int = 0
    """Attempts after the first."""
    failed: int = 0
    """Calls that ended in a fault: their attempts were spent, or they were refused for good."""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cacheable_share: float | None = None
    """Share of prompt characters that an earlier prompt began with; None where nothing was asked."""
    parse_rate: float | None = None
    """Share of replies that could be read as what was asked; None where nothing was asked."""


class Ledger:
    """The replies of a run directory; opened for reading, closed with `close` or by `with`."""

    def __init__(self, store: Store) -> None:
        self.store = store

    @classmethod
    def open(cls, folder: str | Path) -> Ledger:
        """The ledger of a run directory; raises RecordError where no model was asked."""
        path = Path(folder) / STORE
        if not path.is_file():
            raise RecordError(
                f"{folder} holds no calls (no {STORE}): in this run no model was asked, or it is no run directory"
            )
        return cls(Store(path))

    def __enter__(self) -> Ledger:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self.store.close()

    # ---------------------------------------------------------------- one by one
    def calls(
        self, role: str | None = None, fault: bool = False, limit: int | None = None
    ) -> list[dict[str, Any]]:
        """Calls in the order of their draws (who asked, and when): all, of one role, or those with a fault."""
        where, given = ["1"], []
        if role is not None:
            where.append("r.role = ?")
            given.append(role)
        if fault:
            where.append("r.fault is not null")
        query = f"{_READ} where {' and '.join(where)} order by r.draw, r.key limit {-1 if limit is None else limit}"
        rows = self.store.db.execute(query, given).fetchall()
        return [dict(zip(_FIELDS, row, strict=True)) for row in rows]

    def exchange(self, key: str) -> dict[str, Any]:
        """One call in full, by its key or the beginning of it: messages, reply, every attempt, tokens."""
        begun = key.lower()
        found = self.store.db.execute(
            "select key, node from reply where substr(lower(hex(key)), 1, ?) = ? limit 3",
            (len(begun), begun),
        ).fetchall()
        if len(found) != 1:
            few = "a key of this run; `mores calls DIR` lists them"
            raise BadValue("KEY", key, "more of it: several calls begin so" if found else few)
        raw, node = found[0]
        row = self.store.db.execute(f"{_READ} where r.key = ?", (raw,)).fetchone()
        tries = self.store.db.execute(
            "select n, kind, status, wait, seconds from attempt where key = ? order by n", (raw,)
        ).fetchall()
        names = ("n", "kind", "status", "wait", "seconds")
        out = dict(zip(_FIELDS, row, strict=True))
        out["attempts"] = [dict(zip(names, t, strict=True)) for t in tries]
        return out | {"messages": self.store.messages(node)}

    # ---------------------------------------------------------------- sums
    def roles(self) -> list[dict[str, Any]]:
        """Sums by role and model."""
        rows = self.store.db.execute(
            """select role, model, count(*), count(fault), total(prompt_tokens), total(completion_tokens),
            sum((select max(0, coalesce(max(n), 1) - 1) from attempt a where a.key = r.key))
            from reply r group by role, model order by role, model"""
        ).fetchall()
        names = (
            "role",
            "model",
            "calls",
            "failed",
            "prompt_tokens",
            "completion_tokens",
            "retried",
        )
        return [dict(zip(names, (*r[:2], *map(int, r[2:])), strict=True)) for r in rows]

    def answered(self) -> dict[str, tuple[str, bool]]:
        """Who answered each role: the model, and whether equal requests had equal answers (the draw is always 0)."""
        read = (
            "select role, model, max(draw <> '0') from reply group by role, model order by count(*)"
        )
        return {role: (model, not drawn) for role, model, drawn in self.store.db.execute(read)}

    def unread(self) -> int:
        """Replies that could not be read and were asked for again."""
        found = self.store.db.execute(_ASKED_AGAIN, (len(AGAIN), AGAIN)).fetchone()
        return int(found[0])

    def cacheable_share(self) -> float | None:
        """The share of prompt characters that a prefix cache without end would serve, each model by itself."""
        seen: dict[str, PrefixMeter] = {}
        for model, node in self.store.db.execute(
            "select model, node from reply order by draw, key"
        ):
            seen.setdefault(model, PrefixMeter()).add(self.store.messages(node))
        sent = sum(m.characters for m in seen.values())
        return sum(m.cacheable for m in seen.values()) / sent if sent else None

    def account(self, lost: int = 0) -> Account:
        """The sums; `lost` is how many asks ended with a reply that could not be read (the tables know)."""
        sums = self.store.counts()
        n = sums.pop("replies")
        if not n:
            return Account()
        bad = min(n, self.unread() + sums["failed"] + lost)
        return Account(n, **sums, cacheable_share=self.cacheable_share(), parse_rate=1 - bad / n)


def account(record: Record) -> Account:
    """The account of a run; an empty one where nobody was asked, or the replies were not kept in a folder."""
    if record.path is None or not (record.path / STORE).is_file():
        return Account()
    with Ledger.open(record.path) as ledger:
        return ledger.account(_lost(record))


def _lost(record: Record) -> int:
    """Asks whose last reply arrived and could not be read."""
    calls, faults, answers = (record.table(n) for n in ("calls", "faults", "answers"))
    texts, failed = set(calls["text"].to_pylist()), set(calls["fault"].to_pylist())
    rows = zip(faults["text"].to_pylist(), faults["reason"].to_pylist(), strict=True)
    ours = sum(t in texts and why not in failed and (bool(t) or why == EMPTY) for t, why in rows)
    unparsable: list[str] = [o for o in answers["outcome"].to_pylist() if o == "unparsable"]
    return int(ours) + len(unparsable)
