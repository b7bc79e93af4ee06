"""A worker whose upstream counts what it sells, for tests that kill it: HOME DEDUPLICATES.

The upstream writes one line per purchase before it answers, as a real one would have charged by then.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from doubles import model, png
from flexura import settings as configuration
from flexura.domain.model import Model
from flexura.ports.provider import Done, Failed, Operation, Order, Output, Pending
from flexura.runtime import Bind, open_services


class CountingUpstream:
    """Sells pictures; the same job id twice is one purchase only if it deduplicates."""

    name = "fake"
    concurrency = 4

    def __init__(self, home: Path, deduplicates: bool) -> None:
        self.deduplicates = deduplicates
        self._home = home
        self._ledger = os.open(home / "purchases", os.O_APPEND | os.O_CREAT | os.O_WRONLY, 0o600)

    async def models(self) -> Sequence[Model]:
        return [model("one")]

    async def model(self, upstream_id: str, listed: Model | None) -> Model | None:
        return listed

    async def submit(self, order: Order) -> Operation:
        await asyncio.sleep(0.002)
        sold = (self._home / "purchases").read_text().split()
        if not (self.deduplicates and order.job_id in sold):
            os.write(self._ledger, f"{order.job_id}\n".encode())
        await asyncio.sleep(0.002)
        return {"sold": order.job_id}

    async def poll(self, operation: Operation, order: Order) -> Pending | Done | Failed:
        assert operation["sold"] == order.job_id
        path = self._home / f"{order.job_id}.{os.getpid()}.png"
        path.write_bytes(png(grey=order.seed % 256))
        return Done((Output("image/png", path, width=2, height=2),))

    async def cancel(self, operation: Operation, order: Order) -> None:
        return None

    async def download(self, url: str, to: Path, max_bytes: int) -> None:
        raise AssertionError("its files lie on the disk")

    async def aclose(self) -> None:
        os.close(self._ledger)


async def main(home: Path, deduplicates: bool) -> None:
    upstream = CountingUpstream(home, deduplicates)
    async with open_services(configuration.load(), Bind(), [upstream]) as services:
        print("ready", flush=True)
        while await services.records.unfinished():
            await asyncio.sleep(0.01)
    print("idle", flush=True)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2] == "yes"))
