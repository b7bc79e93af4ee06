"""`/healthz` and `/healthz/ready`: whether the process lives, and whether work can be sent to it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import httpx2
import pytest
from starlette.applications import Starlette

from doubles import FakeProvider
from flexura.domain.errors import DiskFull
from flexura.gateway.probes import probes
from flexura.runtime import Bind, open_services
from flexura.runtime import vitals as module
from flexura.settings import Settings
from gateway_house import BASE, House, opened

pytestmark = pytest.mark.anyio
NOBODY = {"Authorization": ""}


async def test_a_gateway_that_serves_is_live_and_ready_for_everybody(house: House) -> None:
    live = await house.http.get("/healthz", headers=NOBODY)
    ready = await house.http.get("/healthz/ready", headers=NOBODY)
    assert (live.status_code, live.json()["status"]) == (200, "ok")
    assert (ready.status_code, ready.json()["status"]) == (200, "ready")
    assert ready.json()["problems"] == []
    assert live.json()["instance"] == ready.json()["instance"]


async def test_a_full_disk_makes_it_not_ready_and_says_what_to_do(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_LEAST_FREE", 1 << 62)
    answer = await house.http.get("/healthz/ready")
    assert answer.status_code == 503 and answer.headers["retry-after"]
    (problem,) = answer.json()["problems"]
    assert problem["check"] == "disk" and "Free some space" in problem["next_step"]
    assert (await house.http.get("/healthz")).status_code == 200


async def test_a_schema_that_is_too_old_makes_it_not_ready(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "HEAD", "9999")
    (problem,) = (await house.http.get("/healthz/ready")).json()["problems"]
    assert problem["check"] == "schema" and "9999" in problem["message"]


async def test_a_store_that_takes_no_writes_makes_it_not_ready(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refused(work: object) -> None:
        raise DiskFull(next_step="Make the folder writable.")

    assert house.app.services is not None
    monkeypatch.setattr(house.app.services.records, "transact", refused)
    (problem,) = (await house.http.get("/healthz/ready")).json()["problems"]
    assert (problem["check"], problem["next_step"]) == ("store", "Make the folder writable.")


async def test_a_loop_of_jobs_that_has_ended_makes_it_not_ready(
    gateway_settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Ended:
        async def work(self, *_: object) -> None:
            return None

        def pause(self) -> None:
            return None

        async def drain(self, seconds: float) -> None:
            return None

    monkeypatch.setattr("flexura.runtime.gateway.queue_of", lambda *_: Ended())
    async with opened(gateway_settings, FakeProvider(tmp_path)) as house:
        (problem,) = (await house.http.get("/healthz/ready")).json()["problems"]
    assert problem["check"] == "queue" and "Restart" in problem["next_step"]


async def test_who_is_asked_to_stop_stays_live_and_is_not_ready(
    gateway_settings: Settings, tmp_path: Path
) -> None:
    bind = Bind()
    async with open_services(gateway_settings, bind, [FakeProvider(tmp_path)]) as services:
        app = Starlette(routes=probes(services.vitals))
        async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url=BASE) as http:
            before = await http.get("/healthz/ready")
            bind.stopping.begin()
            after = await http.get("/healthz/ready")
            live = await http.get("/healthz")
    assert (before.status_code, after.status_code, live.status_code) == (200, 503, 200)
    assert [p["check"] for p in after.json()["problems"]] == ["draining"]


async def test_a_worker_mounts_the_same_routes_and_guards_its_figures(
    gateway_settings: Settings, tmp_path: Path
) -> None:
    settings = replace(gateway_settings, metrics_token="for-prometheus")
    async with open_services(settings, Bind(), [FakeProvider(tmp_path)]) as services:
        app = Starlette(routes=probes(services.vitals))
        async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url=BASE) as http:
            refused = await http.get("/metrics")
            told = {"Authorization": "Bearer for-prometheus"}
            figures = await http.get("/metrics", headers=told)
    assert (refused.status_code, refused.json()["error"]["code"]) == (401, "unauthorized")
    assert figures.status_code == 200 and "flexura_draining 0.0" in figures.text


@pytest.mark.parametrize(
    ("host", "path", "status"),
    [
        ("10.1.2.3:3000", "/healthz/ready", 200),
        ("[fd00::1]:3000", "/healthz", 200),
        ("rebound.example", "/healthz/ready", 403),
        ("10.1.2.3:3000", "/api/v1/jobs", 403),
    ],
)
async def test_an_orchestrator_asks_by_address_and_a_web_page_by_name(
    house: House, host: str, path: str, status: int
) -> None:
    assert (await house.http.get(path, headers={"Host": host})).status_code == status
