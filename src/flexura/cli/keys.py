"""`flexura keys`: API keys of this machine's gateway, straight from its database; no gateway has to run."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import click

from flexura import settings
from flexura.cli import exit_codes
from flexura.cli.screen import Screen
from flexura.domain.workspace import SCOPES, ApiKey
from flexura.local import keys as local_keys
from flexura.runtime import open_keys
from flexura.services.keys import Keys

_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")


@click.group(help="Make, list and revoke API keys of this machine's gateway.")
def keys() -> None:
    """No gateway has to run; a running one sees the change at once."""


@keys.command(help="Make a key. It is shown once, and only its SHA-256 is kept.")
@click.argument("name", default="key")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    type=click.Choice(sorted(SCOPES)),
    help="What the key may do; several times for several. Default: everything.",
)
@_JSON
def create(name: str, scopes: tuple[str, ...], as_json: bool) -> int:
    return asyncio.run(_create(name, frozenset(scopes) or SCOPES, Screen(as_json)))


@keys.command("list", help="List all keys, without the keys themselves.")
@_JSON
def list_keys(as_json: bool) -> int:
    return asyncio.run(_list(Screen(as_json)))


@keys.command(help="Revoke a key, by its id or the first 12 characters of the key.")
@click.argument("which")
@_JSON
def revoke(which: str, as_json: bool) -> int:
    return asyncio.run(_revoke(which, Screen(as_json)))


async def _create(name: str, scopes: frozenset[str], screen: Screen) -> int:
    async with open_keys(settings.load()) as (found, first):
        _keep(first)
        secret, key = await found.create(name, scopes)
    screen.object({"key": secret, **_record(key)})
    screen.data(secret)
    screen.say("Shown once: keep it where the agent that needs it finds MEDIA_GATEWAY_API_KEY.")
    return exit_codes.OK


async def _list(screen: Screen) -> int:
    async with open_keys(settings.load()) as (found, first):
        _keep(first)
        listed = await found.list()
    screen.object({"keys": [_record(key) for key in listed]})
    width = max(len(key.name) for key in listed) if listed else 0
    for key in listed:
        state = "revoked" if key.revoked_at else f"used {_moment(key.last_used_at) or 'never'}"
        name = click.style(f"{key.name:<{width}}", bold=not key.revoked_at)
        screen.data(f"{key.id}  {name}  {key.prefix}…  {','.join(sorted(key.scopes))}  {state}")
    return exit_codes.OK


async def _revoke(which: str, screen: Screen) -> int:
    async with open_keys(settings.load()) as (found, first):
        _keep(first)
        key = await _revoked(found, which)
    screen.object(_record(key))
    screen.say(f"{key.id} ({key.name}) is revoked.")
    return exit_codes.OK


async def _revoked(found: Keys, which: str) -> ApiKey:
    key = await found.revoke(which)
    return next(k for k in await found.list() if k.id == key.id)


def _keep(first: str) -> None:
    """The key that a new database starts with belongs to this machine's user."""
    if first:
        local_keys.keep(local_keys.LOCAL, first)


def _record(key: ApiKey) -> dict[str, Any]:
    return {
        "id": key.id,
        "name": key.name,
        "prefix": key.prefix,
        "scopes": sorted(key.scopes),
        "created_at": _moment(key.created_at),
        "last_used_at": _moment(key.last_used_at),
        "revoked_at": _moment(key.revoked_at),
    }


def _moment(milliseconds: int | None) -> str | None:
    if milliseconds is None:
        return None
    moment = datetime.fromtimestamp(milliseconds / 1000, UTC)
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")
