"""Seamless vector patterns."""
