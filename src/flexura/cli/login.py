"""`flexura login`: keeps the key of a gateway that runs elsewhere."""

from __future__ import annotations

import asyncio
import sys

import click

from flexura.cli import exit_codes
from flexura.cli.screen import Screen
from flexura.client import GatewayClient
from flexura.local import address, keys, paths

_HELP = (
    "Keep the key of the gateway that FLEXURA_URL names. The key is read from the terminal, without "
    "showing it, or from stdin; it is tried, and kept in a file that only you can read."
)


@click.command(help=_HELP)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def login(as_json: bool) -> int:
    screen = Screen(as_json)
    url = address.remote_url()
    if url is None:
        raise click.UsageError(
            "FLEXURA_URL is not set, and your own gateway on this machine has its key already."
        )
    key = _read_key(url)
    if not key:
        raise click.UsageError("No key was given.")
    asyncio.run(_try(url, key))
    keys.keep(address.origin(url), key)
    screen.object({"url": url, "kept_in": str(paths.credentials_file())})
    screen.say(f"The key for {url} works and is kept in {paths.credentials_file()}.")
    return exit_codes.OK


def _read_key(url: str) -> str:
    if sys.stdin.isatty():
        return str(click.prompt(f"API key for {url}", hide_input=True, err=True)).strip()
    return sys.stdin.readline().strip()


async def _try(url: str, key: str) -> None:
    async with GatewayClient(url, key) as client:
        await client.jobs(limit=1)
