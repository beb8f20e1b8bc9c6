"""Golden transcripts: a game move by move, who saw, did and got what, as readable text."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from mores.population import Population
from mores.testing.contract import require
from mores.testing.loop import Move, Table, facts, play
from mores.testing.rules import Sampler, shown
from mores.world import PAIR, PUBLIC, Events, Turn, World

UPDATE = "MORES_UPDATE_GOLDEN"
"""Set to 1, this environment variable makes :func:`compare_golden` write the files it is given."""


def transcript(
    world: World,
    population: Population | None = None,
    seed: int = 0,
    *,
    seats: int = 6,
    steps: int = 12,
    limit: int = 10_000,
) -> str:
    """One game as text: the rules, every move, and what each seat has at the end.

    At most `seats` seats and `steps` steps are written out; what is left out is said. Played at random by default.
    """
    out = _Page(world, seats, steps)
    people = population or Population.all(Sampler())
    game = play(world, people, seed, limit=limit, before=out.before, after=out.after)
    if out.step > steps:
        out.lines.append(f"\n... {out.step - steps} more steps")
    out.lines.append("\nend")
    for name in world.all_ports():
        column = np.atleast_1d(world.port(game.all.state, name)[0])
        values = ", ".join(_value(v) for v in column[:seats].tolist())
        more = ", ..." if len(column) > seats else ""
        out.lines.append(f"  {name}: {values}{more}")
    return "\n".join(out.lines) + "\n"


class _Page:
    """The lines of a transcript as they come."""

    def __init__(self, world: World, seats: int, steps: int) -> None:
        self.world, self.seats, self.steps = world, seats, steps
        self.step = 0
        self.lines = [" around ".join(w.name for w in world.layers)]

    def before(self, part: Table, turn: Turn, actions: object) -> None:
        """The rules at first; then who acts, sees and does what."""
        if self.step == 0:
            for seat in range(min(self.seats, self.world.seats)):
                self.lines.append(
                    f"\nrules for seat {seat}: {self.world.brief(part.state, 0, seat)}"
                )
        self.step += 1
        if self.step > self.steps:
            return
        self.lines.append(f"\nstep {self.step}, {turn.role}: {turn.spaces.words()}")
        for j in range(len(turn)):
            _, seat = turn.row(j)
            if seat >= self.seats:
                continue
            self.lines.append(f"  seat {seat} sees: {self.world.describe(part.state, turn, j)}")
            did = shown(actions, turn.spaces, j, turn)
            self.lines.append(f"  seat {seat} does: {'nothing' if did is None else _value(did)}")

    def after(self, move: Move) -> None:
        """What happened, and who is told what."""
        if self.step > self.steps:
            return
        for events in move.events:
            for j, (_, fact) in enumerate(facts(move, events)):
                _, kind, actor, target, value, text = fact
                if actor >= self.seats:
                    continue
                line = f"  {kind}: seat {actor}"
                line += "" if target is None else f" to seat {target}"
                line += "" if value is None else f", {_value(value)}"
                line += "" if text is None else f", {text!r}"
                self.lines.append(line)
                told = self.world.narrate(move.part.state, move.turn, events, j)
                if told is not None and events.audience is not None:
                    self.lines.append(f"    told to {_audience(events, actor, target)}: {told}")


def _audience(events: Events, actor: int, target: int | None) -> str:
    if events.audience == PUBLIC:
        return "all"
    if events.audience == PAIR:
        return f"seats {actor} and {target}" if target is not None else f"seat {actor}"
    return f"channel {events.audience}"


def _value(value: object) -> str:
    """Floats to five digits: a transcript shows the game, not the last bit."""
    if isinstance(value, float):
        return f"{value:.5g}"
    if isinstance(value, np.ndarray | list | tuple):
        return "(" + ", ".join(_value(v) for v in value) + ")"
    if isinstance(value, dict):
        return ", ".join(f"{k} {_value(v)}" for k, v in value.items())
    return str(value)


def compare_golden(path: str | Path, text: str) -> None:
    """Hold a text to the one in a file; with MORES_UPDATE_GOLDEN=1 write the file instead."""
    path = Path(path)
    if os.environ.get(UPDATE) == "1":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return
    require(
        path.exists(),
        f"there is no {path.name}; run the tests once with {UPDATE}=1 and read what it wrote",
    )
    golden = path.read_text(encoding="utf-8")
    if golden == text:
        return
    old, new = golden.splitlines(), text.splitlines()
    for k, (a, b) in enumerate(zip(old, new, strict=False)):
        require(a == b, f"{path.name} line {k + 1}: {a!r} became {b!r} (meant? {UPDATE}=1)")
    require(False, f"{path.name} has {len(old)} lines, the game now {len(new)} (meant? {UPDATE}=1)")
