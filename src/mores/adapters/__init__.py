"""Adapters: Mores worlds as other libraries know them."""
