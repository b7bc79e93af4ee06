"""One media adapter alone, without a gateway: made from settings, asked through a double, run to its end."""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx2

from flexura.domain.model import Kind
from flexura.outbound.client import Guard
from flexura.ports.provider import Done, Failed, InputFile, Operation, Order, Pending, Provider
from flexura.providers.media import Setup
from vendor_double import MIME, media


def made(
    adapter: ModuleType, env: Mapping[str, str], folder: Path, guard: Guard | None = None
) -> Provider:
    """The adapter's one provider, with a guard for the operator's own origins as in a gateway."""
    outside = guard or Guard(allow_origins=adapter.origins(env))
    (provider,) = adapter.make(Setup(env, outside, folder, folder / "staging"))
    return provider


@asynccontextmanager
async def opened(
    adapter: ModuleType, env: Mapping[str, str], folder: Path
) -> AsyncIterator[Provider]:
    """The same over real connections, closed behind it."""
    provider = made(adapter, env, folder)
    try:
        yield provider
    finally:
        await provider.aclose()


class Turns(list[Any]):
    """Answers to give one after the other; the last one stays."""


class Wire:
    """Answers by `METHOD path`: a body, (status, body), an httpx2 answer, Turns, or a function of those."""

    def __init__(self, **answers: Any) -> None:
        self.answers: dict[str, Any] = dict(answers)
        self.asked: list[httpx2.Request] = []

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(request)
        answer = self.answers.get(f"{request.method} {request.url.path}", (404, {"detail": "no"}))
        if isinstance(answer, Turns):
            answer = answer.pop(0) if len(answer) > 1 else answer[0]
        if callable(answer):
            answer = answer(request)
        if isinstance(answer, httpx2.Response):
            return answer
        status, body = answer if isinstance(answer, tuple) else (200, answer)
        return httpx2.Response(status, content=json.dumps(body).encode())

    def guard(self) -> Guard:
        """A guard whose network this is."""
        return Guard(transport=httpx2.MockTransport(self))

    def of(self, start: str) -> list[httpx2.Request]:
        """The requests whose `METHOD path` begins so."""
        return [r for r in self.asked if f"{r.method} {r.url.path}".startswith(start)]


def order(upstream_id: str, kind: Kind = "image", *inputs: InputFile, **options: Any) -> Order:
    """An order as the gateway hands it over: its options are the vendor's payload already."""
    prompt = str(options.get("prompt", "a red fox"))
    return Order("job_0000000001", kind, upstream_id, prompt, 1, 7, options, inputs)


def input_file(
    folder: Path, kind: str, slot: str, role: str = "", content: bytes = b""
) -> InputFile:
    """A small real file as an input in that slot."""
    data = content or media(kind)
    path = folder / f"input-{len(data)}.{kind}"
    path.write_bytes(data)
    mime = MIME[kind]
    return InputFile(path, mime, hashlib.sha256(data).hexdigest(), role or mime.split("/")[0], slot)


async def finish(
    provider: Provider, wanted: Order
) -> tuple[Operation, list[Pending], Done | Failed]:
    """Submit and poll to the end; the handle, what was told on the way, and how it ended."""
    operation = await provider.submit(wanted)
    waits: list[Pending] = []
    while isinstance(outcome := await provider.poll(operation, wanted), Pending):
        waits.append(outcome)
        assert len(waits) < 50
    return operation, waits, outcome
