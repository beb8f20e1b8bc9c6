"""People: how persons and populations of them behaved, and populations fitted to them."""
