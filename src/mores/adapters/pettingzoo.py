"""A world as a PettingZoo parallel environment (extra `games`).

One table is one episode; agents are `seat_0`, `seat_1`... All seats step together, and the world asks whom it asks: the
action of an agent that is not on turn is not read. Conventions:

- **Action.** The Gymnasium space of what a seat may do. A seat that meets several kinds of turn has a `Dict` with one
  entry a role (or `role/2`, where one role has several spaces), of which the entry of the present turn is read. Amounts
  between steps are rounded to the nearest step, allocations scaled to their budget. What is illegal (a closed option,
  None) is a missing action, whose effect the world declares.
- **Observation.** A `Dict`: `turn` is 0 when not on turn, else the number of the kind of turn plus 1; `round` the
  rounds played; every word of the observations as rows of (value, known), (0, 0) where there is none: missing is not
  zero. `action_mask` (int8) is there where the action is one `Choice`; with several, `action_mask/ROLE`.
- **Reward.** What `score` rose by in the step. A world without that port gives 0. Learners cannot take a missing
  score: it adds nothing to the last one known, and the info of the seat says `unscored`.
- **Ends.** All agents terminate when the table is over; nothing is ever truncated.
- **Info.** `text`: what the seat sees in words, where it is on turn. `unscored`: its score is missing.

The kinds of turn of each seat are found by playing the world a few times at random.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from gymnasium import spaces as gym
from pettingzoo import ParallelEnv

from mores.actions import Allocation, Amount, Choice, Form, OneOf, Ranking, Space
from mores.chance import Chance
from mores.errors import DoesNotFit
from mores.world import OVER, Outcome, State, Texts, Turn, World

_PROBES = 8
_STEPS = 10_000


@dataclass
class _Kind:
    """One kind of turn: a role and its space, and the shapes of its observations a seat."""

    label: str
    role: str
    space: Space
    words: dict[str, tuple[int, ...]]


@dataclass
class _Plan:
    """What each seat may meet: found once a world."""

    kinds: list[_Kind] = field(default_factory=list)
    seats: list[set[int]] = field(default_factory=list)

    def kind(self, turn: Turn) -> int:
        """The number of a turn's kind; -1 if it was never met."""
        for k, known in enumerate(self.kinds):
            if known.role == turn.role and known.space == turn.spaces:
                return k
        return -1

    def add(self, turn: Turn) -> None:
        """Note what a turn is and who acts in it."""
        k = self.kind(turn)
        if k < 0:
            k = len(self.kinds)
            again = sum(known.role == turn.role for known in self.kinds)
            label = f"{turn.role}/{again + 1}" if again else turn.role
            words = {w: tuple(v.shape[1:]) for w, v in turn.observation.items()}
            self.kinds.append(_Kind(label, turn.role, turn.spaces, words))
        for row in np.unique(turn.all_rows % turn.seats).tolist():
            self.seats[row].add(k)


def parallel_env(world: World, seed: int = 0) -> WorldEnv:
    """One table of a world as a `pettingzoo.ParallelEnv`; `seed` keys its chance until `reset(seed=...)`."""
    return WorldEnv(world, seed)


class WorldEnv(ParallelEnv[str, dict[str, Any], Any]):  # type: ignore[misc]
    """The environment that :func:`parallel_env` makes; `state_now` is the world's state, a table of one."""

    def __init__(self, world: World, seed: int = 0) -> None:
        self.world = world
        self.metadata = {"name": f"mores_{world.name}", "render_modes": ["ansi"]}
        self.render_mode = "ansi"
        self.possible_agents = [f"seat_{i}" for i in range(world.seats)]
        self.agents: list[str] = []
        self.seed, self.episode = seed, -1
        self.plan = _explore(world)
        self.lines: list[str] = []
        self._observes = {a: self._observation_space(i) for i, a in enumerate(self.possible_agents)}
        self._acts = {a: self._action_space(i) for i, a in enumerate(self.possible_agents)}
        self._score = np.zeros(world.seats)
        self._unscored = np.zeros(world.seats, np.bool_)
        self.state_now: State = None
        self.turn_now: Turn | None = None
        self.chance = Chance(seed, np.zeros(1, np.int64))

    def observation_space(self, agent: str) -> gym.Dict:
        """What the agent sees: one fixed space."""
        return self._observes[agent]

    def action_space(self, agent: str) -> gym.Space[Any]:
        """What the agent may do: one fixed space."""
        return self._acts[agent]

    def reset(
        self, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[dict[str, dict[str, Any]], dict[str, dict[str, Any]]]:
        """Begin an episode: the first of a seed, else the next replicate. `options` are not used."""
        if seed is not None:
            self.seed, self.episode = seed, -1
        self.episode += 1
        self.agents = self.possible_agents[:]
        self.chance = Chance(self.seed, np.array([self.episode], np.int64))
        self.state_now = self.world.begin(self.chance)
        self.texts, self.lines = Texts(), []
        self._score = np.zeros(self.world.seats)
        self._count()
        self._look()
        return self._observations(), self._infos()

    def step(self, actions: dict[str, Any]) -> tuple[dict[str, Any], ...]:
        """One turn of the world: (observations, rewards, terminations, truncations, infos)."""
        before, turn = self._score, self.turn_now
        if turn is None or not self.agents:
            return {}, {}, {}, {}, {}
        outcome = self.world.advance(self.state_now, turn, self._batch(turn, actions), self.chance)
        self.state_now = outcome.state
        self._tell(turn, outcome)
        self._count()
        self._look()
        over, alive = self.turn_now is None, self.agents
        earned = (self._score - before).tolist()
        self.agents = [] if over else alive
        return (
            self._observations(),
            dict(zip(alive, earned, strict=True)),
            dict.fromkeys(alive, over),
            dict.fromkeys(alive, False),
            self._infos(),
        )

    def render(self) -> str:
        """What has been said at the table so far, line by line."""
        return "\n".join(self.lines)

    def close(self) -> None:
        """Nothing is held open."""

    # ---------------------------------------------------------------- spaces
    def _action_space(self, seat: int) -> gym.Space[Any]:
        kinds = [self.plan.kinds[k] for k in sorted(self.plan.seats[seat])]
        if not kinds:
            return gym.Discrete(1)  # a seat that is never asked
        if len(kinds) == 1:
            only: gym.Space[Any] = kinds[0].space.gym()
            return only
        return gym.Dict({k.label: k.space.gym() for k in kinds})

    def _observation_space(self, seat: int) -> gym.Dict:
        kinds = sorted(self.plan.seats[seat])
        parts: dict[str, gym.Space[Any]] = {
            "turn": gym.Discrete(len(self.plan.kinds) + 1),
            "round": gym.Box(0, np.inf, (), np.float32),
        }
        for k in kinds:
            for word, shape in self.plan.kinds[k].words.items():
                parts[word] = gym.Box(-np.inf, np.inf, (*shape, 2), np.float32)
        for name, options in self._masks(seat).items():
            parts[name] = gym.Box(0, 1, (options,), np.int8)
        return gym.Dict(parts)

    def _masks(self, seat: int) -> dict[str, int]:
        """Names of the masks of a seat, and how many options each has."""
        kinds = [self.plan.kinds[k] for k in sorted(self.plan.seats[seat])]
        alone = len(kinds) == 1
        return {
            "action_mask" if alone else f"action_mask/{k.label}": len(k.space.options)
            for k in kinds
            if isinstance(k.space, Choice)
        }

    # ---------------------------------------------------------------- seeing
    def _look(self) -> None:
        """Who is on turn now."""
        over = self.world.phase(self.state_now)[0] == OVER
        self.turn_now = None if over else self.world.turn(self.state_now)
        self._row: dict[int, int] = {}
        self._kind = -1
        if self.turn_now is not None:
            self.turn_now.texts = self.texts
            rows = self.turn_now.all_rows.tolist()
            self._row = {seat: j for j, seat in enumerate(rows)}
            self._kind = self.plan.kind(self.turn_now)
            new = self._kind < 0 or any(self._kind not in self.plan.seats[s] for s in rows)
            if new:
                raise DoesNotFit(
                    f"{self.world.name} asks in the role {self.turn_now.role!r} someone whom it did not ask in "
                    f"{_PROBES} random games, so that the spaces of the agents are not known beforehand"
                )

    def _observations(self) -> dict[str, dict[str, Any]]:
        return {a: self._observation(i) for i, a in enumerate(self.possible_agents)}

    def _observation(self, seat: int) -> dict[str, Any]:
        turn, j = self.turn_now, self._row.get(seat)
        space = self._observes[self.possible_agents[seat]]
        seen: dict[str, Any] = {
            word: np.ones(part.shape, np.int8)
            if word.startswith("action_mask")
            else np.zeros(part.shape, np.float32)
            for word, part in space.spaces.items()
            if isinstance(part, gym.Box)
        }
        seen["turn"] = np.int64(0 if j is None else self._kind + 1)
        if turn is not None and turn.clock is not None:
            seen["round"] = np.float32(turn.clock[0]) + np.zeros((), np.float32)
        if turn is None or j is None:
            return seen
        for word, column in turn.observation.items():
            value = np.asarray(column[j], np.float32)
            known = np.isfinite(value)
            seen[word][..., 0] = np.where(known, value, 0)
            seen[word][..., 1] = known
        if turn.mask is not None:
            label = self.plan.kinds[self._kind].label
            name = "action_mask" if "action_mask" in seen else f"action_mask/{label}"
            seen[name] = turn.mask[j].astype(np.int8)
        return seen

    def _infos(self) -> dict[str, dict[str, Any]]:
        infos: dict[str, dict[str, Any]] = {a: {} for a in self.possible_agents}
        if self.turn_now is not None:
            for seat, j in self._row.items():
                text = self.world.describe(self.state_now, self.turn_now, j)
                infos[self.possible_agents[seat]]["text"] = text
        for seat in np.flatnonzero(self._unscored).tolist():
            infos[self.possible_agents[seat]]["unscored"] = True
        return infos

    def _count(self) -> None:
        """Take the scores as they are now; where one is missing, the last one known stands."""
        if "score" not in self.world.all_ports():
            return
        now = np.array(self.world.port(self.state_now, "score")[0], np.float64)
        self._unscored = np.isnan(now)
        self._score = np.where(self._unscored, self._score, now)

    # ---------------------------------------------------------------- acting
    def _batch(self, turn: Turn, actions: dict[str, Any]) -> Any:
        """The actions of those on turn as one batch; what cannot be read is missing."""
        batch = turn.spaces.empty(len(turn))
        label = self.plan.kinds[self._kind].label
        for seat, j in self._row.items():
            given = actions.get(self.possible_agents[seat])
            if len(self.plan.seats[seat]) > 1 and given is not None:
                given = given.get(label)
            if given is None:
                continue
            value = _plain(turn.spaces, given)
            if turn.space(j).check(value) is None:
                turn.spaces.write(batch, j, value, lambda text: self.texts.add(0, text))
        legal = turn.spaces.valid(batch, turn.mask)
        if not legal.all():
            bad = np.flatnonzero(~legal)
            batch[bad] = turn.spaces.empty(len(bad))
        return batch

    def _tell(self, turn: Turn, outcome: Outcome) -> None:
        for events in outcome.events:
            count = self.world.seats if events.actor is None else len(events.actor)
            for j in range(count):
                line = self.world.narrate(self.state_now, turn, events, j)
                if line is not None:
                    self.lines.append(line)


def _explore(world: World) -> _Plan:
    """Play a few random games, half of them silent, to see who is asked what."""
    from mores.population import Population
    from mores.testing.loop import Tables
    from mores.testing.rules import Sampler, Silent

    plan = _Plan(seats=[set() for _ in range(world.seats)])
    for people in (Population.all(Sampler()), Population.all(Silent())):
        game = Tables(world, people, 0, range(_PROBES // 2))
        for _ in range(_STEPS):
            moves = game.move()
            for move in moves:
                plan.add(move.turn)
            if not moves:
                break
    return plan


def _plain(space: Space, given: Any) -> Any:
    """A sample of the Gymnasium space as a plain value of ours."""
    if isinstance(space, Choice):
        return int(given)
    if isinstance(space, Amount):
        value = float(given)
        if space.step is not None:
            value = space.low + round((value - space.low) / space.step) * space.step
        return value
    if isinstance(space, Allocation):
        weights = np.maximum(np.asarray(given, np.float64), 0)
        whole = weights.sum()
        shares = weights / whole if whole > 0 else np.full(len(weights), 1 / len(weights))
        return dict(zip(space.parts, (shares * space.budget).tolist(), strict=True))
    if isinstance(space, Ranking):
        return [int(k) for k in given]
    if isinstance(space, Form):
        return {n: _plain(s, given[n]) for n, s in space.fields if s is not None}
    if isinstance(space, OneOf):
        name, part = space.fields[int(given[0])]
        return (name, None if part is None else _plain(part, given[1]))
    return str(given)
