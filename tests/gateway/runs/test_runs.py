"""Runs over REST: start, preview, approve, schedule, steps, and templates where a model could be named."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from flexura.services.workspaces import WorkspaceTerms
from gateway_house import House, opened
from runs_house import FILM, SIDE_BY_SIDE, VARIANTS, Atelier, with_press

pytestmark = pytest.mark.anyio
LATER = "2040-05-01T09:00:00Z"


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with opened(with_press(tmp_path), Atelier(tmp_path)) as found:
        for document in (FILM, VARIANTS, SIDE_BY_SIDE):
            answer = await found.http.post("/api/v1/templates", json=document)
            assert answer.status_code == 201, answer.text
        yield found


async def run(house: House, name: str, code: int = 202, **body: Any) -> dict[str, Any]:
    sent = {"inputs": {"subject": "a fox"}, **body}
    answer = await house.http.post(f"/api/v1/templates/{name}/runs", json=sent)
    assert answer.status_code == code, answer.text
    return answer.json()


async def test_a_run_is_accepted_and_its_result_is_read_like_any_job(house: House) -> None:
    accepted = await run(house, "film")
    assert accepted["status"] == "queued"
    job = await house.ended(accepted["job_id"])
    assert (job["status"], job["type"], job["model"]) == ("completed", "audio", "template:film")
    assert [asset["mime"] for asset in job["assets"]] == ["audio/wav"]
    steps = (await house.http.get(f"/api/v1/jobs/{job['job_id']}/steps")).json()
    assert [(s["id"], s["status"]) for s in steps["steps"]] == [
        ("draw", "done"),
        ("move", "done"),
        ("sound", "done"),
    ]
    assert steps["finished"] == ["draw", "move", "sound"]
    assert steps["template"] == "film@1"


async def test_who_waits_gets_the_result_or_the_candidates(house: House) -> None:
    done = await run(house, "side-by-side", 200, wait=30)
    assert done["status"] == "completed"
    asked = await run(house, "variants", 200, wait=30)
    assert (asked["status"], asked["phase"]) == ("running", "awaiting_approval")
    assert len(asked["assets"]) == 4


async def test_a_dry_run_orders_nothing(house: House) -> None:
    plan = await run(house, "film", 200, dry_run=True)
    assert [step["id"] for step in plan["steps"]] == ["draw", "move", "sound"]
    assert plan["cost"]["amount"] == pytest.approx(0.06)
    assert house.fake.submitted == []


async def test_a_key_makes_a_repeat_one_run(house: House) -> None:
    headers = {"Idempotency-Key": "once"}
    path, body = "/api/v1/templates/film/runs", {"inputs": {"subject": "a fox"}}
    first = await house.http.post(path, json=body, headers=headers)
    again = await house.http.post(path, json=body, headers=headers)
    assert first.json() == again.json()
    assert again.headers["Idempotent-Replayed"] == "true"
    other = {"inputs": {"subject": "a cat"}}
    assert (await house.http.post(path, json=other, headers=headers)).status_code == 422


async def test_what_is_wrong_is_named(house: House) -> None:
    for name, body, code, field in (
        ("film", {"inputs": {}}, 400, "inputs.subject"),
        ("film", {"n": 9}, 400, "n"),
        ("film", {"colour": "red"}, 400, "colour"),
        ("film", {"publish": ["nowhere"]}, 400, "publish"),
        ("film", {"publish": ["press"], "publish_at": "soon"}, 400, "publish_at"),
        ("film", {"max_cost": 0.01}, 402, "max_cost"),
    ):
        error = (await run(house, name, code, **body))["error"]
        assert error["field"] == field, error
        assert error["next_step"]
    assert (await run(house, "no-such", 404))["error"]["code"] == "not_found"
    assert house.fake.submitted == []


async def test_picking_and_publishing(house: House, tmp_path: Path) -> None:
    job_id = (await run(house, "variants", 200, publish=["press"], wait=30))["job_id"]
    for body, code in (({"pick": [9]}, 400), ({"pick": "2"}, 400), ({"picks": [1]}, 400)):
        answer = await house.http.post(f"/api/v1/jobs/{job_id}/approve", json=body)
        assert answer.status_code == code, answer.text
    answer = await house.http.post(f"/api/v1/jobs/{job_id}/approve", json={"pick": [2.0]})
    assert answer.status_code == 200, answer.text
    job = await house.ended(job_id)
    assert job["status"] == "completed"
    assert list((tmp_path / "press").iterdir())
    again = await house.http.post(f"/api/v1/jobs/{job_id}/approve", json={})
    assert again.status_code == 409


async def test_a_publish_time_is_set_and_taken_back(house: House) -> None:
    sent = {"publish": ["press"], "publish_at": LATER, "wait": 30}
    job_id = (await run(house, "side-by-side", 200, **sent))["job_id"]
    path = f"/api/v1/jobs/{job_id}/schedule"
    for body, code in (
        ({"publish_at": None}, 200),
        ({"publish_at": LATER}, 200),
        ({"publish_at": ""}, 400),
        ({}, 400),
        ({"publish_at": "2040-05-01"}, 400),
    ):
        answer = await house.http.put(path, json=body)
        assert answer.status_code == code, answer.text
    await house.http.put(path, json={"publish_at": "2020-05-01T09:00:00Z"})
    services = house.app.services
    assert services is not None
    workspace = (await services.records.workspaces())[0].id
    async for job in services.jobs.follow(workspace, job_id, 0, 30.0):
        assert job is None or not job.final or job.state == "published"
    assert (await house.http.put(path, json={"publish_at": None})).status_code == 409
    plain = await house.order()
    await house.ended(plain)
    assert (
        await house.http.put(f"/api/v1/jobs/{plain}/schedule", json={"publish_at": LATER})
    ).status_code == 409


async def test_a_template_stands_where_a_model_could(house: House) -> None:
    sent = {"prompt": "a fox", "model": "template:film"}
    answer = await house.http.post("/api/generate/video", json=sent)
    assert answer.status_code == 202, answer.text
    assert (await house.ended(answer.json()["job_id"]))["status"] == "completed"
    assert house.fake.submitted
    sent = {"prompt": "x", "model": "template:film", "options": {"inputs": {"subject": "a cat"}}}
    plan = await house.http.post("/api/generate/image", json={**sent, "dry_run": True})
    assert plan.json()["request"]["inputs"] == {"subject": "a cat"}
    sent["model"] = "template:flim"
    answer = await house.http.post("/api/generate/image", json=sent)
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")


async def test_another_workspace_sees_none_of_it(house: House) -> None:
    job_id = (await run(house, "variants", 200, wait=30))["job_id"]
    services = house.app.services
    assert services is not None
    other = await services.workspaces.create("other", WorkspaceTerms())
    headers = {"Authorization": f"Bearer {other.first.secret}"}
    for method, path, body in (
        ("GET", f"/api/v1/jobs/{job_id}/steps", None),
        ("POST", f"/api/v1/jobs/{job_id}/approve", {}),
        ("PUT", f"/api/v1/jobs/{job_id}/schedule", {"publish_at": LATER}),
        ("POST", "/api/v1/templates/film/runs", {"inputs": {"subject": "x"}}),
    ):
        answer = await house.http.request(method, path, json=body, headers=headers)
        assert answer.status_code == 404, answer.text
