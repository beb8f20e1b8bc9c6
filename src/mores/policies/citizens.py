"""Citizens: rules for societies in which people choose partners, play a dilemma and may punish.

They act in the roles "player" (0 cooperate, 1 defect), "punisher" (0 pass, 1 punish) and "selector" (a seat).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import DTypeLike, NDArray

from mores.actions import Actions, Choice
from mores.agent import Memory, Rule, draws
from mores.chance import Chance, threshold
from mores.errors import BadValue, DoesNotFit
from mores.world import Array, Events, Rows, Turn

ROLES = ("selector", "player", "punisher")
EDGES = np.array([-5.0, -0.5, 0.5, 5.0], np.float32)
"""Where reputations are cut: below -5, to -0.5, to 0.5, to 5, above."""
LEVELS = len(EDGES) + 2
"""How many reputations are told apart, the unknown one among them."""
SEATS = 32
"""Among how many partners a learner can choose where there are no reputations."""


@dataclass(frozen=True)
class Citizen(Rule):
    """Always cooperates or always defects, and punishes by rule; chooses partners at random.

    `cooperates`: what it plays. `punishes`: "nobody", "defectors", "cooperators" or "everybody".
    """

    cooperates: bool = True
    punishes: str = "nobody"

    name: ClassVar[str] = "citizen"
    source: ClassVar[str] = "Fehr and Gächter 2002, Nature 415"
    roles: ClassVar[tuple[str, ...]] = ROLES

    def __post_init__(self) -> None:
        if self.punishes not in ("nobody", "defectors", "cooperators", "everybody"):
            raise BadValue("punishes", self.punishes, "nobody, defectors, cooperators or everybody")

    @property
    def label(self) -> str:
        does = "cooperates" if self.cooperates else "defects"
        return f"{self.name}:{does},punishes={self.punishes}"

    def act(self, turn: Turn, memory: Memory, chance: Chance) -> Actions:
        if turn.role == "selector":
            return turn.spaces.sample(draws(chance, "partner", turn)[:, None], turn.mask)
        if turn.role != "punisher":
            return np.full(len(turn), 0 if self.cooperates else 1, np.int8)
        good = turn.observation["gave"] >= 0.5
        hit = {"defectors": ~good, "cooperators": good, "everybody": good | ~good}.get(
            self.punishes, good & ~good
        )
        return hit.astype(np.int8)


@dataclass(frozen=True)
class PunishmentLearner(Rule):
    """Learns whom to choose, how to play and whom to punish, each in a small table of values (Q-learning).

    What is learnt from is the change of its own `wealth`: for a play, until its next play; for a punishment, until it
    next acts; for the choice of a partner, until the season closes (event `score`). States: for a play the other's
    last choice and level of reputation; for a punishment what was done and the punished one's level; partners are
    valued by their level, or each by itself where there are no reputations (then at most 32). Explores with a
    probability that begins at `epsilon` and shrinks by `decay` with every play down to `least`.

    The tabular counterpart of the three networks of Dasgupta and Musolesi 2023 (arXiv 2301.08278; gamma .9, epsilon
    from .8889); the rates are those of tables, not of networks.
    """

    gamma: float = 0.9
    select_rate: float = 0.05
    play_rate: float = 0.1
    punish_rate: float = 0.1
    epsilon: float = 0.8889
    least: float = 0.01
    decay: float = 0.9995

    name: ClassVar[str] = "punishment-learner"
    source: ClassVar[str] = "Dasgupta and Musolesi 2023, arXiv 2301.08278"
    roles: ClassVar[tuple[str, ...]] = ROLES
    fields: ClassVar[Mapping[str, tuple[DTypeLike, tuple[int, ...]]]] = {
        "epsilon": (np.float32, ()),
        "play": (np.float32, (3 * LEVELS, 2)),
        "play_at": (np.int16, ()),
        "play_held": (np.float32, ()),
        "punish": (np.float32, (2 * LEVELS, 2)),
        "punish_at": (np.int16, ()),
        "punish_held": (np.float32, ()),
        "punish_open": (np.bool_, ()),
        "select": (np.float32, (SEATS,)),
        "select_at": (np.int16, ()),
        "select_held": (np.float32, ()),
    }

    def __post_init__(self) -> None:
        for field in (
            "gamma",
            "select_rate",
            "play_rate",
            "punish_rate",
            "epsilon",
            "least",
            "decay",
        ):
            if not 0 <= getattr(self, field) <= 1:
                raise BadValue(field, getattr(self, field), "a number from 0 to 1")

    def start(self, memory: Memory, chance: Chance) -> None:
        memory["epsilon"][:] = self.epsilon
        for role in ("play", "punish", "select"):
            memory[f"{role}_at"][:] = -1

    # ---------------------------------------------------------------- acting
    def act(self, turn: Turn, memory: Memory, chance: Chance) -> Actions:
        if "wealth" not in turn.observation:
            raise DoesNotFit(f"{self.name} learns from `wealth`, which this world does not show")
        rows, wealth = turn.all_rows, turn.observation["wealth"]
        _close_punishments(memory, rows, wealth)
        if turn.role == "selector":
            return self._select(turn, memory, chance, rows, wealth)
        if turn.role == "punisher":
            did = (turn.observation["gave"] < 0.5).astype(np.int64)
            state = did * LEVELS + _level(turn.observation.get("image"), len(rows))
            return self._choose("punish", self.punish_rate, turn, memory, chance, state)
        last = turn.observation["other_last"].astype(np.int64) + 1
        state = last * LEVELS + _level(turn.observation.get("image"), len(rows))
        shrunk = memory["epsilon"].reshape(-1)[rows] * np.float32(self.decay)
        actions = self._choose("play", self.play_rate, turn, memory, chance, state)
        memory["epsilon"].reshape(-1)[rows] = np.maximum(shrunk, np.float32(self.least))
        return actions

    def _choose(
        self,
        what: str,
        rate: float,
        turn: Turn,
        memory: Memory,
        chance: Chance,
        state: NDArray[np.int64],
    ) -> Actions:
        """Learn from the last decision of this kind, then take the better of two options or explore."""
        rows, wealth = turn.all_rows, turn.observation["wealth"]
        values = _flat(memory[what])
        best = values[rows, state].max(1)
        gain = _flat(memory[f"{what}_held"])[rows] if what == "punish" else None
        _learn(memory, what, rows, wealth, rate, np.float32(self.gamma) * best, gain)
        now = values[rows, state]
        coin = (draws(chance, "arm", turn) & np.uint32(1)).astype(np.int8)
        greedy = np.where(now[:, 0] == now[:, 1], coin, now[:, 1] > now[:, 0])
        actions = np.where(self._explores(turn, memory, chance, rows), coin, greedy).astype(np.int8)
        _flat(memory[f"{what}_at"])[rows] = 2 * state + actions
        _flat(memory[f"{what}_held"])[rows] = wealth
        if what == "punish":
            _flat(memory["punish_open"])[rows] = True
        return actions

    def _select(
        self, turn: Turn, memory: Memory, chance: Chance, rows: Rows, wealth: Array
    ) -> Actions:
        space, images = turn.spaces, turn.observation.get("images")
        assert isinstance(space, Choice) and turn.mask is not None
        if images is None and turn.seats > SEATS:
            raise DoesNotFit(
                f"{self.name} can choose among {SEATS} partners without reputations, not {turn.seats}"
            )
        level = (
            _level(images, 0)
            if images is not None
            else np.tile(np.arange(turn.seats), (len(rows), 1))
        )
        value = np.take_along_axis(_flat(memory["select"])[rows], level, axis=1)
        value = np.where(turn.mask, value, -np.inf)
        _learn(
            memory, "select", rows, wealth, self.select_rate, np.float32(self.gamma) * value.max(1)
        )
        words = draws(chance, "partner", turn)[:, None]
        greedy = space.sample(words, value == value.max(1, keepdims=True))
        explores = self._explores(turn, memory, chance, rows)
        actions = np.where(explores, space.sample(words, turn.mask), greedy).astype(np.int8)
        _flat(memory["select_at"])[rows] = level[np.arange(len(rows)), actions]
        _flat(memory["select_held"])[rows] = wealth
        return actions

    def _explores(
        self, turn: Turn, memory: Memory, chance: Chance, rows: Rows
    ) -> NDArray[np.bool_]:
        p = threshold(_flat(memory["epsilon"])[rows])
        found: NDArray[np.bool_] = draws(chance, "explore", turn) < p
        return found

    # ---------------------------------------------------------------- the end of a season
    def notice(self, events: Sequence[Events], memory: Memory, seats: int) -> None:
        for event in events:
            if event.kind != "score" or event.value is None:
                continue
            rows = (
                np.arange(len(event.value), dtype=np.int32) if event.actor is None else event.actor
            )
            wealth = event.value.astype(np.float32)
            _close_punishments(memory, rows, wealth)
            rates = {"play": self.play_rate, "punish": self.punish_rate, "select": self.select_rate}
            for what, rate in rates.items():
                gain = _flat(memory["punish_held"])[rows] if what == "punish" else None
                _learn(memory, what, rows, wealth, rate, np.zeros(len(rows), np.float32), gain)
                _flat(memory[f"{what}_at"])[rows] = -1


def _flat(column: Array) -> Array:
    """A memory by flat row; a view."""
    return column.reshape(-1, *column.shape[2:])


def _level(image: Array | None, m: int) -> NDArray[np.int64]:
    """Reputations as levels; 0 is the unknown one."""
    if image is None:
        return np.zeros(m, np.int64)
    level = 1 + np.searchsorted(EDGES, image, side="right")
    return np.where(np.isnan(image), 0, level).astype(np.int64)


def _close_punishments(memory: Memory, rows: Rows, wealth: Array) -> None:
    """What a punishment brought is the change until its author acts again; `punish_held` then keeps that change."""
    open_, held = _flat(memory["punish_open"]), _flat(memory["punish_held"])
    y = np.flatnonzero(open_[rows])
    held[rows[y]] = wealth[y] - held[rows[y]]
    open_[rows[y]] = False


def _learn(
    memory: Memory,
    what: str,
    rows: Rows,
    wealth: Array,
    rate: float,
    later: Array,
    gain: Array | None = None,
) -> None:
    """Move the value of the last decision towards its gain and what is to come."""
    at = _flat(memory[f"{what}_at"])[rows]
    y = np.flatnonzero(at >= 0)
    if len(y) == 0:
        return
    got = wealth[y] - _flat(memory[f"{what}_held"])[rows[y]] if gain is None else gain[y]
    values = memory[what].reshape(memory[what].shape[0] * memory[what].shape[1], -1)
    cell = (rows[y], at[y])
    values[cell] += np.float32(rate) * (got + later[y] - values[cell])
