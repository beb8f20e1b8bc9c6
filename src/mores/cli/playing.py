"""Play: a person takes a seat at the terminal, among policies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from mores.cli import shell
from mores.cli.answering import Model
from mores.cli.shell import Json, Seed, Settings
from mores.errors import BadValue, MoresError

if TYPE_CHECKING:
    from mores.agent import Policy
    from mores.engine.asking import Answerer
    from mores.engine.episode import Episode
    from mores.population import Population
    from mores.world import World

PERSON, OTHERS = "players", "others"
"""Roles: the person's seat asks as the first, the seats of a scripted model as the second."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("play")(play)


def play(
    world: Annotated[
        str,
        typer.Argument(
            help="A name (`mores list world`), a game such as 2x2:6,7, or file.py:Class."
        ),
    ],
    settings: Settings = None,
    seat: Annotated[int, typer.Option("--seat", min=0, help="Which seat is yours.")] = 0,
    others: Annotated[
        str,
        typer.Option(
            "--others",
            metavar="POLICY",
            help="Who has the other seats: a policy, or scripted:NAME (default: tit-for-tat where it can play, "
            "else scripted:random).",
        ),
    ] = "",
    model: Model = None,
    around: Annotated[
        list[str] | None,
        typer.Option(
            "--institution", metavar="NAME", help="Put an institution around the world. Repeatable."
        ),
    ] = None,
    seed: Seed = 0,
    json: Json = False,
) -> None:
    """Take a seat in a world at this terminal; policies have the other seats."""
    from mores.design.parts import world as made

    stage = _surrounded(made(world, shell.pairs(settings)), around or [])
    if seat >= stage.seats:
        raise BadValue("--seat", seat, f"seats are 0 to {stage.seats - 1}")
    if model and others:
        raise BadValue(
            "--others", others, "nothing beside --model: both say who has the other seats"
        )
    people, models, who = thinkers(seat, model) if model else company(stage, seat, others)
    shell.note(
        f"{stage.name}: you have seat {seat} of {stage.seats}; the others: {who}. Ctrl-C leaves.\n"
    )
    episode = _play(stage, people, models, seed)
    score = [float(x) for x in episode.scores] if "score" in stage.all_ports() else []
    data = {
        "world": stage.name,
        "seat": seat,
        "others": who,
        "scores": score,
        "events": episode.events,
    }
    shell.emit(json, data, _ending(score, seat))


def _surrounded(world: World, names: list[str]) -> World:
    from mores import registry
    from mores.design.settings import call

    for name in names:
        world = call(
            registry.load("institution", name), {}, f"institution {name}", {"inner": world}
        )
    return world


def company(world: World, seat: int, others: str) -> tuple[Population, dict[str, Answerer], str]:
    """Who sits where, who answers for whom, and what the others are called."""
    from mores.agent import Mind
    from mores.models.person import Person
    from mores.models.scripted import scripted
    from mores.population import Population

    name = others or ("tit-for-tat" if _two_options(world) else "scripted:random")
    models: dict[str, Answerer] = {PERSON: Person()}
    company: Policy
    if name.startswith("scripted"):
        models[OTHERS] = scripted(name.partition(":")[2] or "random")
        company = Mind(role=OTHERS)
    else:
        from mores.policies.spec import policy

        company = policy(name)
    return Population.focal(Mind(role=PERSON), company, [seat], of=world.seats), models, name


def thinkers(seat: int, words: list[str]) -> tuple[Population, dict[str, Answerer], str]:
    """The same with models in all other seats."""
    from mores.agent import Mind
    from mores.cli import answering
    from mores.models.person import Person
    from mores.models.spec import shown
    from mores.population import Population

    named = answering.specs(words)
    if f"seat.{seat}" in named:
        raise BadValue("--model", f"seat.{seat}=...", "another seat: this one is yours (--seat)")
    made = answering.answerers(named)()
    models = {f"seat.{seat}": Person(), **made}
    return Population.all(Mind()), models, ", ".join(shown(s) for s in named.values())


def _two_options(world: World) -> bool:
    """Whether two players choose between two options, as tit-for-tat needs."""
    import numpy as np

    from mores.actions import Choice
    from mores.chance import Chance

    turn = world.turn(world.begin(Chance(0, np.array([0]))))
    return world.seats == 2 and isinstance(turn.spaces, Choice) and len(turn.spaces.options) == 2


def _play(world: World, people: Population, models: dict[str, Answerer], seed: int) -> Episode:
    from mores.engine.episode import play as sit_down

    episode = sit_down(world, people, seed=seed, models=models)
    try:
        return episode.run()
    except KeyboardInterrupt:
        raise MoresError("you left the table; a play is not kept") from None
    except MoresError:
        raise
    except Exception as error:
        raise MoresError(
            f"a policy could not play {world.name}: {type(error).__name__}: {error}; name another with --others"
        ) from error
    finally:
        for answerer in models.values():
            answerer.close()


def _ending(score: list[float], seat: int) -> Any:
    from mores.cli import show

    if not score:
        return "It is over."
    if len(score) <= 10:
        listed = ", ".join(
            f"{'you' if i == seat else f'seat {i}'} {show.number(s)}" for i, s in enumerate(score)
        )
    else:
        listed = (
            f"you {show.number(score[seat])}, all on average {show.number(sum(score) / len(score))}"
        )
    return f"\nIt is over. Scores: {listed}."
