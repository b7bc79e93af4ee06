"""`flexura login`: keeps the key of a gateway that runs elsewhere."""

from __future__ import annotations

import asyncio
import sys

import click

from flexura.cli import exit_codes
from flexura.cli.screen import Screen
from flexura.client import GatewayClient
from flexura.local import address, keys, paths, provider_secrets

_HELP = (
    "Keep the key of the gateway that FLEXURA_URL names. The key is read from the terminal, without "
    "showing it, or from stdin; it is tried, and kept in the system's keyring, or where there is none "
    "in a file that only you can read."
)


@click.command(help=_HELP)
@click.option("--file", "in_file", is_flag=True, help="Use the file even where there is a keyring.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def login(in_file: bool, as_json: bool) -> int:
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
    place = _keep(address.origin(url), key, in_file, screen)
    screen.object({"url": url, "kept_in": place})
    screen.say(f"The key for {url} works and is kept in {place}.")
    return exit_codes.OK


def _keep(name: str, key: str, in_file: bool, screen: Screen) -> str:
    """Keep the key; where it lies now."""
    if not in_file:
        try:
            keys.keep_in_keyring(name, key)
            return "the system's keyring"
        except provider_secrets.NoKeyring as error:
            screen.say(f"No keyring is used: {error}.")
    keys.keep(name, key)
    return str(paths.credentials_file())


def _read_key(url: str) -> str:
    if sys.stdin.isatty():
        return str(click.prompt(f"API key for {url}", hide_input=True, err=True)).strip()
    return sys.stdin.readline().strip()


async def _try(url: str, key: str) -> None:
    async with GatewayClient(url, key) as client:
        await client.jobs(limit=1)
