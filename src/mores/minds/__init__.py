"""Minds: ways of thinking, one file each, and what they remember. All are policies by name."""
