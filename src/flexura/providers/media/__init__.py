"""Adapters to those who make media: one upstream, one file."""
