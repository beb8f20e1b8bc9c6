"""Panelists: scripted members of a panel, who keep, hide, change or invent opinions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import DTypeLike, NDArray

from mores.actions import Actions, Choice, Columns, Form
from mores.agent import Memory, Rule, draws
from mores.chance import Chance, below
from mores.errors import DoesNotFit
from mores.policies.talkers import uttered
from mores.world import Turn

Opinions = NDArray[np.int8]


@dataclass(frozen=True)
class PanelSteady(Rule):
    """Draws an opinion and keeps it, in private and before others."""

    name: ClassVar[str] = "panel-steady"
    source: ClassVar[str] = "Baltaji, Hemmatian and Varshney 2024, arXiv 2405.03862 (anchors)"
    roles: ClassVar[tuple[str, ...]] = ("respondent", "speaker", "reflector")
    stochastic: ClassVar[bool] = True
    fields: ClassVar[Mapping[str, tuple[DTypeLike, tuple[int, ...]]]] = {}
    says: ClassVar[str] = "This is how I see it."

    def act(self, turn: Turn, memory: Memory, chance: Chance) -> Actions:
        space = turn.spaces
        letters = dict(space.fields).get("answer") if isinstance(space, Form) else space
        if not isinstance(letters, Choice) or "voiced" not in turn.observation:
            raise DoesNotFit(f"{self.name} sits on panels, but here one answers {space.words()}")
        drawn = below(draws(chance, "opinion", turn), len(letters.options)).astype(np.int8)
        own = turn.observation["own"]
        if turn.role == "respondent":
            return drawn
        held = np.where(own >= 0, own, drawn).astype(np.int8)
        if turn.role == "reflector":
            return self.after(turn, held, drawn)
        answer = self.before_others(turn, held, drawn)
        return Columns({"message": uttered(turn, [self.says] * len(turn)), "answer": answer})

    def before_others(self, turn: Turn, held: Opinions, drawn: Opinions) -> Opinions:
        """What it says it thinks."""
        return held

    def after(self, turn: Turn, held: Opinions, drawn: Opinions) -> Opinions:
        """What it thinks in private in the end."""
        return held


def leading(turn: Turn, held: Opinions) -> Opinions:
    """The opinion voiced most often so far, the first of equal ones; one's own where nobody has spoken."""
    voiced = turn.observation["voiced"]
    return np.where(voiced.sum(1) > 0, voiced.argmax(1), held).astype(np.int8)


@dataclass(frozen=True)
class PanelConformist(PanelSteady):
    """Says what most said before it, and in private returns to its own opinion."""

    name: ClassVar[str] = "panel-conformist"

    def before_others(self, turn: Turn, held: Opinions, drawn: Opinions) -> Opinions:
        return leading(turn, held)


@dataclass(frozen=True)
class PanelPersuaded(PanelConformist):
    """Says what most said before it, and keeps that in private."""

    name: ClassVar[str] = "panel-persuaded"

    def after(self, turn: Turn, held: Opinions, drawn: Opinions) -> Opinions:
        return leading(turn, held)


@dataclass(frozen=True)
class PanelDrifter(PanelSteady):
    """Draws a new opinion every time it is asked: the chance level of every kind of inconstancy."""

    name: ClassVar[str] = "panel-drifter"

    def before_others(self, turn: Turn, held: Opinions, drawn: Opinions) -> Opinions:
        return drawn

    def after(self, turn: Turn, held: Opinions, drawn: Opinions) -> Opinions:
        return drawn
