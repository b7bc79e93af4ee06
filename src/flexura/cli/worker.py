"""`flexura worker`: a process that runs jobs of a team's store and answers no requests."""

from __future__ import annotations

import sys

import click

_HELP = """Run jobs of a team's store (FLEXURA_DATABASE_URL), and serve no API.

Start as many as the work needs, on any machine that reaches the database and the files. SIGTERM drains: what
is on its way to a provider is finished, everything else goes on elsewhere; a second SIGTERM ends it at once.
"""


@click.command(help=_HELP)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address of the probes.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    help="Answer /healthz, /healthz/ready and /metrics on this port (default: on none).",
)
def worker(host: str, port: int | None) -> None:
    from flexura.cli.working import WorkOptions, run

    sys.exit(run(WorkOptions(host, port)))
