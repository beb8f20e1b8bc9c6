"""Strategies that count: longer and longer punishment, noise-tolerant tit for tat, what has paid best."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from mores.agent import Memory
from mores.chance import Chance
from mores.policies.strategies.base import (
    AXELROD_1980A,
    LI_2011,
    Choices,
    Fields,
    PlainStrategy,
    known_payoffs,
    seat_of,
)
from mores.world import Turn


@dataclass(frozen=True)
class Gradual(PlainStrategy):
    """Answers the other's n-th defection with n defections and then two cooperations."""

    name = "gradual"
    source = "Beaufils, Delahaye and Mathieu 1997, Our Meeting with Gradual"
    fields: ClassVar[Fields] = {
        "punish": (np.int32, ()),
        "calm": (np.int8, ()),
        "seen": (np.int32, ()),
    }

    def move(
        self, own: Choices, other: Choices, memory: Memory, turn: Turn, chance: Chance
    ) -> Choices:
        punish, calm, seen = memory["punish"], memory["calm"], memory["seen"]
        seen += other
        punishing = punish > 0
        calming = ~punishing & (calm > 0)
        provoked = ~punishing & ~calming & (other == 1)
        punish -= punishing
        calm -= calming
        np.copyto(punish, seen - 1, where=provoked)
        np.copyto(calm, 2, where=provoked)
        defects: Choices = (punishing | provoked).view(np.int8)
        return defects


@dataclass(frozen=True)
class OriginalGradual(PlainStrategy):
    """As gradual, but defections while it punishes or calms down do not lengthen the next punishment."""

    name = "original-gradual"
    source = "Beaufils, Delahaye and Mathieu 1997, Our Meeting with Gradual"
    fields: ClassVar[Fields] = {
        "punish": (np.int32, ()),
        "calm": (np.int8, ()),
        "limit": (np.int32, ()),
    }

    def move(
        self, own: Choices, other: Choices, memory: Memory, turn: Turn, chance: Chance
    ) -> Choices:
        punish, calm, limit = memory["punish"], memory["calm"], memory["limit"]
        punishing = punish > 0
        calming = ~punishing & (calm > 0)
        provoked = ~punishing & ~calming & (other == 1)
        limit += provoked
        punish -= punishing
        calm -= calming
        np.copyto(punish, limit - 1, where=provoked)
        np.copyto(calm, 2, where=provoked)
        defects: Choices = (punishing | provoked).view(np.int8)
        return defects


@dataclass(frozen=True)
class Shubik(PlainStrategy):
    """Answers the n-th departure from mutual cooperation with n defections (Martin Shubik's entry)."""

    name = "shubik"
    source = AXELROD_1980A
    fields: ClassVar[Fields] = {"punish": (np.int32, ()), "length": (np.int32, ())}

    def move(
        self, own: Choices, other: Choices, memory: Memory, turn: Turn, chance: Chance
    ) -> Choices:
        punish, length = memory["punish"], memory["length"]
        punishing = punish > 0
        provoked = ~punishing & (other == 1) & (own == 0)
        length += provoked
        punish -= punishing
        np.copyto(punish, length - 1, where=provoked)
        defects: Choices = (punishing | provoked).view(np.int8)
        return defects


@dataclass(frozen=True)
class OmegaTitForTat(PlainStrategy):
    """Tit for tat that breaks deadlocks of alternating defection and gives up on those who play at random."""

    name = "omega-tit-for-tat"
    source = "Slany and Kienreich 2007, in The Iterated Prisoners' Dilemma: 20 Years On"
    fields: ClassVar[Fields] = {
        "played": (np.int32, ()),
        "before": (np.int8, ()),
        "dead": (np.int16, ()),
        "odd": (np.int32, ()),
    }
    deadlock: int = 3
    """How many alternations make a deadlock."""
    randomness: int = 8
    """From which count of oddities on it always defects."""

    def move(
        self, own: Choices, other: Choices, memory: Memory, turn: Turn, chance: Chance
    ) -> Choices:
        played, before = memory["played"], memory["before"]
        dead, odd = memory["dead"], memory["odd"]
        played += 1
        early = played == 1
        stuck = ~early & (dead >= self.deadlock)
        usual = ~early & ~stuck
        changed = other != before
        odd -= usual & (other == 0) & (before == 0)
        odd += (usual & changed).astype(np.int32) + (usual & (own != other))
        given_up = usual & (odd >= self.randomness)
        copies = usual & ~given_up
        ends = dead == self.deadlock
        dead[:] = np.where(
            stuck, np.where(ends, dead + 1, 0), np.where(copies & changed, dead + 1, dead)
        )
        dead[copies & ~changed] = 0
        before[:] = other
        return np.where(stuck, 0, np.where(given_up, 1, other)).astype(np.int8)


@dataclass(frozen=True)
class Adaptive(PlainStrategy):
    """Plays CCCCCCDDDDD, then in each round the move that has earned more points in all; defects at a tie."""

    name = "adaptive"
    source = LI_2011
    uses_clock = True
    uses_payoffs = True
    fields: ClassVar[Fields] = {"played": (np.int32, ()), "earned": (np.float32, (2,))}
    cooperate: int = 6
    defect: int = 5

    def move(
        self, own: Choices, other: Choices, memory: Memory, turn: Turn, chance: Chance
    ) -> Choices:
        played, earned = memory["played"], memory["earned"]
        played += 1
        payoffs = np.stack(known_payoffs(self, turn).payoffs)
        earned[np.arange(len(own)), own] += payoffs[seat_of(turn), own, other]
        best = earned[:, 0] <= earned[:, 1]
        opening = self.cooperate + self.defect
        return np.where(played < opening, played >= self.cooperate, best).astype(np.int8)
