"""Specs that hold commas: put together again after a list was cut at its commas."""

from __future__ import annotations

from collections.abc import Sequence


def rejoined(parts: Sequence[str]) -> tuple[str, ...]:
    """Specs such as `2x2:6,7` or `memory-one:0.9,0.1,0.9,0.1`, which a list separated by commas tore apart.

    A number, or `field=value`, that follows a part with a colon belongs to it.
    """
    out: list[str] = []
    for part in parts:
        if out and ":" in out[-1] and (_is_number(part) or "=" in part.partition(":")[0]):
            out[-1] += f",{part}"
        else:
            out.append(part)
    return tuple(out)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
