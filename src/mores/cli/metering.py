"""Metering: what asking costs while it goes on, and what it came to."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mores.cli import shell

if TYPE_CHECKING:
    from rich.console import RenderableType

    from mores.models.ledger import Account
    from mores.models.meter import Meter
    from mores.record import Record

EVERY = 10.0
"""Seconds between two lines where standard error is no terminal."""


@contextmanager
def progress(
    title: str, quiet: bool, meter: Meter | None
) -> Iterator[Callable[[Any], None] | None]:
    """A progress bar on standard error with the state of the meter; where that is no terminal, a line at times."""
    if quiet:
        yield None
    elif not sys.stderr.isatty():
        with said_at_times(meter):
            yield None
    else:
        with _bar(title, meter) as tell:
            yield tell


@contextmanager
def said_at_times(meter: Meter | None, every: float = EVERY) -> Iterator[None]:
    """Say the state of a meter once in a while, whatever the run waits for."""
    if meter is None:
        yield
        return
    over = threading.Event()

    def say() -> None:
        while not over.wait(every):
            if meter.total.read or meter.under_way:
                shell.note(line(meter))

    thread = threading.Thread(target=say, name="meter", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def line(meter: Meter) -> str:
    """The state of a meter; empty before anything was asked."""
    if not (meter.total.read or meter.under_way):
        return ""
    try:
        return meter.line()
    except RuntimeError:  # a table grew while it was read, from another thread
        return ""


@contextmanager
def _bar(title: str, meter: Meter | None) -> Iterator[Callable[[Any], None]]:
    from rich import progress as bars
    from rich.text import Text

    class Asked(bars.ProgressColumn):
        """What was asked, read anew whenever the bar is drawn."""

        def render(self, task: bars.Task) -> Text:
            return Text("" if meter is None else line(meter))

    columns = (
        bars.TextColumn("{task.description}"),
        bars.BarColumn(bar_width=20),
        bars.MofNCompleteColumn(),
        bars.TextColumn("episodes, {task.fields[steps]:,} steps"),
        bars.TimeRemainingColumn(),
        Asked(),
    )
    with bars.Progress(*columns, console=shell.err(), transient=True) as bar:
        task = bar.add_task(title, total=None, steps=0)
        yield lambda p: bar.update(task, completed=p.done, total=p.total, steps=p.steps)


# ---------------------------------------------------------------- what it came to
def replies(folder: Path) -> int:
    """How many replies a run directory holds."""
    from mores.models.ledger import STORE, Ledger

    if not (folder / STORE).is_file():
        return 0
    with Ledger.open(folder) as ledger:
        return len(ledger.store)


def counted(found: Account, before: int, meter: Meter | None) -> dict[str, Any]:
    """`calls` and `parse_rate` as `--json` has them: made by this command, used from the store, sums over the run."""
    made = found.replies - before
    stored = max(before, 0 if meter is None else meter.total.from_store)
    calls = {
        "made": made,
        "from_store": stored,
        "retried": found.retried,
        "failed": found.failed,
        "prompt_tokens": found.prompt_tokens,
        "completion_tokens": found.completion_tokens,
        "cacheable_share": found.cacheable_share,
    }
    return {"calls": calls, "parse_rate": found.parse_rate}


def shown(record: Record, data: dict[str, Any], meter: Meter | None) -> list[RenderableType]:
    """Calls by role and what they came to, in a terminal; nothing where nobody was asked."""
    from rich.text import Text

    from mores.cli import show
    from mores.models.ledger import STORE, Ledger

    if record.path is None or not (record.path / STORE).is_file():
        return []
    with Ledger.open(record.path) as ledger:
        rows = [_row(r) for r in ledger.roles()]
    if not rows:
        return []
    calls, rate = data["calls"], data["parse_rate"]
    said = [
        f"{calls['made']:,} calls were made, {calls['from_store']:,} replies came from the store"
    ]
    if rate is not None:
        said.append(f"{rate:.1%} of replies could be read")
    if calls["cacheable_share"] is not None:
        said.append(f"a prefix cache could serve {calls['cacheable_share']:.0%} of what was sent")
    if meter is not None and meter.money():
        said.append(meter.money())
    return [show.rows(rows, title="Calls by role"), Text("; ".join(said) + ".")]


def _row(sums: dict[str, Any]) -> dict[str, str]:
    from mores.cli import show

    words = {"prompt_tokens": "tokens in", "completion_tokens": "tokens out"}
    return {
        words.get(k, k): f"{v:,}" if isinstance(v, int) else show.plain(v) for k, v in sums.items()
    }
