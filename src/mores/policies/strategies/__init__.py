"""Strategies of repeated games: the classics of the prisoner's dilemma, and players of any matrix."""
