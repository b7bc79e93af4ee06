"""Abstract backgrounds."""
