"""A job that breaks whoever works on it is taken up again, and not for ever."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from doubles import FakeProvider
from flexura.services import attempt
from flexura.services.runs import runner
from flexura.services.runs.searching import search
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
