"""Dialogues: people talk, and what they say is what happens."""
