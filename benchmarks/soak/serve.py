"""The gateway under soak: `flexura serve` with a provider that makes tiny pictures in a moment.

`python benchmarks/soak/serve.py PORT`, with FLEXURA_HOME set.
"""

from __future__ import annotations

import asyncio
import os
import struct
import sys
import zlib
from collections.abc import Sequence
from pathlib import Path

from flexura.cli.serving import ServeOptions, run
from flexura.domain.model import Model
from flexura.ports.provider import Done, Operation, Order, Output, Pending

_NEVER = "never"
_SCHEMA = {"type": "object", "properties": {"width": {"type": "integer", "default": 2}}}


def png(grey: int) -> bytes:
    """A picture of one pixel."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    head = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    pixels = zlib.compress(bytes([0, grey % 256]))
    body = chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


class Swift:
    """Done at the second look, a tenth of a second after the first; a prompt makes it take for ever."""

    name, concurrency, deduplicates = "swift", 16, True

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._looked: set[str] = set()
        folder.mkdir(parents=True, exist_ok=True)

    async def models(self) -> Sequence[Model]:
        facts = {"description": "", "input_schema": _SCHEMA, "schema_source": "", "fetched_at": ""}
        names = {"id": "swift:one", "provider": "swift", "upstream_id": "one", "name": "One"}
        return [Model(kinds=("image",), **names, **facts)]

    async def submit(self, order: Order) -> Operation:
        return {}

    async def poll(self, operation: Operation, order: Order) -> Pending | Done:
        if order.prompt.startswith(_NEVER):
            return Pending(60.0)
        if order.job_id not in self._looked:
            self._looked.add(order.job_id)
            return Pending(0.1, 0.5)
        self._looked.discard(order.job_id)
        path = self._folder / f"{order.job_id}.png"
        await asyncio.to_thread(path.write_bytes, png(order.seed))
        return Done((Output("image/png", path, width=1, height=1),))

    async def cancel(self, operation: Operation, order: Order) -> None:
        self._looked.discard(order.job_id)

    async def download(self, url: str, to: Path, max_bytes: int) -> None: ...

    async def aclose(self) -> None: ...


if __name__ == "__main__":
    made = Path(os.environ["FLEXURA_HOME"]) / "swift"
    sys.exit(run(ServeOptions(port=int(sys.argv[1]), providers=lambda: [Swift(made)])))
