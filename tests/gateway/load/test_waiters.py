"""How many requests of one key, and of all, may wait for jobs: through every door that waits."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from gateway_house import House
from load_house import Line, load_of, until
from tenants_house import code, tenant

pytestmark = pytest.mark.anyio
MCP_HEADERS = {
    "accept": "application/json, text/event-stream",
    "content-type": "application/json",
    "mcp-protocol-version": "2025-06-18",
}


async def held(house: House) -> str:
    """A job that does not end before the gate is opened."""
    house.fake.gate.clear()
    return await house.order()


def tool(house: House, name: str, **arguments: Any) -> Line:
    """A tool call that has been sent."""
    call = {"name": name, "arguments": arguments}
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call}
    line = Line(house, "POST", "/mcp", headers=MCP_HEADERS)
    return line.start(json.dumps(body).encode())


def result(line: Line) -> dict[str, Any]:
    """What a tool call came to."""
    text = b"".join(m.get("body", b"") for m in line.sent).decode()
    data = [row[5:] for row in text.splitlines() if row.startswith("data:") and '"result"' in row]
    return json.loads(data[-1])["result"]


@pytest.mark.parametrize(
    ("target", "headers"),
    [
        ("/api/jobs/{}?wait=30", {}),
        ("/api/jobs/{}", {"prefer": "wait=30"}),
        ("/api/v1/jobs/{}?wait=30", {}),
        ("/api/jobs/{}/events", {}),
    ],
)
async def test_beyond_its_places_a_key_is_told_to_poll_and_another_key_still_waits(
    with_bounds: Any, target: str, headers: dict[str, str]
) -> None:
    async with with_bounds(waiters_per_key=2) as house, tenant(house, "acme") as ada:
        job_id = await held(house)
        load = load_of(house)
        lines = [
            Line(house, "GET", target.format(job_id), headers=headers).start() for _ in range(2)
        ]
        await until(lambda: load.waiters.count == 2)
        for third in (target.format(job_id), f"/api/jobs/{job_id}?wait=5"):
            refused = await house.http.get(third, headers=headers)
            assert code(refused) == (429, "rate_limited")
            assert refused.headers["retry-after"] == "5"
            assert "Poll without `wait`" in refused.json()["error"]["next_step"]
        assert (await house.http.get(f"/api/jobs/{job_id}")).status_code == 200
        theirs = await ada.order() if house.fake.gate.is_set() else None
        assert theirs is None
        other = await ada.http.post(
            "/api/generate/image?wait=0.01", json={"prompt": "x", "model": "fake:one"}
        )
        assert other.headers["preference-applied"] == "wait=0.01"
        house.fake.gate.set()
        assert [await line.over() for line in lines] == [200, 200]
        assert load.waiters.count == 0
        assert (await house.http.get(f"/api/jobs/{job_id}?wait=1")).status_code == 200


async def test_beyond_the_places_of_the_gateway_everybody_is_told_to_poll(with_bounds: Any) -> None:
    async with with_bounds(waiters=1) as house, tenant(house, "acme") as ada:
        job_id = await held(house)
        theirs = await ada.http.post(
            "/api/generate/image", json={"prompt": "x", "model": "fake:one"}
        )
        line = Line(house, "GET", f"/api/jobs/{job_id}?wait=30").start()
        await until(lambda: load_of(house).waiters.count == 1)
        refused = await ada.http.get(f"/api/jobs/{theirs.json()['job_id']}?wait=5")
        assert code(refused) == (503, "overloaded")
        assert refused.headers["retry-after"] == "5"
        house.fake.gate.set()
        assert await line.over() == 200


async def test_an_order_that_cannot_wait_is_accepted_all_the_same(with_bounds: Any) -> None:
    async with with_bounds(waiters_per_key=1) as house:
        job_id = await held(house)
        line = Line(house, "GET", f"/api/jobs/{job_id}?wait=30").start()
        await until(lambda: load_of(house).waiters.count == 1)
        order = {"prompt": "another", "model": "fake:one"}
        made = await house.http.post("/api/generate/image?wait=30", json=order)
        assert made.status_code == 202 and made.json()["status"] == "queued"
        call = tool(house, "generate_image", **order, wait=30)
        assert await call.over() == 200
        record = result(call)["structuredContent"]
        assert record["status"] in ("queued", "processing") and record["job_id"]
        house.fake.gate.set()
        await line.over()
        await house.ended(made.json()["job_id"])
        await house.ended(record["job_id"])


async def test_a_tool_call_waits_in_one_place_and_is_told_when_there_is_none(
    with_bounds: Any,
) -> None:
    async with with_bounds(waiters_per_key=1) as house:
        job_id = await held(house)
        first = tool(house, "job_status", job_ids=[job_id], wait=30)
        await until(lambda: load_of(house).waiters.count == 1)
        second = tool(house, "job_status", job_ids=[job_id], wait=30)
        assert await second.over() == 200
        told = result(second)
        assert told["isError"] and told["structuredContent"]["error"]["code"] == "rate_limited"
        assert told["structuredContent"]["error"]["retry_after"] == 5
        house.fake.gate.set()
        assert await first.over() == 200
        assert result(first)["structuredContent"]["status"] == "completed"


async def test_a_job_that_has_ended_needs_no_place(with_bounds: Any) -> None:
    async with with_bounds(waiters_per_key=1) as house:
        done = await house.order()
        await house.ended(done)
        line = Line(house, "GET", f"/api/jobs/{await held(house)}?wait=30").start()
        await until(lambda: load_of(house).waiters.count == 1)
        assert (await house.http.get(f"/api/jobs/{done}?wait=30")).status_code == 200
        assert (await house.http.get(f"/api/jobs/{done}?wait=30")).status_code == 200
        house.fake.gate.set()
        await line.over()


@pytest.mark.parametrize("target", ["/api/jobs/{}?wait=60", "/api/jobs/{}/events"])
async def test_a_caller_who_goes_gives_the_place_back_at_once(
    with_bounds: Any, target: str
) -> None:
    async with with_bounds() as house:
        line = Line(house, "GET", target.format(await held(house))).start()
        await until(lambda: load_of(house).waiters.count == 1)
        line.hang_up()
        await line.over()
        assert load_of(house).waiters.count == 0 and load_of(house).requests == 0
        house.fake.gate.set()


async def test_an_agent_that_goes_gives_the_place_back_at_once(with_bounds: Any) -> None:
    async with with_bounds() as house:
        line = tool(house, "job_status", job_ids=[await held(house)], wait=45)
        await until(lambda: load_of(house).waiters.count == 1)
        line.hang_up()
        await line.over()
        await until(lambda: load_of(house).waiters.count == 0)
        assert load_of(house).requests == 0
        house.fake.gate.set()


async def test_waiters_do_not_count_as_requests_under_way(with_bounds: Any) -> None:
    async with with_bounds(requests=1, requests_per_key=1) as house:
        job_id = await held(house)
        lines = [Line(house, "GET", f"/api/jobs/{job_id}?wait=30").start()]
        await until(lambda: load_of(house).waiters.count == 1)
        lines.append(Line(house, "GET", f"/api/jobs/{job_id}/events").start())
        await until(lambda: load_of(house).waiters.count == 2)
        assert (await house.http.get(f"/api/jobs/{job_id}")).status_code == 200
        house.fake.gate.set()
        assert [await line.over() for line in lines] == [200, 200]
        await asyncio.sleep(0)
        assert load_of(house).busy == 0
