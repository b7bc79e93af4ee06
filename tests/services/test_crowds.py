"""Many who wait: the gateway refuses more of them, and its own work goes on all the same."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from doubles import FakeProvider
from flexura.domain.load_limits import LoadLimits
from flexura.settings import Settings
from gateway_house import House, opened

pytestmark = pytest.mark.anyio


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    settings = Settings(home=tmp_path, environment={}, load=LoadLimits(waiters=0))
    async with opened(settings, FakeProvider(tmp_path)) as house:
        yield house


async def test_a_job_goes_on_while_no_more_requests_may_wait(house: House) -> None:
    house.fake.gate.clear()
    job_id = await house.order()
    await house.fake.polled.wait()
    refused = await house.http.get(f"/api/jobs/{job_id}?wait=30")
    assert refused.json()["error"]["code"] == "overloaded"
    house.fake.gate.set()
    while await house.app.services.records.unfinished():
        await asyncio.sleep(0)
    job = (await house.http.get(f"/api/jobs/{job_id}")).json()
    assert job["status"] == "completed", job
