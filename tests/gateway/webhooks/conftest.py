"""A gateway that may send webhooks to a receiver on this machine."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from doubles import FakeProvider
from flexura.settings import Settings
from gateway_house import House, opened
from webhooks_house import Receiver, receiving


@dataclass
class Hooked:
    """A gateway and who listens to it."""

    house: House
    receiver: Receiver

    async def listen(self, *events: str, path: str = "/hook") -> str:
        """Register the receiver; the webhook's id."""
        body = {"url": f"{self.receiver.url}{path}", "events": list(events)}
        answer = await self.house.http.post("/api/v1/webhooks", json=body)
        assert answer.status_code == 201, answer.text
        return answer.json()["id"]

    async def secret(self) -> str:
        return (await self.house.http.get("/api/v1/webhooks/secret")).json()["secret"]

    async def told(self, count: int) -> list[str]:
        """The types of the first messages, sorted."""
        received = await self.receiver.until(count)
        return sorted(request.json()["type"] for request in received)


@pytest.fixture
async def hooked(gateway_settings: Settings, tmp_path: Path) -> AsyncIterator[Hooked]:
    async with receiving() as receiver:
        settings = replace(gateway_settings, webhook_origins=(receiver.url,))
        async with opened(settings, FakeProvider(tmp_path)) as house:
            yield Hooked(house, receiver)
