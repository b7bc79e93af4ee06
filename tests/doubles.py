"""Providers for tests: one that makes tiny real pictures at once, and can be told to misbehave."""

from __future__ import annotations

import asyncio
import struct
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from flexura.domain.errors import ProviderError
from flexura.domain.model import Model, Price
from flexura.ports.provider import Done, Failed, Operation, Order, Output, Pending

SCHEMA = {
    "type": "object",
    "properties": {
        "width": {"type": "integer", "minimum": 16, "maximum": 4096, "default": 1024},
        "height": {"type": "integer", "minimum": 16, "maximum": 4096, "default": 1024},
        "mood": {"type": "string", "enum": ["calm", "wild"], "default": "calm"},
        "strength": {"type": "number", "minimum": 0, "maximum": 1, "default": 0.5},
    },
    "additionalProperties": False,
}


def png(width: int = 2, height: int = 2, grey: int = 128) -> bytes:
    """A real PNG of one colour."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        checksum = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + checksum

    rows = (b"\0" + bytes([grey]) * width) * height
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


def model(name: str, provider: str = "fake", **changes: Any) -> Model:
    """A model of the fake provider."""
    fields: dict[str, Any] = {
        "id": f"{provider}:{name}",
        "provider": provider,
        "upstream_id": name,
        "name": name.title(),
        "description": f"Makes {name}.",
        "kinds": ("image",),
        "tasks": ("text-to-image",),
        "input_schema": SCHEMA,
        "schema_source": "test",
        "price": Price(unit="image", amount=0.02, source="test"),
        "fetched_at": "2026-01-01T00:00:00.000Z",
        "max_n": 8,
    }
    return Model(**fields | changes)


class FakeProvider:
    """Counts what is bought. `gate` holds every job until it is set; some prompts make it misbehave."""

    def __init__(self, folder: Path, *, deduplicates: bool = False, name: str = "fake") -> None:
        self.name = name
        self.concurrency = 2
        self.deduplicates = deduplicates
        self.gate = asyncio.Event()
        self.gate.set()
        self.submitting = asyncio.Event()
        self.polled = asyncio.Event()
        self.submitted: list[str] = []
        self.canceled: list[str] = []
        self.most_at_once = 0
        self._now: set[str] = set()
        self._folder = folder
        self.offered: list[Model] = [model("one", name)]

    async def models(self) -> Sequence[Model]:
        return self.offered

    async def model(self, upstream_id: str, listed: Model | None) -> Model | None:
        return listed

    async def submit(self, order: Order) -> Operation:
        self.submitting.set()
        if order.prompt == "refuse":
            raise ProviderError("The upstream said no.", next_step="Ask nicely.")
        self.submitted.append(order.job_id)
        self._now.add(order.job_id)
        self.most_at_once = max(self.most_at_once, len(self._now))
        if order.prompt == "hang in submit":
            await asyncio.Event().wait()
        return {"ticket": len(self.submitted)}

    async def poll(self, operation: Operation, order: Order) -> Pending | Done | Failed:
        self.polled.set()
        if order.prompt == "crash":
            raise RuntimeError("adapter bug")
        if not self.gate.is_set():
            return Pending(30.0, 0.5, "half way", self.gate)
        self._now.discard(order.job_id)
        if order.prompt == "fail":
            return Failed("content_policy", "The picture was refused.", "Change the prompt.")
        path = self._folder / f"{order.job_id}.png"
        path.write_bytes(b"junk" if order.prompt == "junk" else png(grey=order.seed % 256))
        return Done((Output("image/png", path, width=2, height=2),))

    async def cancel(self, operation: Operation, order: Order) -> None:
        self.canceled.append(order.job_id)
        self._now.discard(order.job_id)

    async def download(self, url: str, to: Path, max_bytes: int) -> None:
        raise ProviderError("Its files lie on the disk.")

    async def aclose(self) -> None:
        return None
