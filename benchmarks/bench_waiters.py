"""Idle long-poll waiters, beside a bare uvicorn + Starlette server in the same run.

`python benchmarks/bench_waiters.py [waiters]`. Linux only. Memory and CPU of each waiter while nothing
happens, the time until all of them are answered once it does, and what another request takes meanwhile.
Where another process ends the jobs, the time counts from its commit.
With FLEXURA_DATABASE_URL ours is measured on that (empty!) PostgreSQL database.
"""

from __future__ import annotations

import asyncio
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx2
from bench_idle import cpu_seconds, megabytes
from serving import free_port, gateway, process
from waiting_clients import raise_descriptors, waiting

from flexura import settings
from flexura.domain.ids import new_id
from flexura.domain.job import Job
from flexura.ports.records import Tx
from flexura.runtime.stores import open_records
from flexura.services.clock import now_ms

WAITERS = 5000
IDLE_SECONDS = 8
OTHERS = 150
BARE = """
import asyncio, sys, uvicorn
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

news = []

async def wait(request):
    future = asyncio.get_running_loop().create_future()
    news.append(future)
    async with asyncio.timeout(60):
        await future
    return PlainTextResponse("woken")

async def wake(request):
    for future in news:
        future.set_result(None)
    news.clear()
    return PlainTextResponse("ok")

async def other(request):
    return PlainTextResponse("ok")

app = Starlette(routes=[Route("/wait", wait), Route("/wake", wake), Route("/other", other)])
uvicorn.run(app, port=int(sys.argv[1]), log_level="error", access_log=False, lifespan="off",
            http="httptools", loop="uvloop")
"""
Wake = Callable[[], Awaitable[object]]


@dataclass
class Figures:
    """What one server took."""

    kilobytes: float
    percent: float
    opened: float
    other: float
    woken: float
    half: float
    worked: float
    """Seconds of CPU that waking took the server."""
    failed: int

    def line(self, name: str) -> str:
        """One line of the table."""
        failed = f"   {self.failed} FAILED" if self.failed else ""
        return (
            f"{name:28}{self.kilobytes:7.1f}{self.percent:9.2f}{self.other:12.2f}"
            f"{self.half * 1000:10.0f}{self.woken * 1000:10.0f}{self.worked * 1000:8.0f}"
            f"{self.opened:8.1f}{failed}"
        )


async def others(url: str, key: str, count: int = OTHERS) -> float:
    """The median of another request, in milliseconds."""
    took: list[float] = []
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    async with httpx2.AsyncClient(headers=headers, timeout=60) as http:
        for _ in range(count):
            began = time.perf_counter()
            (await http.get(url)).raise_for_status()
            took.append((time.perf_counter() - began) * 1000)
    return statistics.median(took)


async def measured(pid: int, urls: Sequence[str], key: str, other: str, wake: Wake) -> Figures:
    """Open the waiters, let them be, ask for something else, wake them all."""
    await others(other, key)
    before, began = megabytes(pid), time.perf_counter()
    async with waiting(urls, key) as clients:
        # It is answered after every one of them has been taken.
        await others(other, key, 1)
        opened = time.perf_counter() - began
        await asyncio.sleep(2)
        memory = (megabytes(pid) - before) * 1024 / len(urls)
        cpu = cpu_seconds(pid)
        await asyncio.sleep(IDLE_SECONDS)
        percent = (cpu_seconds(pid) - cpu) / IDLE_SECONDS * 100
        other_took = await others(other, key)
        woke, cpu = time.perf_counter(), cpu_seconds(pid)
        early = sum(client.over.done() for client in clients)
        asked = asyncio.ensure_future(wake())
        await asyncio.wait([client.over for client in clients], timeout=30)
        if isinstance(committed := await asked, float):
            woke = committed
        worked = cpu_seconds(pid) - cpu
        took = sorted(client.answered - woke for client in clients if client.answered)
        failed = early + sum(client.status != 200 for client in clients)
    half = took[len(took) // 2]
    return Figures(memory, percent, opened, other_took, took[-1], half, worked, failed)


async def bare(count: int) -> Figures:
    """What this machine's uvicorn and Starlette take."""
    port = free_port()
    with process([sys.executable, "-c", BARE, str(port)], port) as pid:
        url = f"http://127.0.0.1:{port}"
        async with httpx2.AsyncClient() as http:
            wake: Wake = lambda: http.get(f"{url}/wake")  # noqa: E731
            return await measured(pid, [f"{url}/wait"] * count, "", f"{url}/other", wake)


async def ours(home: Path, count: int, jobs: int) -> Figures:
    """`count` waiters on so many jobs; one is canceled, several another process ends in one transaction."""
    import os

    os.environ["FLEXURA_HOME"] = str(home)
    home.mkdir()
    with gateway(home, "--no-worker") as it:
        async with open_records(settings.load()) as records:
            workspace = (await records.workspaces())[0].id
            ids = [new_id("job") for _ in range(jobs)]
            await records.transact(lambda tx: [tx.insert_job(_job(i, workspace)) for i in ids])

            def end(tx: Tx) -> None:
                for job_id in ids:
                    tx.update_job(job_id, state="canceled", error_code="canceled")

            urls = [f"{it.url}/api/jobs/{ids[i % jobs]}?wait=60" for i in range(count)]
            other = f"{it.url}/api/jobs/{ids[0]}"

            async def commit() -> float:
                await records.transact(end)
                return time.perf_counter()

            if jobs > 1:
                return await measured(it.pid, urls, it.key, other, commit)
            async with httpx2.AsyncClient(
                headers={"Authorization": f"Bearer {it.key}"}, timeout=60
            ) as http:
                wake: Wake = lambda: http.delete(f"{it.url}/api/jobs/{ids[0]}")  # noqa: E731
                return await measured(it.pid, urls, it.key, other, wake)


def _job(job_id: str, workspace: str) -> Job:
    now = now_ms()
    model = ("fake", "fake:one", "a fox")
    call = {"seed": 1, "options": {}, "inputs": []}
    return Job(job_id, workspace, "image", "queued", *model, {}, call, now, now, run_at=now)


async def main(count: int) -> None:
    """Print the table."""
    folder = Path(tempfile.mkdtemp(prefix="flexura-bench-"))
    print(
        f"{count} waiters".ljust(28)
        + "KB each    CPU %  other p50 ms  wake p50  wake all  CPU ms  open s"
    )
    print((await bare(count)).line("bare uvicorn + Starlette"))
    print((await ours(folder / "one", count, 1)).line("flexura, all on one job"))
    print((await ours(folder / "many", count, count)).line("flexura, each on its own job"))
    print("aims".ljust(28) + "   40.0     1.00                             1000")
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    asyncio.run(main(raise_descriptors(int(sys.argv[1]) if len(sys.argv) > 1 else WAITERS)))
