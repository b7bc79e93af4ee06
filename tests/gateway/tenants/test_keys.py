"""Keys over HTTP: made, listed, rotated and revoked by whoever administers their workspace."""

from __future__ import annotations

from typing import Any

import pytest

from flexura.domain.credits import MICRO, Budget
from gateway_house import House
from tenants_house import code, person, tenant

pytestmark = pytest.mark.anyio


async def test_a_key_is_made_shown_once_and_works(house: House) -> None:
    body = {"name": "ci", "scopes": ["read"], "expires": "30d", "requests_per_minute": 30}
    made = await house.http.post("/api/v1/keys", json=body)
    assert made.status_code == 201
    assert made.headers["cache-control"] == "no-store"
    key = made.json()
    assert (key["name"], key["scopes"], key["requests_per_minute"]) == ("ci", ["read"], 30)
    async with person(house, key["key"]) as reader:
        assert (await reader.http.get("/api/v1/jobs")).status_code == 200
        order = await reader.http.post("/api/generate/image", json={"prompt": "a fox"})
        assert code(order) == (403, "forbidden")
    listed = await house.http.get("/api/v1/keys")
    assert key["key"] not in listed.text
    row = next(row for row in listed.json()["keys"] if row["id"] == key["id"])
    assert row == {name: value for name, value in key.items() if name != "key"}


async def test_a_key_may_have_a_budget_of_its_own(house: House) -> None:
    services = house.app.services
    assert services is not None
    made = await house.http.post(
        "/api/v1/keys", json={"budget": {"credits": 2.5, "period": "month"}}
    )
    [budget] = await services.records.find(Budget, key_id=made.json()["id"])
    assert (budget.period, budget.most) == ("month", int(2.5 * MICRO))


async def test_only_an_administrator_sees_or_makes_keys(house: House) -> None:
    made = await house.http.post("/api/v1/keys", json={"scopes": ["read", "generate", "search"]})
    key = made.json()
    async with person(house, key["key"]) as worker:
        for method, path in (
            ("GET", "/api/v1/keys"),
            ("POST", "/api/v1/keys"),
            ("POST", f"/api/v1/keys/{key['id']}/rotate"),
            ("DELETE", f"/api/v1/keys/{key['id']}"),
        ):
            answer = await worker.http.request(method, path, json={})
            assert code(answer) == (403, "forbidden")


async def test_a_key_never_gets_a_scope_that_its_maker_lacks(house: House) -> None:
    made = await house.http.post("/api/v1/keys", json={"scopes": ["admin", "read"]})
    async with person(house, made.json()["key"]) as admin:
        refused = await admin.http.post("/api/v1/keys", json={"scopes": ["generate"]})
        assert code(refused) == (403, "forbidden")
        assert "generate" in refused.json()["error"]["message"]
        by_default = await admin.http.post("/api/v1/keys", json={})
        assert by_default.json()["scopes"] == ["admin", "read"]
        first = next(
            k["id"]
            for k in (await admin.http.get("/api/v1/keys")).json()["keys"]
            if "generate" in k["scopes"]
        )
        rotated = await admin.http.post(f"/api/v1/keys/{first}/rotate")
        assert code(rotated) == (403, "forbidden")


async def test_a_limit_is_cut_to_what_the_workspace_may(house: House) -> None:
    made = await house.http.post("/api/v1/keys", json={"requests_per_minute": 1_000_000})
    assert made.json()["requests_per_minute"] == 1200


async def test_a_rotated_key_works_beside_the_new_one(house: House) -> None:
    old = (await house.http.post("/api/v1/keys", json={"name": "laptop"})).json()
    rotated = await house.http.post(f"/api/v1/keys/{old['id']}/rotate?overlap=2h")
    assert rotated.status_code == 201
    new = rotated.json()
    assert (new["name"], new["scopes"]) == ("laptop", old["scopes"])
    assert new["replaces"]["id"] == old["id"]
    assert new["replaces"]["replaced_by"] == new["id"]
    for secret in (old["key"], new["key"]):
        async with person(house, secret) as holder:
            assert (await holder.http.get("/api/v1/auth")).status_code == 200
    again = await house.http.post(f"/api/v1/keys/{old['id']}/rotate")
    assert code(again) == (409, "conflict")


async def test_a_rotation_without_overlap_ends_the_old_key(house: House) -> None:
    old = (await house.http.post("/api/v1/keys", json={})).json()
    await house.http.post(f"/api/v1/keys/{old['id']}/rotate", params={"overlap": "0h"})
    async with person(house, old["key"]) as holder:
        assert (await holder.http.get("/api/v1/auth")).json()["error"] == "invalid_api_key"


async def test_a_revoked_key_opens_nothing_and_is_revoked_once(house: House) -> None:
    key = (await house.http.post("/api/v1/keys", json={})).json()
    revoked = await house.http.delete(f"/api/v1/keys/{key['id']}")
    assert revoked.status_code == 200 and revoked.json()["revoked_at"]
    async with person(house, key["key"]) as holder:
        assert code(await holder.http.get("/api/v1/jobs")) == (401, "invalid_api_key")
    assert code(await house.http.delete(f"/api/v1/keys/{key['id']}")) == (404, "not_found")


async def test_keys_of_another_workspace_do_not_exist(house: House) -> None:
    key = (await house.http.post("/api/v1/keys", json={})).json()
    async with tenant(house, "acme") as ada:
        listed = (await ada.http.get("/api/v1/keys")).json()["keys"]
        assert key["id"] not in [k["id"] for k in listed] and len(listed) == 1
        for which in (key["id"], key["prefix"]):
            gone = await ada.http.delete(f"/api/v1/keys/{which}")
            assert code(gone) == (404, "not_found")
            assert key["id"] not in gone.json()["error"]["next_step"].replace(listed[0]["id"], "")
            rotated = await ada.http.post(f"/api/v1/keys/{which}/rotate")
            assert code(rotated) == (404, "not_found")


async def test_the_same_request_twice_makes_one_key_and_its_secret_comes_once(house: House) -> None:
    headers = {"Idempotency-Key": "make-it-once"}
    first = await house.http.post("/api/v1/keys", json={"name": "once"}, headers=headers)
    again = await house.http.post("/api/v1/keys", json={"name": "once"}, headers=headers)
    assert first.status_code == again.status_code == 201
    assert again.headers["idempotent-replayed"] == "true"
    assert again.json() == {k: v for k, v in first.json().items() if k != "key"}
    listed = (await house.http.get("/api/v1/keys")).json()["keys"]
    assert [k["name"] for k in listed].count("once") == 1


async def test_a_name_from_outside_shows_nothing_that_a_terminal_would_obey(house: House) -> None:
    made = await house.http.post("/api/v1/keys", json={"name": "\x1b[31mred\u202e\n\t name"})
    assert made.json()["name"].isprintable()


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"scopes": []}, "scopes"),
        ({"scopes": ["root"]}, "scopes"),
        ({"expires": "tomorrow"}, "expires"),
        ({"expires": "0d"}, "expires"),
        ({"requests_per_minute": 0}, "requests_per_minute"),
        ({"requests_per_minute": True}, "requests_per_minute"),
        ({"budget": {"credits": -1}}, "budget"),
        ({"budget": {"credits": 1, "period": "week"}}, "budget"),
        ({"name": 5}, "name"),
        ({"secret": "mine"}, "secret"),
    ],
)
async def test_a_bad_wish_names_its_field(house: House, body: dict[str, Any], field: str) -> None:
    answer = await house.http.post("/api/v1/keys", json=body)
    assert code(answer) == (400, "invalid_request")
    assert answer.json()["error"]["field"].startswith(field)


async def test_a_bad_overlap_names_its_field(house: House) -> None:
    key = (await house.http.post("/api/v1/keys", json={})).json()
    answer = await house.http.post(f"/api/v1/keys/{key['id']}/rotate?overlap=soon")
    assert code(answer) == (400, "invalid_request")
    assert answer.json()["error"]["field"] == "overlap"
