"""Catalogue: one small file a published system, a study composed from the parts."""

NAMES: dict[str, str] = {}
"""Registered studies: name -> module:attribute."""
