"""What the AuraFlux page leaves open: refusals, retries, jobs of other surfaces, restarts."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from flexura.settings import Settings
from production_house import FILM, Studio, studio

pytestmark = pytest.mark.anyio
LATER = "2099-05-01T09:00:00Z"


@pytest.mark.parametrize(
    ("body", "field", "words"),
    [
        ({}, "prompt", "missing"),
        ({"prompt": "x", "promt": "y"}, "promt", "unknown"),
        ({"entry": "upload"}, "fileId", "missing"),
        ({"entry": "link", "prompt": "x"}, "entry", "prompt"),
        ({"prompt": "x", "fileId": "art_0", "entry": "prompt"}, "fileId", "no fileId"),
        ({"prompt": "x", "publish": ["youtube"]}, "publish", "youtube"),
        ({"prompt": "x", "publish": ["broken"]}, "publish", "cannot be used"),
        ({"prompt": "x", "publishAt": LATER}, "publishAt", "no destination"),
        ({"prompt": "x", "publish": ["press"], "publishAt": "tomorrow"}, "publishAt", "ISO 8601"),
        (
            {"prompt": "x", "publish": ["press"], "publishAt": "2031-05-01T09:00:00"},
            "publishAt",
            "time zone",
        ),
        ({"prompt": "x", "aspectRatio": "wide"}, "aspectRatio", "pattern"),
        ({"prompt": "x", "duration": "5"}, "duration", "number"),
        ({"prompt": "x", "duration": True}, "duration", "number"),
        ({"prompt": "x", "staging": "yes"}, "staging", "boolean"),
        ({"prompt": "x", "fromTemplateId": "tpl_gone"}, "fromTemplateId", "no template"),
        ({"prompt": "x", "publishCopy": {"titel": "x"}}, "publishCopy.titel", "unknown"),
    ],
)
async def test_a_body_that_makes_no_sense_is_refused_naming_the_field(
    desk: Studio, body: dict[str, Any], field: str, words: str
) -> None:
    answer = await desk.http.post("/v1/jobs", json=body)
    assert answer.status_code == 400, answer.text
    error = answer.json()["error"]
    assert error["field"] == field and words in error["message"], error
    assert error["next_step"]
    assert (await desk.http.get("/v1/jobs")).json()["total"] == 0


async def test_an_upload_that_is_not_there_is_refused(desk: Studio) -> None:
    body = {"entry": "upload", "fileId": "art_01JD0000000000000000000000"}
    answer = await desk.http.post("/v1/jobs", json=body)
    assert answer.status_code == 400, answer.text


async def test_the_result_of_a_failed_job_is_a_conflict_that_tells_why(desk: Studio) -> None:
    job_id = await desk.submit(prompt="fail")
    job = await desk.until(job_id, "failed")
    assert job["error"]["code"] == "content_policy" and "outputUrl" not in job
    answer = await desk.http.get(f"/v1/jobs/{job_id}/result")
    assert answer.status_code == 409
    error = answer.json()["error"]
    assert error["code"] == "conflict" and error["job_error"] == "content_policy"
    assert "The picture was refused." in error["message"]


async def test_one_destination_that_fails_is_retried_alone(desk: Studio) -> None:
    desk.archive.rmdir()
    desk.archive.write_text("a file where the folder should be")
    job_id = await desk.submit(publish=["press", "archive"])
    job = await desk.until(job_id, "published")
    assert [w["code"] for w in job["warnings"]] == ["publish_failed"]
    results = (await desk.http.get(f"/v1/jobs/{job_id}/result")).json()["publishResults"]
    assert [(r["destination"], r["status"]) for r in results] == [
        ("press", "published"),
        ("archive", "failed"),
    ]
    assert results[1]["error"] and str(desk.archive) not in results[1]["error"]
    retry = f"/v1/jobs/{job_id}/publish/archive/retry"
    assert (await desk.http.post(retry)).json()["status"] == "failed"
    desk.archive.unlink()
    desk.archive.mkdir()
    again = await desk.http.post(retry)
    assert again.status_code == 200 and again.json()["status"] == "published"
    assert desk.published(desk.archive) == [f"{job_id}-1.mp4", f"{job_id}.json"]
    listed = (await desk.http.get(f"/api/v1/jobs/{job_id}/publications")).json()
    assert [p["status"] for p in listed["publications"]] == ["published", "published"]
    assert (await desk.http.post(f"/v1/jobs/{job_id}/publish/youtube/retry")).status_code == 404
    assert (await desk.http.post("/v1/jobs/job_1/publish/press/retry")).status_code == 404


async def test_a_job_that_nobody_took_is_complete_and_becomes_published_by_a_retry(
    desk: Studio,
) -> None:
    desk.press.rmdir()
    desk.press.write_text("a file where the folder should be")
    job_id = await desk.submit(publish=["press"])
    assert (await desk.until(job_id, "complete"))["status"] == "complete"
    desk.press.unlink()
    desk.press.mkdir()
    retry = f"/api/v1/jobs/{job_id}/publications/press/retry"
    assert (await desk.http.post(retry)).json()["status"] == "published"
    assert (await desk.job(job_id))["status"] == "published"
    found = (await desk.http.get("/v1/jobs?status=published")).json()["jobs"]
    assert [j["jobId"] for j in found] == [job_id]


async def test_what_the_body_says_wins_over_the_template(desk: Studio) -> None:
    saved = await desk.http.post(
        "/v1/templates",
        json={
            "name": "Staged",
            "prompt": "A coral reef",
            "duration": 4,
            "staging": True,
            "publish": ["press"],
        },
    )
    template = saved.json()
    assert template["steps"] == ["video", "approve", "publish"]
    job_id = await desk.submit(
        prompt="A fox",
        fromTemplateId=template["id"],
        staging=False,
        publish=["archive"],
        duration=7,
        publishCopy={"title": "Own"},
    )
    job = await desk.until(job_id, "published")
    assert (job["prompt"], job["publish"], job["staging"]) == ("A fox", ["archive"], False)
    assert job["template"] == f"{template['slug']}@1"
    assert desk.provider.orders[0].options["duration"] == 7
    assert desk.published() == [] and len(desk.published(desk.archive)) == 2
    result = (await desk.http.get(f"/v1/jobs/{job_id}/result")).json()
    assert result["publishCopy"]["title"] == "Own"
    assert result["publishCopy"]["caption"] == "A fox"


async def test_two_templates_of_one_name_are_two(desk: Studio) -> None:
    body = {"name": "Reef & more!", "prompt": "A coral reef"}
    first, second = [(await desk.http.post("/v1/templates", json=body)).json() for _ in range(2)]
    assert first["id"] != second["id"] and first["slug"] == "reef-more"
    await desk.http.delete(f"/v1/templates/{first['id']}")
    listed = (await desk.http.get("/v1/templates")).json()["templates"]
    assert [t["id"] for t in listed] == [second["id"]]


async def test_a_template_for_uploads_takes_its_file_from_the_job(desk: Studio) -> None:
    saved = await desk.http.post(
        "/v1/templates", json={"name": "Mine", "entry": "upload", "publish": ["press"]}
    )
    assert saved.status_code == 201, saved.text
    sent = await desk.http.post("/api/v1/uploads", content=FILM)
    body = {"fromTemplateId": saved.json()["id"], "fileId": sent.json()["artifact_id"]}
    job_id = (await desk.http.post("/v1/jobs", json=body)).json()["jobId"]
    await desk.until(job_id, "published")
    assert (desk.press / f"{job_id}-1.mp4").read_bytes() == FILM


async def test_a_template_names_no_unknown_destination(desk: Studio) -> None:
    answer = await desk.http.post("/v1/templates", json={"name": "x", "publish": ["youtube"]})
    assert answer.status_code == 400 and "press" in answer.json()["error"]["next_step"]


async def test_the_same_key_makes_one_job_and_one_template(desk: Studio) -> None:
    headers = {"Idempotency-Key": "once"}
    body = {"prompt": "A fox", "model": "fake:film"}
    first, again = [await desk.http.post("/v1/jobs", json=body, headers=headers) for _ in range(2)]
    assert first.json() == again.json()
    assert again.headers["idempotent-replayed"] == "true"
    other = await desk.http.post("/v1/jobs", json={**body, "duration": 3}, headers=headers)
    assert other.status_code == 422
    saved = {"name": "One", "prompt": "A fox"}
    made = [await desk.http.post("/v1/templates", json=saved, headers=headers) for _ in range(2)]
    assert [a.status_code for a in made] == [201, 201] and made[0].json() == made[1].json()
    assert (await desk.http.get("/v1/templates")).json()["total"] == 1


async def test_words_of_a_job_without_a_destination_are_kept(desk: Studio) -> None:
    job_id = await desk.submit(publishCopy={"title": "Mine", "hashtags": ["reef", "two words"]})
    await desk.until(job_id, "complete")
    words = (await desk.http.get(f"/v1/jobs/{job_id}/result")).json()["publishCopy"]
    assert words["title"] == "Mine" and words["hashtags"] == ["#reef", "#twowords"]
    assert words["caption"] == "A fox in the snow"


async def test_a_picture_that_another_surface_made_is_read_here(desk: Studio) -> None:
    job_id = await desk.house.order("a fox")
    await desk.house.ended(job_id)
    job = await desk.job(job_id)
    assert (job["status"], job["type"]) == ("complete", "image")
    result = (await desk.http.get(f"/v1/jobs/{job_id}/result")).json()
    assert result["videoUrl"] is None and result["thumbnailUrl"]
    assert (await desk.http.get(result["outputUrl"])).content.startswith(b"\x89PNG")
    assert result["publishResults"] == []


async def test_a_job_without_a_destination_has_no_publish_time(desk: Studio) -> None:
    job_id = await desk.submit()
    await desk.until(job_id, "complete")
    answer = await desk.http.put(f"/v1/jobs/{job_id}/schedule", json={"publishAt": LATER})
    assert answer.status_code == 409
    for body in ({}, {"publishAt": 7}, {"publishAt": "soon"}, {"publishAt": LATER, "x": 1}):
        answer = await desk.http.put(f"/v1/jobs/{job_id}/schedule", json=body)
        assert answer.status_code == 400, body


async def test_destinations_are_listed_without_their_settings(desk: Studio) -> None:
    answer = await desk.http.get("/api/v1/destinations")
    assert answer.json() == {
        "destinations": [
            {"name": "archive", "platform": "folder", "usable": True},
            {"name": "broken", "platform": "folder", "usable": False},
            {"name": "press", "platform": "folder", "usable": True},
        ],
        "total": 3,
    }
    assert str(desk.press.parent) not in answer.text


async def test_a_scheduled_job_is_published_by_the_next_gateway(
    gateway_settings: Settings, tmp_path: Path
) -> None:
    async with studio(gateway_settings, tmp_path) as desk:
        staged = await desk.submit(staging=True, publish=["press"])
        timed = await desk.submit(publish=["press"], publishAt=LATER)
        await desk.until(staged, "awaiting_approval")
        await desk.until(timed, "scheduled")
    async with studio(gateway_settings, tmp_path) as desk:
        assert (await desk.job(staged))["phase"] == "awaiting_approval"
        assert (await desk.job(timed))["phase"] == "scheduled"
        put = {"publishAt": "2020-01-01T00:00:00Z"}
        await asyncio.gather(
            desk.http.post(f"/v1/jobs/{staged}/approve-publish"),
            desk.http.put(f"/v1/jobs/{timed}/schedule", json=put),
        )
        for job_id in (staged, timed):
            await desk.until(job_id, "published")
        assert desk.provider.submitted == []
        assert len(desk.published()) == 4
