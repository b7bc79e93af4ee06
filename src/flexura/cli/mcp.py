"""`flexura mcp`, for the help: `flexura/__main__.py` starts the bridge before any of this is imported."""

from __future__ import annotations

import click


@click.command(help="Speak MCP on stdin and stdout; an agent starts this.")
def mcp() -> int:
    from flexura.bridge.main import main

    return main([])
