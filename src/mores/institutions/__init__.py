"""Institutions: worlds around worlds, which change what is seen, what may be done or what follows."""

NAMES: dict[str, str] = {
    "announcement": "mores.institutions.announcement:Announcement",
    "generations": "mores.institutions.generations:Generations",
    "intentions": "mores.institutions.intentions:Intentions",
    "noise": "mores.institutions.noise:Noise",
    "partner-selection": "mores.institutions.selection:PartnerSelection",
    "punishment": "mores.institutions.punishment:Punishment",
    "random-stopping": "mores.institutions.stopping:RandomStopping",
    "reputation": "mores.institutions.reputation:Reputation",
    "seasons": "mores.institutions.generations:Seasons",
}
"""Registered institutions: name -> module:attribute."""
