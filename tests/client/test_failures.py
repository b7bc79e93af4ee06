"""Answers that are not in the gateway's words still become errors with a next step."""

from __future__ import annotations

import json

import httpx2
import pytest

from flexura.client import GatewayClient
from flexura.domain.errors import (
    BudgetExceeded,
    FlexuraError,
    Forbidden,
    InsufficientCredits,
    NotFound,
    PayloadTooLarge,
    ProviderError,
    RateLimited,
    Unauthorized,
    tree,
)
from flexura.local.errors import GatewayUnavailable, LocalError

pytestmark = pytest.mark.anyio


async def failure(answer: httpx2.Response | Exception) -> FlexuraError | LocalError:
    """What asking raises when that is the answer."""

    def respond(request: httpx2.Request) -> httpx2.Response:
        if isinstance(answer, Exception):
            raise answer
        return answer

    transport = httpx2.MockTransport(respond)
    async with GatewayClient("https://gateway.example", "k", transport=transport) as client:
        with pytest.raises((FlexuraError, LocalError)) as raised:
            await client.jobs()
    return raised.value


@pytest.mark.parametrize(
    "expected", [c for c in tree() if c is not FlexuraError], ids=lambda c: c.code
)
async def test_every_code_comes_back_as_its_class(expected: type[FlexuraError]) -> None:
    body = {"code": expected.code, "message": "why", "next_step": "do this", "request_id": "r"}
    found = await failure(httpx2.Response(400, json={"error": body}))
    assert isinstance(found, FlexuraError)
    assert found.code == expected.code
    assert (found.message, found.next_step) == ("why", "do this")


async def test_details_are_kept() -> None:
    body = {"code": "insufficient_credits", "message": "no", "required": 5, "available": 2}
    found = await failure(httpx2.Response(402, json={"error": body}))
    assert isinstance(found, InsufficientCredits)
    assert found.details == {"required": 5, "available": 2}


async def test_a_code_of_a_newer_gateway_keeps_its_message() -> None:
    body = {"code": "brand_new", "message": "why", "next_step": "update"}
    found = await failure(httpx2.Response(409, json={"error": body}))
    assert isinstance(found, ProviderError)
    assert (found.message, found.next_step) == ("why", "update")
    assert not isinstance(found, BudgetExceeded)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (401, Unauthorized),
        (403, Forbidden),
        (404, NotFound),
        (413, PayloadTooLarge),
        (429, RateLimited),
        (502, GatewayUnavailable),
        (500, GatewayUnavailable),
    ],
)
@pytest.mark.parametrize("body", [b"<h1>proxy</h1>", b"", b'{"error": "text"}', b"[1]", b"\xff"])
async def test_a_stranger_on_the_way_is_understood_by_status(
    status: int, expected: type[Exception], body: bytes
) -> None:
    found = await failure(httpx2.Response(status, content=body))
    assert isinstance(found, expected)
    assert str(status) in found.message
    assert found.next_step


@pytest.mark.parametrize("body", [b"<html>", b"[]", json.dumps({"hello": 1}).encode()])
async def test_a_success_that_is_no_gateways_is_refused(body: bytes) -> None:
    found = await failure(httpx2.Response(200, content=body))
    assert isinstance(found, GatewayUnavailable)
    assert "gateway.example" in found.message


@pytest.mark.parametrize("error", [httpx2.ConnectError("refused"), httpx2.ReadTimeout("")])
async def test_a_gateway_that_does_not_answer_is_named(error: Exception) -> None:
    found = await failure(error)
    assert isinstance(found, GatewayUnavailable)
    assert "https://gateway.example" in found.message


async def test_the_key_goes_to_the_gateway_alone_wherever_a_url_points() -> None:
    asked: list[httpx2.Request] = []

    def respond(request: httpx2.Request) -> httpx2.Response:
        asked.append(request)
        return httpx2.Response(302, headers={"Location": "https://stranger.example/"})

    transport = httpx2.MockTransport(respond)
    async with GatewayClient("https://gateway.example", "k", transport=transport) as client:
        with pytest.raises((FlexuraError, LocalError)):
            await client.jobs()
    assert [request.url.host for request in asked] == ["gateway.example"]
