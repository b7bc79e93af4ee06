"""How many files come in, archives go out and searches run at once."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from doubles import png
from flexura.domain.search import SearchAnswer
from flexura.services.search import SearchService
from gateway_house import House
from load_house import Line, load_of, until
from tenants_house import code, tenant
from uploads_house import FORM_TYPE

pytestmark = pytest.mark.anyio


async def refusals(house: House, per_key: Any, of_all: Any) -> None:
    """The answers beyond the places of one key, and of all."""
    assert code(per_key) == (429, "rate_limited") and per_key.headers["retry-after"] == "2"
    assert code(of_all) == (503, "overloaded") and of_all.headers["retry-after"] == "2"
    assert per_key.json()["error"]["next_step"] and of_all.json()["error"]["next_step"]


@pytest.mark.parametrize(
    ("method", "target", "kind"),
    [("POST", "/api/v1/uploads", {"content-type": "image/png"}), ("POST", "/v1/upload", FORM_TYPE)],
)
async def test_files_that_come_in_at_once_are_bounded(
    with_bounds: Any, method: str, target: str, kind: dict[str, str]
) -> None:
    bounds = {"uploads": 1, "uploads_per_key": 1}
    async with with_bounds(**bounds) as house, tenant(house, "acme") as ada:
        line = Line(house, method, target, headers=kind).start(whole=False)
        await until(lambda: load_of(house).uploads.count == 1)
        mine = await house.http.post("/api/v1/uploads", content=png())
        theirs = await ada.http.post("/api/v1/uploads", content=png())
        await refusals(house, mine, theirs)
        line.hang_up()
        await line.over()
        assert load_of(house).uploads.count == 0
        assert (await house.http.post("/api/v1/uploads", content=png())).status_code == 201


async def test_a_part_of_an_upload_takes_a_place_too(with_bounds: Any) -> None:
    async with with_bounds(uploads_per_key=1) as house:
        began = await house.http.post("/v1/upload", headers={"Upload-Length": "500"})
        target = began.headers["location"]
        head = {"content-type": "application/offset+octet-stream", "upload-offset": "0"}
        line = Line(house, "PATCH", target, headers=head).start(whole=False)
        await until(lambda: load_of(house).uploads.count == 1)
        assert code(await house.http.post("/api/v1/uploads", content=png()))[0] == 429
        line.hang_up()
        await line.over()
        assert load_of(house).uploads.count == 0


async def test_archives_that_go_out_at_once_are_bounded(with_bounds: Any) -> None:
    bounds = {"exports": 1, "exports_per_key": 1}
    async with with_bounds(**bounds) as house, tenant(house, "acme") as ada:
        job = (await house.ended(await house.order()))["job_id"]
        theirs = (await ada.order())["job_id"]
        with load_of(house).exports.taken((await house.http.get("/api/v1/me")).text[:0] or "k"):
            answer = await ada.http.get(f"/api/v1/jobs/{theirs}/export")
            assert code(answer) == (503, "overloaded") and answer.headers["retry-after"] == "2"
        whole = await house.http.get(f"/api/v1/jobs/{job}/export")
        assert whole.status_code == 200 and load_of(house).exports.count == 0


async def test_searches_at_once_are_bounded(
    with_bounds: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = asyncio.Event()

    async def search(self: SearchService, wanted: Any) -> SearchAnswer:
        await gate.wait()
        raise AssertionError("nobody opens the gate")

    monkeypatch.setattr(SearchService, "search", search)
    bounds = {"searches": 1, "searches_per_key": 1}
    async with with_bounds(**bounds) as house, tenant(house, "acme") as ada:
        line = asyncio.create_task(house.http.post("/api/search", json={"query": "foxes"}))
        await until(lambda: load_of(house).searches.count == 1)
        mine = await house.http.post("/api/search", json={"query": "foxes"})
        theirs = await ada.http.post("/api/search", json={"query": "foxes"})
        await refusals(house, mine, theirs)
        line.cancel()
        await asyncio.wait([line])
        assert load_of(house).searches.count == 0
