"""Games of game theory and experimental economics."""
