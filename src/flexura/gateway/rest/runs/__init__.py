"""Runs of templates: starting one, deciding about it, and how far its steps are."""
