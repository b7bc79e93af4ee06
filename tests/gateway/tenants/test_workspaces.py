"""Workspaces over HTTP: made by whoever runs the gateway, and by nobody else."""

from __future__ import annotations

from typing import Any

import pytest

from flexura.domain.credits import MICRO, Account
from gateway_house import House
from tenants_house import code, person, tenant

pytestmark = pytest.mark.anyio


async def test_a_workspace_comes_with_its_first_key(house: House) -> None:
    body = {"name": "acme", "plan": "studio", "credits": 12.5, "retention_days": 7.0}
    made = await house.http.post("/api/v1/workspaces", json=body)
    assert made.status_code == 201 and made.headers["cache-control"] == "no-store"
    workspace, services = made.json()["workspace"], house.app.services
    assert (workspace["name"], workspace["plan"]) == ("acme", "studio")
    assert workspace["policy"] == {"retention_days": 7}
    async with person(house, made.json()["key"]) as ada:
        assert (await ada.http.get("/api/v1/auth")).json()["workspace"] == "acme"
    assert services is not None
    account = await services.records.get(Account, workspace["id"])
    assert account == Account(workspace["id"], metered=True, granted=int(12.5 * MICRO))


async def test_a_name_that_is_taken_is_a_conflict(house: House) -> None:
    for expected in (201, 409):
        answer = await house.http.post("/api/v1/workspaces", json={"name": "acme"})
        assert answer.status_code == expected
    assert (
        await house.http.post("/api/v1/workspaces", json={"name": "default"})
    ).status_code == 409


async def test_who_administers_a_workspace_makes_none_for_others(house: House) -> None:
    async with tenant(house, "acme") as ada:
        answer = await ada.http.post("/api/v1/workspaces", json={"name": "mine-too"})
        assert code(answer) == (403, "forbidden")


async def test_the_operator_needs_the_admin_scope(house: House) -> None:
    made = await house.http.post("/api/v1/keys", json={"scopes": ["read", "generate"]})
    async with person(house, made.json()["key"]) as agent:
        answer = await agent.http.post("/api/v1/workspaces", json={"name": "more"})
        assert code(answer) == (403, "forbidden")
        listed = (await agent.http.get("/api/v1/workspaces")).json()["workspaces"]
        assert [w["name"] for w in listed] == ["default"]


async def test_the_operator_sees_every_workspace_and_others_their_own(house: House) -> None:
    async with tenant(house, "acme") as ada, tenant(house, "other"):
        everything = (await house.http.get("/api/v1/workspaces")).json()["workspaces"]
        assert [w["name"] for w in everything] == ["default", "acme", "other"]
        own = (await ada.http.get("/api/v1/workspaces")).json()["workspaces"]
        assert [w["name"] for w in own] == ["acme"]


async def test_the_same_request_twice_makes_one_workspace(house: House) -> None:
    headers = {"Idempotency-Key": "acme-once"}
    first = await house.http.post("/api/v1/workspaces", json={"name": "acme"}, headers=headers)
    again = await house.http.post("/api/v1/workspaces", json={"name": "acme"}, headers=headers)
    assert again.status_code == 201 and again.headers["idempotent-replayed"] == "true"
    assert again.json()["workspace"] == first.json()["workspace"]
    assert first.json()["key"] not in again.text


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "name"),
        ({"name": "Not A Slug"}, "name"),
        ({"name": "acme", "plan": "Big Plan"}, "plan"),
        ({"name": "acme", "credits": -1}, "credits"),
        ({"name": "acme", "retention_days": 0}, "retention_days"),
        ({"name": "acme", "metered": "yes"}, "metered"),
        ({"name": "acme", "owner": "me"}, "owner"),
    ],
)
async def test_a_bad_wish_names_its_field(house: House, body: dict[str, Any], field: str) -> None:
    answer = await house.http.post("/api/v1/workspaces", json=body)
    assert code(answer) == (400, "invalid_request")
    assert answer.json()["error"]["field"] == field
