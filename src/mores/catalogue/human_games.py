"""Human games: populations of rules beside people in the games of behavioural economics."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from mores.agent import Policy
from mores.catalogue import human_games_dilemma as dilemma
from mores.catalogue import human_games_settings as economic
from mores.catalogue.human_games_setting import Acts, Setting
from mores.catalogue.human_games_setting import estimates as compared
from mores.design import study
from mores.design.parts import specs
from mores.errors import BadValue
from mores.metric import Estimate, Reference
from mores.policies.spec import policy
from mores.record import Record
from mores.study import Case, Study

SOURCE = (
    "Mei, Xie, Yuan & Jackson 2024; Andreozzi, Ploner & Saral 2020; Mori, Hanaki & Kameda 2023; "
    "Dal Bo & Frechette 2011; Fudenberg, Rand & Dreber 2012; Nay & Vorobeychik 2016; Johnson & Mislin 2011"
)
Game = Literal[
    "dictator", "ultimatum", "public-goods", "threshold-goods", "prisoners-dilemma", "trust"
]
SETTINGS: Mapping[str, Callable[[], list[Setting]]] = {
    "dictator": economic.dictator,
    "ultimatum": economic.ultimatum,
    "public-goods": economic.public_goods,
    "threshold-goods": economic.threshold_goods,
    "prisoners-dilemma": dilemma.settings,
    "trust": economic.trust,
}


@study(source=SOURCE)
def human_games(
    game: tuple[Game, ...] = (
        "dictator",
        "ultimatum",
        "public-goods",
        "threshold-goods",
        "prisoners-dilemma",
        "trust",
    ),
    population: tuple[str, ...] = (),
    replicates: Annotated[int, Field(ge=2)] = 1000,
) -> Study:
    """How far is the conduct of simple populations from that of people in six games?

    `population`: names such as "selfish", "fair", "altruist", "random", "empirical" (each decision drawn from what
    people did), "tit-for-tat", or any policy; () are those that are usual in each game. A population is left out of
    games in which it has no role. Distances are to counts of what people did that ship with Mores; of trust only means
    are published. Each game is played once in each of the `replicates` (the repeated ones until they stop by chance).
    """
    settings = [s for name in dict.fromkeys(game) for s in SETTINGS[name]()]
    chosen = _chosen(specs(",".join(population)))
    cases = [case for setting in settings for case in _cases(setting, chosen)]
    if not cases:
        raise BadValue("population", population, f"one that has a role in {' or '.join(game)}")
    played = [s for s in settings if any(s.condition.items() <= c.condition.items() for c in cases)]
    return Study(
        name="human-games",
        cases=tuple(cases),
        replicates=replicates,
        references=tuple(_references(played)),
        estimates=Compared(tuple(dict.fromkeys(game))),
        summary="Populations beside people in dictator, ultimatum, public goods, threshold, dilemma and trust games",
        source=SOURCE,
        notes=(*NOTES, *_left_out(settings, chosen)),
    )


NOTES = (
    "distance_tv is the share of people who would have to act otherwise; its interval resamples games and, where their "
    "number is known, people. noise_floor is what as many decisions drawn from people's own distribution would show, "
    "so a population within its range cannot be told from people.",
    "`empirical` draws every decision on its own from what people did. In the prisoner's dilemma it is the average "
    "person (one rate of cooperation a treatment; one rate after each previous pair of moves), and since people differ "
    "from each other, it stays above the noise floor in the pooled studies.",
    "Dictator and ultimatum: shares in ten bins; people's rows coded -1 are left out. The condition role=responder is "
    "the smallest acceptable offer.",
    "Public goods: nothing, half or all; `other` is what the other had contributed (without it: unconditional).",
    "Prisoner's dilemma: in df2011 and frd2012 (repeated-pd-human) moves are compared within each treatment, "
    "weighted as people's decisions; in ipd-human-pooled the previous pair of moves and the move are compared "
    "together. Populations play against their like.",
    "Trust: only means are published, so the difference of means stands in the place of a distance; trustees "
    "(role=trustee) answer to half of the endowment sent.",
)


# ---------------------------------------------------------------- who plays
def _chosen(names: Sequence[str]) -> dict[str, Policy | None]:
    """The populations asked for; None where the games have their own under that name. Raises UnknownName."""
    offered = {name for each in SETTINGS.values() for s in each() for name in s.offered}
    return {name: None if name in offered else policy(name) for name in names}


def _cases(setting: Setting, chosen: Mapping[str, Policy | None]) -> list[Case]:
    if not chosen:
        return [setting.case(name, each) for name, each in setting.offered.items()]
    return [
        setting.case(name, found)
        for name, given in chosen.items()
        if (found := _for(setting, name, given)) is not None
    ]


def _for(setting: Setting, name: str, given: Policy | None) -> Policy | None:
    """The policy of that name in a setting; None where it has no role."""
    if name in setting.offered:
        return setting.offered[name]
    found = policy(name) if given is None else given
    return found if not found.roles or setting.role in found.roles else None


def _left_out(settings: Sequence[Setting], chosen: Mapping[str, Policy | None]) -> list[str]:
    found = []
    for name, given in chosen.items():
        without = {s.game for s in settings if _for(s, name, given) is None}
        without -= {s.game for s in settings if _for(s, name, given) is not None}
        if without:
            found.append(
                f"{name} has no role in {', '.join(sorted(without))} and is left out there."
            )
    return found


# ---------------------------------------------------------------- what comes out
def _references(settings: Sequence[Setting]) -> list[Reference]:
    plain = [r for s in settings if s.game != dilemma.GAME for r in s.references()]
    repeated = any(s.game == dilemma.GAME for s in settings)
    return [*plain, *(dilemma.human_figures() if repeated else ())]


@dataclass(frozen=True)
class Compared:
    """The estimates of a record of the study."""

    game: tuple[str, ...]

    def __call__(self, record: Record) -> list[Estimate]:
        """Means and distances, game by game."""
        acts = Acts(record)
        found: list[Estimate] = []
        for name in self.game:
            settings = SETTINGS[name]()
            if name == dilemma.GAME:
                found += dilemma.estimates(settings, acts)
            else:
                found += [e for s in settings for e in compared(s, acts)]
        return found
