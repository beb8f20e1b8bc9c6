"""Catalogue: one small file a published system, a study composed from the parts."""

NAMES: dict[str, str] = {
    "axelrod-tournament": "mores.catalogue.axelrod_tournament:axelrod_tournament",
    "decide-sim": "mores.catalogue.decide_sim:decide_sim",
    "dictator-humans": "mores.catalogue.dictator_humans:dictator_humans",
    "donor-game": "mores.catalogue.donor_game:donor_game",
    "human-games": "mores.catalogue.human_games:human_games",
    "human-repeated-pd": "mores.catalogue.human_repeated_pd:human_repeated_pd",
    "kairos": "mores.catalogue.kairos:kairos",
    "machinesom": "mores.catalogue.machinesom:machinesom",
    "persona-inconstancy": "mores.catalogue.persona_inconstancy:persona_inconstancy",
    "punishment-learning": "mores.catalogue.punishment_learning:punishment_learning",
    "rational-players": "mores.catalogue.rational_players:rational_players",
    "repeated-games": "mores.catalogue.repeated_games:repeated_games",
    "talk": "mores.catalogue.talk:talk",
    "tin-men": "mores.catalogue.tin_men:tin_men",
}
"""Registered studies: name -> module:attribute."""
