"""Workspaces, their keys, signing up, and what a key may do."""
