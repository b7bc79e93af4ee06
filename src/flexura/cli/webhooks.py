"""`flexura webhooks`: who is told of jobs, the secret that signs, and what was sent."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import click

from flexura.cli import exit_codes
from flexura.cli.connection import connected
from flexura.cli.screen import Screen
from flexura.client.webhooks import DeliveryAnswer, SecretsAnswer, Webhook, WebhooksClient
from flexura.domain.webhook import EVENTS

_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
_STATES = ("pending", "delivered", "failed")
_OVERLAP_HOURS = 24.0


@click.group(help="Be told of jobs by signed messages (Standard Webhooks), and see what was sent.")
def webhooks() -> None:
    """Each command asks the gateway; changes need a key with the scope admin."""


@webhooks.command("list", help="List the webhooks of this workspace.")
@_JSON
def list_webhooks(as_json: bool) -> int:
    return asyncio.run(_list(Screen(as_json)))


@webhooks.command(help="Tell URL of events from now on.")
@click.argument("url")
@click.option(
    "--event",
    "events",
    multiple=True,
    type=click.Choice(EVENTS),
    help="Only this event; several times for several. Default: all.",
)
@click.option("--description", default="", help="A note for people.")
@_JSON
def add(url: str, events: tuple[str, ...], description: str, as_json: bool) -> int:
    return asyncio.run(_add(url, events, description, Screen(as_json)))


@webhooks.command(help="Tell a webhook nothing more.")
@click.argument("webhook_id", metavar="ID")
@_JSON
def remove(webhook_id: str, as_json: bool) -> int:
    return asyncio.run(_remove(webhook_id, Screen(as_json)))


@webhooks.command(help="Turn a webhook on again that was turned off.")
@click.argument("webhook_id", metavar="ID")
@_JSON
def enable(webhook_id: str, as_json: bool) -> int:
    return asyncio.run(_enable(webhook_id, Screen(as_json)))


@webhooks.command(help="Send a test message to a webhook.")
@click.argument("webhook_id", metavar="ID")
@_JSON
def test(webhook_id: str, as_json: bool) -> int:
    return asyncio.run(_test(webhook_id, Screen(as_json)))


@webhooks.command(help="See what was sent, newest first.")
@click.option("--webhook", "endpoint_id", default="", help="Only to the webhook of this id.")
@click.option("--state", type=click.Choice(_STATES), help="Only in this state.")
@click.option("--limit", type=click.IntRange(1, 100), default=20, show_default=True)
@click.option("--cursor", default="", help="Go on where a page ended.")
@_JSON
def deliveries(endpoint_id: str, state: str | None, limit: int, cursor: str, as_json: bool) -> int:
    return asyncio.run(_deliveries(endpoint_id, state or "", limit, cursor, Screen(as_json)))


@webhooks.command(help="Send a message once more, with the same id.")
@click.argument("delivery_id", metavar="ID")
@_JSON
def redeliver(delivery_id: str, as_json: bool) -> int:
    return asyncio.run(_redeliver(delivery_id, Screen(as_json)))


@webhooks.command(help="Show the secret that signs, or make a new one with --rotate.")
@click.option("--rotate", is_flag=True, help="Make a new one; the old one signs beside it.")
@click.option(
    "--overlap",
    type=click.FloatRange(0, 168),
    default=_OVERLAP_HOURS,
    show_default=True,
    help="Hours for which the old one signs too.",
)
@_JSON
def secret(rotate: bool, overlap: float, as_json: bool) -> int:
    return asyncio.run(_secret(rotate, overlap, Screen(as_json)))


@asynccontextmanager
async def _client() -> AsyncGenerator[WebhooksClient]:
    async with connected() as connection:
        yield WebhooksClient(connection.client)


async def _list(screen: Screen) -> int:
    async with _client() as client:
        found = await client.list()
    screen.object(found.model_dump(mode="json"))
    for one in found.webhooks:
        screen.data(_line(one))
    if not found.webhooks:
        screen.say("There is no webhook; `flexura webhooks add URL` makes one.")
    return exit_codes.OK


async def _add(url: str, events: tuple[str, ...], description: str, screen: Screen) -> int:
    async with _client() as client:
        made = await client.add(url, events, description)
    screen.object(made.model_dump(mode="json"))
    screen.data(made.id)
    screen.next(f"`flexura webhooks test {made.id}`; `flexura webhooks secret` shows what signs.")
    return exit_codes.OK


async def _remove(webhook_id: str, screen: Screen) -> int:
    async with _client() as client:
        await client.remove(webhook_id)
    screen.object({"id": webhook_id, "removed": True})
    screen.say(f"{webhook_id} is removed; it is told nothing more.")
    return exit_codes.OK


async def _enable(webhook_id: str, screen: Screen) -> int:
    async with _client() as client:
        changed = await client.change(webhook_id, enabled=True)
    screen.object(changed.model_dump(mode="json"))
    screen.say(f"{changed.id} is on. What failed meanwhile: `flexura webhooks redeliver ID`.")
    return exit_codes.OK


async def _test(webhook_id: str, screen: Screen) -> int:
    async with _client() as client:
        sent = await client.test(webhook_id)
    screen.object(sent.model_dump(mode="json"))
    screen.data(sent.id)
    screen.next("`flexura webhooks deliveries` shows what came of it.")
    return exit_codes.OK


async def _deliveries(endpoint_id: str, state: str, limit: int, cursor: str, screen: Screen) -> int:
    async with _client() as client:
        found = await client.deliveries(
            endpoint_id=endpoint_id, state=state, limit=limit, cursor=cursor
        )
    screen.object(found.model_dump(mode="json"))
    for one in found.deliveries:
        screen.data(_message(one))
    if found.next_cursor:
        screen.say(f"There are more: add --cursor {found.next_cursor}")
    if not found.deliveries:
        screen.say("Nothing was sent yet; it is kept for 30 days.")
    return exit_codes.OK


async def _redeliver(delivery_id: str, screen: Screen) -> int:
    async with _client() as client:
        sent = await client.redeliver(delivery_id)
    screen.object(sent.model_dump(mode="json"))
    screen.say(f"{sent.id} is on its way to {sent.url} again.")
    return exit_codes.OK


async def _secret(rotate: bool, overlap: float, screen: Screen) -> int:
    async with _client() as client:
        found = await (client.rotate(overlap) if rotate else client.secrets())
    screen.object(found.model_dump(mode="json"))
    _tell_secrets(found, screen)
    return exit_codes.OK


def _tell_secrets(found: SecretsAnswer, screen: Screen) -> None:
    for one in found.secrets:
        screen.data(one.secret)
        if one.expires_at:
            screen.say(f"The one above signs beside the newest until {one.expires_at}.")


def _line(one: Webhook) -> str:
    state = click.style("on", fg="green") if one.enabled else click.style("off", fg="red")
    what = ", ".join(one.events) or "all events"
    why = f"  {one.disabled_reason}" if one.disabled_reason else ""
    return f"{one.id}  {state}  {one.url}  {what}{why}"


def _message(one: DeliveryAnswer) -> str:
    said = f"  {one.error}" if one.error else ""
    tries = f"{one.attempts} {'try' if one.attempts == 1 else 'tries'}"
    return f"{one.id}  {one.created_at}  {one.event}  {one.state}  {tries}  {one.url}{said}"
