"""A gateway inside this command, for sandboxes that forbid loopback or background processes."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import httpx2

from flexura import settings
from flexura.cli.own_key import own_key
from flexura.gateway.app import Gateway
from flexura.runtime import Bind, open_services

URL = "http://localhost"


@asynccontextmanager
async def gateway() -> AsyncGenerator[tuple[httpx2.AsyncBaseTransport, str]]:
    """The way to it, and its key. Jobs run while this is open; the next gateway goes on with the rest."""
    found = settings.load(local=True)
    key, _ = await own_key(found)
    app = Gateway(lambda: open_services(found, Bind()))
    async with app.running():
        yield httpx2.ASGITransport(app), key
