"""Worlds: the rules of societies, from two-person games to whole populations."""

NAMES: dict[str, str] = {
    "2x2": "mores.worlds.games.named:Ordinal",
    "battle-of-the-sexes": "mores.worlds.games.named:BattleOfTheSexes",
    "belief-ring": "mores.worlds.dilemmas.belief_ring:BeliefRing",
    "chicken": "mores.worlds.games.named:Chicken",
    "decide-sim": "mores.worlds.dilemmas.decide_sim:DecideSim",
    "dictator": "mores.worlds.games.dictator:Dictator",
    "donor-game": "mores.worlds.games.donor:DonorGame",
    "kairos": "mores.worlds.quizzes.kairos:Kairos",
    "machinesom": "mores.worlds.quizzes.machinesom:MachineSoM",
    "matching-pennies": "mores.worlds.games.named:MatchingPennies",
    "normal-form": "mores.worlds.games.normal_form:NormalForm",
    "pairwise-dilemma": "mores.worlds.games.society:PairwiseDilemma",
    "persona-inconstancy": "mores.worlds.quizzes.panel:PersonaInconstancy",
    "prisoners-dilemma": "mores.worlds.games.named:PrisonersDilemma",
    "public-goods": "mores.worlds.games.public_goods:PublicGoods",
    "ring": "mores.worlds.games.ring:Ring",
    "rock-paper-scissors": "mores.worlds.games.named:RockPaperScissors",
    "stag-hunt": "mores.worlds.games.named:StagHunt",
    "stated-preference": "mores.worlds.dilemmas.preferences:StatedPreference",
    "talk": "mores.worlds.dialogue.talk:Talk",
    "threshold-goods": "mores.worlds.games.threshold_goods:ThresholdGoods",
    "tin-men": "mores.worlds.markets.tin_men:TinMen",
    "trust": "mores.worlds.games.trust:Trust",
    "ultimatum": "mores.worlds.games.ultimatum:Ultimatum",
}
"""Registered worlds: name -> module:attribute."""
