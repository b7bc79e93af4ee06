"""Every request of the documented Flexura page, sent as printed, gets the documented answer."""

from __future__ import annotations

import re

import pytest

from gateway_house import House

pytestmark = pytest.mark.anyio
MOMENT = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
DOCUMENTED = {
    "prompt": "a futuristic city at night, neon lights, cinematic",
    "model": "nvidia-flux",
    "options": {"width": 1024, "height": 1024},
}


async def test_generate_image_is_accepted_with_a_job_id_and_the_status_queued(house: House) -> None:
    answer = await house.http.post("/api/generate/image", json=DOCUMENTED)
    assert answer.status_code == 202
    assert list(answer.json()) == ["job_id", "status"]
    assert answer.json()["status"] == "queued"


async def test_a_completed_job_has_the_documented_fields_in_the_documented_order(
    house: House,
) -> None:
    job_id = (await house.http.post("/api/generate/image", json=DOCUMENTED)).json()["job_id"]
    job = await house.ended(job_id)
    assert list(job)[:7] == [
        "job_id",
        "status",
        "type",
        "asset_url",
        "prompt",
        "created_at",
        "updated_at",
    ]
    assert (job["job_id"], job["status"], job["type"]) == (job_id, "completed", "image")
    assert job["prompt"] == DOCUMENTED["prompt"]
    assert re.match(r"^http://localhost:3000/api/assets/[0-9a-z]{26}\.png$", job["asset_url"])
    assert MOMENT.match(job["created_at"]) and MOMENT.match(job["updated_at"])
    assert (await house.http.get(job["asset_url"])).content.startswith(b"\x89PNG")


async def test_a_failed_job_has_its_error_as_text_and_its_type(house: House) -> None:
    job = await house.ended(await house.order("fail"))
    assert job["status"] == "failed" and job["type"] == "image"
    assert job["error"] == "The picture was refused."
    assert (job["error_code"], job["next_step"]) == ("content_policy", "Change the prompt.")
    assert "asset_url" not in job


async def test_the_catalog_needs_no_key_and_has_the_documented_fields(house: House) -> None:
    del house.http.headers["authorization"]
    catalog = (await house.http.get("/api/agent/models")).json()
    assert list(catalog) == ["platform", "capabilities", "models"]
    assert catalog["platform"] == "Flexura"
    assert catalog["capabilities"]["search"] == {
        "endpoint_url": "http://localhost:3000/api/search",
        "method": "POST",
        "description": "Search the internet with AI-optimized results",
    }
    found = next(m for m in catalog["models"] if m["id"] == "fake:one")
    assert list(found)[:6] == ["id", "type", "endpoint_url", "description", "status", "input"]
    assert found["endpoint_url"] == "http://localhost:3000/api/generate/image"
    assert found["status"] == "active"
    assert found["input"]["prompt"] == "string"
    assert found["input"]["options"]["width"] == "number"


async def test_video_and_audio_are_accepted_from_the_prompt_alone(house: House) -> None:
    for kind, prompt in (
        ("video", "a cat playing with a ball of yarn"),
        ("audio", "calm ambient background music"),
    ):
        body = {"prompt": prompt, "options": {"seconds": 1}}
        answer = await house.http.post(f"/api/generate/{kind}", json=body)
        assert answer.status_code == 202, answer.text
        await house.http.delete(f"/api/jobs/{answer.json()['job_id']}")


async def test_the_install_script_is_served_as_text_for_bash(house: House) -> None:
    del house.http.headers["authorization"]
    answer = await house.http.get("/api/install/flexura-skill")
    assert answer.status_code == 200 and answer.text.startswith("#!/usr/bin/env bash")
