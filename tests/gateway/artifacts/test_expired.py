"""Bytes that had their time are gone with a date; what they were stays."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from doubles import FakeProvider, png
from files_house import DAY, gone, uploaded, variants
from flexura.domain.workspace import Workspace
from flexura.settings import Settings
from gateway_house import House
from gateway_house import opened as opened_gateway

pytestmark = pytest.mark.anyio
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


async def test_an_expired_file_is_410_with_the_date_by_every_way_to_it(house: House) -> None:
    stored = await uploaded(house, png())
    path = f"/api/v1/artifacts/{stored['artifact_id']}"
    await gone(house, stored["artifact_id"])
    signed = (await house.http.get(f"{path}/metadata")).json()["signed_url"]
    for way in (path, f"{path}?format=webp", f"/api/assets/{stored['name']}", signed):
        answer = await house.http.get(way)
        assert answer.status_code == 410, way
        error = answer.json()["error"]
        assert error["code"] == "artifact_expired" and MOMENT.fullmatch(error["expired_at"])
        assert f"{path}/metadata" in error["next_step"]


async def test_its_metadata_still_answers(house: House) -> None:
    _, assets = await variants(house, 1)
    artifact_id = assets[0]["artifact_id"]
    await gone(house, artifact_id)
    record = (await house.http.get(f"/api/v1/artifacts/{artifact_id}/metadata")).json()
    assert MOMENT.fullmatch(record["expired_at"]) and record["metadata"]["seed"] == 40
    assert record["sha256"] == assets[0]["sha256"]


async def test_an_expired_file_is_no_input_any_more(house: House) -> None:
    stored = await uploaded(house, png())
    await gone(house, stored["artifact_id"])
    body = {"prompt": "x", "model": "fake:one", "inputs": [stored["artifact_id"]]}
    answer = await house.http.post("/api/generate/image", json=body)
    assert answer.status_code == 404
    error = answer.json()["error"]
    assert "removed on" in error["message"] and "Upload the file again" in error["next_step"]


async def test_without_a_window_files_stay(house: House) -> None:
    stored = await uploaded(house, png())
    record = (await house.http.get(f"/api/v1/artifacts/{stored['artifact_id']}/metadata")).json()
    assert record["expires_at"] is None


@pytest.fixture
async def keeping_a_week(gateway_settings: Settings, tmp_path: Path) -> AsyncIterator[House]:
    settings = replace(gateway_settings, retention_days=7.0)
    async with opened_gateway(settings, FakeProvider(tmp_path)) as found:
        yield found


async def days_left(house: House, artifact_id: str) -> float:
    record = (await house.http.get(f"/api/v1/artifacts/{artifact_id}/metadata")).json()
    began, ends = (
        datetime.strptime(record[name], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        for name in ("created_at", "expires_at")
    )
    return (ends - began).total_seconds() * 1000 / DAY


async def test_uploads_and_results_are_dated_by_the_operators_window(keeping_a_week: House) -> None:
    house = keeping_a_week
    stored = await uploaded(house, png())
    _, assets = await variants(house, 1)
    assert await days_left(house, stored["artifact_id"]) == pytest.approx(7, abs=0.001)
    assert await days_left(house, assets[0]["artifact_id"]) == pytest.approx(7, abs=0.001)
    answer = await house.http.get(f"/api/v1/artifacts/{stored['artifact_id']}")
    cache = answer.headers["cache-control"]
    assert "immutable" not in cache and int(cache.partition("max-age=")[2]) <= 7 * 86_400


@pytest.mark.parametrize(("rule", "days"), [(30, 30), (0.5, 0.5), (None, None), (0, None)])
async def test_a_workspaces_own_rule_wins(
    keeping_a_week: House, rule: float | None, days: float | None
) -> None:
    house = keeping_a_week
    assert house.app.services is not None
    records = house.app.services.records
    workspace = (await records.workspaces())[0]
    await records.transact(
        lambda tx: tx.change(Workspace, workspace.id, policy={"retention_days": rule})
    )
    stored = await uploaded(house, png())
    if days is None:
        record = await house.http.get(f"/api/v1/artifacts/{stored['artifact_id']}/metadata")
        assert record.json()["expires_at"] is None
    else:
        assert await days_left(house, stored["artifact_id"]) == pytest.approx(days, abs=0.001)
