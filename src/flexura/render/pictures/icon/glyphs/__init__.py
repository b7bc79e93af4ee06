"""The glyph library: simple signs on a grid of 24, written in a small drawing language (see `glyph.py`)."""
