"""Worlds: the rules of societies, from two-person games to whole populations."""

NAMES: dict[str, str] = {
    "dictator": "mores.worlds.games.dictator:Dictator",
    "public-goods": "mores.worlds.games.public_goods:PublicGoods",
    "threshold-goods": "mores.worlds.games.threshold_goods:ThresholdGoods",
    "trust": "mores.worlds.games.trust:Trust",
    "ultimatum": "mores.worlds.games.ultimatum:Ultimatum",
}
"""Registered worlds: name -> module:attribute."""
