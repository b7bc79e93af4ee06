"""Logos: a mark, a name, or both."""
