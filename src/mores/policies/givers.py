"""Givers: rules for games in which one decides how much another gets.

A giver thinks in shares of what it has, 0 to 1. :func:`give` turns shares into actions of whatever space the
turn has: an amount is that share of its range, rounded to the space's step; a :class:`~mores.actions.Choice` is its
first option (contribute) from a share of one half on, else its second (keep). As responders givers accept every
offer of at least `accept` of the whole, and where they state a limit it is `accept`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from mores.actions import Actions, Allocation, Amount, Choice, Space
from mores.agent import Memory, Rule
from mores.chance import Chance
from mores.errors import BadValue, DoesNotFit
from mores.world import Turn

if TYPE_CHECKING:
    from mores.instrument import Item

Shares = NDArray[np.float32]
GIVING = ("dictator", "proposer", "investor", "trustee", "contributor", "donor")
CONTRIBUTING = ("contributor",)
_TINY = np.float32(1e-6)  # an offer of 0.3 in single precision still meets a limit of 0.3


def give(space: Space, share: Shares, down: bool = False) -> Actions:
    """Shares [m] as actions; `down` rounds to the step below instead of the nearest one. NaN gives a missing action."""
    if isinstance(space, Choice):
        choice = np.where(share >= 0.5, 0, 1).astype(np.int8)
        choice[np.isnan(share)] = -1
        return choice
    if not isinstance(space, Amount):
        raise DoesNotFit(f"a giver needs an Amount or a Choice to act, not {type(space).__name__}")
    span = space.high - space.low
    if space.step is None:
        return np.float32(space.low) + share * np.float32(span)
    steps = share.astype(np.float64) * (span / space.step)
    whole = np.floor(steps + 1e-6) if down else np.rint(steps)
    return (space.low + whole * space.step).astype(np.float32)


def respond(turn: Turn, accept: Shares | float) -> Actions:
    """Accept offers of at least `accept` (a share of the whole), or state that as the limit."""
    if isinstance(turn.spaces, Choice):
        offer = turn.observation["offer"]
        return (offer + _TINY >= accept).astype(np.int8)
    return give(turn.spaces, np.broadcast_to(np.asarray(accept, np.float32), len(turn)))


def answer_share(item: Item, share: Shares) -> Actions:
    """What someone who gives these shares says to an item about giving (attribute `construct` is "giving").

    An amount is that share of its range; an allocation gives it to all parts but the first (oneself), equally; of a
    choice, whose options run from the least to the most giving, it is the nearest. Other items go unanswered.
    """
    space, m = item.space, len(share)
    if item.attributes.get("construct") != "giving":
        return space.empty(m)
    if isinstance(space, Amount):
        return give(space, share)
    if isinstance(space, Choice):
        return np.rint(share * (len(space.options) - 1)).astype(np.int8)
    if isinstance(space, Allocation) and len(space.parts) > 1:
        out = np.empty((m, len(space.parts)), np.float32)
        out[:, 0] = (1 - share) * space.budget
        out[:, 1:] = (share * space.budget / (len(space.parts) - 1))[:, None]
        return out
    return space.empty(m)


def _share(field: str, value: float) -> None:
    if not 0 <= value <= 1:
        raise BadValue(field, value, "a share from 0 to 1")


@dataclass(frozen=True)
class FixedGiver(Rule):
    """Always gives the same share of what it has (or of what it received).

    The unconditional player of public goods experiments (Fischbacher, Gächter and Fehr 2001).
    """

    share: float = 0.5
    accept: float = 0.0

    name: ClassVar[str] = "fixed-giver"
    source: ClassVar[str] = "Fischbacher, Gächter and Fehr 2001, Economics Letters 71"
    roles: ClassVar[tuple[str, ...]] = (*GIVING, "responder")
    stochastic: ClassVar[bool] = False

    def __post_init__(self) -> None:
        _share("share", self.share)
        _share("accept", self.accept)

    @property
    def label(self) -> str:
        return f"{self.name}:{self.share:g}" if self.name == "fixed-giver" else self.name

    def act(self, turn: Turn, memory: Memory, chance: Chance) -> Actions:
        if turn.role == "responder":
            return respond(turn, self.accept)
        return give(turn.spaces, np.full(len(turn), self.share, np.float32))

    def answer(self, item: Item, memory: Memory, chance: Chance, seats: int) -> Actions:
        return answer_share(item, np.full(len(chance) * seats, self.share, np.float32))


@dataclass(frozen=True)
class Selfish(FixedGiver):
    """Keeps everything and accepts anything: it wants its own money and does not foresee refusal."""

    share: float = 0.0

    name: ClassVar[str] = "selfish"
    source: ClassVar[str] = "Forsythe et al. 1994, Games and Economic Behavior 6"


@dataclass(frozen=True)
class Fair(FixedGiver):
    """Gives half, and refuses less than half: the equal split."""

    share: float = 0.5
    accept: float = 0.5

    name: ClassVar[str] = "fair"
    source: ClassVar[str] = "Güth et al. 1982, Journal of Economic Behavior & Organization 3"


@dataclass(frozen=True)
class Altruist(FixedGiver):
    """Gives everything and accepts anything."""

    share: float = 1.0

    name: ClassVar[str] = "altruist"
    source: ClassVar[str] = "Andreoni and Miller 2002, Econometrica 70"


@dataclass(frozen=True)
class FreeRider(FixedGiver):
    """Contributes nothing to a public good."""

    share: float = 0.0

    name: ClassVar[str] = "free-rider"
    roles: ClassVar[tuple[str, ...]] = CONTRIBUTING


@dataclass(frozen=True)
class SubgamePerfect(FixedGiver):
    """The subgame-perfect equilibrium of players who want money only, played once.

    Dictators, investors, trustees, donors and contributors give nothing (contributors: while the marginal per-capita
    return is below 1); proposers offer the smallest positive amount (nothing, where amounts have no step),
    responders accept whatever is more than nothing.
    """

    share: float = 0.0

    name: ClassVar[str] = "subgame-perfect"
    source: ClassVar[str] = "Rubinstein 1982, Econometrica 50; Güth et al. 1982"

    def act(self, turn: Turn, memory: Memory, chance: Chance) -> Actions:
        space = turn.spaces
        smallest = 0.0
        if isinstance(space, Amount) and space.step is not None:
            smallest = space.step / (space.high - space.low)
        if turn.role == "responder" and isinstance(space, Choice):
            return (turn.observation["offer"] > 0).astype(np.int8)
        share = smallest if turn.role in ("proposer", "responder") else 0.0
        return give(space, np.full(len(turn), share, np.float32))


@dataclass(frozen=True)
class ThresholdResponder(Rule):
    """Accepts offers of at least a share of the whole, rejects what is below (ultimatum)."""

    accept: float = 0.3

    name: ClassVar[str] = "threshold-responder"
    source: ClassVar[str] = "Güth et al. 1982, Journal of Economic Behavior & Organization 3"
    roles: ClassVar[tuple[str, ...]] = ("responder",)
    stochastic: ClassVar[bool] = False

    def __post_init__(self) -> None:
        _share("accept", self.accept)

    @property
    def label(self) -> str:
        return f"{self.name}:{self.accept:g}"

    def act(self, turn: Turn, memory: Memory, chance: Chance) -> Actions:
        return respond(turn, self.accept)


@dataclass(frozen=True)
class ConditionalCooperator(Rule):
    """Contributes what the others did: those before it in this round, else the average of the last round.

    `slope` times their share, at most everything; `first` where nothing is known yet. People are imperfect conditional
    cooperators with a slope below 1 (Fischbacher, Gächter and Fehr 2001: about half of all participants).
    """

    first: float = 1.0
    slope: float = 1.0

    name: ClassVar[str] = "conditional-cooperator"
    source: ClassVar[str] = "Fischbacher, Gächter and Fehr 2001, Economics Letters 71"
    roles: ClassVar[tuple[str, ...]] = CONTRIBUTING
    stochastic: ClassVar[bool] = False

    def __post_init__(self) -> None:
        _share("first", self.first)
        if self.slope < 0:
            raise BadValue("slope", self.slope, "at least 0")

    def schedule(self, others: Shares) -> Shares:
        """Own share for each share of the others."""
        own: Shares = np.minimum(others * np.float32(self.slope), np.float32(1))
        return own

    def act(self, turn: Turn, memory: Memory, chance: Chance) -> Actions:
        others = turn.observation["others_last"]
        if "gave" in turn.observation:
            now = turn.observation["gave"]
            others = np.where(np.isnan(now), others, now)
        share = np.where(np.isnan(others), np.float32(self.first), self.schedule(others))
        return give(turn.spaces, share)


@dataclass(frozen=True)
class Humped(ConditionalCooperator):
    """Matches the others up to one half, then gives less the more they give ("hump-shaped" contributors)."""

    first: float = 0.5

    name: ClassVar[str] = "humped"

    def schedule(self, others: Shares) -> Shares:
        own: Shares = np.minimum(
            np.minimum(others, 1 - others) * np.float32(self.slope), np.float32(1)
        )
        return own


@dataclass(frozen=True)
class TraitGiver(Rule):
    """Gives the share that its trait `giving` says, with execution noise.

    Memory `giving` float32 [table, seat] is set from `Population.traits["giving"]`, is 0 if nothing sets it, and is
    what persona evolution rewrites. `noise` is the standard deviation of keyed normal noise added to the share, which
    is then clipped to [0, 1]. As a responder it accepts what it would give.

    The agent of the giving study in the spirit of persona evolution (PEBA/PEvo), with a number for the persona.
    """

    noise: float = 0.05

    name: ClassVar[str] = "trait-giver"
    source: ClassVar[str] = "PEBA/PEvo: persona evolution, with one number as the persona"
    roles: ClassVar[tuple[str, ...]] = (*GIVING, "responder")
    fields: ClassVar[dict[str, Any]] = {"giving": (np.float32, ())}
    stochastic: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if self.noise < 0:
            raise BadValue("noise", self.noise, "at least 0")

    def shares(self, turn: Turn, memory: Memory, chance: Chance) -> Shares:
        """What each row gives: its trait, plus noise."""
        share = memory["giving"].reshape(-1)[turn.all_rows]
        if self.noise > 0:
            noise = chance.normal("noise", turn.seats).reshape(-1)[turn.all_rows]
            share = np.clip(share + np.float32(self.noise) * noise, 0, 1)
        return share.astype(np.float32)

    def act(self, turn: Turn, memory: Memory, chance: Chance) -> Actions:
        share = self.shares(turn, memory, chance)
        return respond(turn, share) if turn.role == "responder" else give(turn.spaces, share)

    def answer(self, item: Item, memory: Memory, chance: Chance, seats: int) -> Actions:
        return answer_share(item, np.clip(memory["giving"].reshape(-1), 0, 1).astype(np.float32))
