"""How many requests are under way, and how much of their bodies is in memory."""

from __future__ import annotations

import json
from typing import Any

import pytest

from flexura.gateway.rest import requests
from gateway_house import House
from load_house import Line, load_of, until
from tenants_house import code, tenant

pytestmark = pytest.mark.anyio
JSON = {"content-type": "application/json"}
MCP = {**JSON, "accept": "application/json, text/event-stream"}


def slow(house: House, body: bytes = b"", key: str = "", target: str = "/api/search") -> Line:
    """A request whose body does not end yet."""
    line = Line(house, "POST", target, key=key, headers=MCP)
    return line.start(body, whole=False) if body else line.start(whole=False)


async def ended(*lines: Line) -> None:
    """Let go of requests that hang."""
    for line in lines:
        line.hang_up()
        await line.over()


async def test_more_requests_of_one_key_than_it_may_have_under_way_are_refused(
    with_bounds: Any,
) -> None:
    async with with_bounds(requests_per_key=1) as house, tenant(house, "acme") as ada:
        line = slow(house)
        await until(lambda: load_of(house).busy == 1)
        refused = await house.http.get("/api/v1/jobs")
        assert code(refused) == (429, "rate_limited")
        assert refused.headers["retry-after"] == "2"
        assert (await ada.http.get("/api/v1/jobs")).status_code == 200
        await ended(line)
        assert (await house.http.get("/api/v1/jobs")).status_code == 200


async def test_more_requests_than_the_gateway_takes_are_refused_before_their_key_is_looked_at(
    with_bounds: Any,
) -> None:
    async with with_bounds(requests=1) as house:
        line = slow(house)
        await until(lambda: load_of(house).busy == 1)
        for path in ("/api/v1/jobs", "/mcp", "/openapi.json"):
            refused = await house.http.get(path, headers={"authorization": "Bearer nobody"})
            assert code(refused) == (503, "overloaded")
            assert refused.headers["retry-after"] == "2"
        assert (await house.http.get("/healthz")).status_code == 200
        await ended(line)
        assert load_of(house).requests == 0
        assert (await house.http.get("/api/v1/jobs")).status_code == 200


@pytest.mark.parametrize("target", ["/api/search", "/mcp"])
async def test_bodies_in_memory_are_bounded_for_a_key_and_for_all(
    with_bounds: Any, target: str
) -> None:
    async with (
        with_bounds(body_bytes=5000, body_bytes_per_key=3000) as house,
        tenant(house, "acme") as ada,
    ):
        first = slow(house, b"x" * 2500, target=target)
        await until(lambda: load_of(house).bodies.count == 2500)
        large = {"query": "y" * 1000}
        refused = await house.http.post("/api/search", json=large)
        assert code(refused) == (429, "rate_limited") and refused.headers["retry-after"] == "2"
        second = slow(house, b"x" * 2400, key=ada.key, target=target)
        await until(lambda: load_of(house).bodies.count == 4900)
        full = await house.http.post("/api/search", json={"query": "y" * 200})
        assert code(full) == (503, "overloaded") and full.headers["retry-after"] == "2"
        await ended(first, second)
        assert load_of(house).bodies.count == 0
        assert load_of(house).bodies.of("") == 0


async def test_a_body_that_does_not_end_is_given_up(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(requests, "BODY_SECONDS", 0.01)
    line = slow(house, b'{"query": "')
    assert await line.over() == 400
    body = json.loads(b"".join(m.get("body", b"") for m in line.sent))
    assert "not whole" in body["error"]["message"]


async def test_a_body_in_pieces_is_read_as_one(house: House) -> None:
    line = slow(house, b'{"dry_run": true, "model": "fake:one",', target="/api/generate/image")
    await until(lambda: load_of(house).bodies.count > 0)
    line._coming.put_nowait({"type": "http.request", "body": b'"prompt":"x"}', "more_body": True})
    line.end_body()
    assert await line.over() == 200
