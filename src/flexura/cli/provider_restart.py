"""A gateway reads its keys when it starts: one without work is stopped, and the next call starts it anew."""

from __future__ import annotations

import asyncio

import httpx2

from flexura.cli.screen import Screen
from flexura.client import GatewayClient
from flexura.domain.errors import FlexuraError
from flexura.local import gateway
from flexura.local.errors import LocalError
from flexura.local.gateway import Running

_SECONDS = 5.0


def let_it_read(screen: Screen) -> str:
    """Make the running gateway take new keys, or say how: `stopped`, `running` or `none`."""
    running = gateway.find()
    if running is None:
        return "none"
    # One that somebody runs in a terminal is not ours to stop.
    if not running.on_demand:
        screen.next("start your `flexura serve` again; it reads its keys when it starts.")
        return "running"
    working = asyncio.run(_unfinished(running))
    if working != 0:
        jobs = "it cannot be asked for its jobs" if working is None else f"jobs in hand: {working}"
        screen.say(f"Your gateway still runs with the old keys: {jobs}.")
        screen.next("flexura gateway stop   (unfinished jobs go on with the next start)")
        return "running"
    try:
        gateway.stop()
    except LocalError as error:
        screen.warn(f"your gateway still runs with the old keys: {error.message}")
        screen.next(error.next_step or "flexura gateway stop")
        return "running"
    screen.say("Stopped your gateway; the next call starts it with the new keys.")
    return "stopped"


async def _unfinished(running: Running) -> int | None:
    """How many jobs it has in hand; None where it does not say."""
    # What runs on this machine is asked directly, whatever proxy the environment names.
    network = httpx2.AsyncHTTPTransport()
    try:
        async with (
            asyncio.timeout(_SECONDS),
            GatewayClient(running.url, running.token, transport=network) as client,
        ):
            lists = [await client.jobs(status=s, limit=1) for s in ("processing", "queued")]
    except (FlexuraError, LocalError, TimeoutError):
        return None
    return sum(found.total for found in lists)
