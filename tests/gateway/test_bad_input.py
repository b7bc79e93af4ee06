"""Bad input gets the documented error with a next step, and loses nothing."""

from __future__ import annotations

from typing import Any

import pytest

from gateway_house import House

pytestmark = pytest.mark.anyio
FOX = {"prompt": "a fox", "model": "fake:one"}
BAD_BODIES: list[tuple[dict[str, Any], int, str, str]] = [
    ({}, 400, "invalid_request", "prompt"),
    ({"prompt": ""}, 400, "invalid_request", "prompt"),
    ({"prompt": "   "}, 400, "invalid_request", "prompt"),
    ({"prompt": "a\0b"}, 400, "invalid_request", "prompt"),
    ({"prompt": "x" * 100_000}, 400, "invalid_request", "prompt"),
    ({"prompt": 5}, 400, "invalid_request", "prompt"),
    (FOX | {"model": "fake:onne"}, 404, "model_not_found", "model"),
    (FOX | {"n": 0}, 400, "invalid_request", "n"),
    (FOX | {"n": 99}, 400, "invalid_request", "n"),
    (FOX | {"nope": 1}, 400, "invalid_request", "nope"),
    (FOX | {"kind": "video"}, 400, "invalid_request", "kind"),
    (FOX | {"wait": "soon"}, 400, "invalid_request", "wait"),
    (FOX | {"wait": -1}, 400, "invalid_request", "wait"),
    (FOX | {"wait": "5"}, 400, "invalid_request", "wait"),
    (FOX | {"options": []}, 400, "invalid_request", "options"),
    (FOX | {"options": {"width": 4097}}, 400, "invalid_request", "options.width"),
    (FOX | {"options": {"width": "wide"}}, 400, "invalid_request", "options.width"),
    (FOX | {"options": {"mood": "sad"}}, 400, "invalid_request", "options.mood"),
    (FOX | {"options": {"bogus": 1}}, 400, "invalid_request", "options.bogus"),
    (FOX | {"options": {"size": "huge"}}, 400, "invalid_request", "options.size"),
    (FOX | {"options": {"size": "0:1"}}, 400, "invalid_request", "options.size"),
    (FOX | {"options": {"seed": -4}}, 400, "invalid_request", "options.seed"),
    (FOX | {"options": {"seed": 2**40}}, 400, "invalid_request", "options.seed"),
    (FOX | {"strict": True, "options": {"steps": 9}}, 400, "invalid_request", "options.steps"),
    (FOX | {"options": {"steps": "many"}}, 400, "invalid_request", "options.steps"),
    (FOX | {"options": {"guidance": {}}}, 400, "invalid_request", "options.guidance"),
    (FOX | {"max_cost": 0.001}, 402, "budget_exceeded", "max_cost"),
    (FOX | {"preset": "nope"}, 400, "invalid_request", "preset"),
    (FOX | {"inputs": ["/etc/passwd"]}, 400, "invalid_request", "inputs[0]"),
    (FOX | {"inputs": ["file:///etc/passwd"]}, 400, "invalid_request", "inputs[0]"),
    (FOX | {"inputs": ["art_nope"]}, 404, "not_found", "inputs[0]"),
    (FOX | {"inputs": ["data:image/png;base64,@@"]}, 400, "invalid_request", "inputs[0]"),
    (FOX | {"callback_url": "http://127.0.0.1/hook"}, 400, "invalid_request", "callback_url"),
]


@pytest.mark.parametrize(("body", "status", "code", "field"), BAD_BODIES)
async def test_a_bad_order_names_its_field_and_the_next_step(
    house: House, body: dict[str, Any], status: int, code: str, field: str
) -> None:
    answer = await house.http.post("/api/generate/image", json=body)
    error = answer.json()["error"]
    assert (answer.status_code, error["code"], error["field"]) == (status, code, field)
    assert error["message"] and error["next_step"] and error["request_id"]
    assert (await house.http.get("/api/v1/jobs")).json()["total"] == 0


@pytest.mark.parametrize("wait", ["1_0", "٣", " 1", "inf", "1e999", "--1", ""])
async def test_a_waiting_time_in_the_query_is_a_number_as_json_writes_it(
    house: House, wait: str
) -> None:
    answer = await house.http.post("/api/generate/image", json=FOX, params={"wait": wait})
    assert (answer.status_code, answer.json()["error"]["field"]) == (400, "wait")


@pytest.mark.parametrize("limit", ["٣", "1_0", " 1", "1.0", ""])
async def test_a_number_in_the_query_has_western_digits_alone(house: House, limit: str) -> None:
    answer = await house.http.get("/api/v1/jobs", params={"limit": limit})
    assert (answer.status_code, answer.json()["error"]["field"]) == (400, "limit")


async def test_a_waiting_time_of_any_size_is_cut(house: House) -> None:
    answer = await house.http.post("/api/generate/image", json=FOX | {"wait": 10**400})
    assert answer.status_code == 200


async def test_an_unknown_model_names_the_nearest_live_ones(house: House) -> None:
    answer = await house.http.post("/api/generate/image", json=FOX | {"model": "fake:onne"})
    assert answer.json()["error"]["nearest"][0] == "fake:one"


async def test_an_option_error_says_what_is_allowed(house: House) -> None:
    body = FOX | {"options": {"mood": "sad"}}
    answer = await house.http.post("/api/generate/image", json=body)
    assert answer.json()["error"]["next_step"] == "Allowed: one of calm, wild."


async def test_whole_numbers_may_be_written_as_floats(house: House) -> None:
    job = await house.ended(await house.order(options={"width": 64.0, "strength": 0}))
    assert job["options"]["width"] == 64 and job["options"]["strength"] == 0


@pytest.mark.parametrize(
    ("content", "kind", "status", "code"),
    [
        (b"{", "application/json", 400, "invalid_json"),
        (b"", "application/json", 400, "invalid_json"),
        (b'{"prompt": NaN}', "application/json", 400, "invalid_json"),
        (b"[" * 100_000, "application/json", 400, "invalid_json"),
        (b"\xff\xfe", "application/json", 400, "invalid_json"),
        (b"[]", "application/json", 400, "invalid_request"),
        (b"prompt=a", "application/x-www-form-urlencoded", 415, "unsupported_media_type"),
        (b"{}", "", 415, "unsupported_media_type"),
        (b" " * (8 * 2**20 + 1), "application/json", 413, "payload_too_large"),
    ],
)
async def test_a_body_that_is_no_json_object_is_refused(
    house: House, content: bytes, kind: str, status: int, code: str
) -> None:
    answer = await house.http.post(
        "/api/generate/image", content=content, headers={"Content-Type": kind}
    )
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)


@pytest.mark.parametrize(
    ("header", "code"),
    [
        (None, "unauthorized"),
        ("", "unauthorized"),
        ("Basic abc", "unauthorized"),
        ("Bearer ", "unauthorized"),
        ("Bearer nonsense", "invalid_api_key"),
        ("Bearer fx_live_" + "a" * 38, "invalid_api_key"),
    ],
)
async def test_without_a_good_key_nothing_is_answered(
    house: House, header: str | None, code: str
) -> None:
    del house.http.headers["authorization"]
    headers = {} if header is None else {"Authorization": header}
    for path in ("/api/jobs/job_x", "/api/v1/jobs", "/api/v1/models", "/mcp"):
        answer = await house.http.get(path, headers=headers)
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, code)
        assert answer.headers["www-authenticate"] == "Bearer"


async def test_unknown_paths_and_methods_say_where_to_look(house: House) -> None:
    missing = await house.http.get("/api/nothing")
    assert missing.status_code == 404 and "/openapi.json" in missing.json()["error"]["next_step"]
    wrong = await house.http.put("/api/search")
    assert wrong.status_code == 405 and wrong.headers["allow"] == "POST"


async def test_another_workspaces_job_does_not_exist(house: House) -> None:
    job_id = await house.order()
    await house.ended(job_id)
    name = (await house.http.get(f"/api/jobs/{job_id}")).json()["assets"][0]["name"]
    house.http.headers["authorization"] = f"Bearer {await stranger(house)}"
    for path in (f"/api/jobs/{job_id}", f"/api/jobs/{job_id}/events", f"/api/assets/{name}"):
        assert (await house.http.get(path)).status_code == 404
    assert (await house.http.delete(f"/api/jobs/{job_id}")).status_code == 404


async def stranger(house: House) -> str:
    """A key of another workspace."""
    from flexura.domain.workspace import Workspace

    assert house.app.services is not None
    records, keys = house.app.services.records, house.app.services.keys
    await records.transact(lambda tx: tx.insert_workspace(Workspace("ws_other", "other", 1)))
    return (await keys.create("theirs", workspace="other"))[0]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "evil.example"}, 403),
        ({"Host": "evil.example:3000"}, 403),
        ({"Host": "localhost.evil.example"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Host": "127.0.0.1:3000"}, 200),
        ({"Host": "[::1]:3000"}, 200),
        ({"Origin": "http://localhost:3000"}, 200),
    ],
)
@pytest.mark.parametrize("path", ["/healthz", "/api/agent/models", "/openapi.json"])
async def test_foreign_hosts_and_pages_are_turned_away_on_every_route(
    house: House, headers: dict[str, str], status: int, path: str
) -> None:
    assert (await house.http.get(path, headers=headers)).status_code == status


async def test_a_key_without_the_scope_is_forbidden(house: House) -> None:
    assert house.app.services is not None
    reading, _ = await house.app.services.keys.create("reader", frozenset({"read"}))
    house.http.headers["authorization"] = f"Bearer {reading}"
    answer = await house.http.post("/api/generate/image", json=FOX)
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "forbidden")
    assert "--scope generate" in answer.json()["error"]["next_step"]


async def test_a_revoked_key_stops_working_at_once(house: House) -> None:
    assert house.app.services is not None
    keys = house.app.services.keys
    secret, key = await keys.create("short-lived")
    house.http.headers["authorization"] = f"Bearer {secret}"
    assert (await house.http.get("/api/v1/jobs")).status_code == 200
    await keys.revoke(key.id)
    answer = await house.http.get("/api/v1/jobs")
    assert answer.status_code == 401 and "revoked" in answer.json()["error"]["message"]
