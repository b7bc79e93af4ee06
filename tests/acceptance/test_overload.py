"""Far more than a real gateway takes: nothing breaks, everybody is told when to come back, nothing is lost.

The limits are small, so that a few seconds are enough; `LONG=1` takes ten times as many orders.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
import pytest

from acceptance.gateway_process import Served, ending, started

pytestmark = [
    pytest.mark.usefixtures("unmeasured"),
    pytest.mark.anyio,
    pytest.mark.only_on("linux"),
    pytest.mark.timeout(180),
]
CONFIG = """\
[limits]
requests_per_minute = 0
most_queued = 60
waiters_per_key = 120
requests_per_key = 40
"""
WAITERS, ORDERS, AT_ONCE = 200, 400 * (10 if os.environ.get("LONG") else 1), 100
MOST_MEMORY = 60
"""Megabytes more than at rest."""
MOST_HEALTH_MS = 100
BUSY = (429, 503)
TESTS = Path(__file__).parents[1]


def megabytes(pid: int) -> float:
    """Resident memory."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Rss:")) / 1024


@dataclass
class Crowd:
    """What a crowd was told."""

    http: httpx2.AsyncClient
    statuses: Counter[int] = field(default_factory=Counter[int])
    accepted: set[str] = field(default_factory=set[str])

    def note(self, answer: httpx2.Response) -> None:
        """Whoever is refused is told when to come back."""
        self.statuses[answer.status_code] += 1
        if answer.status_code in BUSY:
            assert int(answer.headers["retry-after"]) >= 1, answer.text
            assert answer.json()["error"]["next_step"]
        else:
            assert answer.status_code in (200, 202), answer.text

    async def wait(self, job_id: str) -> None:
        """One who waits for a job that nobody does."""
        self.note(await self.http.get(f"/api/jobs/{job_id}?wait=20"))

    async def order(self, number: int) -> None:
        """One order, which is as large as some are."""
        prompt = f"{number} " + "x" * 5000
        body = {"prompt": prompt, "model": "fake:one"}
        answer = await self.http.post("/api/generate/image", json=body)
        self.note(answer)
        if answer.status_code == 202:
            self.accepted.add(answer.json()["job_id"])


LOOKING = """
import http.client, sys, time
host, port = sys.argv[1].split("//")[1].split(":")
line, end = http.client.HTTPConnection(host, int(port), timeout=30), time.monotonic() + 120
while time.monotonic() < end:
    began = time.perf_counter()
    line.request("GET", "/healthz")
    assert line.getresponse().read()
    print((time.perf_counter() - began) * 1000, flush=True)
    time.sleep(0.02)
"""


@contextmanager
def looking(url: str) -> Iterator[list[float]]:
    """Another process asks how the gateway does; how long each answer took, in milliseconds."""
    took: list[float] = []
    command = [sys.executable, "-c", LOOKING, url]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        try:
            yield took
        finally:
            process.terminate()
            said = process.stdout.read() if process.stdout else b""
            took += [float(line) for line in said.splitlines(keepends=True) if line.endswith(b"\n")]


async def rush(crowd: Crowd) -> None:
    """Two hundred who wait and hundreds of orders, all at once."""
    first = await crowd.http.post(
        "/api/generate/image", json={"prompt": "wait for me", "model": "fake:one"}
    )
    waiting = first.json()["job_id"]
    crowd.accepted.add(waiting)
    places = asyncio.Semaphore(AT_ONCE)

    async def one(number: int) -> None:
        async with places:
            await crowd.order(number)

    async with asyncio.TaskGroup() as everybody:
        waiters = [everybody.create_task(crowd.wait(waiting)) for _ in range(WAITERS)]
        orders = [everybody.create_task(one(number)) for number in range(ORDERS)]
        await asyncio.wait(orders)
        await crowd.http.delete(f"/api/jobs/{waiting}")
        await asyncio.wait(waiters)


@contextmanager
def swift(home: Path, *arguments: str) -> Iterator[Served]:
    """The gateway of `swift_gateway.py`."""
    command = [sys.executable, "-m", "acceptance.swift_gateway", *arguments]
    with ending(started(home, command, PYTHONPATH=str(TESTS))) as gateway:
        yield gateway


def client(gateway: Served) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(
        base_url=gateway.url,
        headers={"Authorization": f"Bearer {gateway.key}"},
        timeout=60,
        limits=httpx2.Limits(max_connections=None),
    )


async def test_far_above_its_limits_a_gateway_refuses_kindly_stays_small_and_loses_nothing(
    tmp_path: Path,
) -> None:
    (tmp_path / "config.toml").write_text(CONFIG)
    with swift(tmp_path, "--no-worker") as gateway:
        before = megabytes(gateway.process.pid)
        async with client(gateway) as http:
            crowd = Crowd(http)
            with looking(gateway.url) as health:
                await rush(crowd)
            grown = megabytes(gateway.process.pid) - before
        assert crowd.statuses[429] >= WAITERS - 120, crowd.statuses
        assert crowd.statuses[503] > 0, crowd.statuses
        assert sum(crowd.statuses.values()) == WAITERS + ORDERS, "a connection broke"
        assert len(crowd.accepted) == 60
        assert grown < MOST_MEMORY
        # The crowd itself takes the other core; `benchmarks/bench_waiters.py` has the figures.
        assert health and statistics.median(health) < MOST_HEALTH_MS, sorted(health)
    with swift(tmp_path) as gateway:
        async with client(gateway) as http:
            ended = [await http.get(f"/api/jobs/{i}?wait=30") for i in crowd.accepted]
    assert Counter(answer.json()["status"] for answer in ended)["completed"] == 59
