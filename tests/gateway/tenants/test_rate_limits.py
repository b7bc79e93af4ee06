"""How often a key may ask, how often keys may be tried, how many jobs may wait."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from doubles import FakeProvider
from flexura.domain.access_rules import AccessRules
from flexura.domain.workspace import new_secret
from flexura.settings import Settings
from gateway_house import House, opened
from tenants_house import code, person, tenant

pytestmark = pytest.mark.anyio


@pytest.fixture
def with_limits(gateway_settings: Settings, tmp_path: Path) -> Any:
    """A gateway with these limits."""

    @asynccontextmanager
    async def limited(**limits: int) -> AsyncIterator[House]:
        settings = replace(gateway_settings, access=replace(AccessRules(), **limits))
        async with opened(settings, FakeProvider(tmp_path)) as found:
            yield found

    return limited


async def test_every_answer_to_a_key_tells_its_quota_errors_too(house: House) -> None:
    listed = await house.http.get("/api/v1/jobs")
    assert listed.headers["ratelimit-policy"] == '"default";q=1200;w=60'
    assert listed.headers["ratelimit"] == '"default";r=1199;t=1'
    missing = await house.http.get("/api/jobs/job_nope")
    assert missing.status_code == 404
    assert missing.headers["ratelimit"].startswith('"default";r=119')
    refused = await house.http.post("/api/generate/image", json={})
    assert refused.status_code == 400 and "ratelimit" in refused.headers
    async with person(house, "") as nobody:
        assert "ratelimit" not in (await nobody.http.get("/api/v1/jobs")).headers
        assert "ratelimit" not in (await nobody.http.get("/healthz")).headers


async def test_over_the_limit_it_is_429_with_the_seconds_to_wait(with_limits: Any) -> None:
    async with with_limits(requests_per_minute=5) as house:
        for left in (4, 3, 2, 1, 0):
            answer = await house.http.get("/api/v1/jobs")
            assert answer.headers["ratelimit"].startswith(f'"default";r={left};')
        over = await house.http.get("/api/v1/jobs")
        assert code(over) == (429, "rate_limited")
        assert 1 <= int(over.headers["retry-after"]) <= 12
        assert over.headers["ratelimit"].startswith('"default";r=0;')
        assert (await house.http.get("/healthz")).status_code == 200


async def test_what_one_key_uses_up_another_still_has(with_limits: Any) -> None:
    async with with_limits(requests_per_minute=5) as house, tenant(house, "acme") as ada:
        for _ in range(6):
            last = await ada.http.get("/api/v1/jobs")
        assert last.status_code == 429
        assert (await house.http.get("/api/v1/jobs")).status_code == 200


async def test_a_rotated_key_and_its_follower_share_one_limit(with_limits: Any) -> None:
    async with with_limits(requests_per_minute=6) as house:
        key = (await house.http.post("/api/v1/keys", json={})).json()
        new = (await house.http.post(f"/api/v1/keys/{key['id']}/rotate")).json()
        async with person(house, key["key"]) as old_one, person(house, new["key"]) as new_one:
            for _ in range(6):
                await old_one.http.get("/api/v1/jobs")
            assert (await new_one.http.get("/api/v1/jobs")).status_code == 429


async def test_a_key_has_its_own_limit_and_its_workspace_a_ceiling(house: House) -> None:
    services = house.app.services
    assert services is not None
    made = (await house.http.post("/api/v1/keys", json={"requests_per_minute": 90})).json()
    async with person(house, made["key"]) as slow:
        assert (
            (await slow.http.get("/api/v1/jobs")).headers["ratelimit-policy"].endswith("=90;w=60")
        )
        await services.workspaces.change("default", policy={"requests_per_minute": 40})
        assert (
            (await slow.http.get("/api/v1/jobs")).headers["ratelimit-policy"].endswith("=40;w=60")
        )
    answer = await house.http.get("/api/v1/jobs")
    assert answer.headers["ratelimit-policy"] == '"default";q=40;w=60'


async def test_a_gateway_may_have_no_limit(with_limits: Any) -> None:
    async with with_limits(requests_per_minute=0) as house:
        assert "ratelimit" not in (await house.http.get("/api/v1/jobs")).headers


async def test_mcp_counts_and_tells_as_well(with_limits: Any) -> None:
    async with with_limits(requests_per_minute=2) as house:
        ping = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
        accept = {"Accept": "application/json, text/event-stream"}
        first = await house.http.post("/mcp", json=ping, headers=accept)
        assert first.headers["ratelimit"].startswith('"default";r=1;')
        await house.http.post("/mcp", json=ping, headers=accept)
        over = await house.http.post("/mcp", json=ping, headers=accept)
        assert code(over) == (429, "rate_limited")


async def test_a_request_that_is_held_for_long_counts_once(house: House) -> None:
    house.fake.gate.clear()
    job_id = await house.order()
    before = (await house.http.get("/api/v1/jobs")).headers["ratelimit"]
    held = await house.http.get(f"/api/jobs/{job_id}?wait=0.2")
    house.fake.gate.set()
    counted = [int(h.split("r=")[1].split(";")[0]) for h in (before, held.headers["ratelimit"])]
    assert counted[0] - counted[1] in (0, 1)


async def test_keys_cannot_be_tried_out_quickly_and_who_has_one_is_not_locked_out(
    with_limits: Any,
) -> None:
    async with with_limits(failed_keys_per_minute=3) as house:
        assert (await house.http.get("/api/v1/jobs")).status_code == 200
        unused = (await house.http.post("/api/v1/keys", json={})).json()["key"]
        async with person(house, new_secret()) as guesser:
            for _ in range(3):
                assert code(await guesser.http.get("/api/v1/jobs")) == (401, "invalid_api_key")
            blocked = await guesser.http.get("/api/v1/jobs")
            assert code(blocked) == (429, "rate_limited")
            assert int(blocked.headers["retry-after"]) >= 1
        async with person(house, unused) as lucky:
            assert code(await lucky.http.get("/api/v1/jobs")) == (429, "rate_limited")
        async with person(house, "") as nobody:
            assert code(await nobody.http.get("/api/v1/jobs")) == (401, "unauthorized")
        assert (await house.http.get("/api/v1/jobs")).status_code == 200


async def test_a_full_queue_is_503_with_the_seconds_to_wait(with_limits: Any) -> None:
    async with with_limits(most_queued=3) as house:
        house.fake.gate.clear()
        sent = {"prompt": "a fox", "model": "fake:one"}
        answers = [await house.http.post("/api/generate/image", json=sent) for _ in range(12)]
        refused = [answer for answer in answers if answer.status_code == 503]
        assert refused, "two run at once, three may wait"
        assert code(refused[0]) == (503, "overloaded")
        assert int(refused[0].headers["retry-after"]) > 0
        accepted = [a.json()["job_id"] for a in answers if a.status_code == 202]
        assert 3 <= len(accepted) <= 5
        async with tenant(house, "acme") as ada:
            assert (await ada.http.post("/api/generate/image", json=sent)).status_code == 202
        house.fake.gate.set()
        for job_id in accepted:
            await house.ended(job_id)
        assert (await house.http.post("/api/generate/image", json=sent)).status_code == 202
