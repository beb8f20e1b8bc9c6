"""Catalogue: one small file a published system, a study composed from the parts."""

NAMES: dict[str, str] = {
    "donor-game": "mores.catalogue.donor_game:donor_game",
}
"""Registered studies: name -> module:attribute."""
