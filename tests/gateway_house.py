"""A whole gateway in this process, with a provider that tests control beside the embedded one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx2

from doubles import FakeProvider
from flexura.gateway.app import Gateway
from flexura.runtime import Bind, open_keys, open_services
from flexura.services.buying import Patience
from flexura.settings import Settings
from postgres_house import on_the_store_of_this_run

BASE = "http://localhost:3000"


@dataclass
class House:
    """A running gateway and who talks to it."""

    app: Gateway
    http: httpx2.AsyncClient
    fake: FakeProvider
    key: str
    settings: Settings

    async def order(self, prompt: str = "a fox", **body: Any) -> str:
        """Submit an image order to the fake provider; its job id."""
        sent = {"prompt": prompt, "model": "fake:one", **body}
        answer = await self.http.post("/api/generate/image", json=sent)
        assert answer.status_code == 202, answer.text
        return answer.json()["job_id"]

    async def ended(self, job_id: str) -> dict[str, Any]:
        """The job when it has ended."""
        answer = await self.http.get(f"/api/jobs/{job_id}?wait=30")
        assert answer.json()["status"] in ("completed", "failed"), answer.text
        return answer.json()


@asynccontextmanager
async def opened(
    settings: Settings,
    fake: FakeProvider,
    patience: Patience | None = None,
    *,
    works: bool = True,
) -> AsyncIterator[House]:
    """A gateway with these settings; with TEST_STORE=postgres in the environment on a team's store."""
    settings = on_the_store_of_this_run(settings)
    bind = Bind(patience=patience or Patience(), works=works)
    async with open_keys(settings) as (keys, first):
        key = first or (await keys.create("test"))[0]
    app = Gateway(lambda: open_services(settings, bind, [fake]))
    transport = httpx2.ASGITransport(app)
    headers = {"Authorization": f"Bearer {key}"}
    async with (
        app.running(),
        httpx2.AsyncClient(transport=transport, base_url=BASE, headers=headers) as http,
    ):
        yield House(app, http, fake, key, settings)
