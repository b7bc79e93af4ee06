"""`flexura keys`: API keys of this machine's gateway, straight from its database; no gateway has to run."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any, cast, get_args

import click

from flexura import settings
from flexura.cli import exit_codes
from flexura.cli.screen import Screen
from flexura.domain.credit_rules import CreditRules, read_micro
from flexura.domain.credits import Period
from flexura.domain.errors import InvalidRequest
from flexura.domain.period import duration_ms, expiry
from flexura.domain.workspace import OPERATOR, SCOPES, ApiKey
from flexura.gateway.rest.tenants.words import key_record
from flexura.local import keys as local_keys
from flexura.runtime import open_tenants
from flexura.services.clock import iso, now_ms
from flexura.services.keys import KeyTerms, NewKey

JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
_WORKSPACE = click.option(
    "--workspace", default=OPERATOR, show_default=True, help="Whose keys: a name or an id."
)
ONCE = "Shown once: keep it where the agent that needs it finds MEDIA_GATEWAY_API_KEY."


@click.group(help="Make, list, rotate and revoke API keys of this machine's gateway.")
def keys() -> None:
    """No gateway has to run; a running one sees the change at once."""


@dataclass(frozen=True)
class _Wanted:
    """What the options of `create` say."""

    scopes: tuple[str, ...]
    expires: str | None
    rate: int | None
    budget: str | None
    priority: int

    def terms(self, rules: CreditRules) -> KeyTerms:
        """Raises InvalidRequest for a date or an amount that is none."""
        return KeyTerms(
            scopes=frozenset(self.scopes) or SCOPES,
            expires_at=None if self.expires is None else expiry(self.expires, now_ms()),
            requests_per_minute=self.rate,
            priority=self.priority,
            budget=None if self.budget is None else read_budget(self.budget, rules),
        )


def read_budget(text: str, rules: CreditRules) -> tuple[Period, int]:
    """`500/day` (credits) or `5usd/month`: the period and the microcredits. Raises InvalidRequest."""
    amount, _, period = text.partition("/")
    micro = read_micro(amount, rules)
    if micro < 0 or period not in get_args(Period):
        raise InvalidRequest(
            f"{text[:40]!r} is no budget.",
            field="budget",
            next_step="Write 500/day for credits, 5usd/month for money; also /total.",
        )
    return cast("Period", period), micro


@keys.command(help="Make a key. It is shown once, and only its SHA-256 is kept.")
@click.argument("name", default="key")
@_WORKSPACE
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    type=click.Choice(sorted(SCOPES)),
    help="What the key may do; several times for several. Default: everything.",
)
@click.option("--expires", help="When it stops working: 30d, 12h, or a date such as 2030-01-31.")
@click.option("--rate", type=click.IntRange(1), help="Requests a minute. Default: the workspace's.")
@click.option("--budget", help="What it may spend: 500/day (credits), 5usd/month, 20usd/total.")
@click.option(
    "--priority",
    type=click.IntRange(-9, 9),
    default=0,
    show_default=True,
    help="Of its orders; higher ones are begun first.",
)
@JSON
def create(name: str, workspace: str, as_json: bool, **options: Any) -> int:
    return asyncio.run(_create(name, workspace, _Wanted(**options), Screen(as_json)))


@keys.command("list", help="List the keys of a workspace, without the keys themselves.")
@_WORKSPACE
@JSON
def list_keys(workspace: str, as_json: bool) -> int:
    return asyncio.run(_list(workspace, Screen(as_json)))


@keys.command(
    short_help="Make the key that follows another.",
    help="Make the key that follows another, by its id or first 12 characters. Both work until the overlap "
    "is over.",
)
@click.argument("which")
@_WORKSPACE
@click.option("--overlap", default="24h", show_default=True, help="As 90m, 24h, 7d; 0h = at once.")
@JSON
def rotate(which: str, workspace: str, overlap: str, as_json: bool) -> int:
    return asyncio.run(_rotate(which, workspace, overlap, Screen(as_json)))


@keys.command(help="Revoke a key, by its id or the first 12 characters of the key.")
@click.argument("which")
@_WORKSPACE
@JSON
def revoke(which: str, workspace: str, as_json: bool) -> int:
    return asyncio.run(_revoke(which, workspace, Screen(as_json)))


async def _create(name: str, workspace: str, wanted: _Wanted, screen: Screen) -> int:
    configured = settings.load()
    terms = wanted.terms(configured.credits)
    async with open_tenants(configured) as tenants:
        keep(tenants.first)
        found = await tenants.workspaces.get(workspace)
        made = await tenants.keys.issue(found.id, name, terms)
    show(made, screen)
    return exit_codes.OK


async def _list(workspace: str, screen: Screen) -> int:
    async with open_tenants(settings.load()) as tenants:
        keep(tenants.first)
        listed = await tenants.keys.list(workspace)
    screen.object({"keys": [key_record(key) for key in listed]})
    width = max(len(key.name) for key in listed) if listed else 0
    for key in listed:
        name = click.style(f"{key.name:<{width}}", bold=not key.revoked_at)
        scopes = ",".join(sorted(key.scopes))
        screen.data(f"{key.id}  {name}  {key.prefix}…  {scopes}  {_state(key)}")
    return exit_codes.OK


def _state(key: ApiKey) -> str:
    if key.revoked_at:
        return "revoked"
    if key.expires_at and key.expires_at <= now_ms():
        return "expired"
    used = iso(key.last_used_at) if key.last_used_at else "never"
    until = f", until {iso(key.expires_at)}" if key.expires_at else ""
    followed = f", followed by {key.replaced_by}" if key.replaced_by else ""
    return f"used {used}{until}{followed}"


async def _rotate(which: str, workspace: str, overlap: str, screen: Screen) -> int:
    overlap_ms = duration_ms(overlap, "overlap")
    async with open_tenants(settings.load()) as tenants:
        keep(tenants.first)
        made, old = await tenants.keys.rotate(which, workspace, overlap_ms=overlap_ms)
    show(made, screen, {"replaces": key_record(old)})
    assert old.expires_at is not None, "a rotation ends a key"
    screen.say(f"{old.id} works until {iso(old.expires_at)}.")
    return exit_codes.OK


async def _revoke(which: str, workspace: str, screen: Screen) -> int:
    async with open_tenants(settings.load()) as tenants:
        keep(tenants.first)
        key = await tenants.keys.revoke(which, workspace)
    screen.object(key_record(key))
    screen.say(f"{key.id} ({key.name}) is revoked.")
    return exit_codes.OK


def show(made: NewKey, screen: Screen, more: dict[str, Any] | None = None) -> None:
    """A key that was made just now."""
    screen.object({"key": made.secret, **key_record(made.key), **(more or {})})
    screen.data(made.secret)
    screen.say(ONCE)


def keep(first: str) -> None:
    """The key that a new database starts with belongs to this machine's user."""
    if first:
        local_keys.keep(local_keys.LOCAL, first)
