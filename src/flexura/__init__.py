"""One key, one install: internet search and media generation for every AI agent."""

__version__ = "0.6.0"
