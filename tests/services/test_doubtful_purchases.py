"""Purchases of which nobody knows whether they were made: never made again, never forgotten, never free.

Found by the simulated schedules (tests/simulation).
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from doubles import model
from flexura.domain.errors import DiskFull, OutcomeUnknown, ProviderError
from flexura.outbound.answer import Unreachable
from flexura.ports.provider import Failed
from flexura.services.buying import Patience
from flexura.services.clock import now_ms
from flexura.services.work import Worker
from flexura.settings import Settings
from gateway_house import House, opened
from scripted_provider import Scripted

pytestmark = pytest.mark.anyio
QUICK = Patience(submit=4.0, poll=4.0, downloads=2, pace=0.001)
LOST = Unreachable("line broke", sent=True)


@pytest.fixture
def provider(tmp_path: Path) -> Scripted:
    found = Scripted(tmp_path)
    # One picture in each purchase.
    found.offered = [model("one", max_n=1)]
    return found


@pytest.fixture
async def house(tmp_path: Path, provider: Scripted) -> AsyncIterator[House]:
    async with opened(Settings(home=tmp_path, environment={}), provider, patience=QUICK) as house:
        yield house


def services_of(house: House) -> Any:
    return house.app.services


async def spent(house: House) -> int:
    return int((await house.http.get("/api/v1/account")).json()["credits"]["spent"])


async def test_a_variant_that_may_have_been_bought_is_not_ordered_again_by_the_next_worker(
    house: House, provider: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    provider.submits = [{"ticket": 1}, LOST]
    write, broken = Worker.write, [RuntimeError("the worker broke down")]

    async def breaks_down_once(worker: Worker, job: Any, **changes: Any) -> Any:
        written = await write(worker, job, **changes)
        if changes.get("phase") == "downloading" and broken:
            raise broken.pop()
        return written

    monkeypatch.setattr(Worker, "write", breaks_down_once)
    job = await house.ended(await house.order(n=2))
    assert (job["status"], len(job["assets"])) == ("completed", 1)
    assert [w["code"] for w in job["warnings"]] == ["outcome_unknown"]
    assert len(provider.orders) == 2


async def test_a_job_of_which_nothing_came_tells_of_the_variant_that_nobody_knows_of(
    house: House, provider: Scripted
) -> None:
    provider.submits = [{"ticket": 1}, LOST]
    provider.polls = [Failed("content_policy", "Refused.", "Change the prompt.")]
    job = await house.ended(await house.order(n=2))
    assert (job["status"], job["error_code"]) == ("failed", "outcome_unknown")
    assert "account" in job["next_step"]
    assert await spent(house) > 0


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (ProviderError("It broke.", upstream_status=500), "outcome_unknown"),
        (ProviderError("The key is refused.", upstream_status=401), "outcome_unknown"),
        (ProviderError("No such size.", upstream_status=422), "provider_error"),
    ],
)
async def test_who_knows_the_order_by_its_name_and_breaks_down_has_not_said_that_it_was_not_taken(
    tmp_path: Path, answer: ProviderError, code: str
) -> None:
    provider = Scripted(tmp_path, deduplicates=True)
    provider.submits = [OutcomeUnknown("junk"), answer]
    async with opened(Settings(home=tmp_path, environment={}), provider, patience=QUICK) as house:
        job = await house.ended(await house.order())
        assert (job["status"], job["error_code"]) == ("failed", code)
        assert (await spent(house) > 0) == (code == "outcome_unknown")


async def test_what_was_bought_while_the_disk_was_full_is_saved_when_it_has_room(
    house: House, provider: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, full = Worker.write, [DiskFull(), DiskFull()]

    async def fails_twice(worker: Worker, job: Any, **changes: Any) -> Any:
        if "operation" in changes and full:
            raise full.pop()
        return await write(worker, job, **changes)

    monkeypatch.setattr(Worker, "write", fails_twice)
    job = await house.ended(await house.order())
    assert (job["status"], len(provider.orders)) == ("completed", 1)


async def test_canceling_what_no_worker_takes_up_does_not_give_back_what_may_have_been_bought(
    tmp_path: Path, provider: Scripted
) -> None:
    settings = Settings(home=tmp_path, environment={})
    async with opened(settings, provider, patience=QUICK, works=False) as house:
        job_id = await house.order()
        records, long_ago = services_of(house).records, now_ms() - 3_600_000
        crashed = {"state": "running", "phase": "submitting", "lease_until": long_ago}
        await records.transact(lambda tx: tx.update_job(job_id, **crashed))
        answer = await house.http.delete(f"/api/jobs/{job_id}")
        assert answer.json()["error_code"] == "outcome_unknown"
        assert await spent(house) == 2
