"""Every request of the documented FLORA page, sent as printed, gets the documented answer."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from doubles import model, png
from flexura.runtime import outside
from gateway_house import House

pytestmark = pytest.mark.anyio
RUNS = "/api/v1/techniques/portrait-enhancer/runs"
TECHNIQUE: dict[str, Any] = {
    "slug": "portrait-enhancer",
    "name": "Portrait enhancer",
    "inputs": [{"id": "input_image", "type": "IMAGE_URL"}],
    "steps": [
        {
            "id": "enhance",
            "uses": "transform",
            "prompt": "enhance the portrait",
            "inputs": ["{{ inputs.input_image }}"],
        }
    ],
}
# The body as the page prints it, without what belongs to one order.
DOCUMENTED: dict[str, Any] = {
    "inputs": [
        {"id": "input_image", "type": "IMAGE_URL", "value": "https://example.com/photo.jpg"}
    ],
    "mode": "async",
}


@pytest.fixture(autouse=True)
def internet(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The one picture that the page names."""

    @asynccontextmanager
    async def download(url: str, max_bytes: int) -> AsyncIterator[Path]:
        assert url == "https://example.com/photo.jpg"
        (tmp_path / "photo").write_bytes(png(64, 64))
        yield tmp_path / "photo"

    monkeypatch.setattr(outside, "download_of", lambda stack, folder: download)


@pytest.fixture
async def studio(house: House) -> House:
    """A workspace with the page's technique, and a model that can do it."""
    edit = model("edit", tasks=("image-to-image",), takes_inputs=True)
    house.fake.offered = [edit]
    answer = await house.http.post("/api/v1/techniques", json=TECHNIQUE)
    assert answer.status_code == 201, answer.text
    return house


async def run_ended(house: House, run_id: str) -> dict[str, Any]:
    await house.http.get(f"/api/v1/jobs/{run_id}?wait=30")
    return (await house.http.get(f"{RUNS}/{run_id}")).json()


async def test_a_run_is_started_and_polled_as_documented(studio: House) -> None:
    body = DOCUMENTED | {"callback_url": "https://your-server.com/webhook"}
    answer = await studio.http.post(RUNS, json=body | {"idempotency_key": "unique-request-id-123"})
    assert answer.status_code == 200, answer.text
    run = answer.json()
    assert list(run) == ["runId", "status", "progress", "outputs"]
    assert run["runId"].startswith("run_") and run["status"] == "pending"
    assert (run["progress"], run["outputs"]) == (0, [])
    run = await run_ended(studio, run["runId"])
    assert (run["status"], run["progress"]) == ("completed", 100)
    assert [set(output) for output in run["outputs"]] == [{"id", "type", "url"}]
    assert run["outputs"][0]["type"] == "IMAGE_URL"
    assert (await studio.http.get(run["outputs"][0]["url"])).content.startswith(b"\x89PNG")


async def test_the_same_key_answers_with_the_runs_current_state(studio: House) -> None:
    body = DOCUMENTED | {"idempotency_key": "once"}
    first = (await studio.http.post(RUNS, json=body)).json()
    await run_ended(studio, first["runId"])
    again = await studio.http.post(RUNS, json=body)
    assert again.status_code == 200
    assert again.json()["runId"] == first["runId"] and again.json()["status"] == "completed"
    assert again.json()["outputs"]
    assert len(studio.fake.submitted) == 1


async def test_many_at_once_with_one_key_are_one_run(studio: House) -> None:
    body = DOCUMENTED | {"idempotency_key": "at once"}
    answers = await asyncio.gather(*(studio.http.post(RUNS, json=body) for _ in range(20)))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["runId"] for answer in answers}) == 1


async def test_another_body_under_the_same_key_is_refused(studio: House) -> None:
    body = DOCUMENTED | {"idempotency_key": "twice"}
    await studio.http.post(RUNS, json=body)
    answer = await studio.http.post(RUNS, json=body | {"mode": "stream"})
    assert answer.status_code == 422
    assert answer.json()["error"]["code"] == "idempotency_mismatch"


PICTURE = DOCUMENTED["inputs"][0]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"inputs": []}, "inputs[0]"),
        ({"inputs": [PICTURE, PICTURE]}, "inputs[1]"),
        ({"inputs": [PICTURE | {"id": "picture"}]}, "inputs[0].id"),
        ({"inputs": [PICTURE | {"type": "TEXT"}]}, "inputs[0].type"),
        ({"inputs": [PICTURE | {"type": "SMELL"}]}, "inputs[0].type"),
        ({"inputs": [{"id": "input_image"}]}, "inputs[0]"),
        ({"inputs": "photo"}, "inputs"),
        ({"mode": "sync"}, "mode"),
        ({"colour": "red"}, "colour"),
        ({"idempotency_key": 7}, "idempotency_key"),
    ],
)
async def test_inputs_that_do_not_match_the_technique_are_refused_naming_the_place(
    studio: House, changes: dict[str, Any], field: str
) -> None:
    answer = await studio.http.post(RUNS, json=DOCUMENTED | changes)
    assert answer.status_code == 400
    error = answer.json()["error"]
    assert (error["code"], error["field"]) == ("input_validation_error", field)
    assert error["next_step"] and studio.fake.submitted == []


async def test_a_malformed_body_is_invalid_json(studio: House) -> None:
    answer = await studio.http.post(
        RUNS, content=b"{", headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 400 and answer.json()["error"]["code"] == "invalid_json"


async def test_an_unknown_technique_and_an_unknown_run_are_not_found(studio: House) -> None:
    run = (await studio.http.post(RUNS, json=DOCUMENTED)).json()["runId"]
    elsewhere = "/api/v1/techniques/elsewhere/runs"
    for answer in (
        await studio.http.post(elsewhere, json=DOCUMENTED),
        await studio.http.get(f"{elsewhere}/{run}"),
        await studio.http.get(f"{RUNS}/run_01HZX8A4QK1T"),
    ):
        assert answer.status_code == 404 and answer.json()["error"]["code"] == "not_found"


@pytest.mark.parametrize(
    ("header", "code"),
    [
        (None, "unauthorized"),
        ("sk_live_XXXX", "unauthorized"),
        ("Bearer", "unauthorized"),
        ("Bearer sk_live_XXXX", "invalid_api_key"),
    ],
)
async def test_a_missing_and_an_invalid_key_are_told_apart(
    studio: House, header: str | None, code: str
) -> None:
    del studio.http.headers["authorization"]
    headers = {"Authorization": header} if header else {}
    answer = await studio.http.post(RUNS, json=DOCUMENTED, headers=headers)
    assert answer.status_code == 401 and answer.json()["error"]["code"] == code


async def test_a_failed_run_tells_its_error(studio: House) -> None:
    failing = TECHNIQUE | {"slug": "failing", "steps": [TECHNIQUE["steps"][0] | {"prompt": "fail"}]}
    await studio.http.post("/api/v1/techniques", json=failing)
    path = "/api/v1/techniques/failing/runs"
    run = (await studio.http.post(path, json=DOCUMENTED)).json()["runId"]
    await studio.http.get(f"/api/v1/jobs/{run}?wait=30")
    ended = (await studio.http.get(f"{path}/{run}")).json()
    assert (ended["status"], ended["errorCode"]) == ("failed", "content_policy")
    assert ended["errorMessage"] == "The picture was refused."


def events_in(text: str) -> list[dict[str, Any]]:
    found = []
    for block in text.split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if lines:
            found.append({**lines, "data": json.loads(lines["data"])})
    return found


async def test_a_stream_has_an_event_for_each_step_and_a_final_one(studio: House) -> None:
    answer = await studio.http.post(RUNS, json=DOCUMENTED | {"mode": "stream"})
    assert answer.headers["content-type"].startswith("text/event-stream")
    events = events_in(answer.text)
    assert [e["data"]["step"]["id"] for e in events if e["event"] == "step"] == ["enhance"]
    assert events[-1]["event"] == "end" and events[-1]["data"]["status"] == "completed"
    assert sum(e["event"] == "end" for e in events) == 1


async def test_a_broken_stream_goes_on_behind_the_last_event_that_arrived(studio: House) -> None:
    body = DOCUMENTED | {"mode": "stream", "idempotency_key": "stream"}
    events = events_in((await studio.http.post(RUNS, json=body)).text)
    step = next(e for e in events if e["event"] == "step")
    headers = {"Last-Event-ID": step["id"]}
    rest = events_in((await studio.http.post(RUNS, json=body, headers=headers)).text)
    assert [e["event"] for e in rest][-1] == "end"
    assert all(e["event"] != "step" for e in rest)
    run = events[-1]["data"]["runId"]
    again = events_in((await studio.http.get(f"{RUNS}/{run}/events", headers=headers)).text)
    assert again == rest
