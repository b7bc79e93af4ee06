"""/mcp is loaded when it is first asked: who only answers REST, or only works, does not pay for it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any, cast

import anyio
import pytest

from flexura.gateway.mcp import endpoint, opening

pytestmark = pytest.mark.anyio


class Counting:
    """An endpoint that counts how often it was opened and asked."""

    opened: int
    asked: int
    closed: int

    def __init__(self, services: Any) -> None:
        pass

    @asynccontextmanager
    async def run(self) -> AsyncGenerator[None]:
        Counting.opened += 1
        yield
        Counting.closed += 1

    async def __call__(self, *message: Any) -> None:
        Counting.asked += 1


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> type[Counting]:
    Counting.opened = Counting.asked = Counting.closed = 0
    monkeypatch.setattr(endpoint, "McpEndpoint", Counting)
    return Counting


async def ask(mcp: opening.McpOnDemand) -> None:
    await mcp(cast("Any", {}), cast("Any", None), cast("Any", None))


async def test_callers_that_come_first_at_the_same_time_share_one_endpoint(
    counted: type[Counting],
) -> None:
    mcp = opening.McpOnDemand(cast("Any", None))
    async with mcp.run():
        assert counted.opened == 0
        async with anyio.create_task_group() as callers:
            for _ in range(20):
                callers.start_soon(ask, mcp)
        assert (counted.opened, counted.asked, counted.closed) == (1, 20, 0)
    assert counted.closed == 1


async def test_a_caller_that_gives_up_does_not_take_it_from_the_others(
    counted: type[Counting],
) -> None:
    mcp = opening.McpOnDemand(cast("Any", None))
    async with mcp.run():
        with anyio.CancelScope() as impatient:
            impatient.cancel()
            await ask(mcp)
        await ask(mcp)
        assert (counted.opened, counted.asked) == (1, 1)


async def test_it_ends_without_ever_having_been_asked(counted: type[Counting]) -> None:
    async with opening.McpOnDemand(cast("Any", None)).run():
        pass
    assert counted.opened == 0


async def test_what_cannot_be_opened_fails_each_call_and_not_the_gateway(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(services: Any) -> None:
        raise ImportError("half installed")

    monkeypatch.setattr(endpoint, "McpEndpoint", broken)
    mcp = opening.McpOnDemand(cast("Any", None))
    async with mcp.run():
        for _ in range(2):
            with pytest.raises(ImportError, match="half installed"):
                await ask(mcp)


def test_a_gateway_that_serves_and_a_worker_start_without_the_sdk() -> None:
    look = (
        "import sys, flexura.cli.serving, flexura.cli.working; "
        "print([m for m in sys.modules if m.partition('.')[0] in ('mcp', 'mcp_types')])"
    )
    told = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"
