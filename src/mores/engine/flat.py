"""Flat: blocks of events seen as one row an event, in numpy, Arrow or SQL."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from mores.errors import UsageError

if TYPE_CHECKING:
    import duckdb

    from mores.record import Column, Record


def _filled(
    blocks: pa.Table, name: str, count: NDArray[Any], missing: Any, dtype: Any
) -> NDArray[Any]:
    """A list column flat, with `missing` in the place of every null list."""
    column = blocks[name].combine_chunks()
    if isinstance(column, pa.ChunkedArray):
        column = pa.concat_arrays(column.chunks) if column.num_chunks else pa.array([], column.type)
    null = column.is_null().to_numpy(zero_copy_only=False)
    values: NDArray[Any] = column.flatten().to_numpy(zero_copy_only=False)
    if not null.any():
        return values if values.dtype == dtype else values.astype(dtype)
    out = np.full(int(count.sum()), missing, dtype)
    out[np.repeat(~null, count)] = values
    return out


def rows(blocks: pa.Table) -> dict[str, NDArray[Any]]:
    """The events of blocks as flat arrays: everything but the texts."""
    plain = {
        n: blocks[n].to_numpy().astype(np.int32, copy=False)
        for n in ("arm", "first", "seats", "step", "season", "round", "count")
    }
    count = plain["count"]
    out = {n: np.repeat(plain[n], count) for n in ("arm", "step", "season", "round")}
    seats, total = np.repeat(plain["seats"], count), int(count.sum())
    start = np.concatenate([[0], np.cumsum(count)[:-1]]) if len(count) else np.zeros(0, int)
    order = (np.arange(total) - np.repeat(start, count)).astype(np.int32)
    actor = _filled(blocks, "actor", count, -1, np.int32)
    actor = np.where(actor < 0, order, actor)
    local, out["seat"] = actor // seats, actor % seats
    out["table"] = np.repeat(plain["first"], count) + local
    _scattered_tables(blocks, count, local, out["table"])
    target = _filled(blocks, "target", count, -1, np.int32)
    out["target"] = np.where(target < 0, -1, target % np.maximum(seats, 1))
    number = _filled(blocks, "number", count, np.nan, np.float32)
    choice = _filled(blocks, "choice", count, -1, np.int8)
    out["value"] = np.where(choice >= 0, choice, number.astype(np.float64))
    return out


def _scattered_tables(
    blocks: pa.Table, count: NDArray[Any], local: NDArray[Any], table: NDArray[Any]
) -> None:
    """Put right the tables of blocks whose tables do not follow each other."""
    lists = blocks["tables"].to_pylist() if blocks["tables"].null_count < len(blocks) else []
    stop = np.cumsum(count)
    for k, numbers in enumerate(lists):
        if numbers is not None:
            part = slice(int(stop[k] - count[k]), int(stop[k]))
            table[part] = np.asarray(numbers, np.int32)[local[part]]


def flat_column(blocks: pa.Table, kinds: Sequence[str]) -> Column:
    """The events of some kinds as flat arrays."""
    from mores.record import Column

    if kinds:
        blocks = blocks.filter(pc.is_in(blocks["kind"].cast(pa.string()), pa.array(list(kinds))))
    flat = rows(blocks)
    return Column(**{k: flat[k] for k in Column.__dataclass_fields__})


def flat_table(blocks: pa.Table) -> pa.Table:
    """All events as an Arrow table, one row an event, in the order in which they were written."""
    flat = rows(blocks)
    count = blocks["count"].to_numpy()
    index = pa.array(np.repeat(np.arange(len(blocks)), count))
    words = [blocks[n].cast(pa.string()).take(index) for n in ("kind", "role")]
    texts = pa.array(_texts(blocks, count), pa.string())
    names = ("arm", "table", "step", "season", "round")
    arrays = [*(pa.array(flat[n]) for n in names), *words]
    arrays += [
        pa.array(flat["seat"]),
        pa.array(flat["target"], mask=flat["target"] < 0),
        pa.array(flat["value"], from_pandas=True),
        texts,
    ]
    return pa.table(arrays, names=[*names, "kind", "role", "seat", "target", "value", "text"])


def _texts(blocks: pa.Table, count: NDArray[Any]) -> list[str | None]:
    out: list[str | None] = []
    if blocks["text"].null_count == len(blocks):
        return [None] * int(count.sum())
    for words, n in zip(blocks["text"].to_pylist(), count.tolist(), strict=True):
        out += words if words is not None else [None] * n
    return out


def connect(record: Record) -> duckdb.DuckDBPyConnection:
    """A DuckDB connection with every table as a view; it reads nothing but the record."""
    import duckdb

    from mores.record import TABLES

    con = duckdb.connect(config={"enable_external_access": "false"})
    for name in TABLES:
        table = record.table(name)
        if name == "events":
            con.register("blocks", table)
            con.execute(f"create view events as {_view(table)}")
        else:
            con.register(name, table)
    return con


def asked(con: duckdb.DuckDBPyConnection, query: str) -> pa.Table:
    """What one select gives; columns of one name are told apart by a number. Raises UsageError."""
    import duckdb

    try:
        statements = con.extract_statements(query)
        if len(statements) != 1:
            raise UsageError(f"the query is {len(statements)} statements; give one select")
        if statements[0].type not in (duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN):
            kind = str(statements[0].type).rpartition(".")[2].lower()
            raise UsageError(f"a record cannot be changed or left ({kind}); give one select")
        found: pa.Table = con.sql(query).to_arrow_table()
    except duckdb.Error as error:
        raise UsageError(f"the query could not be run: {error}") from error
    names: list[str] = []
    for name in found.column_names:
        again = sum(n == name for n in found.column_names[: len(names)])
        names.append(f"{name}_{again + 1}" if again else name)
    return found.rename_columns(names)


def _view(blocks: pa.Table) -> str:
    """The SQL that unnests blocks; columns that no block has cost nothing."""
    has = {
        n: blocks[n].null_count < len(blocks)
        for n in ("tables", "target", "number", "choice", "text")
    }
    table = (
        'coalesce(tables[i // seats + 1], "first" + i // seats)'
        if has["tables"]
        else '"first" + i // seats'
    )
    whole = blocks["actor"].null_count > 0
    actor = "coalesce(actor, range(count::bigint)::int[])" if whole else "actor"
    number = "case when isnan(n) then null else n end" if has["number"] else "null"
    choice = "case when c < 0 then null else c end" if has["choice"] else "null"
    parts = [f"unnest({actor}) as i"]
    parts += [
        f"unnest({column}) as {short}"
        for column, short in (("target", "g"), ("number", "n"), ("choice", "c"), ("text", "x"))
        if has[column]
    ]
    known = [v for v in (number, choice) if v != "null"]
    value = f"coalesce({', '.join(known)})" if known else "null"
    return (
        f'select arm, {table} as "table", step, season, round, kind, role, i % seats as seat, '
        f"{'g % seats' if has['target'] else 'null::int'} as target, {value}::float as value, "
        f"{'x' if has['text'] else 'null::varchar'} as text "
        f'from (select arm, "first", tables, seats, step, season, round, kind, role, {", ".join(parts)} from blocks)'
    )
