"""`flexura serve`: the gateway as a process."""

from __future__ import annotations

import sys

import click


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", default=3000, show_default=True, help="Port to listen on; 0 = any free one."
)
@click.option("--no-worker", is_flag=True, help="Accept jobs without running them.")
@click.option(
    "--local", is_flag=True, hidden=True, help="Be the user's own gateway, as the bridge starts it."
)
@click.option(
    "--pipe", is_flag=True, hidden=True, help="Serve on stdin and stdout instead of a port."
)
def serve(host: str, port: int, no_worker: bool, local: bool, pipe: bool) -> None:
    """Run the gateway: REST, MCP and the worker."""
    from flexura.cli.serving import ServeOptions, run

    sys.exit(run(ServeOptions(host, port, local, pipe, not no_worker)))
