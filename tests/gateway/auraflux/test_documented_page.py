"""Every request of the AuraFlux page, sent as documented, gets the documented answer."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from marked_files import media_in
from production_house import FILM, Studio

pytestmark = pytest.mark.anyio
MOMENT = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
LATER = "2099-05-01T09:00:00Z"


async def test_submitting_answers_at_once_with_the_id_the_status_and_the_credits(
    desk: Studio,
) -> None:
    body = {"prompt": "A fox in the snow", "model": "fake:film"}
    answer = await desk.http.post("/v1/jobs", json=body)
    assert answer.status_code == 202
    assert list(answer.json()) == ["jobId", "status", "credits"]
    assert answer.json()["status"] == "queued" and answer.json()["credits"] == 2
    assert answer.headers["location"] == f"/v1/jobs/{answer.json()['jobId']}"


async def test_a_complete_job_includes_an_output_url_that_opens(desk: Studio) -> None:
    job = await desk.until(await desk.submit(), "complete")
    assert list(job)[:3] == ["jobId", "status", "outputUrl"]
    assert MOMENT.match(job["createdAt"]) and MOMENT.match(job["finishedAt"])
    del desk.http.headers["authorization"]
    assert media_in((await desk.http.get(job["outputUrl"])).content) == media_in(FILM)


async def test_the_status_goes_from_queued_over_running_to_complete(desk: Studio) -> None:
    desk.provider.gate.clear()
    job_id = await desk.submit()
    seen = [(await desk.until(job_id, "running"))["status"]]
    desk.provider.gate.set()
    seen.append((await desk.until(job_id, "complete"))["status"])
    assert seen == ["running", "complete"]


async def test_the_result_is_202_until_it_is_complete_and_then_whole(desk: Studio) -> None:
    desk.provider.gate.clear()
    job_id = await desk.submit(prompt="A red fox. In the snow, a fox.", publish=["press"])
    early = await desk.http.get(f"/v1/jobs/{job_id}/result")
    assert early.status_code == 202
    assert early.json()["jobId"] == job_id and early.json()["status"] in ("queued", "running")
    desk.provider.gate.set()
    await desk.until(job_id, "published")
    answer = await desk.http.get(f"/v1/jobs/{job_id}/result")
    assert answer.status_code == 200
    result = answer.json()
    assert list(result)[:4] == ["videoUrl", "thumbnailUrl", "publishCopy", "publishResults"]
    assert result["publishCopy"] == {
        "title": "A red fox.",
        "caption": "A red fox. In the snow, a fox.",
        "hashtags": ["#fox", "#red", "#snow"],
    }
    (outcome,) = result["publishResults"]
    assert list(outcome)[:5] == ["platform", "destination", "status", "url", "error"]
    assert (outcome["platform"], outcome["status"]) == ("folder", "published")
    assert outcome["url"] == f"folder://press/{job_id}-1.mp4" and outcome["error"] is None
    assert desk.published() == [f"{job_id}-1.mp4", f"{job_id}.json"]
    assert media_in((desk.press / f"{job_id}-1.mp4").read_bytes()) == media_in(FILM)
    assert media_in((await desk.http.get(result["videoUrl"])).content) == media_in(FILM)


async def test_the_thumbnail_is_a_picture_that_opens_without_a_key(desk: Studio) -> None:
    job_id = await desk.submit()
    await desk.until(job_id, "complete")
    result = (await desk.http.get(f"/v1/jobs/{job_id}/result")).json()
    del desk.http.headers["authorization"]
    picture = await desk.http.get(result["thumbnailUrl"])
    assert picture.status_code == 200, picture.text
    assert picture.headers["content-type"] == "image/webp"


async def test_jobs_are_listed_by_limit_offset_status_and_cursor(desk: Studio) -> None:
    ids = [await desk.submit(prompt=f"film {n}") for n in range(5)]
    for job_id in ids:
        await desk.until(job_id, "complete")
    newest = ids[::-1]
    page = (await desk.http.get("/v1/jobs?limit=2&offset=1")).json()
    assert [j["jobId"] for j in page["jobs"]] == newest[1:3]
    assert (page["total"], page["limit"], page["offset"]) == (5, 2, 1)
    after = (await desk.http.get(f"/v1/jobs?limit=2&cursor={page['nextCursor']}")).json()
    assert [j["jobId"] for j in after["jobs"]] == newest[3:]
    assert after["nextCursor"] is None
    for word in ("complete", "completed"):
        found = (await desk.http.get(f"/v1/jobs?status={word}")).json()
        assert [j["jobId"] for j in found["jobs"]] == newest and found["limit"] == 20
    for word in ("queued", "running", "published", "failed", "canceled"):
        assert (await desk.http.get(f"/v1/jobs?status={word}")).json()["jobs"] == []


async def test_a_running_job_is_canceled_and_a_finished_one_is_a_conflict(desk: Studio) -> None:
    desk.provider.gate.clear()
    job_id = await desk.submit()
    answer = await desk.http.delete(f"/v1/jobs/{job_id}")
    assert answer.status_code in (200, 202)
    assert (await desk.until(job_id, "failed"))["error"]["code"] == "canceled"
    desk.provider.gate.set()
    complete, published = await desk.submit(), await desk.submit(publish=["press"])
    await desk.until(complete, "complete")
    await desk.until(published, "published")
    for ended in (job_id, complete, published):
        again = await desk.http.delete(f"/v1/jobs/{ended}")
        assert again.status_code == 409 and again.json()["error"]["code"] == "conflict"


async def test_a_staged_job_stops_before_publishing_until_it_is_approved(desk: Studio) -> None:
    job_id = await desk.submit(staging=True, publish=["press"])
    waiting = await desk.until(job_id, "awaiting_approval")
    assert waiting["status"] == "running" and desk.published() == []
    assert media_in((await desk.http.get(waiting["outputUrl"])).content) == media_in(FILM)
    assert (await desk.http.get(f"/v1/jobs/{job_id}/result")).status_code == 202
    approved = await desk.http.post(f"/v1/jobs/{job_id}/approve-publish")
    assert approved.status_code == 200 and approved.json()["jobId"] == job_id
    await desk.until(job_id, "published")
    assert desk.published() == [f"{job_id}-1.mp4", f"{job_id}.json"]
    again = await desk.http.post(f"/v1/jobs/{job_id}/approve-publish")
    assert again.status_code == 409
    assert len(desk.provider.submitted) == 1


async def test_an_uploaded_video_is_published_as_it_is(desk: Studio) -> None:
    sent = await desk.http.post("/v1/upload", files={"file": ("mine.mp4", FILM, "video/mp4")})
    file_id = sent.json()["fileId"]
    body = {"entry": "upload", "fileId": file_id, "prompt": "My fox.", "publish": ["press"]}
    answer = await desk.http.post("/v1/jobs", json=body)
    assert answer.status_code == 202, answer.text
    job_id = answer.json()["jobId"]
    await desk.until(job_id, "published")
    assert (desk.press / f"{job_id}-1.mp4").read_bytes() == FILM
    result = (await desk.http.get(f"/v1/jobs/{job_id}/result")).json()
    assert result["publishCopy"]["title"] == "My fox."
    assert desk.provider.submitted == []


async def test_a_saved_template_is_listed_used_and_deleted(desk: Studio) -> None:
    configuration = {
        "name": "Reef series",
        "prompt": "A coral reef",
        "aspectRatio": "9:16",
        "duration": 4,
        "publish": ["press"],
        "publishCopy": {"title": "The reef"},
    }
    saved = await desk.http.post("/v1/templates", json=configuration)
    assert saved.status_code == 201, saved.text
    template = saved.json()
    assert template["id"].startswith("tpl_")
    assert {n: template[n] for n in configuration if n != "publishCopy"} == {
        n: v for n, v in configuration.items() if n != "publishCopy"
    }
    listed = (await desk.http.get("/v1/templates")).json()
    assert [t["id"] for t in listed["templates"]] == [template["id"]]
    body = {"fromTemplateId": template["id"], "model": "fake:film"}
    job_id = (await desk.http.post("/v1/jobs", json=body)).json()["jobId"]
    job = await desk.until(job_id, "published")
    assert job["prompt"] == "A coral reef"
    assert desk.provider.orders[0].options["duration"] == 4
    assert desk.provider.orders[0].options["aspect_ratio"] == "9:16"
    gone = await desk.http.delete(f"/v1/templates/{template['id']}")
    assert gone.status_code == 200 and gone.json() == {"id": template["id"], "deleted": True}
    assert (await desk.http.get("/v1/templates")).json()["templates"] == []
    result = (await desk.http.get(f"/v1/jobs/{job_id}/result")).json()
    assert result["publishCopy"]["title"] == "The reef"
    assert (await desk.http.delete(f"/v1/templates/{template['id']}")).status_code == 404
    late = await desk.http.post("/v1/jobs", json=body)
    assert late.status_code == 400 and late.json()["error"]["field"] == "fromTemplateId"


async def test_a_job_is_scheduled_rescheduled_and_unscheduled(desk: Studio) -> None:
    job_id = await desk.submit(publish=["press"], publishAt=LATER)
    job = await desk.until(job_id, "scheduled")
    assert (job["status"], job["publishAt"]) == ("running", "2099-05-01T09:00:00.000Z")
    put = f"/v1/jobs/{job_id}/schedule"
    moved = await desk.http.put(put, json={"publishAt": "2098-01-01T00:00:00+02:00"})
    assert moved.status_code == 200
    assert moved.json()["publishAt"] == "2097-12-31T22:00:00.000Z"
    taken = await desk.http.put(put, json={"publishAt": None})
    assert taken.status_code == 200 and taken.json()["publishAt"] is None
    assert desk.published() == []
    assert (await desk.job(job_id))["status"] == "running"
    await desk.http.put(put, json={"publishAt": "2020-01-01T00:00:00Z"})
    await desk.until(job_id, "published")
    assert desk.published() == [f"{job_id}-1.mp4", f"{job_id}.json"]


async def test_an_unscheduled_job_is_published_by_approving_it(desk: Studio) -> None:
    job_id = await desk.submit(publish=["press"], publishAt=LATER)
    await desk.until(job_id, "scheduled")
    await desk.http.put(f"/v1/jobs/{job_id}/schedule", json={"publishAt": None})
    assert (await desk.http.post(f"/v1/jobs/{job_id}/approve-publish")).status_code == 200
    await desk.until(job_id, "published")


async def test_the_account_tells_id_plan_credits_and_rate_limit(desk: Studio) -> None:
    account = (await desk.http.get("/v1/account")).json()
    assert list(account)[:4] == ["accountId", "plan", "credits", "rateLimit"]
    assert account["accountId"].startswith("ws_") and account["plan"]
    assert account["credits"] is None and account["unlimited"] is True
    assert account["rateLimit"]["limit"] > account["rateLimit"]["remaining"] >= 0


async def test_a_wrong_key_is_refused_everywhere(desk: Studio) -> None:
    desk.http.headers["authorization"] = "Bearer af_live_YOUR_KEY"
    for path in ("/v1/account", "/v1/jobs", "/v1/templates", "/v1/jobs/job_1/result"):
        answer = await desk.http.get(path)
        assert answer.status_code == 401, path
        assert answer.json()["error"]["code"] == "invalid_api_key"
    assert not list(Path(desk.press).iterdir())
