"""Wireframes of pages and screens."""
