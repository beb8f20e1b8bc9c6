"""Memory: what a mind is shown of the past, and what is left out.

A :class:`Recollection` makes of what a seat has heard the thread in which it thinks. By spec:

==========================  ==================================================================================
`all`, `all/8000`           everything; with a budget in characters (`2000t`: about tokens) the oldest lines go
`none`                      the standing rules alone
`window/20`                 the last 20 lines
`summary/4000/8`            above 4,000 characters all but the last 8 lines are summed up by whoever thinks
`retrieval/10/4`            the last 4 lines, and of the others the 10 that matter most now
==========================  ==================================================================================

What was left out is said in the prompt and counted in `seat.mind["memory"]`, which is plain data.
"""

from __future__ import annotations

from collections.abc import Callable

from mores.errors import BadValue, UnknownName
from mores.minds.memory.recollection import All, Budget, Nothing, Recollection, Window
from mores.minds.memory.retrieval import Retrieval
from mores.minds.memory.summary import Summary

__all__ = [
    "All",
    "Budget",
    "Nothing",
    "Recollection",
    "Retrieval",
    "Summary",
    "Window",
    "recollection",
]

_MADE: dict[str, Callable[..., Recollection]] = {
    "all": lambda budget="0": All(Budget.read(budget)),
    "none": Nothing,
    "window": lambda lines="20", budget="0": Window(int(lines), Budget.read(budget)),
    "summary": lambda budget="4000", keep="8": Summary(Budget.read(budget), int(keep)),
    "retrieval": lambda top="10", recent="4", importance="heuristic": Retrieval(
        int(top), int(recent), importance=importance
    ),
}


def recollection(spec: Recollection | str) -> Recollection:
    """The memory that a spec means, `name` or `name/value/value`; one that is already made is returned.

    Raises UnknownName for a name that does not exist, BadValue for values that it cannot take.
    """
    if isinstance(spec, Recollection):
        return spec
    name, *values = (part.strip() for part in spec.split("/"))
    if name not in _MADE:
        raise UnknownName("memory", name, _MADE)
    try:
        return _MADE[name](*values)
    except (TypeError, ValueError):
        raise BadValue(
            "memory", spec, "for example all/8000, window/20, summary/4000/8 or retrieval/10/4"
        ) from None
