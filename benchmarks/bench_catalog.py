"""The catalog with 5,000 models beside a bare Starlette route that returns the same bytes, in one run.

`python benchmarks/bench_catalog.py [rounds]`. Prints requests a second, the ratio to the bare route (median
of the rounds, which are interleaved), the time of a single request, and the p99. Needs wrk.
"""

from __future__ import annotations

import asyncio
import http.client
import os
import shutil
import statistics
import sys
import tempfile
import time
import urllib.parse
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import httpx2
import uvicorn
from bench_gateway import CONNECTIONS, wrk
from serving import free_port, process
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from flexura import settings
from flexura.domain.model import Model, Price
from flexura.gateway.app import Gateway
from flexura.ports.provider import Failed, Operation, Order
from flexura.runtime import Bind, open_keys, open_services

MODELS = 5000
SINGLE = 21
"""Requests one after the other, of which the median is told."""
WORDS = ("landscape", "portrait", "fast", "detailed", "cartoon", "photo", "logo")
PROPERTIES = {
    "prompt": {"type": "string", "description": "What to make."},
    "width": {"type": "integer", "minimum": 64, "maximum": 2048, "default": 1024},
    "height": {"type": "integer", "minimum": 64, "maximum": 2048, "default": 1024},
    "num_inference_steps": {"type": "integer", "minimum": 1, "maximum": 50, "default": 28},
    "guidance_scale": {"type": "number", "minimum": 0, "maximum": 20, "default": 3.5},
    "output_format": {"type": "string", "enum": ["png", "jpeg", "webp"], "default": "png"},
    "seed": {"type": "integer", "description": "The same seed makes the same."},
}


@dataclass(frozen=True)
class Case:
    """One request that is measured, and the time that a single one may take."""

    name: str
    path: str
    milliseconds: float
    unchanged: bool = False


CASES = (
    Case("every model", "/api/agent/models", 50),
    Case("every model, 304", "/api/agent/models", 20, unchanged=True),
    Case("a page of 100", "/api/v1/models?limit=100", 20),
    Case("search", "/api/v1/models?query=landscape+fast&sort=price&limit=20", 20),
    Case("search by filter", "/api/v1/models?query=task:text-to-video+max_price:0.2&limit=20", 20),
)


class Large:
    """A provider with a catalog, and nothing else."""

    name, concurrency, deduplicates = "large", 1, True

    async def models(self) -> Sequence[Model]:
        return [entry(number) for number in range(MODELS)]

    async def model(self, upstream_id: str, listed: Model | None) -> Model | None:
        return listed

    async def submit(self, order: Order) -> Operation:
        return {}

    async def poll(self, operation: Operation, order: Order) -> Failed:
        return Failed("provider_error", "It only lists.")

    async def cancel(self, operation: Operation, order: Order) -> None: ...

    async def download(self, url: str, to: Path, max_bytes: int) -> None: ...

    async def aclose(self) -> None: ...


def entry(number: int) -> Model:
    """A model as vendors describe theirs."""
    kind = "video" if number % 4 == 0 else "image"
    about = f"A {WORDS[number % 7]} model, {WORDS[number * 3 % 5]}, number {number}. "
    return Model(
        id=f"large:maker-{number % 90}/painter-{number}",
        provider="large",
        upstream_id=f"maker-{number % 90}/painter-{number}",
        name=f"Painter {number}",
        description=about * 3,
        kinds=(kind,),
        tasks=(f"text-to-{kind}",),
        input_schema={"type": "object", "properties": PROPERTIES},
        schema_source="live",
        price=Price(unit=kind, amount=number % 50 / 100, source="made up") if number % 3 else None,
        fetched_at="2026-01-01T00:00:00.000Z",
    )


async def serve_catalog(port: int) -> None:
    """A whole gateway with the large catalog; it writes its key beside its database."""
    loaded = settings.load()
    async with open_keys(loaded) as (keys, _):
        key, _ = await keys.create("benchmark")
    (loaded.home / "key").write_text(key)
    app = Gateway(lambda: open_services(loaded, Bind(works=False), [Large()]))
    await uvicorn.Server(config(app, port)).serve()


async def serve_bare(port: int, folder: Path) -> None:
    """Every route of Starlette that the cases need, each returning bytes from memory."""
    contents = {file.name: file.read_bytes() for file in folder.iterdir()}

    async def same(request: Request) -> Response:
        content = contents[request.path_params["name"]]
        if not content:
            return Response(status_code=304, headers={"ETag": '"x"'})
        return Response(content, media_type="application/json", headers={"ETag": '"x"'})

    await uvicorn.Server(config(Starlette(routes=[Route("/{name}", same)]), port)).serve()


def config(app: object, port: int) -> uvicorn.Config:
    """The same server for both."""
    return uvicorn.Config(app, port=port, log_level="error", access_log=False)  # type: ignore[arg-type]


def single(url: str, headers: dict[str, str]) -> float:
    """Milliseconds of one request on an open connection, the median of several; each search is a new one."""
    at = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(at.netloc)
    took: list[float] = []
    for number in range(SINGLE):
        part = f"?{at.query}&offset={number}" if at.query else ""
        began = time.perf_counter()
        connection.request("GET", at.path + part, headers=headers)
        connection.getresponse().read()
        took.append((time.perf_counter() - began) * 1000)
    connection.close()
    return statistics.median(took)


@dataclass
class Measured:
    """One case, in every round: requests a second and p99 of ours and of the bare route."""

    case: Case
    ours: list[tuple[float, float]]
    bare: list[tuple[float, float]]
    alone: float
    size: int

    def told(self) -> str:
        rate = statistics.median(r for r, _ in self.ours)
        pairs = zip(self.ours, self.bare, strict=True)
        ratio = statistics.median(r / b for (r, _), (b, _) in pairs)
        late = statistics.median(p for _, p in self.ours)
        figures = (
            f"{rate:9.0f}{ratio:8.3f}{self.alone:9.1f}{self.case.milliseconds:6.0f}{late:9.1f}"
        )
        return f"{self.case.name:18}{figures}{self.size / 1000:9.0f}"


def main(rounds: int) -> int:
    """Measure every case in turn and print; 1 when a single request takes longer than it may."""
    folder = Path(tempfile.mkdtemp(prefix="flexura-bench-"))
    answers = folder / "answers"
    answers.mkdir()
    port, bare_port, myself = free_port(), free_port(), [sys.executable, __file__]
    with ExitStack() as stack:
        home = folder / "home"
        home.mkdir()
        stack.enter_context(process([*myself, "catalog", str(port)], port, FLEXURA_HOME=str(home)))
        ours = f"http://127.0.0.1:{port}"
        key = {"Authorization": f"Bearer {(home / 'key').read_text()}"}
        headers = [taken(ours, case, key, answers / str(i)) for i, case in enumerate(CASES)]
        stack.enter_context(process([*myself, "bare", str(bare_port), str(answers)], bare_port))
        found = [
            Measured(c, [], [], single(ours + c.path, h), (answers / str(i)).stat().st_size)
            for i, (c, h) in enumerate(zip(CASES, headers, strict=True))
        ]
        for _ in range(rounds):
            for i, measured in enumerate(found):
                given = [f"-H{name}: {value}" for name, value in headers[i].items()]
                measured.bare.append(wrk(f"http://127.0.0.1:{bare_port}/{i}", *given))
                measured.ours.append(wrk(ours + measured.case.path, *given))
    shutil.rmtree(folder, ignore_errors=True)
    print(f"{MODELS} models, {CONNECTIONS} connections; single: one request alone")
    print(f"{'':18}{'req/s':>9}{'ratio':>8}{'single ms':>10}{'aim':>5}{'p99 ms':>9}{'kB':>9}")
    for measured in found:
        print(measured.told())
    kept = all(m.alone <= m.case.milliseconds for m in found)
    print("kept" if kept else "NOT KEPT")
    return 0 if kept else 1


def taken(ours: str, case: Case, key: dict[str, str], file: Path) -> dict[str, str]:
    """The headers of a case; its answer is kept for the bare route, empty where nothing changed."""
    while True:
        first = httpx2.get(ours + case.path, headers=key, timeout=60)
        if "large:" in first.text:
            break
        time.sleep(0.1)  # the provider's first list is on its way
    headers = key | ({"If-None-Match": first.headers["etag"]} if case.unchanged else {})
    answer = httpx2.get(ours + case.path, headers=headers, timeout=60)
    file.write_bytes(answer.content)
    return headers


if __name__ == "__main__":
    what, *rest = [*sys.argv[1:], "3"]
    os.environ.setdefault("FLEXURA_IDLE_SECONDS", "3600")
    if what == "catalog":
        asyncio.run(serve_catalog(int(rest[0])))
    elif what == "bare":
        asyncio.run(serve_bare(int(rest[0]), Path(rest[1])))
    else:
        sys.exit(main(int(what)))
