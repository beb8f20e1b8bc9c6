"""Action spaces: what may be done or answered, as columns.

Few and typed: :class:`Choice`, :class:`Amount`, :class:`Allocation`, :class:`Ranking`,
:class:`Utterance`, and the two that join them, :class:`Form` (several fields at once) and
:class:`OneOf` (one of several kinds). A batch of m actions is one array with m rows (or
:class:`Columns` of arrays); missing is part of the type: -1, NaN, no text. Each space samples,
validates, says its JSON schema, describes itself in words, reads a reply and maps to a Gymnasium
space.
"""

from __future__ import annotations

from mores.actions.amounts import Allocation, Amount
from mores.actions.base import Actions, Array, Columns, Intern, Space
from mores.actions.joined import Form, OneOf
from mores.actions.options import Choice, Ranking, renamed
from mores.actions.texts import Utterance

__all__ = [
    "Actions", "Allocation", "Amount", "Array", "Choice", "Columns", "Form", "Intern", "OneOf", "Ranking",
    "Space", "Utterance", "renamed",
]  # fmt: skip
