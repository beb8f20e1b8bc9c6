"""Policies: how agents act, by rule or in words."""

NAMES: dict[str, str] = {
    "altruist": "mores.policies.givers:Altruist",
    "conditional-cooperator": "mores.policies.givers:ConditionalCooperator",
    "empirical": "mores.policies.empirical:Empirical",
    "fair": "mores.policies.givers:Fair",
    "fixed-giver": "mores.policies.givers:FixedGiver",
    "free-rider": "mores.policies.givers:FreeRider",
    "humped": "mores.policies.givers:Humped",
    "selfish": "mores.policies.givers:Selfish",
    "subgame-perfect": "mores.policies.givers:SubgamePerfect",
    "threshold-responder": "mores.policies.givers:ThresholdResponder",
    "trait-giver": "mores.policies.givers:TraitGiver",
}
"""Registered policies: name -> module:attribute."""
