"""The way to the own gateway: one that went away is started once more, and nothing is ordered twice."""

from __future__ import annotations

import os

import httpx2
import pytest

from cli_house import Served, Terminal
from flexura.cli import connection
from flexura.cli.connection import OwnGateway
from flexura.client import GatewayClient
from flexura.local.errors import GatewayUnavailable
from flexura.local.record import Running

pytestmark = pytest.mark.anyio


class Breaks(httpx2.AsyncBaseTransport):
    """A connection that breaks after the request was seen."""

    def __init__(self) -> None:
        self.seen: list[httpx2.Request] = []

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        self.seen.append(request)
        raise httpx2.ReadError("reset")


@pytest.fixture
def started(house: Served, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """What `ensure` was asked: it finds the gateway of the tests."""
    port = int(house.url.rpartition(":")[2])
    found = Running(house.url, port, house.key, "0.1.0", os.getpid(), "", "", "x")
    asked: list[int] = []

    def ensure() -> Running:
        asked.append(port)
        return found

    monkeypatch.setattr(connection.gateway, "ensure", ensure)
    return asked


async def test_a_gateway_that_moved_is_found_again(house: Served, started: list[int]) -> None:
    async with GatewayClient("http://127.0.0.1:9", house.key, transport=OwnGateway()) as client:
        assert (await client.models()).total
        accepted = await client.submit("image", {"prompt": "a fox", "model": "fake:one"}, "moved")
    assert accepted.job_id
    assert len(started) == 2


@pytest.mark.parametrize("harmless", [True, False])
async def test_after_a_broken_connection_only_what_is_harmless_is_repeated(
    house: Served, started: list[int], harmless: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = Breaks()
    transport = OwnGateway()
    real = transport._network  # pyright: ignore[reportPrivateUsage]
    monkeypatch.setattr(transport, "_network", broken)

    def mended() -> Running:
        monkeypatch.setattr(transport, "_network", real)
        port = int(house.url.rpartition(":")[2])
        return Running(house.url, port, house.key, "0.1.0", 1, "", "", "x")

    monkeypatch.setattr(connection.gateway, "ensure", mended)
    order = {"prompt": "a fox", "model": "fake:one"}
    async with GatewayClient("http://127.0.0.1:9", house.key, transport=transport) as client:
        if harmless:
            assert (await client.submit("image", order, "broken")).job_id
        else:
            with pytest.raises(GatewayUnavailable):
                await client.delivered("job_x", "session", saved=True)
    assert len(broken.seen) == 1


async def test_no_proxy_of_the_environment_stands_before_the_own_gateway(
    house: Served, started: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    async with GatewayClient(house.url, house.key, transport=OwnGateway()) as client:
        assert (await client.models()).total
    assert not started


async def test_the_gateway_learns_no_path(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with connection.connected() as found:
        headers = found.client.headers
    assert str(terminal.project) not in str(headers)
    assert headers["flexura-client"].startswith("cli/")
    assert len(headers["flexura-project"]) == 32
    assert len(headers["flexura-session"]) >= 32
