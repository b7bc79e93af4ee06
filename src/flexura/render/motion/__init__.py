"""Scenes in motion."""
