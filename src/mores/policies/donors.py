"""Donors: rules for the donor game, alone or under reputation and punishment.

A donor thinks in shares of what it holds. :func:`gift` turns shares into actions of the turn's space, also where
one may punish instead of giving. In a punisher's turn those who give unconditionally pass.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import DTypeLike, NDArray

from mores.actions import Actions, Columns, OneOf
from mores.agent import Memory, Rule
from mores.chance import Chance
from mores.errors import BadValue
from mores.policies.givers import give
from mores.world import Born, Turn

Shares = NDArray[np.float32]
ROLES = ("donor", "punisher")
_HALF = np.float32(0.5)
_KNOWN = np.float32(0.5)  # what a stranger is taken for


def gift(
    turn: Turn, share: Shares, punish: NDArray[np.bool_] | None = None, spend: float = 0.0
) -> Actions:
    """Shares [m] as actions; where one may punish instead, `punish` says who does and `spend` how much of its own."""
    space = turn.spaces
    if not isinstance(space, OneOf):
        return give(space, share)
    tag = np.zeros(len(share), np.int8) if punish is None else punish.astype(np.int8)
    fields: dict[str, Any] = {"give": share, "punish": np.full(len(share), spend, np.float32)}
    return Columns(fields, tag)


def passes(turn: Turn) -> Actions:
    """Nobody punishes."""
    return np.zeros(len(turn), np.int8)


def image_of(turn: Turn, unknown: float = 0.5) -> Shares:
    """The partners' reputations, [m]; `unknown` where nothing is known or no reputation is kept."""
    seen = turn.observation.get("image")
    if seen is None:
        return np.full(len(turn), unknown, np.float32)
    return np.where(np.isnan(seen), np.float32(unknown), seen)


def _within(field: str, value: float) -> None:
    if not 0 <= value <= 1:
        raise BadValue(field, value, "a number from 0 to 1")


@dataclass(frozen=True)
class FixedDonor(Rule):
    """Always gives the same share of what it holds, and never punishes."""

    share: float = 0.5

    name: ClassVar[str] = "fixed-donor"
    source: ClassVar[str] = "Vallinder and Hughes 2024, arXiv 2412.10270"
    roles: ClassVar[tuple[str, ...]] = ROLES
    stochastic: ClassVar[bool] = False

    def __post_init__(self) -> None:
        _within("share", self.share)

    @property
    def label(self) -> str:
        return f"{self.name}:{self.share:g}" if self.name == "fixed-donor" else self.name

    def act(self, turn: Turn, memory: Memory, chance: Chance) -> Actions:
        if turn.role == "punisher":
            return passes(turn)
        return gift(turn, np.full(len(turn), self.share, np.float32))


@dataclass(frozen=True)
class AllGive(FixedDonor):
    """Always gives everything, and never punishes: the ceiling of the donor game."""

    share: float = 1.0

    name: ClassVar[str] = "all-give"


@dataclass(frozen=True)
class AllKeep(FixedDonor):
    """Never gives anything, and never punishes: the floor of the donor game."""

    share: float = 0.0

    name: ClassVar[str] = "all-keep"


@dataclass(frozen=True)
class ImageScorer(Rule):
    """Gives `share` to those with a reputation of at least `least`, nothing to others; strangers are given to.

    The discriminator of Nowak and Sigmund 1998 (there: image score of at least 0). Punishes those who gave less than
    `punish_below` when it may punish (0: nobody).
    """

    least: float = 0.5
    share: float = 1.0
    punish_below: float = 0.0

    name: ClassVar[str] = "image-scorer"
    source: ClassVar[str] = "Nowak and Sigmund 1998, Nature 393"
    roles: ClassVar[tuple[str, ...]] = ROLES
    stochastic: ClassVar[bool] = False

    def __post_init__(self) -> None:
        _within("share", self.share)

    @property
    def label(self) -> str:
        return f"{self.name}:{self.least:g}"

    def act(self, turn: Turn, memory: Memory, chance: Chance) -> Actions:
        if turn.role == "punisher":
            return (turn.observation["gave"] < self.punish_below).astype(np.int8)
        worthy = image_of(turn, np.inf) >= np.float32(self.least)
        return gift(turn, np.where(worthy, np.float32(self.share), np.float32(0)))


@dataclass(frozen=True)
class Standing(ImageScorer):
    """Gives to those in good standing, nothing to others; made for `Reputation(rule="standing")`.

    Sugden 1986; Leimar and Hammerstein 2001: refusing the bad does not cost one's own standing.
    """

    name: ClassVar[str] = "standing"
    source: ClassVar[str] = "Leimar and Hammerstein 2001, Proceedings of the Royal Society B 268"

    @property
    def label(self) -> str:
        return self.name


@dataclass(frozen=True)
class EvolvingDonor(Rule):
    """A strategy of three numbers that children inherit with small errors.

    Gives `a + b * (image - 0.5)`, cut to 0..1, where strangers count as 0.5; punishes who gave less than `c` (or,
    where one may punish instead of giving, those whose image is below `c`, with one tenth of its own). The numbers
    are drawn at first: `a` up to 0.5, `b` up to 1, `c` up to 0.2; a child's are its parent's with a normal error of
    `sd`, cut to 0..1. Under top-half selection this is the numeric counterpart of the written strategies of
    Vallinder and Hughes 2024.
    """

    sd: float = 0.05

    name: ClassVar[str] = "evolving-donor"
    source: ClassVar[str] = "Vallinder and Hughes 2024, arXiv 2412.10270 (numeric counterpart)"
    roles: ClassVar[tuple[str, ...]] = ROLES
    stochastic: ClassVar[bool] = True
    fields: ClassVar[Mapping[str, tuple[DTypeLike, tuple[int, ...]]]] = {
        "a": (np.float32, ()),
        "b": (np.float32, ()),
        "c": (np.float32, ()),
    }
    start_high: ClassVar[Mapping[str, float]] = {"a": 0.5, "b": 1.0, "c": 0.2}

    def __post_init__(self) -> None:
        if not self.sd >= 0:
            raise BadValue("sd", self.sd, "at least 0")

    def start(self, memory: Memory, chance: Chance) -> None:
        for gene, high in self.start_high.items():
            column = memory[gene]
            np.multiply(chance.uniform(gene, column.shape[1]), np.float32(high), out=column)

    def act(self, turn: Turn, memory: Memory, chance: Chance) -> Actions:
        if turn.role == "punisher":
            return (turn.observation["gave"] < _of(memory["c"], turn)).astype(np.int8)
        share = _of(memory["a"], turn)
        image = turn.observation.get("image")
        if image is not None:
            away = image - _HALF
            if np.isnan(np.add.reduce(away)):
                np.nan_to_num(
                    away, copy=False, nan=float(_KNOWN - _HALF), posinf=np.inf, neginf=-np.inf
                )
            away *= _of(memory["b"], turn)
            share += away
        np.minimum(share, np.float32(1), out=share)
        np.maximum(share, np.float32(0), out=share)
        if isinstance(turn.spaces, OneOf):
            return gift(turn, share, image_of(turn) < _of(memory["c"], turn), 0.1)
        return share

    def born(self, memory: Memory, born: Born, chance: Chance) -> None:
        parent = born.parent if born.parent.ndim == 1 else born.parent[:, 0]
        for gene in self.start_high:
            column = memory[gene]
            error = chance.normal(gene, column.shape[1]).reshape(-1).take(born.child)
            error *= np.float32(self.sd)
            flat = column.reshape(-1)
            error += flat.take(parent)
            flat[born.child] = np.clip(error, 0, 1)


def _of(column: NDArray[np.float32], turn: Turn) -> NDArray[np.float32]:
    """What the rows of a turn remember, as a copy."""
    flat = column.reshape(-1)
    return flat.copy() if turn.rows is None else flat.take(turn.rows)
