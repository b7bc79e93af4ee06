"""Inputs that are named by a URL: fetched through the disk, and only what is a file."""

from __future__ import annotations

import asyncio
import struct
import tracemalloc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from doubles import FakeProvider, model
from flexura.outbound.client import Guard
from flexura.runtime import outside
from flexura.settings import Settings
from gateway_house import House, opened

pytestmark = pytest.mark.anyio
SECONDS = 300
LENGTH = SECONDS * 96_000


def head() -> bytes:
    """The head of a long, silent sound."""
    form = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, 48_000, 96_000, 2, 16)
    return (
        b"RIFF"
        + struct.pack("<I", 36 + LENGTH)
        + b"WAVE"
        + form
        + struct.pack("<4sI", b"data", LENGTH)
    )


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    path = (await reader.readuntil(b"\r\n\r\n")).split()[1]
    if path != b"/sound":
        writer.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno")
    else:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (len(head()) + LENGTH))
        writer.write(head())
        for _ in range(LENGTH // 96_000):
            writer.write(bytes(96_000))
            await writer.drain()
    await writer.drain()
    writer.close()


@asynccontextmanager
async def near(folder: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[tuple[House, str]]:
    """A gateway that may fetch from one server of ours."""
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    origin = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"

    def guard(**given: Any) -> Guard:
        return Guard(**{**given, "allow_origins": [origin]})

    monkeypatch.setattr(outside, "Guard", guard)
    fake = FakeProvider(folder)
    fake.offered = [model("one", tasks=("audio-to-image", "text-to-image"), takes_inputs=True)]
    async with server, opened(Settings(home=folder, environment={}), fake) as house:
        yield house, origin


async def test_a_long_file_is_never_whole_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with near(tmp_path, monkeypatch) as (house, origin):
        who = (await house.http.get("/api/v1/auth")).json()["workspace_id"]
        assert house.app.services is not None
        tracemalloc.start()
        try:
            (found,) = await house.app.services.inputs.resolve(who, [f"{origin}/sound"])
            _, most = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert (found.artifact.mime, found.artifact.bytes) == ("audio/wav", len(head()) + LENGTH)
    assert most < LENGTH / 2
    assert not list((tmp_path / "staging" / "uploads").glob("*"))


async def test_an_address_that_gives_no_file_is_told_with_its_status(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with near(tmp_path, monkeypatch) as (house, origin):
        sent = {"prompt": "x", "model": "fake:one", "inputs": [f"{origin}/private"]}
        answer = await house.http.post("/api/generate/image", json=sent)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid_request")
    assert "403" in answer.json()["error"]["message"]
