"""Simple charts."""
