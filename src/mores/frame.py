"""Frame: a table of the record, as Arrow, Polars, pandas or plain rows; shows itself in a notebook."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas
    import polars
    import pyarrow as pa


class Frame:
    """A thin face of an Arrow table."""

    def __init__(self, table: pa.Table) -> None:
        self.arrow = table

    def __len__(self) -> int:
        return int(self.arrow.num_rows)

    @property
    def columns(self) -> list[str]:
        """The names of the columns."""
        return list(self.arrow.column_names)

    def __getitem__(self, column: str) -> Any:
        """One column as a numpy array."""
        return self.arrow[column].to_numpy()

    def pandas(self) -> pandas.DataFrame:
        """The same as a pandas data frame (extra `frames`)."""
        return self.arrow.to_pandas()

    def polars(self) -> polars.DataFrame:
        """The same as a Polars data frame (extra `frames`)."""
        import polars

        frame = polars.from_arrow(self.arrow)
        assert isinstance(frame, polars.DataFrame)
        return frame

    def rows(self) -> list[dict[str, Any]]:
        """The same as plain dictionaries."""
        rows: list[dict[str, Any]] = self.arrow.to_pylist()
        return rows

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self.arrow.__arrow_c_stream__(requested_schema)

    def __repr__(self) -> str:
        head = "\n".join(str(r) for r in self.arrow.slice(0, 10).to_pylist())
        return f"<Frame of {len(self)} rows: {', '.join(self.columns)}>\n{head}"

    def _repr_html_(self) -> str:
        from html import escape

        head = "".join(f"<th>{escape(c)}</th>" for c in self.columns)
        body = "".join(
            "<tr>"
            + "".join(f"<td>{escape('' if v is None else str(v))}</td>" for v in r.values())
            + "</tr>"
            for r in self.arrow.slice(0, 20).to_pylist()
        )
        more = f"<p>{len(self):,} rows, the first 20 shown</p>" if len(self) > 20 else ""
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{more}"
