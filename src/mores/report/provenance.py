"""What was missing, what it cost, and what it takes to make the record again."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mores.record import Record
from mores.report.numbers import NONE, count, number
from mores.report.words import cut, title, value_words

ROWS = 30
"""Reasons and conditions listed at most."""


@dataclass(frozen=True)
class Grid:
    """A small table: heads, rows of texts, and which columns are numbers."""

    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: frozenset[int] = frozenset()


def missing(record: Record, labels: Sequence[str]) -> tuple[list[str], list[Grid]]:
    """Sentences and tables on all that is not there."""
    total = record.sql(
        """select count(*) as n, count(*) filter (status = 'done') as done, coalesce(sum(missing), 0) as missing
        from episodes"""
    ).rows()[0]
    said = [f"{count(total['done'])} of {count(total['n'])} episodes were played to their end."]
    lacking = int(total["missing"])
    if lacking == 0:
        said.append("No action was missing.")
    else:
        actions = "action was" if lacking == 1 else "actions were"
        effect = "each had the effect that its world declares"
        said.append(f"{count(lacking)} {actions} missing or not legal; {effect}.")
    grids = [g for g in (_by_condition(record, labels), _failed(record), _faults(record)) if g.rows]
    answers = _answers(record)
    if answers.rows:
        grids.append(answers)
    return said, grids


def _by_condition(record: Record, labels: Sequence[str]) -> Grid:
    rows = record.sql(
        f"""select arm, count(*) as n, count(*) filter (status <> 'done') as failed, sum(missing) as missing
        from episodes group by arm having sum(missing) > 0 or failed > 0 order by missing desc, arm limit {ROWS}"""
    ).rows()
    cells = (
        (labels[r["arm"]], count(r["n"]), count(r["failed"]), count(int(r["missing"])))
        for r in rows
    )
    heads = ("Condition", "Episodes", "Failed", "Missing actions")
    return Grid(
        "Conditions in which something was missing", heads, tuple(cells), frozenset((1, 2, 3))
    )


def _failed(record: Record) -> Grid:
    rows = record.sql(
        f"""select status, reason, count(*) as n from episodes where status <> 'done'
        group by all order by n desc limit {ROWS}"""
    ).rows()
    cells = ((title(r["status"]), cut(r["reason"]), count(r["n"])) for r in rows)
    return Grid(
        "Episodes that did not end", ("What", "Why", "Episodes"), tuple(cells), frozenset((2,))
    )


def _faults(record: Record) -> Grid:
    rows = record.sql(
        f"""select role, reason, count(*) as n from faults group by all order by n desc limit {ROWS}"""
    ).rows()
    cells = ((r["role"], cut(r["reason"]), count(r["n"])) for r in rows)
    return Grid("Faults by reason", ("Role", "Reason", "Times"), tuple(cells), frozenset((2,)))


def _answers(record: Record) -> Grid:
    rows = record.sql(
        f"""select probe, item, count(*) as n, count(*) filter (outcome = 'answered') as good,
        count(*) filter (outcome = 'unparsable') as unparsable
        from answers group by all order by good::double / n, probe, item limit {ROWS}"""
    ).rows()
    cells = (
        (cut(r["probe"], 60), cut(r["item"], 80), count(r["n"]), number(r["good"] / r["n"], "share"),
         count(r["unparsable"]), count(r["n"] - r["good"] - r["unparsable"]))
        for r in rows
    )  # fmt: skip
    heads = ("Instrument", "Item", "Asked", "Answered", "Not readable", "Otherwise missing")
    return Grid("Answers, worst first", heads, tuple(cells), frozenset((2, 3, 4, 5)))


def cost(record: Record) -> tuple[list[str], Grid]:
    """What models were asked, and how long it took."""
    rows = record.sql(
        f"""select model, role, count(*) as n, count(*) filter (fault <> '') as faults,
        sum(prompt_tokens) as sent, sum(completion_tokens) as got
        from calls group by all order by n desc limit {ROWS}"""
    ).rows()
    said = [] if rows else ["No model was asked, so nothing was spent."]
    seconds = record.manifest.get("made", {}).get("seconds")
    if seconds is not None:
        said.append(f"It took {number(float(seconds))} seconds in all.")
    said += _asked(record, rows)
    cells = (
        (cut(r["model"]), r["role"], count(r["n"]), count(r["faults"]), _tokens(r["sent"]), _tokens(r["got"]))
        for r in rows
    )  # fmt: skip
    heads = ("Model", "Role", "Calls", "Faults", "Tokens sent", "Tokens returned")
    return said, Grid("Calls by model", heads, tuple(cells), frozenset((2, 3, 4, 5)))


def _asked(record: Record, rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """How well replies could be read, what a prefix cache could serve, and the money where prices are known."""
    from mores.models.ledger import account
    from mores.models.prices import Prices

    if not rows:
        return []
    found, said = account(record), []
    if found.parse_rate is not None:
        share = number(found.parse_rate, "share")
        said.append(
            f"{share} of replies could be read; {count(found.retried)} attempts were repeated."
        )
    if found.cacheable_share is not None:
        share = number(found.cacheable_share, "share")
        said.append(f"A prefix cache could serve {share} of what was sent.")
    known = Prices.known()
    prices = [(r, known.of(r["model"])) for r in rows]
    unknown = sorted({r["model"] for r, price in prices if price is None})
    spent = sum(p.cost(int(r["sent"] or 0), int(r["got"] or 0)) for r, p in prices if p is not None)
    if len(unknown) < len({r["model"] for r in rows}):
        said.append(f"It cost {number(spent)} US dollars at the prices known here.")
    if unknown:
        said.append(f"The price of {', '.join(cut(m, 60) for m in unknown)} is not known.")
    return said


def _tokens(said: int | None) -> str:
    return NONE if said is None else count(int(said))


def command(manifest: Mapping[str, Any]) -> str:
    """The line that makes the record again; from Python where it was made there."""
    made_by = manifest.get("command") or {}
    seed, replicates = manifest.get("seed", 0), manifest.get("replicates", 1)
    if "study" not in made_by:
        return f"mores.run(study, seed={seed}, replicates={replicates}, record={manifest.get('record')!r})"
    words = ["mores", "run", str(made_by["study"])]
    words += [f"{k}={v}" for k, v in (made_by.get("settings") or {}).items()]
    for name, values in (made_by.get("vary") or {}).items():
        words += ["--vary", f"{name}={','.join(str(v) for v in values)}"]
    words += ["--replicates", str(replicates), "--seed", str(seed)]
    return shlex.join(words)


def made(record: Record) -> list[tuple[str, str]]:
    """Pairs of what and how for the manifest, in the order in which they are read."""
    m = record.manifest
    git, host = m.get("git"), m.get("made", {})
    packages = ", ".join(f"{k} {v}" for k, v in m.get("packages", {}).items())
    commit = (
        "not in a repository"
        if not git
        else git["commit"] + (" with changes not committed" if git["dirty"] else "")
    )
    named = m.get("models") or (m.get("command") or {}).get("models") or {}
    models = "; ".join(f"{role}: {model}" for role, model in named.items())
    data = "; ".join(value_words(d) for d in m.get("data", []))
    pairs = [
        ("Mores", str(m.get("mores", ""))),
        ("Status", str(m.get("status", ""))),
        ("Seed", str(m.get("seed", ""))),
        ("Replicates", str(m.get("replicates", ""))),
        ("Recorded", str(m.get("record", ""))),
        ("Models", models or "none"),
        ("Data sets", data or "none"),
        ("Git", commit),
        ("Packages", packages),
        ("Python", f"{host.get('python', '')} on {host.get('platform', '')}"),
        ("Started", str(host.get("started", ""))),
        ("Fingerprint of the design", str(m.get("fingerprint", ""))),
    ]
    return [(k, v) for k, v in pairs if v.strip()]


def settings(record: Record) -> list[tuple[str, str]]:
    """The settings as resolved, in words."""
    return [(str(k), _setting(v)) for k, v in record.manifest.get("settings", {}).items()]


def _setting(value: Any) -> str:
    if isinstance(value, Mapping) and set(value) == {"name"}:
        return value_words(value["name"])
    if isinstance(value, Mapping):
        return cut(json.dumps(value, default=str, ensure_ascii=False))
    return value_words(value)
