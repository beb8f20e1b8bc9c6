"""The lever of institutions: the world's own rules."""
