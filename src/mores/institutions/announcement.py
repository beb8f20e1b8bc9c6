"""Announcement: something is said to everyone, in addition to the rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mores.institution import Institution
from mores.world import State, Turn


@dataclass(frozen=True)
class Announcement(Institution):
    """Adds sentences to what people are told: `text` to the standing rules, `cue` to what they are told at every turn.

    It changes words alone, so that rules play as before: announce the length of a game, what the other does, or that
    others sometimes make mistakes. `to` restricts it to some of them; empty: all.

    Akata et al. 2025, "Playing repeated games with large language models" (arXiv 2305.16867).
    """

    text: str = ""
    cue: str = ""
    to: tuple[int, ...] = ()
    """The seats that are told; empty: all."""

    name: ClassVar[str] = "announcement"
    source: ClassVar[str] = "Akata et al. 2025, Nature Human Behaviour (arXiv 2305.16867)"

    def _told(self, seat: int) -> bool:
        return not self.to or seat in self.to

    def brief(self, state: State, table: int, seat: int) -> str:
        text = self.inner.brief(state.inner, table, seat)
        return f"{text} {self.text}" if self.text and self._told(seat) else text

    def describe(self, state: State, turn: Turn, j: int) -> str:
        text = self.inner.describe(state.inner, turn, j)
        return f"{self.cue} {text}" if self.cue and self._told(turn.row(j)[1]) else text
