"""Every request of the two documented Fluxara pages, sent as printed, gets the documented answer."""

from __future__ import annotations

import re
from typing import Any

import httpx2
import pytest

from doubles import model
from gateway_house import BASE, House

pytestmark = pytest.mark.anyio
MOMENT = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
# The body as the page prints it.
DOCUMENTED: dict[str, Any] = {
    "pipeline": "text-to-image-basic",
    "preset": "sdxl-cinematic-beta",
    "input": {"prompt": "cinematic rainy street at night, neon reflections, highly detailed"},
    "options": {"count": 2, "resolution": "1024x1024"},
}
PRESET = {"slug": "sdxl-cinematic-beta", "options": {"mood": "wild"}}


@pytest.fixture
async def beta(house: House) -> House:
    """A workspace in which the page's preset has been saved."""
    answer = await house.http.post("/api/v1/presets", json=PRESET)
    assert answer.status_code == 201, answer.text
    return house


async def created(house: House, **changes: Any) -> str:
    answer = await house.http.post("/api/v1/jobs", json=DOCUMENTED | changes)
    assert answer.status_code == 202, answer.text
    return answer.json()["job_id"]


async def ended(house: House, job_id: str) -> dict[str, Any]:
    return (await house.http.get(f"/api/v1/jobs/{job_id}?wait=30")).json()


async def test_the_status_of_the_service_has_the_documented_fields(house: House) -> None:
    status = (await house.http.get("/api/v1/status")).json()
    assert list(status) == ["status", "service", "version", "environment"]
    assert status["status"] == "ok"


async def test_the_documented_pipelines_are_listed_as_documented(house: House) -> None:
    listed = (await house.http.get("/api/v1/pipelines")).json()["pipelines"]
    found = {entry["id"]: (entry["type"], entry["status"]) for entry in listed}
    assert found["text-to-image-basic"] == ("image", "active")
    assert found["image-transform-standard"][0] == "image"
    assert found["review-batch-a"] == ("batch", "limited")
    assert list(listed[0])[:3] == ["id", "type", "status"]


async def test_a_job_is_created_as_documented(beta: House) -> None:
    answer = await beta.http.post("/api/v1/jobs", json=DOCUMENTED)
    assert answer.status_code == 202, answer.text
    body = answer.json()
    assert list(body)[:3] == ["job_id", "status", "created_at"]
    assert body["job_id"].startswith("job_") and body["status"] == "queued"
    assert MOMENT.match(body["created_at"])


async def test_a_running_job_has_the_documented_fields(beta: House) -> None:
    beta.fake.gate.clear()
    job_id = await created(beta)
    await beta.fake.polled.wait()
    job = (await beta.http.get(f"/api/v1/jobs/{job_id}")).json()
    assert list(job)[:6] == [
        "job_id",
        "status",
        "pipeline",
        "preset",
        "created_at",
        "updated_at",
    ]
    assert (job["status"], job["pipeline"]) == ("running", "text-to-image-basic")
    assert job["preset"] == "sdxl-cinematic-beta"
    assert MOMENT.match(job["updated_at"])
    outputs = (await beta.http.get(f"/api/v1/jobs/{job_id}/outputs")).json()
    assert outputs == {"job_id": job_id, "status": "running", "outputs": []}
    beta.fake.gate.set()
    assert (await ended(beta, job_id))["status"] == "completed"


async def test_the_outputs_of_a_completed_job_are_the_documented_artifacts(beta: House) -> None:
    job_id = await created(beta)
    await ended(beta, job_id)
    answer = (await beta.http.get(f"/api/v1/jobs/{job_id}/outputs")).json()
    assert list(answer) == ["job_id", "status", "outputs"]
    assert (answer["job_id"], answer["status"]) == (job_id, "completed")
    first = answer["outputs"][0]
    documented = ["artifact_id", "type", "width", "height", "download_url"]
    assert list(first)[:5] == documented
    assert first["type"] == "image/png"
    assert first["download_url"] == f"/api/v1/artifacts/{first['artifact_id']}"
    file = await beta.http.get(first["download_url"])
    assert file.content.startswith(b"\x89PNG")


async def test_an_artifact_tells_how_it_was_made(beta: House) -> None:
    job_id = await created(beta)
    await ended(beta, job_id)
    artifact = (await beta.http.get(f"/api/v1/jobs/{job_id}/outputs")).json()["outputs"][0]
    told = artifact["metadata"]
    assert told["prompt"] == DOCUMENTED["input"]["prompt"]
    assert (told["preset"], told["pipeline"]) == ("sdxl-cinematic-beta", "text-to-image-basic")
    assert {"resolution", "steps", "format", "model", "seed", "cost"} <= set(told)
    assert MOMENT.match(told["job_created_at"]) and MOMENT.match(told["job_completed_at"])
    assert artifact["job_url"] == f"/api/v1/jobs/{job_id}" and MOMENT.match(artifact["created_at"])
    same = (await beta.http.get(f"/api/v1/artifacts/{artifact['artifact_id']}/metadata")).json()
    assert same["metadata"] == told


async def test_a_denied_environment_answers_auth_in_the_flat_documented_shape(house: House) -> None:
    good = await house.http.get("/api/v1/auth")
    assert good.status_code == 200 and good.json()["status"] == "ok"
    transport = httpx2.ASGITransport(house.app)
    async with httpx2.AsyncClient(transport=transport, base_url=BASE) as stranger:
        denied = await stranger.get("/api/v1/auth")
    assert denied.status_code == 401
    assert set(denied.json()) == {"error", "message"}


async def test_an_unknown_preset_is_refused_in_the_words_of_the_page(house: House) -> None:
    answer = await house.http.post("/api/v1/jobs", json=DOCUMENTED)
    assert answer.status_code == 400
    error = answer.json()["error"]
    assert error["code"] == "invalid_request"
    assert error["message"] == "Preset is not available in the current environment."


async def test_a_failed_job_says_so_with_its_error(beta: House) -> None:
    job = await ended(beta, await created(beta, input={"prompt": "fail"}))
    assert job["status"] == "failed"
    assert job["error"]["code"] == "content_policy" and job["error"]["next_step"]


async def test_a_removed_preset_is_not_available_any_more(beta: House) -> None:
    removed = await beta.http.delete("/api/v1/presets/sdxl-cinematic-beta")
    assert removed.status_code in (200, 204)
    assert (await beta.http.post("/api/v1/jobs", json=DOCUMENTED)).status_code == 400


async def test_a_pipeline_whose_models_are_gone_is_limited_or_leaves(house: House) -> None:
    house.fake.offered = [model("dance", "fake", kinds=("audio",), tasks=("video-to-audio",))]
    await house.app.services.catalog.refresh(force=True)  # type: ignore[union-attr]
    listed = {p["id"]: p for p in (await house.http.get("/api/v1/pipelines")).json()["pipelines"]}
    assert listed["video-to-audio"]["status"] == "active"
    house.fake.offered = []
    await house.app.services.catalog.refresh(force=True)  # type: ignore[union-attr]
    listed = {p["id"]: p for p in (await house.http.get("/api/v1/pipelines")).json()["pipelines"]}
    assert "video-to-audio" not in listed
