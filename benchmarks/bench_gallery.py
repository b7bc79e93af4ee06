"""The gallery of few and of many files, in one run: `python benchmarks/bench_gallery.py [files]`.

Prints the time of a page out of 200 files and out of 20,000 (or as many as are asked for), and their ratio:
the store itself, on SQLite and, where it is installed, on PostgreSQL, and the pages of the dashboard of a
whole gateway in this process. Median of interleaved rounds.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx2
from two_sides import Ask, compared, gateway_of, store_of

from flexura.domain.artifact import Artifact
from flexura.ports.gallery import GalleryFilter
from flexura.ports.records import Records
from flexura.storage.kinds import kind_of
from flexura.storage.sqlite import connect

FEW = 200
ROUNDS, CALLS = 7, 5
AIM_MS = 300
START = 1_700_000_000_000
WORDS = ("heron", "meadow", "lighthouse", "granite", "violin", "market", "comet", "orchard")


def columns() -> list[str]:
    """The columns of an artifact."""
    return list(kind_of(Artifact).names)


def row(n: int, workspace: str, count: int) -> dict[str, Any]:
    """The n-th file: all show a picture, one in a thousand of them a zeppelin."""
    rare = "zeppelin" if n % max(count // 20, 1) == 3 else WORDS[n % len(WORDS)]
    prompt = f"a picture of a {rare} and a {WORDS[n // 8 % len(WORDS)]}, soft light, number {n}"
    one = Artifact(
        f"art_{n:026d}",
        workspace,
        f"m{n:030d}.png",
        "0" * 64,
        "image/png",
        68,
        START + n * 1000,
        metadata={"prompt": prompt, "model": f"vendor:model-{n % 12}"},
        width=512,
        height=512,
        role="upload",
    )
    return kind_of(Artifact).row(one)


def fill(path: Path, workspace: str, count: int) -> None:
    """Files without bytes, as the store keeps them."""
    names = columns()
    connection = connect(path, writing=True)
    connection.execute("PRAGMA synchronous=OFF")
    connection.execute("BEGIN")
    connection.executemany(
        f"INSERT INTO artifacts ({', '.join(names)}) VALUES ({', '.join(f':{n}' for n in names)})",
        (row(n, workspace, count) for n in range(count)),
    )
    connection.execute("COMMIT")
    connection.close()


def asked(records: Records, count: int) -> dict[str, Ask]:
    """What is measured of a store."""
    deep = (START + count // 10 * 1000) << 20
    filters = {
        "first page": GalleryFilter("ws"),
        "deep page": GalleryFilter("ws", before=deep),
        "one model": GalleryFilter("ws", model="vendor:model-3"),
        "common word": GalleryFilter("ws", text="picture"),
        "common word, deep": GalleryFilter("ws", text="picture", before=deep),
        "rare word": GalleryFilter("ws", text="zeppelin"),
        "beginning of a word": GalleryFilter("ws", text="zepp"),
        "word that is not there": GalleryFilter("ws", text="submarine"),
    }
    asks: dict[str, Ask] = {name: lambda f=f: records.gallery(f) for name, f in filters.items()}
    asks["count to 5,000"] = lambda: records.count_gallery(GalleryFilter("ws"), 5000)
    asks["choices"] = lambda: records.gallery_choices("ws")
    return asks


def report(title: str, many: int, found: Mapping[str, tuple[float, float]]) -> None:
    """One line for each question."""
    print(f"\n{title:30}{FEW:>9} files{f'{many:,} files':>18}{'ratio':>8}")
    for name, (short, long) in found.items():
        print(f"{name:30}{short:12.2f} ms{long:15.2f} ms{long / short:8.2f}")


async def on_sqlite(folder: Path, many: int) -> None:
    """Measure `SqliteRecords`."""
    stores = [store_of(folder, count, fill) for count in (FEW, many)]
    sides = [asked(s, count) for s, count in zip(stores, (FEW, many), strict=True)]
    report("SQLite", many, await compared(sides, rounds=ROUNDS, calls=CALLS, scale=1e3))
    for store in stores:
        await store.aclose()


async def on_postgres(folder: Path, many: int) -> None:
    """Measure `PostgresRecords`, on a server of its own; durability is not what is measured."""
    sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
    from postgres_house import Cluster, binaries

    if binaries() is None:
        print("\nPostgreSQL is not installed.")
        return
    import psycopg

    from flexura.storage.postgres import PostgresRecords

    cluster = Cluster(folder / "cluster")
    try:
        stores: list[PostgresRecords] = []
        for count in (FEW, many):
            url, names = cluster.fresh(), columns()
            places = ", ".join(f"%({n})s" for n in names)
            with psycopg.connect(url, autocommit=True) as connection:
                with connection.transaction(), connection.cursor() as cursor:
                    cursor.executemany(
                        f"INSERT INTO artifacts ({', '.join(names)}) VALUES ({places})",  # type: ignore[arg-type]
                        [row(n, "ws", count) for n in range(count)],
                    )
                connection.execute("VACUUM ANALYZE")
            stores.append(PostgresRecords(url))
            stores[-1].start()
        sides = [asked(s, count) for s, count in zip(stores, (FEW, many), strict=True)]
        report("PostgreSQL", many, await compared(sides, rounds=ROUNDS, calls=CALLS, scale=1e3))
        for store in stores:
            await store.aclose()
    finally:
        cluster.stop()


async def of_the_pages(folder: Path, many: int) -> None:
    """Measure the pages of the dashboard."""
    async with contextlib.AsyncExitStack() as stack:
        sides: list[dict[str, Ask]] = []
        for count in (FEW, many):
            http = await opened(stack, folder / f"home-{count}", count)
            deep = (START + count // 2 * 1000) << 20
            pages = {
                "first page": "",
                "page after scrolling": f"?before={deep}",
                "common word": "?q=picture",
                "rare word": "?q=zeppelin",
                "trash": "/trash",
            }
            sides.append({name: asking(http, query) for name, query in pages.items()})
        found = await compared(sides, rounds=ROUNDS, calls=CALLS, scale=1e3)
    report("GET /dashboard/gallery", many, found)
    first = found["first page"][1]
    print(f"\nfirst page of {many:,}: {first:.0f} ms (aim: < {AIM_MS})")


async def opened(stack: contextlib.AsyncExitStack, home: Path, count: int) -> httpx2.AsyncClient:
    """A gateway with so many files, and somebody who is signed in."""
    http, key = await gateway_of(stack, home, count, fill)
    form = (await http.get("/dashboard/sign-in")).text
    token = form.partition('name="token" value="')[2].partition('"')[0]
    await http.post("/dashboard/sign-in", data={"token": token, "secret": key, "next": ""})
    return http


def asking(http: httpx2.AsyncClient, query: str) -> Ask:
    """A request for a page."""

    async def ask() -> None:
        answer = await http.get(f"/dashboard/gallery{query}")
        if answer.status_code != 200:
            raise SystemExit(f"{query}: {answer.status_code} {answer.text[:300]}")

    return ask


async def main(many: int) -> None:
    """Measure and print."""
    folder = Path(tempfile.mkdtemp(prefix="flexura-bench-"))
    try:
        await on_sqlite(folder, many)
        await on_postgres(folder, many)
        await of_the_pages(folder, many)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000))
