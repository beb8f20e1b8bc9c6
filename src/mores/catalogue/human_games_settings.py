"""The settings of the human games but the prisoner's dilemma: worlds as people played them, and who plays them here."""

from __future__ import annotations

from dataclasses import replace

from mores import references
from mores.agent import Policy
from mores.catalogue.human_games_setting import (
    NAMED,
    Setting,
    at_random,
    drawn,
    human,
    published,
)
from mores.metric import Reference
from mores.policies.empirical import Empirical
from mores.policies.givers import (
    Altruist,
    ConditionalCooperator,
    Fair,
    FixedGiver,
    Humped,
    Selfish,
    SubgamePerfect,
)
from mores.worlds.games.dictator import Dictator
from mores.worlds.games.public_goods import PublicGoods
from mores.worlds.games.threshold_goods import ThresholdGoods
from mores.worlds.games.trust import Trust
from mores.worlds.games.ultimatum import Ultimatum


def _givers(people: Reference, **more: Policy) -> dict[str, Policy]:
    plain: dict[str, Policy] = {"selfish": Selfish(), "fair": Fair(), "altruist": Altruist()}
    named = {name.replace("_", "-"): policy for name, policy in more.items()}
    return {**plain, **named, "random": at_random(people), "empirical": drawn(people)}


def dictator() -> list[Setting]:
    """Shares of 100 units given (human-games-moblab)."""
    people = human("dictator", "share_given")
    return [
        Setting(
            game="dictator",
            world=Dictator(),
            kind="give",
            role="dictator",
            people=people,
            offered=_givers(people),
            seat=0,
            beside=published("dictator", "share_given"),
        )
    ]


def ultimatum() -> list[Setting]:
    """Shares of 100 units offered, and the smallest that would be accepted (human-games-moblab)."""
    offers, limits = (human("ultimatum", m) for m in ("share_offered", "acceptance_threshold"))
    world, rational = Ultimatum(method="strategy"), SubgamePerfect()
    return [
        Setting(
            game="ultimatum",
            world=world,
            kind="offer",
            role="proposer",
            people=offers,
            offered=_givers(offers, subgame_perfect=rational),
            seat=0,
            beside=published("ultimatum", "share_offered"),
        ),
        Setting(
            game="ultimatum",
            where={"role": "responder"},
            world=world,
            kind="limit",
            role="responder",
            people=limits,
            offered=_givers(limits, subgame_perfect=rational),
            seat=1,
        ),
    ]


def public_goods() -> list[Setting]:
    """Nothing, half or all, unconditionally and in reply to each of these (conditional-cooperation-pgg)."""
    world = PublicGoods.conditional_pair()
    first = human("public-goods", "contribution")
    found = [
        Setting(
            game="public-goods",
            world=world,
            kind="contribute",
            role="contributor",
            people=first,
            offered=_givers(first, conditional_cooperator=ConditionalCooperator()),
            seat=0,
        )
    ]
    for share in (0.0, 0.5, 1.0):
        reply = human("public-goods", "conditional_contribution", other=share)
        matching = {"conditional_cooperator": ConditionalCooperator(), "humped": Humped()}
        found.append(
            replace(
                found[0],
                where={"other": share},
                people=reply,
                offered=_givers(reply, **matching),
                seat=1,
                other=FixedGiver(share=share),
            )
        )
    return found


def threshold_goods() -> list[Setting]:
    """Contribute, keep or leave, by how many must contribute (threshold-pgg-beliefs)."""
    found = []
    for participation in ("compulsory", "voluntary"):
        for threshold in (2, 4, 5):
            where = {"participation": participation, "threshold": threshold}
            people = human("threshold-public-goods", "action_share", action="C", **where)
            options = ("C", "D", "L")[: 2 if participation == "compulsory" else 3]
            assert people.distribution is not None
            spread = tuple(map(float, people.distribution[1]))
            found.append(
                Setting(
                    game="threshold-goods",
                    where=where,
                    world=ThresholdGoods(threshold=threshold, leaving=participation == "voluntary"),
                    kind="choose",
                    role="contributor",
                    people=replace(people, metric="cooperation"),
                    offered={
                        "selfish": Selfish(),
                        "altruist": Altruist(),
                        "random": Empirical(edges=options, counts=(1.0,) * len(options)),
                        "empirical": Empirical(edges=options, counts=spread),
                    },
                    kinds=NAMED,
                )
            )
    return found


def trust() -> list[Setting]:
    """Shares sent and returned, of which only means are published (meta-analysis; Berg et al. 1995)."""
    sent, returned = (
        [r for r in references.load("trust") if r.metric == m]
        for m in ("share_sent", "share_returned")
    )
    random = Empirical(edges=tuple(k / 10 for k in range(11)), counts=(1.0,) * 11)
    anyone: dict[str, Policy] = {
        "selfish": Selfish(),
        "fair": Fair(),
        "altruist": Altruist(),
        "random": random,
    }
    invest = Setting(
        game="trust",
        world=Trust(),
        kind="send",
        role="investor",
        people=sent[0],
        offered=anyone,
        seat=0,
        beside=tuple(sent[1:]),
    )
    repay = replace(
        invest,
        where={"role": "trustee"},
        kind="return",
        role="trustee",
        people=returned[0],
        seat=1,
        other=FixedGiver(share=0.5),
        beside=tuple(returned[1:]),
    )
    return [invest, repay]
