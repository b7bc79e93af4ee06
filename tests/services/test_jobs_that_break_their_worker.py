"""A job that breaks whoever works on it is taken up again, and not for ever."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from doubles import FakeProvider
from flexura.domain.errors import Overloaded
from flexura.domain.job import Job
from flexura.services import attempt
from flexura.services.attempt import LeaseLost
from flexura.services.clock import now_ms
from flexura.services.runs import runner
from flexura.services.runs.searching import search
from flexura.services.work import Worker
from flexura.settings import Settings
from gateway_house import House, opened

pytestmark = pytest.mark.anyio
SEARCHING = {
    "slug": "found",
    "name": "Found",
    "inputs": [{"id": "subject", "type": "TEXT"}],
    "steps": [
        {"id": "look", "uses": "search", "prompt": "{{inputs.subject}}"},
        {"id": "draw", "uses": "image", "prompt": "{{steps.look.text}}"},
    ],
    "outputs": ["draw"],
}


@pytest.fixture
async def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    monkeypatch.setattr(attempt, "_MOST_ATTEMPTS", 3)
    settings = Settings(home=tmp_path, environment={}, lease_seconds=0.1)
    async with opened(settings, FakeProvider(tmp_path)) as house:
        yield house


async def spent(house: House) -> tuple[float, float]:
    found = (await house.http.get("/api/v1/account")).json()["credits"]
    return found["spent"], found["reserved"]


async def test_it_is_given_up_after_some_attempts_and_paid_if_it_was_bought(house: House) -> None:
    job = await house.ended(await house.order("crash"))
    assert (job["error_code"], len(house.fake.submitted)) == ("internal_error", 1)
    assert job["next_step"]
    assert await spent(house) == (2, 0)


async def test_a_run_is_given_up_too_and_gives_back_what_nothing_was_bought_for(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = 0

    async def broken(*given: Any) -> str:
        nonlocal tries
        tries += 1
        raise ZeroDivisionError

    assert runner.search is search
    monkeypatch.setattr(runner, "search", broken)
    await house.http.post("/api/v1/templates", json=SEARCHING)
    sent = {"inputs": {"subject": "a fox"}, "wait": 30}
    made = await house.http.post("/api/v1/templates/found/runs", json=sent)
    job = await house.ended(made.json()["job_id"])
    assert (job["error_code"], tries) == ("internal_error", 3)
    assert await spent(house) == (0, 0)


async def test_a_store_that_is_away_for_a_while_ends_no_job_that_is_paid_for(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    records, failed = house.app.services.records, asyncio.Event()
    house.fake.gate.clear()
    real = records.job

    async def away(*names: str) -> Any:
        monkeypatch.setattr(records, "job", real)
        failed.set()
        raise Overloaded("The database cannot be reached.", retry_after=5)

    job_id = await house.order()
    await house.fake.polled.wait()
    monkeypatch.setattr(records, "job", away)
    house.fake.gate.set()
    await failed.wait()
    job = await house.ended(job_id)
    assert (job["status"], len(house.fake.submitted)) == ("completed", 1)


async def test_a_claim_that_a_crash_of_the_database_undid_buys_nothing(house: House) -> None:
    records: Any = house.app.services.records
    nothing: Any = None
    worker = Worker(records, nothing, {}, nothing, nothing, nothing, house.settings.home, nothing)
    at = now_ms()
    mine = Job(
        id="job_1",
        workspace_id="ws_1",
        kind="image",
        state="awaiting_approval",
        provider="fake",
        model_id="fake:one",
        prompt="a fox",
        request={},
        call={},
        created_at=at,
        updated_at=at,
        attempt=1,
        lease_owner="own_1",
    )
    await records.transact(lambda tx: tx.insert_job(mine.evolve(lease_owner="own_2")))
    with pytest.raises(LeaseLost):
        await worker.begin(mine)
    found = await records.job("ws_1", "job_1")
    assert found is not None and found.phase == "queued"
