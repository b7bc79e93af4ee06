"""Who comes in: keys, environments, plans, the workspace that a request names."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

import flexura
from doubles import FakeProvider
from flexura.domain.access_rules import AccessRules
from flexura.domain.workspace import ApiKey, new_secret
from flexura.runtime import open_tenants
from flexura.services.clock import now_ms
from flexura.settings import Settings
from gateway_house import House, opened
from tenants_house import code, person, tenant

pytestmark = pytest.mark.anyio
INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "test", "version": "1"},
    },
}
MCP = {"Accept": "application/json, text/event-stream"}


@pytest.fixture
async def closed(gateway_settings: Settings, tmp_path: Path) -> AsyncIterator[House]:
    """A gateway that is run as a closed environment."""
    rules = AccessRules("closed-beta", frozenset({"hobby"}))
    settings = replace(gateway_settings, access=rules)
    async with opened(settings, FakeProvider(tmp_path)) as found:
        yield found


@pytest.mark.parametrize(
    ("header", "error"),
    [
        (None, "unauthorized"),
        ("", "unauthorized"),
        ("Basic abc", "unauthorized"),
        ("Bearer ", "unauthorized"),
        ("Bearer af_live_9f2c1d8e7b6a5f4c", "invalid_api_key"),
        ("Bearer sk_live_9f2c1d8e7b6a5f4c", "invalid_api_key"),
        ("Bearer <token>", "invalid_api_key"),
        pytest.param(f"Bearer {new_secret()}", "invalid_api_key", id="well-formed"),
    ],
)
async def test_auth_denies_in_the_flat_shape_of_the_documented_page(
    house: House, header: str | None, error: str
) -> None:
    async with person(house, "") as nobody:
        headers = {} if header is None else {"Authorization": header}
        answer = await nobody.http.get("/api/v1/auth", headers=headers)
        assert answer.status_code == 401
        assert answer.json()["error"] == error and set(answer.json()) == {"error", "message"}
        assert answer.headers["www-authenticate"] == "Bearer"
        status = await nobody.http.get("/api/v1/status", headers=headers)
        assert code(status) == (401, error)


async def test_auth_names_the_workspace_of_a_good_key(house: House) -> None:
    async with tenant(house, "acme") as ada:
        body = (await ada.http.get("/api/v1/auth")).json()
    assert (body["status"], body["workspace"]) == ("ok", "acme")
    assert body["scopes"] == ["admin", "generate", "read", "search"]


async def test_status_is_as_documented(closed: House) -> None:
    assert (await closed.http.get("/api/v1/status")).json() == {
        "status": "ok",
        "service": "flexura-core",
        "version": flexura.__version__,
        "environment": "closed-beta",
    }


async def test_a_workspace_that_is_not_approved_is_denied_everywhere_in_a_closed_environment(
    closed: House,
) -> None:
    async with tenant(closed, "waiting", approved=False) as ada:
        answer = await ada.http.get("/api/v1/auth")
        assert answer.status_code == 403
        assert answer.json() == {"error": "access_denied", "message": "closed beta environment"}
        for path in ("/api/v1/jobs", "/api/v1/status", "/api/v1/models", "/api/jobs/job_1"):
            assert code(await ada.http.get(path)) == (403, "access_denied")
        sent = await ada.http.post("/api/generate/image", json={"prompt": "a fox"})
        assert code(sent) == (403, "access_denied")
        assert "flexura workspaces approve waiting" in sent.json()["error"]["next_step"]
        assert code(await ada.http.post("/mcp", json=INITIALIZE, headers=MCP)) == (
            403,
            "access_denied",
        )


async def test_an_approval_by_another_process_holds_from_the_next_request_on(
    closed: House,
) -> None:
    async with tenant(closed, "waiting", approved=False) as ada:
        assert (await ada.http.get("/api/v1/auth")).status_code == 403
        async with open_tenants(closed.settings) as elsewhere:
            await elsewhere.workspaces.change("waiting", approved=True)
        assert (await ada.http.get("/api/v1/auth")).status_code == 200
        async with open_tenants(closed.settings) as elsewhere:
            await elsewhere.workspaces.change("waiting", approved=False)
        assert (await ada.http.get("/api/v1/auth")).status_code == 403


async def test_approval_means_nothing_in_an_open_environment(house: House) -> None:
    async with tenant(house, "waiting", approved=False) as ada:
        assert (await ada.http.get("/api/v1/auth")).status_code == 200


async def test_a_plan_without_api_access_is_forbidden(closed: House) -> None:
    async with tenant(closed, "small", plan="hobby") as ada:
        assert code(await ada.http.get("/api/v1/jobs")) == (403, "forbidden")
        assert (await ada.http.get("/api/v1/auth")).json()["error"] == "forbidden"


async def test_a_request_may_name_its_own_workspace_and_no_other(house: House) -> None:
    async with tenant(house, "acme") as ada:
        own = (await ada.http.get("/api/v1/auth")).json()["workspace_id"]
        for name in ("acme", own, ""):
            headers = {"Flexura-Workspace": name}
            assert (await ada.http.get("/api/v1/jobs", headers=headers)).status_code == 200
        for name in ("default", "ws_01KAPN3Z6E8Q0V5T2R9YWXBC4D", "Acme"):
            answer = await ada.http.get("/api/v1/jobs", headers={"Flexura-Workspace": name})
            assert code(answer) == (403, "forbidden")
            assert answer.json()["error"]["field"] == "Flexura-Workspace"
        mcp = await ada.http.post(
            "/mcp", json=INITIALIZE, headers={**MCP, "Flexura-Workspace": "default"}
        )
        assert code(mcp) == (403, "forbidden")


async def test_an_expired_or_revoked_key_is_an_invalid_key(house: House) -> None:
    services = house.app.services
    assert services is not None
    async with tenant(house, "acme") as ada:
        key_id = (await ada.http.get("/api/v1/auth")).json()["key_id"]
        past = now_ms() - 1
        await services.records.transact(lambda tx: tx.change(ApiKey, key_id, expires_at=past))
        assert (await ada.http.get("/api/v1/auth")).json()["error"] == "invalid_api_key"
