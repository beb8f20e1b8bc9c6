"""Dilemmas: what is good for oneself is bad for somebody else."""
