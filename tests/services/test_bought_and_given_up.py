"""Jobs that are given up after they were bought: the money is gone, so it is not given back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from doubles import FakeProvider
from flexura.domain.errors import ProviderUnavailable
from flexura.ports.provider import Operation, Order, Pending
from flexura.services.buying import Patience
from flexura.services.clock import now_ms
from flexura.settings import Settings
from gateway_house import House, opened
from scripted_provider import Scripted

pytestmark = pytest.mark.anyio
QUICK = Patience(submit=4.0, poll=4.0, downloads=2, pace=0.001)


class Stubborn(Scripted):
    """Cannot be reached when something is to be canceled."""

    async def cancel(self, operation: Operation, order: Order) -> None:
        await super().cancel(operation, order)
        raise ProviderUnavailable("away")


@pytest.fixture
def provider(tmp_path: Path) -> Stubborn:
    return Stubborn(tmp_path)


@pytest.fixture
async def house(tmp_path: Path, provider: Stubborn) -> AsyncIterator[House]:
    async with opened(Settings(home=tmp_path, environment={}), provider, patience=QUICK) as house:
        yield house


async def credits_of(house: House) -> dict[str, Any]:
    return (await house.http.get("/api/v1/account")).json()["credits"]


async def test_a_job_is_canceled_also_when_its_vendor_cannot_be_told(
    house: House, provider: Stubborn
) -> None:
    provider.polls = [Pending(3600.0, None, "", asyncio.Event())] * 9
    job_id = await house.order()
    await provider.polled.wait()
    await house.http.delete(f"/api/jobs/{job_id}")
    assert (await house.ended(job_id))["error_code"] == "canceled"
    assert provider.canceled == [job_id]


async def test_a_job_that_was_bought_before_it_was_canceled_is_paid(
    house: House, provider: Stubborn
) -> None:
    provider.polls = [Pending(3600.0, None, "", asyncio.Event())] * 9
    job_id = await house.order()
    await provider.polled.wait()
    await house.http.delete(f"/api/jobs/{job_id}")
    await house.ended(job_id)
    found = await credits_of(house)
    assert (found["spent"], found["reserved"]) == (2, 0)


async def test_a_job_whose_vendor_took_it_and_went_silent_is_paid(
    house: House, provider: Stubborn
) -> None:
    provider.polls = [ProviderUnavailable("away")] * 99
    job = await house.ended(await house.order())
    assert job["error_code"] == "provider_unavailable"
    found = await credits_of(house)
    assert (found["spent"], found["reserved"]) == (2, 0)


async def test_a_job_that_the_vendor_refused_costs_nothing(
    house: House, provider: Stubborn
) -> None:
    provider.submits = [ProviderUnavailable("away")] * 99
    await house.ended(await house.order())
    found = await credits_of(house)
    assert (found["spent"], found["reserved"]) == (0, 0)


async def test_a_job_that_no_worker_takes_up_any_more_can_be_canceled(
    tmp_path: Path, provider: Stubborn
) -> None:
    """As after its provider was taken out of the settings."""
    settings = Settings(home=tmp_path, environment={})
    provider.polls = [Pending(3600.0, None, "", asyncio.Event())] * 9
    async with opened(settings, provider, patience=QUICK) as before:
        job_id = await before.order()
        await provider.polled.wait()
    async with opened(settings, FakeProvider(tmp_path, name="other")) as after:
        store = after.app.services
        assert store is not None
        long_ago = now_ms() - 3_600_000
        await store.records.transact(lambda tx: tx.update_job(job_id, lease_until=long_ago))
        answer = await after.http.delete(f"/api/jobs/{job_id}")
        assert answer.json()["error_code"] == "canceled"
        found = await credits_of(after)
        assert (found["spent"], found["reserved"]) == (2, 0)
