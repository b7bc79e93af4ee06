"""Two sides of one question, whose rounds take turns: small and large, before and after."""

from __future__ import annotations

import contextlib
import statistics
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2

from flexura import settings
from flexura.gateway.app import Gateway
from flexura.runtime import Bind, open_keys, open_services
from flexura.storage.migrate import migrate
from flexura.storage.sqlite import SqliteRecords, connect

Ask = Callable[[], Awaitable[Any]]
Fill = Callable[[Path, str, int], None]
"""Writes so many rows of a workspace into a database."""


async def timed(ask: Ask, calls: int) -> float:
    """Seconds that one call takes."""
    begun = time.perf_counter()
    for _ in range(calls):
        await ask()
    return (time.perf_counter() - begun) / calls


async def compared(
    sides: Sequence[Mapping[str, Ask]], *, rounds: int, calls: int, scale: float
) -> dict[str, tuple[float, float]]:
    """For each question the medians of both sides, in seconds times `scale`."""
    found: dict[str, tuple[float, float]] = {}
    for name in sides[0]:
        taken = [[await timed(side[name], calls) for side in sides] for _ in range(rounds)]
        first, second = (statistics.median(one) * scale for one in zip(*taken, strict=True))
        found[name] = (first, second)
    return found


def store_of(folder: Path, count: int, fill: Fill) -> SqliteRecords:
    """A store with so many rows of the workspace `ws`; tells what that took."""
    path = folder / f"store-{count}.db"
    migrate(path)
    begun = time.perf_counter()
    fill(path, "ws", count)
    took, size = time.perf_counter() - begun, path.stat().st_size / 1e6
    print(f"{count:,} rows: {size:.0f} MB, stored in {took:.2f} s")
    return SqliteRecords(path)


async def gateway_of(
    stack: contextlib.AsyncExitStack, home: Path, count: int, fill: Fill
) -> tuple[httpx2.AsyncClient, str]:
    """A gateway in this process whose workspace has so many rows: a client that nobody knows, and a key."""
    # A home of its own, said here: `load` takes the one of whoever runs this.
    home.mkdir()
    loaded = settings.load({})
    unlimited = replace(loaded.access, requests_per_minute=0)
    configured = replace(loaded, home=home, access=unlimited)
    async with open_keys(configured) as (keys, first):
        key = first or (await keys.create("bench"))[0]
    connection = connect(configured.database, writing=True)
    workspace = connection.execute("SELECT id FROM workspaces").fetchone()[0]
    connection.close()
    fill(configured.database, workspace, count)
    gateway = Gateway(lambda: open_services(configured, Bind(works=False), []))
    await stack.enter_async_context(gateway.running())
    transport = httpx2.ASGITransport(gateway)
    client = httpx2.AsyncClient(transport=transport, base_url="http://localhost:3000")
    return await stack.enter_async_context(client), key
