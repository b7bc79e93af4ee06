"""The typed client in front of a whole gateway in this process."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest

from client_desk import Desk
from doubles import FakeProvider
from flexura import settings
from flexura.client import GatewayClient
from gateway_house import BASE, opened


@pytest.fixture
async def desk(flexura_home: Path, tmp_path: Path) -> AsyncIterator[Desk]:
    async with opened(settings.load({}), FakeProvider(tmp_path)) as house:
        transport = httpx2.ASGITransport(house.app)
        async with GatewayClient(BASE, house.key, transport=transport) as client:
            yield Desk(client, house)
