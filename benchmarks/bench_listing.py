"""Lists out of a short and a long history, in one run: `python benchmarks/bench_listing.py [jobs]`.

Prints the time of a page out of 1,000 jobs and out of 1,000,000 (or as many as are asked for), and their
ratio: the store itself, and `GET /api/v1/jobs` of a whole gateway in this process. Median of interleaved
rounds.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import sys
import tempfile
from pathlib import Path

import httpx2
from two_sides import Ask, compared, gateway_of, store_of

from flexura.domain.ids import new_id
from flexura.domain.job import Job
from flexura.ports.records import JobFilter
from flexura.storage import rows
from flexura.storage.sqlite import SqliteRecords, connect

SHORT = 1_000
ROUNDS, CALLS = 15, 20
AIM = 2.0
START = 1_600_000_000_000
PAGES = {
    "first page": "",
    "offset 900": "offset=900",
    "one state": "status=completed",
    "rare state": "status=failed",
}


def fill(path: Path, workspace: str, count: int) -> None:
    """A history: one job a second, nearly all ended well, ten failed, a dozen wait to be approved."""
    if not path.is_relative_to(tempfile.gettempdir()):
        raise SystemExit(f"{path} is not a database of this benchmark; nothing was written.")
    job = Job(
        new_id("job"), workspace, "image", "completed", "fake", "fake:one", "a fox", {}, {}, 1, 1
    )
    values = rows.job_row(job)
    computed = {
        "id": "printf('job_%026d', n)",
        "state": f"CASE WHEN n % {count // 10} = 5 THEN 'failed'"
        f" WHEN n % {count // 12} = 6 THEN 'awaiting_approval' ELSE 'completed' END",
        "project": "CASE n % 3 WHEN 0 THEN 'alpha' ELSE 'beta' END",
        "change_seq": "n",
        **{
            name: f"{START} + n * 1000"
            for name in ("created_at", "run_at", "started_at", "finished_at", "saved_at")
        },
    }
    columns = [*values, "change_seq"]
    names = ", ".join(f'"{name}"' for name in columns)
    chosen = ", ".join(computed.get(name, f":{name}") for name in columns)
    connection = connect(path, writing=True)
    connection.execute("PRAGMA synchronous=OFF")
    connection.execute(
        f"INSERT INTO jobs ({names}) WITH RECURSIVE numbers(n) AS"
        f" (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {count})"
        f" SELECT {chosen} FROM numbers",
        values,
    )
    connection.close()


def asked(records: SqliteRecords, count: int) -> dict[str, Ask]:
    """What is measured of a store."""
    middle = (START + count // 2 * 1000, f"job_{count // 2:026d}")
    filters = {
        "first page": JobFilter("ws"),
        "cursor page": JobFilter("ws", before=middle),
        "offset 900": JobFilter("ws", offset=900),
        "one state": JobFilter("ws", states=("completed",)),
        "rare states": JobFilter("ws", states=("failed", "awaiting_approval"), limit=10),
        "rare states, cursor": JobFilter("ws", states=("failed", "queued"), limit=4, before=middle),
        "project": JobFilter("ws", project="alpha"),
        "unsaved first": JobFilter("ws", project="alpha", unsaved_first=True),
    }
    asks: dict[str, Ask] = {name: lambda f=f: records.jobs(f) for name, f in filters.items()}
    asks["count to 1,000"] = lambda: records.count_jobs(JobFilter("ws"), 1000)
    asks["count of a rare state"] = lambda: records.count_jobs(
        JobFilter("ws", states=("failed",)), 10_000
    )
    asks["durations"] = lambda: records.durations("fake:one", 20)
    asks["due"] = lambda: records.due(START * 2)
    return asks


def report(title: str, long: int, found: dict[str, tuple[float, float]]) -> None:
    """One line for each question."""
    print(f"{title:26}{'1,000 jobs':>13}{f'{long:,} jobs':>17}{'ratio':>8}   (aim: < {AIM:g})")
    for name, (few, many) in found.items():
        print(f"{name:26}{few:10.0f} µs{many:14.0f} µs{many / few:8.2f}")


async def of_the_store(folder: Path, long: int) -> None:
    """Measure `SqliteRecords`."""
    stores = [store_of(folder, count, fill) for count in (SHORT, long)]
    sides = [asked(s, count) for s, count in zip(stores, (SHORT, long), strict=True)]
    report("store", long, await compared(sides, rounds=ROUNDS, calls=CALLS, scale=1e6))
    for store in stores:
        await store.aclose()


async def of_the_gateway(folder: Path, long: int) -> None:
    """Measure `GET /api/v1/jobs`."""
    async with contextlib.AsyncExitStack() as stack:
        sides: list[dict[str, Ask]] = []
        for count in (SHORT, long):
            http = await opened(stack, folder / f"home-{count}", count)
            sides.append({name: asking(http, query) for name, query in PAGES.items()})
            cursor = (await http.get("/api/v1/jobs?limit=20")).json()["next_cursor"]
            sides[-1]["next page"] = asking(http, f"cursor={cursor}")
        report(
            "GET /api/v1/jobs", long, await compared(sides, rounds=ROUNDS, calls=CALLS, scale=1e6)
        )


async def opened(stack: contextlib.AsyncExitStack, home: Path, count: int) -> httpx2.AsyncClient:
    """A gateway with a history, and a client of it."""
    http, key = await gateway_of(stack, home, count, fill)
    http.headers["Authorization"] = f"Bearer {key}"
    return http


def asking(http: httpx2.AsyncClient, query: str) -> Ask:
    """A request for a page."""

    async def ask() -> None:
        answer = await http.get(f"/api/v1/jobs?limit=20&{query}")
        if answer.status_code != 200 or not answer.json()["jobs"]:
            raise SystemExit(f"{query}: {answer.status_code} {answer.text[:300]}")

    return ask


async def main(long: int) -> None:
    """Measure and print."""
    folder = Path(tempfile.mkdtemp(prefix="flexura-bench-"))
    try:
        await of_the_store(folder, long)
        await of_the_gateway(folder, long)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000))
