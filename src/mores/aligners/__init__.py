"""Aligners: methods that turn a record into something better aligned, by lever."""

NAMES: dict[str, str] = {
    "institution-search": "mores.aligners.institutions.search:InstitutionSearch",
    "pevo": "mores.aligners.words.pevo:Pevo",
    "random-rewrite": "mores.aligners.words.pevo:RandomRewrite",
}
"""Registered aligners: name -> module:attribute."""
