"""Repeated games: two players, ten rounds, full information; two games in depth or all 144 by families."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from pydantic import Field

from mores.catalogue.published import Published
from mores.catalogue.repeated_games_people import SLUG, plays, published_families, references
from mores.catalogue.specs import rejoined
from mores.design import study
from mores.errors import BadValue, DataMissing
from mores.institutions.noise import Noise
from mores.metric import Metric, Sample
from mores.metrics.conduct import cooperation, coordination, reciprocity, yielding
from mores.metrics.readings import Floats, Ints, Units, by_policy, only, read_final_scores
from mores.metrics.welfare import payoff_by_seat, payoff_per_round
from mores.policies.spec import policy
from mores.population import Population
from mores.record import Record
from mores.study import Case, Study
from mores.world import World
from mores.worlds.games.named import BattleOfTheSexes, Ordinal, Symmetric, game
from mores.worlds.games.normal_form import MatrixGame
from mores.worlds.games.ordinal import SIZE, family, title

SOURCE = "Akata et al. 2025, Playing repeated games with large language models, arXiv 2305.16867"
PAYOFFS = {
    "prisoners-dilemma": "prisoners-dilemma:8,0,10,5",
    "battle-of-the-sexes": "battle-of-the-sexes:10,7,0",
}
"""The games of the paper, where a name says no payoffs."""
PAIRS = {
    "prisoners-dilemma": (
        ("grim", "defect-once"),
        ("grim", "all-defect"),
        ("tit-for-tat", "defect-once"),
    ),
    "battle-of-the-sexes": (("alternator", "alternator"), ("always-first", "alternator-yielding")),
}
"""Who plays whom where no players are named."""
OTHERWISE = (
    ("always-first", "always-first"),
    ("alternator", "alternator"),
    ("best-reply", "best-reply"),
)
FAMILY_PLAYERS = (
    "always-first",
    "always-second",
    "alternator",
    "uniform",
    "copy",
    "fictitious-play",
)
"""Who plays the 144 games, everyone with everyone, where no players are named."""


@study(source=SOURCE, data=(SLUG,))
def repeated_games(
    game: tuple[str, ...] = ("prisoners-dilemma", "battle-of-the-sexes"),
    players: tuple[str, ...] = (),
    rounds: Annotated[int, Field(ge=1)] = 10,
    replicates: Annotated[int, Field(ge=1)] = 10,
    noise: Annotated[float, Field(ge=0, le=1)] = 0.0,
) -> Study:
    """How well do players do who meet again and again, against each other and beside people and language models?

    `game`: names of games (with the payoffs of the paper for its two), places such as 2x2:6,7, or "all": the 144
    ordinal games, summed up by family, everyone named in `players` with everyone. `players`: two policies, for the
    first and the second seat; by default the scripted pairs whose results can be worked out by hand.
    """
    games, named = rejoined(game), rejoined(players)
    if "all" in games:
        if len(games) > 1:
            raise BadValue("game", game, '"all" alone, or names of games')
        return _all_games(named or FAMILY_PLAYERS, rounds, replicates, noise)
    if named and len(named) != 2:
        raise BadValue("players", players, "two policies, for the first and the second seat")
    worlds = {name: _game(name, rounds) for name in games}
    cases = []
    for name, world in worlds.items():
        for first, second in [named] if named else PAIRS.get(name, OTHERWISE):
            seated = Population.by_seat(policy(first), policy(second))
            condition = {"game": name, "first": first, "second": second}
            cases.append(Case(world=_noisy(world, noise), population=seated, condition=condition))
    opponents = {(str(c.condition["game"]), str(c.condition["second"])) for c in cases}
    models, notes = _models(opponents)
    return Study(
        name="repeated-games",
        cases=tuple(cases),
        replicates=replicates,
        metrics=_metrics(worlds, [worlds[str(c.condition["game"])] for c in cases]),
        references=references(games),
        estimates=models,
        summary="Scripted players in repeated games, beside people and language models",
        source=SOURCE,
        notes=notes,
    )


def _models(opponents: set[tuple[str, str]]) -> tuple[Published | None, tuple[str, ...]]:
    """The released plays of language models, and notes on them."""
    try:
        found = plays(opponents)
    except DataMissing:
        return None, (
            f"Released plays of language models are left out: the data set {SLUG} is not here.",
        )
    if not found.rows:
        return None, ()
    return found, (
        "Rows of language models are the released plays of one game of ten rounds each; people played against GPT-4.",
    )


def _game(name: str, rounds: int) -> MatrixGame:
    return game(PAYOFFS.get(name, name), rounds)


def _noisy(world: MatrixGame, noise: float) -> World:
    return Noise(inner=world, p=noise) if noise > 0 else world


def _metrics(worlds: dict[str, MatrixGame], arms: Sequence[MatrixGame]) -> tuple[Metric, ...]:
    """What is measured: cooperation and reciprocity where option 0 cooperates, yielding where the two want to meet."""
    dilemmas = [n for n, w in worlds.items() if isinstance(w, Symmetric)]
    sexes = [n for n, w in worlds.items() if isinstance(w, BattleOfTheSexes)]
    found = [
        payoff_per_round,
        payoff_by_seat,
        family_score(arms),
        only(coordination, "game", *worlds),
    ]
    if dilemmas:
        found += [only(cooperation, "game", *dilemmas), only(reciprocity, "game", *dilemmas)]
    if sexes:
        found.append(only(yielding, "game", *sexes))
    return tuple(found)


# -------------------------------------------------------------------- all 144
def _all_games(players: Sequence[str], rounds: int, replicates: int, noise: float) -> Study:
    """Everyone with everyone in each of the 144 ordinal games."""
    policies = [policy(p) for p in players]
    two = len(policies) == 2
    seated = Population.by_seat(*policies) if two else Population.round_robin(policies)
    worlds = [
        Ordinal(row=row, column=column, rounds=rounds)
        for row in range(1, SIZE + 1)
        for column in range(1, SIZE + 1)
    ]
    cases = [
        Case(
            world=_noisy(world, noise),
            population=seated,
            condition={
                "game": f"2x2:{world.row},{world.column}",
                "title": title(world.row, world.column),
            },
        )
        for world in worlds
    ]
    families = [family(world.row, world.column) for world in worlds]
    return Study(
        name="repeated-games",
        cases=tuple(cases),
        replicates=replicates,
        metrics=(family_score(worlds, families),),
        estimates=published_families(),
        summary="Scripted players in all 144 ordinal 2x2 games, by family",
        source=SOURCE,
        notes=(
            "Rows of language models are recomputed from all 3,600 released plays of ten rounds, in which the largest "
            "payoff is the largest one seen in the file of the game.",
        ),
    )


@dataclass(frozen=True)
class FamilyScore:
    """Measures own total over the largest own total, by player and game, or by player and family of games."""

    best: tuple[tuple[float, float], ...]
    """[arm][seat]: the largest payoff of a round."""
    families: tuple[str, ...] = ()
    """[arm]; empty: each game stands for itself."""

    def __call__(self, record: Record) -> Sample:
        """One value a table and player; by family the unit is the game, averaged over what was played there."""
        scores, units = read_final_scores(record), Units.of(record)
        row = units.row(scores.arm, scores.table)
        most = np.array(self.best)[scores.arm, scores.seat] * units.rounds[row]
        value = np.divide(scores.value, most, out=np.full(len(most), np.nan), where=most != 0)
        value[units.failed[row]] = np.nan
        if not self.families:
            player = (scores.seat + 1).tolist()
            by = {"player": player}
            return record.sample(scores.arm, units.replicate[row], value, by=by)
        names, code = by_policy(record, scores)
        return self._by_family(scores.arm, names, code, value)

    def _by_family(self, arm: Ints, names: list[str], code: Ints, value: Floats) -> Sample:
        conditions: list[dict[str, str]] = []
        parts = []
        of = np.array(self.families)[arm]
        for name in ("all", *dict.fromkeys(self.families)):
            for k, player in enumerate(names):
                rows = np.flatnonzero((code == k) & ((of == name) | (name == "all")))
                parts.append((value[rows], arm[rows], np.full(len(rows), len(conditions))))
                conditions.append({"family": name, "player": player})
        values, games, which = (np.concatenate(column) for column in zip(*parts, strict=True))
        return Sample(values, games.astype(np.int64), tuple(conditions), which.astype(np.int32))


def family_score(worlds: Sequence[MatrixGame], families: Sequence[str] = ()) -> Metric:
    """Own total over what the cell that is best for oneself would bring if it were always played."""
    best = tuple((float(w.moves.payoffs[0].max()), float(w.moves.payoffs[1].max())) for w in worlds)
    return Metric(
        name="family_score",
        measure=FamilyScore(best, tuple(families)),
        summary="Own total over the largest own total that the game allows.",
        unit="share",
        better="higher",
        range=(None, 1.0),
        source=SOURCE,
    )
