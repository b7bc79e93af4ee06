"""What a gateway costs while nothing happens, how soon it is ready, how soon an order reaches its provider.

Linux only. Absolute figures: run it on a quiet machine.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import httpx2
from serving import gateway

from flexura import settings
from flexura.domain.model import Model
from flexura.gateway.app import Gateway
from flexura.ports.provider import Failed, Operation, Order
from flexura.runtime import Bind, open_keys, open_services

IDLE_SECONDS = 20
ORDERS = 60


def cpu_seconds(pid: int) -> float:
    """User and system time of a process."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def megabytes(pid: int) -> float:
    """Resident memory of a process."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Rss:")) / 1024


def idle(home: Path) -> None:
    """Ready time, memory and CPU of the process."""
    with gateway(home):
        pass  # the first start makes the database; what is measured is every later one
    began = time.perf_counter()
    with gateway(home) as ours:
        while httpx2.get(f"{ours.url}/healthz").status_code != 200:
            time.sleep(0.005)
        print(f"ready after       {time.perf_counter() - began:6.2f} s     aim 2")
        httpx2.get(f"{ours.url}/api/agent/models")
        time.sleep(2)
        before = cpu_seconds(ours.pid)
        time.sleep(IDLE_SECONDS)
        used = (cpu_seconds(ours.pid) - before) / IDLE_SECONDS * 100
        print(f"idle CPU          {used:6.2f} %     aim 0.5 of a core")
        print(f"idle memory       {megabytes(ours.pid):6.0f} MB    aim 120")


class Clock:
    """A provider that notes when it is asked."""

    name, concurrency, deduplicates = "clock", 1, True

    def __init__(self) -> None:
        self.asked = asyncio.Event()

    async def models(self) -> Sequence[Model]:
        schema = {"type": "object", "properties": {}}
        facts = {"description": "", "input_schema": schema, "schema_source": "", "fetched_at": ""}
        names = {"id": "clock:one", "provider": "clock", "upstream_id": "one", "name": "One"}
        return [Model(kinds=("image",), **names, **facts)]

    async def submit(self, order: Order) -> Operation:
        self.asked.set()
        return {}

    async def poll(self, operation: Operation, order: Order) -> Failed:
        return Failed("provider_error", "measured")

    async def cancel(self, operation: Operation, order: Order) -> None: ...

    async def aclose(self) -> None: ...


async def first_call(home: Path) -> None:
    """Milliseconds from sending the order to the provider's `submit`, on an idle gateway."""
    os.environ["FLEXURA_HOME"] = str(home)

    loaded, clock = settings.load(), Clock()
    async with open_keys(loaded) as (keys, _):
        key, _ = await keys.create("benchmark")
    app = Gateway(lambda: open_services(loaded, Bind(), [clock]))
    transport = httpx2.ASGITransport(app)
    headers = {"Authorization": f"Bearer {key}"}
    took: list[float] = []
    async with app.running(), httpx2.AsyncClient(transport=transport, headers=headers) as http:
        for _ in range(ORDERS):
            await asyncio.sleep(0.05)
            clock.asked.clear()
            began = time.perf_counter()
            body = {"prompt": "now", "model": "clock:one"}
            await http.post("http://localhost/api/generate/image", json=body)
            await clock.asked.wait()
            took.append((time.perf_counter() - began) * 1000)
    took.sort()
    p99 = took[int(len(took) * 0.99)]
    print(f"submit -> provider{statistics.median(took):6.1f} ms    aim 15 (p50); p99 {p99:.1f}")


if __name__ == "__main__":
    folder = Path(tempfile.mkdtemp(prefix="flexura-bench-"))
    idle(folder)
    asyncio.run(first_call(folder))
    shutil.rmtree(folder, ignore_errors=True)
