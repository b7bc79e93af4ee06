"""A gateway with a provider of films and destinations to publish to, for the AuraFlux surface."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx2

from doubles import SCHEMA, FakeProvider, model
from flexura.domain.model import Price
from flexura.ports.provider import Done, Failed, Operation, Order, Output, Pending
from flexura.settings import Settings
from gateway_house import House, opened

FILM = (Path(__file__).parent / "fixtures" / "media" / "tiny.mp4").read_bytes()
SECONDS: dict[str, Any] = {"type": "number", "minimum": 1, "maximum": 60, "default": 5}
RATIO = {"type": "string", "enum": ["16:9", "9:16", "1:1"], "default": "16:9"}


class FilmProvider(FakeProvider):
    """Also makes films, at 0.02 USD each."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.orders: list[Order] = []
        schema = {
            **SCHEMA,
            "properties": {**SCHEMA["properties"], "duration": SECONDS, "aspect_ratio": RATIO},  # type: ignore[dict-item]
        }
        film = model(
            "film",
            kinds=("video",),
            tasks=("text-to-video",),
            input_schema=schema,
            price=Price(unit="video", amount=0.02, source="test"),
            max_n=1,
        )
        self.offered = [*self.offered, film]

    async def submit(self, order: Order) -> Operation:
        self.orders.append(order)
        return await super().submit(order)

    async def poll(self, operation: Operation, order: Order) -> Pending | Done | Failed:
        found = await super().poll(operation, order)
        if order.kind != "video" or not isinstance(found, Done):
            return found
        path = self._folder / f"{order.job_id}.mp4"
        path.write_bytes(FILM)
        return Done((Output("video/mp4", path),))


@dataclass
class Studio:
    """The gateway, what it publishes into, and a client of the documented page."""

    house: House
    press: Path
    archive: Path
    provider: FilmProvider

    @property
    def http(self) -> httpx2.AsyncClient:
        return self.house.http

    async def submit(self, prompt: str = "A fox in the snow", **body: Any) -> str:
        """Submit a job; its id."""
        sent = {"prompt": prompt, "model": "fake:film", **body}
        answer = await self.http.post("/v1/jobs", json=sent)
        assert answer.status_code == 202, answer.text
        return answer.json()["jobId"]

    async def job(self, job_id: str) -> dict[str, Any]:
        """The job as it is now."""
        answer = await self.http.get(f"/v1/jobs/{job_id}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def until(self, job_id: str, *words: str) -> dict[str, Any]:
        """The job as soon as its status or its phase is one of these words."""
        assert self.house.app.services is not None
        jobs, workspace = self.house.app.services.jobs, await self._workspace()
        async with asyncio.timeout(30):
            while True:
                seen = (await jobs.get(workspace, job_id)).version
                found = await self.job(job_id)
                if {found["status"], found["phase"]} & set(words):
                    return found
                assert found["status"] in ("queued", "running"), found
                await jobs.wait(workspace, job_id, 30, seen_version=seen)

    async def _workspace(self) -> str:
        return (await self.http.get("/v1/account")).json()["accountId"]

    def published(self, folder: Path | None = None) -> list[str]:
        """The names of what lies in a folder, the press unless another is named."""
        return sorted(path.name for path in (folder or self.press).iterdir())


@asynccontextmanager
async def studio(settings: Settings, folder: Path) -> AsyncIterator[Studio]:
    """A studio whose press and archive are folders."""
    press, archive = folder / "press", folder / "archive"
    for place in (press, archive):
        place.mkdir(exist_ok=True)
    destinations = {
        "press": {"type": "folder", "path": str(press)},
        "archive": {"type": "folder", "path": str(archive)},
        "broken": {"type": "folder"},
    }
    provider = FilmProvider(folder)
    async with opened(replace(settings, destinations=destinations), provider) as house:
        yield Studio(house, press, archive, provider)
