"""Whoever answers an Ask: scripted models, recordings, a person at the terminal; endpoints come
behind the same face."""
