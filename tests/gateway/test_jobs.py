"""Jobs over REST: waiting, following, cancelling, listing, repeating."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from gateway_house import House

pytestmark = pytest.mark.anyio


async def test_waiting_answers_the_moment_the_job_ends(house: House) -> None:
    house.fake.gate.clear()
    job_id = await house.order()
    waiting = asyncio.create_task(house.http.get(f"/api/jobs/{job_id}?wait=60"))
    async with asyncio.timeout(10):
        await house.fake.submitting.wait()
        house.fake.gate.set()
        answer = await waiting
    assert answer.json()["status"] == "completed"
    assert answer.headers["preference-applied"] == "wait=60"


async def test_waiting_gives_the_present_state_when_time_is_up(house: House) -> None:
    house.fake.gate.clear()
    job_id = await house.order()
    answer = await house.http.get(
        f"/api/jobs/{job_id}", headers={"Prefer": "wait=0.1, respond-async"}
    )
    answer = await house.http.get(f"/api/jobs/{job_id}?wait=0.05")
    assert answer.json()["status"] in ("queued", "processing")
    assert answer.headers["retry-after"] == "5"


async def test_an_order_that_waits_is_answered_with_the_finished_job(house: House) -> None:
    body = {"prompt": "a fox", "model": "fake:one", "wait": 30}
    answer = await house.http.post("/api/generate/image", json=body)
    assert answer.status_code == 200 and answer.json()["status"] == "completed"


async def test_an_unchanged_job_is_304_and_a_changed_one_is_not(house: House) -> None:
    job_id = await house.order()
    await house.ended(job_id)
    first = await house.http.get(f"/api/jobs/{job_id}")
    again = await house.http.get(
        f"/api/jobs/{job_id}", headers={"If-None-Match": first.headers["etag"]}
    )
    assert again.status_code == 304 and again.content == b""
    older = await house.http.get(f"/api/jobs/{job_id}", headers={"If-None-Match": f'"{job_id}-1"'})
    assert older.status_code == 200


async def test_waiting_with_an_etag_returns_at_the_next_change(house: House) -> None:
    house.fake.gate.clear()
    job_id = await house.order()
    async with asyncio.timeout(20):
        answer = await house.http.get(
            f"/api/jobs/{job_id}?wait=30", headers={"If-None-Match": f'"{job_id}-1"'}
        )
    assert answer.status_code == 200 and answer.headers["etag"] != f'"{job_id}-1"'


def _events(text: str) -> list[dict[str, Any]]:
    blocks = [b for b in text.split("\n\n") if b and not b.startswith(":")]
    lines = [dict(line.split(": ", 1) for line in block.split("\n")) for block in blocks]
    return [{**found, "data": json.loads(found["data"])} for found in lines]


async def test_events_start_with_the_present_state_and_end_with_the_last(house: House) -> None:
    house.fake.gate.clear()
    job_id = await house.order()
    following = asyncio.create_task(house.http.get(f"/api/jobs/{job_id}/events"))
    async with asyncio.timeout(10):
        await house.fake.submitting.wait()
        house.fake.gate.set()
        events = _events((await following).text)
    versions = [int(e["id"]) for e in events]
    assert versions == sorted(set(versions))
    assert events[-1]["event"] == "end" and events[-1]["data"]["status"] == "completed"
    progress = [e["data"]["progress"] for e in events]
    assert progress == sorted(progress)


async def test_events_resume_after_the_last_one_seen(house: House) -> None:
    job_id = await house.order()
    await house.ended(job_id)
    version = (
        (await house.http.get(f"/api/jobs/{job_id}")).headers["etag"].strip('"').rpartition("-")[2]
    )
    resumed = await house.http.get(f"/api/jobs/{job_id}/events", headers={"Last-Event-ID": version})
    assert resumed.text == ""


async def test_a_running_job_is_canceled_at_its_provider(house: House) -> None:
    house.fake.gate.clear()
    job_id = await house.order()
    async with asyncio.timeout(10):
        await house.fake.submitting.wait()
        answer = await house.http.delete(f"/api/jobs/{job_id}")
        job = await house.ended(job_id)
    assert answer.status_code in (200, 202)
    assert (job["status"], job["error_code"]) == ("failed", "canceled")
    assert house.fake.canceled == [job_id]


async def test_a_queued_job_is_canceled_before_anything_is_bought(house: House) -> None:
    house.fake.gate.clear()
    busy = [await house.order(f"fox {i}") for i in range(2)]
    queued = await house.order("the third waits: two run at once")
    answer = await house.http.delete(f"/api/jobs/{queued}")
    assert answer.status_code == 200 and answer.json()["error_code"] == "canceled"
    house.fake.gate.set()
    for job_id in busy:
        await house.ended(job_id)
    assert queued not in house.fake.submitted and house.fake.most_at_once <= 2


async def test_a_finished_job_cannot_be_canceled(house: House) -> None:
    job_id = await house.order()
    await house.ended(job_id)
    answer = await house.http.delete(f"/api/jobs/{job_id}")
    assert answer.status_code == 409 and answer.json()["error"]["code"] == "conflict"


@pytest.mark.parametrize(
    ("prompt", "code"),
    [("refuse", "provider_error"), ("fail", "content_policy"), ("junk", "provider_error")],
)
async def test_a_provider_that_misbehaves_fails_the_job_with_a_next_step(
    house: House, prompt: str, code: str
) -> None:
    job = await house.ended(await house.order(prompt))
    assert (job["status"], job["error_code"]) == ("failed", code)
    assert job["next_step"]


async def test_the_same_idempotency_key_gives_the_first_answer_again(house: House) -> None:
    body, headers = {"prompt": "a fox", "model": "fake:one"}, {"Idempotency-Key": "k1"}
    first = await house.http.post("/api/generate/image", json=body, headers=headers)
    again = await house.http.post("/api/generate/image", json=body, headers=headers)
    assert again.json()["job_id"] == first.json()["job_id"]
    assert again.headers["idempotent-replayed"] == "true"
    await house.ended(first.json()["job_id"])
    assert len(house.fake.submitted) == 1


async def test_the_same_key_with_another_body_is_refused(house: House) -> None:
    headers = {"Idempotency-Key": "k1"}
    for prompt, status in (("a fox", 202), ("a dog", 422)):
        body = {"prompt": prompt, "model": "fake:one"}
        answer = await house.http.post("/api/generate/image", json=body, headers=headers)
        assert answer.status_code == status
    assert answer.json()["error"]["code"] == "idempotency_mismatch"


async def test_parallel_requests_with_one_key_make_one_job(house: House) -> None:
    body, headers = {"prompt": "a fox", "model": "fake:one"}, {"Idempotency-Key": "k2"}
    answers = await asyncio.gather(
        *(house.http.post("/api/generate/image", json=body, headers=headers) for _ in range(40))
    )
    assert len({a.json()["job_id"] for a in answers if a.status_code == 202}) == 1
    others = {a.json()["error"]["code"] for a in answers if a.status_code != 202}
    assert others == {"idempotency_in_progress"}


async def test_without_a_key_every_post_is_a_new_order(house: House) -> None:
    assert await house.order() != await house.order()


async def test_jobs_are_listed_by_project_and_status(house: House) -> None:
    house.http.headers["flexura-project"] = "p1"
    mine = await house.order()
    house.http.headers["flexura-project"] = "p2"
    await house.order()
    await house.ended(mine)
    listed = (await house.http.get("/api/v1/jobs?project=p1&status=completed")).json()
    assert [j["job_id"] for j in listed["jobs"]] == [mine]
    assert (listed["total"], listed["limit"], listed["offset"]) == (1, 20, 0)


async def test_n_variants_count_the_seed_up_and_a_given_seed_is_kept(house: House) -> None:
    job = await house.ended(await house.order(options={"seed": 41}))
    assert job["seed"] == 41
    drawn = await house.ended(await house.order(options={"seed": 0}))
    assert drawn["seed"] > 0


async def test_a_dry_run_buys_nothing_and_tells_model_options_and_price(house: House) -> None:
    body = {
        "prompt": "a fox",
        "model": "fake:one",
        "n": 3,
        "dry_run": True,
        "options": {"steps": 4},
    }
    answer = (await house.http.post("/api/generate/image", json=body)).json()
    assert answer["cost"]["amount"] == 0.06 and answer["request"]["options"]["width"] == 1024
    assert answer["warnings"][0]["code"] == "option_not_supported"
    assert (await house.http.get("/api/v1/jobs")).json()["total"] == 0


async def test_a_preset_and_an_alias_stand_for_what_is_configured(house: House) -> None:
    body = {"prompt": "a fox", "preset": "quick", "wait": 30}
    job = (await house.http.post("/api/generate/image", json=body)).json()
    assert job["model"] == "fake:one" and job["options"]["mood"] == "wild"


async def test_a_preset_of_the_workspace_is_found_and_comes_before_the_operators(
    house: House,
) -> None:
    for name, mood in (("mine", "wild"), ("quick", "calm")):
        saved = {"name": name, "model": "policy:cheapest", "options": {"mood": mood}}
        answer = await house.http.post("/api/v1/presets", json=saved)
        assert answer.status_code == 201, answer.text
        body = {"prompt": "a fox", "preset": name, "wait": 30}
        job = (await house.http.post("/api/generate/image", json=body)).json()
        assert (job["status"], job["options"]["mood"]) == ("completed", mood)
    await house.http.delete("/api/v1/presets/quick")
    job = (await house.http.post("/api/generate/image", json=body)).json()
    assert job["options"]["mood"] == "wild", "the operator's again"
