"""Report: one HTML file that says what was asked, what came out and how to make it again.

It opens from disk without a network, in the light and in the dark, on a phone and on paper. Charts are static SVG,
described in Vega-Lite and drawn when the report is written (by vl-convert, which needs no browser). Interactive charts
would put a megabyte of script into every report and would need it to run; static ones need none, so that a
Content-Security-Policy can forbid all scripts (what models wrote stands on the page), printing and previewing work, and
a report stays small. What a pointer would tell stands in tables. Each chart is drawn in two widths; the page shows the
one that fits. Altair, which writes the same Vega-Lite from Python, made drawing twice as slow, and its types differ
between the versions that are allowed.

Without the extra `report` (vl-convert) the page has its tables and says that the charts are missing.
"""

from __future__ import annotations

import os
from pathlib import Path

from mores.record import Record
from mores.study import Study

__all__ = ["html", "write"]


def html(record: Record, study: Study) -> str:
    """The report of a record as the text of one HTML page; `study` is the design that made it."""
    from mores.report.page import page

    return page(record, study)


def write(record: Record, study: Study, path: str | os.PathLike[str]) -> Path:
    """Write the report to a file (a directory gets `report.html`); its path. Raises StorageError."""
    from mores.errors import StorageError

    place = Path(path)
    if place.is_dir():
        place = place / "report.html"
    text = html(record, study)
    beside = place.with_name(place.name + ".tmp")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        beside.write_text(text, encoding="utf-8")
        os.replace(beside, place)
    except OSError as error:
        raise StorageError(
            f"{place} cannot be written ({error.strerror}); choose another place for the report"
        ) from error
    return place
