"""The Idempotency-Key header over the whole gateway: one order, one purchase."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import pytest

from doubles import FakeProvider
from flexura.settings import Settings
from gateway_house import House, opened

pytestmark = pytest.mark.anyio
ROUNDS = 50 if os.environ.get("LONG") else 5
AT_ONCE = 200
ORDER = {"prompt": "a fox", "model": "fake:one"}


async def send(house: House, key: str, path: str = "/api/generate/image", **body: Any) -> Any:
    headers = {"Idempotency-Key": key}
    return await house.http.post(path, json={**ORDER, **body}, headers=headers)


async def test_a_repeat_gets_the_first_answer_and_says_so(house: House) -> None:
    first = await send(house, "k1")
    await house.ended(first.json()["job_id"])
    again = await send(house, "k1")
    assert (first.status_code, again.status_code) == (202, 202)
    assert again.json() == first.json(), "as it was, though the job has ended since"
    assert again.json()["status"] == "queued"
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    assert len(house.fake.submitted) == 1


async def test_a_repeat_is_answered_though_its_model_has_gone(house: House) -> None:
    first = await send(house, "k1")
    house.fake.offered = []
    again = await send(house, "k1")
    assert again.json() == first.json()


async def test_a_repeat_that_waits_gets_the_result(house: House) -> None:
    first = await send(house, "k1", wait=30)
    again = await send(house, "k1", wait=30)
    assert (first.status_code, again.status_code) == (200, 200)
    assert again.json()["assets"] == first.json()["assets"]
    assert again.headers["idempotent-replayed"] == "true"


async def test_the_same_body_in_another_spelling_is_the_same(house: House) -> None:
    first = await send(house, "k1", options={"width": 64, "strength": 1})
    again = await send(house, "k1", options={"strength": 1.0, "width": 64.0})
    assert again.json()["job_id"] == first.json()["job_id"]


async def test_another_body_is_refused_naming_the_header(house: House) -> None:
    await send(house, "k1")
    other = await send(house, "k1", n=2)
    error = other.json()["error"]
    assert (other.status_code, error["code"]) == (422, "idempotency_mismatch")
    assert error["field"] == "Idempotency-Key" and error["next_step"]


async def test_each_route_has_keys_of_its_own(house: House) -> None:
    first = await send(house, "k1")
    hook = {"url": "https://hooks.invalid/"}
    answer = await house.http.post("/api/v1/webhooks", json=hook, headers={"Idempotency-Key": "k1"})
    assert (first.status_code, answer.status_code) == (202, 201)


async def test_a_refusal_is_not_remembered(house: House) -> None:
    assert (await send(house, "k1", model="fake:none")).status_code == 404
    assert (await send(house, "k1", max_cost=0.001)).status_code == 402
    assert (await send(house, "k1")).status_code == 202


async def test_a_key_that_is_too_long_is_refused(house: House) -> None:
    answer = await send(house, "k" * 256)
    assert (answer.status_code, answer.json()["error"]["field"]) == (400, "Idempotency-Key")
    assert (await send(house, "k" * 255)).status_code == 202


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/generate/image", ORDER),
        ("/api/v1/jobs", {"pipeline": "text-to-image-basic", "input": {"prompt": "a fox"}}),
        ("/api/v1/templates/text-to-image-basic/runs", {"inputs": {"prompt": "a fox"}}),
    ],
)
async def test_a_key_that_is_too_long_is_refused_though_nothing_would_be_made(
    house: House, path: str, body: dict[str, Any]
) -> None:
    headers = {"Idempotency-Key": "k" * 256}
    answer = await house.http.post(path, json={**body, "dry_run": True}, headers=headers)
    assert (answer.status_code, answer.json()["error"]["field"]) == (400, "Idempotency-Key")


async def test_a_dry_run_uses_no_key_up(house: House) -> None:
    assert (await send(house, "k1", dry_run=True)).status_code == 200
    assert "idempotent-replayed" not in (await send(house, "k1")).headers


async def test_a_registered_webhook_is_replayed_with_its_first_status(house: House) -> None:
    body, headers = {"url": "https://hooks.invalid/"}, {"Idempotency-Key": "hook"}
    first = await house.http.post("/api/v1/webhooks", json=body, headers=headers)
    again = await house.http.post("/api/v1/webhooks", json=body, headers=headers)
    assert (again.status_code, again.json()) == (201, first.json())
    assert again.headers["idempotent-replayed"] == "true"
    assert len((await house.http.get("/api/v1/webhooks")).json()["webhooks"]) == 1


async def test_keys_outlive_a_restart(house: House) -> None:
    first = await send(house, "k1")
    await house.ended(first.json()["job_id"])
    async with opened(house.settings, house.fake) as again:
        again.http.headers["Authorization"] = f"Bearer {house.key}"
        assert (await send(again, "k1")).json() == first.json()


async def test_the_same_order_two_hundred_times_at_once_is_one_job_and_one_purchase(
    gateway_settings: Settings, tmp_path: Path
) -> None:
    access = replace(gateway_settings.access, requests_per_minute=1_000_000)
    settings = replace(gateway_settings, access=access)
    async with opened(settings, FakeProvider(tmp_path)) as house:
        await _storm(house)


async def _storm(house: House) -> None:
    for number in range(ROUNDS):
        key, before = f"storm-{number}", len(house.fake.submitted)
        answers: list[httpx2.Response] = await asyncio.gather(
            *(send(house, key) for _ in range(AT_ONCE))
        )
        assert {a.status_code for a in answers} <= {202, 409}
        refused = [a.json()["error"]["code"] for a in answers if a.status_code == 409]
        assert set(refused) <= {"idempotency_in_progress"}
        again = await send(house, key)
        jobs = {a.json()["job_id"] for a in [*answers, again] if a.status_code == 202}
        assert len(jobs) == 1
        assert sum("idempotent-replayed" not in a.headers for a in answers) - len(refused) == 1
        await house.ended(jobs.pop())
        assert len(house.fake.submitted) == before + 1
