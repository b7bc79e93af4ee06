"""Looking names up."""

from __future__ import annotations

import asyncio
import socket
import threading
from typing import Any

import anyio
import pytest

from flexura.outbound.answer import Unreachable
from flexura.outbound.client import Guard

pytestmark = pytest.mark.anyio


async def test_names_that_nobody_answers_for_hold_up_nothing_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answered, asked = threading.Event(), threading.Semaphore(0)

    def hanging(*_: Any, **__: Any) -> list[Any]:
        asked.release()
        answered.wait()
        raise OSError

    monkeypatch.setattr(socket, "getaddrinfo", hanging)
    guard = Guard()

    async def ask(number: int) -> None:
        with pytest.raises(Unreachable):
            await guard.request("GET", f"https://dead-{number}.example.org/")

    async with anyio.create_task_group() as tasks:
        for number in range(40):
            tasks.start_soon(ask, number)
        await anyio.to_thread.run_sync(asked.acquire)
        with anyio.fail_after(5):
            # Of these, files are read and written.
            assert await asyncio.gather(*(asyncio.to_thread(int, n) for n in range(40)))
        answered.set()
    await guard.aclose()
