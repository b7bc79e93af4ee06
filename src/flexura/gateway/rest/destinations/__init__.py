"""Destinations, and what became of a job at each of them."""
