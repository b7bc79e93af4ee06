"""Avatars, always the same for the same name."""
