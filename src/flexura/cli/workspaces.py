"""`flexura workspaces`: who works on this machine's gateway, straight from its database."""

from __future__ import annotations

import asyncio
from typing import Any

import click

from flexura import settings
from flexura.cli import exit_codes
from flexura.cli.keys import JSON, ONCE, keep
from flexura.cli.screen import Screen
from flexura.domain.credit_rules import read_micro, read_unknown
from flexura.domain.period import duration_ms
from flexura.domain.workspace import Workspace
from flexura.gateway.rest.tenants.words import new_workspace, workspace_record
from flexura.runtime import open_tenants
from flexura.services.clock import iso
from flexura.services.workspaces import WorkspaceTerms

_RULES = ("retention_days", "requests_per_minute", "most_queued", "unknown_price", "confirm_above")
_PLAN = click.option("--plan", help="The plan's name.")
_APPROVED = click.option(
    "--approved/--not-approved",
    default=None,
    help="Whether it may work while the environment is closed. New ones may.",
)
_RETENTION = click.option(
    "--retention-days",
    type=click.IntRange(1, 3650),
    help="How long files that it stores from now on are kept.",
)


@click.group(help="Make, list, approve and change workspaces of this machine's gateway.")
def workspaces() -> None:
    """No gateway has to run; a running one sees the change at once."""


@workspaces.command(help="Make a workspace with its first key, which is shown once.")
@click.argument("name")
@_PLAN
@_APPROVED
@_RETENTION
@click.option("--metered", is_flag=True, help="It pays for what it orders; with --credits it does.")
@click.option("--credits", "granted", help="What it begins with: 500 (credits) or 5usd.")
@JSON
def create(name: str, as_json: bool, **options: Any) -> int:
    return asyncio.run(_create(name, options, Screen(as_json)))


@workspaces.command("list", help="List all workspaces.")
@JSON
def list_workspaces(as_json: bool) -> int:
    return asyncio.run(_list(Screen(as_json)))


@workspaces.command(help="Let a workspace work while the environment is closed.")
@click.argument("name")
@JSON
def approve(name: str, as_json: bool) -> int:
    return asyncio.run(_change(name, {"approved": True}, {}, Screen(as_json)))


@workspaces.command("set", help="Change a workspace and its own rules.")
@click.argument("name")
@_PLAN
@_APPROVED
@_RETENTION
@click.option("--requests-per-minute", type=click.IntRange(0), help="Of each key; 0 = no limit.")
@click.option("--most-queued", type=click.IntRange(0), help="Jobs that may wait at once.")
@click.option("--unknown-price", help="Orders whose price nobody knows: allow, refuse or cap:N.")
@click.option("--confirm-above", type=click.FloatRange(0), help="USD that want a confirmation.")
@click.option(
    "--unset",
    multiple=True,
    type=click.Choice(_RULES),
    help="Take a rule back; the gateway's settings hold again.",
)
@JSON
def set_rules(name: str, unset: tuple[str, ...], as_json: bool, **options: Any) -> int:
    if options["unknown_price"] is not None:
        read_unknown(options["unknown_price"])
    policy = {rule: options[rule] for rule in _RULES if options[rule] is not None}
    policy |= dict.fromkeys(unset)
    columns = {name: options[name] for name in ("plan", "approved")}
    return asyncio.run(_change(name, columns, policy, Screen(as_json)))


@workspaces.command(help="Make a code with which one person can sign up. It is shown once.")
@click.option("--credits", "granted", help="What the workspace begins with: 500 or 5usd.")
@click.option("--valid", default="14d", show_default=True, help="How long it can be used.")
@JSON
def invite(granted: str | None, valid: str, as_json: bool) -> int:
    return asyncio.run(_invite(granted, valid, Screen(as_json)))


async def _create(name: str, options: dict[str, Any], screen: Screen) -> int:
    configured, days = settings.load(), options["retention_days"]
    terms = WorkspaceTerms(
        plan=options["plan"] or WorkspaceTerms().plan,
        approved=options["approved"] is not False,
        policy={} if days is None else {"retention_days": days},
        metered=options["metered"],
        credits=_micro(options["granted"], configured),
    )
    async with open_tenants(configured) as tenants:
        keep(tenants.first)
        made = await tenants.workspaces.create(name, terms)
    screen.object(new_workspace(made))
    screen.data(made.first.secret)
    screen.say(f"{made.workspace.id} ({made.workspace.name}) is there; this is its first key.")
    screen.say(ONCE)
    return exit_codes.OK


def _micro(text: str | None, configured: settings.Settings) -> int:
    micro = 0 if text is None else read_micro(text, configured.credits)
    if micro < 0:
        raise click.UsageError("--credits is below 0.")
    return micro


async def _list(screen: Screen) -> int:
    async with open_tenants(settings.load()) as tenants:
        keep(tenants.first)
        listed = await tenants.workspaces.list()
    screen.object({"workspaces": [workspace_record(one) for one in listed]})
    width = max((len(one.name) for one in listed), default=0)
    for one in listed:
        screen.data(f"{one.id}  {click.style(f'{one.name:<{width}}', bold=True)}  {_about(one)}")
    return exit_codes.OK


def _about(workspace: Workspace) -> str:
    rules = [f"{name}={value}" for name, value in sorted(workspace.policy.items())]
    state = [] if workspace.approved else ["not approved"]
    return "  ".join((workspace.plan, *state, *rules))


async def _change(
    which: str, columns: dict[str, Any], policy: dict[str, Any], screen: Screen
) -> int:
    async with open_tenants(settings.load()) as tenants:
        keep(tenants.first)
        changed = await tenants.workspaces.change(which, **columns, policy=policy)
    screen.object(workspace_record(changed))
    screen.say(f"{changed.name}: {_about(changed)}")
    return exit_codes.OK


async def _invite(granted: str | None, valid: str, screen: Screen) -> int:
    configured = settings.load()
    micro = None if granted is None else _micro(granted, configured)
    valid_ms = duration_ms(valid, "valid")
    async with open_tenants(configured) as tenants:
        keep(tenants.first)
        code, made = await tenants.sign_ups.invite(micro, valid_ms)
    screen.object({"invite": code, "id": made.id, "expires_at": iso(made.expires_at)})
    screen.data(code)
    screen.say(
        f"Shown once; good for one sign-up at /dashboard/signup until {iso(made.expires_at)}."
    )
    if configured.access.signup.mode == "off":
        screen.warn("sign-up is off: set FLEXURA_SIGNUP=invite for the gateway.")
    return exit_codes.OK
