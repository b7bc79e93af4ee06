"""People with keys of their own, for tests of workspaces, keys and limits."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx2

from gateway_house import BASE, House


@dataclass
class Person:
    """Somebody who talks to the gateway with one key."""

    http: httpx2.AsyncClient
    workspace: str
    key: str

    async def order(self, prompt: str = "a fox") -> dict[str, Any]:
        """An image of the fake provider, finished."""
        sent = {"prompt": prompt, "model": "fake:one"}
        made = await self.http.post("/api/generate/image?wait=30", json=sent)
        assert made.status_code == 200, made.text
        return made.json()


@asynccontextmanager
async def person(house: House, key: str, workspace: str = "") -> AsyncIterator[Person]:
    """A client with this key."""
    transport = httpx2.ASGITransport(house.app)
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    async with httpx2.AsyncClient(transport=transport, base_url=BASE, headers=headers) as http:
        yield Person(http, workspace, key)


@asynccontextmanager
async def tenant(house: House, name: str, **body: Any) -> AsyncIterator[Person]:
    """The first person of a workspace that is made for it."""
    made = await house.http.post("/api/v1/workspaces", json={"name": name, **body})
    assert made.status_code == 201, made.text
    async with person(house, made.json()["key"], name) as found:
        yield found


def code(answer: httpx2.Response) -> tuple[int, str]:
    """Status and error code."""
    return answer.status_code, answer.json()["error"]["code"]
