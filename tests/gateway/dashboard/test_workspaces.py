"""Workspaces and invitations on the dashboard: for whoever runs the gateway alone."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from doubles import FakeProvider
from flexura.domain.access_rules import AccessRules, SignupRules
from flexura.settings import Settings
from gateway.dashboard.signed_in import Person, signed_in
from gateway.dashboard.test_keys import filled
from gateway_house import House, opened
from tenants_house import person, tenant

pytestmark = pytest.mark.anyio
WORKSPACES = "/dashboard/workspaces"


@pytest.fixture
async def guarded(gateway_settings: Settings, tmp_path: Path) -> AsyncIterator[House]:
    """A closed environment with a door for guests."""
    access = AccessRules(environment="closed-beta", signup=SignupRules("invite"))
    settings = replace(gateway_settings, access=access)
    async with opened(settings, FakeProvider(tmp_path)) as house:
        approved = {"approved": True}
        assert house.app.services is not None
        await house.app.services.workspaces.change("default", **approved)
        yield house


async def send(browser: Person, path: str, **fields: str) -> str:
    answer = await filled(browser, WORKSPACES, path, **fields)
    assert answer.status_code == 201, answer.text
    return answer.text


async def test_an_invitation_is_shown_once_and_good_for_one_workspace(guarded: House) -> None:
    async with signed_in(guarded) as browser, person(guarded, "") as guest:
        page = await send(browser, f"{WORKSPACES}/invites", granted="5usd", valid="7d")
        code = re.search(r"fx_invite_[\w-]+", page)
        assert code and "/dashboard/signup" in page
        assert code[0] not in (await browser.get(WORKSPACES)).text
        body = {"workspace": "acme", "invite": code[0]}
        made = await guest.http.post("/api/v1/signup", json=body)
        assert made.status_code == 201
        assert (await guest.http.post("/api/v1/signup", json=body)).status_code == 403
        assert "500 left of 500" in (await browser.get(WORKSPACES)).text


async def test_a_workspace_is_made_with_its_first_key(house: House) -> None:
    async with signed_in(house) as browser:
        page = await send(browser, WORKSPACES, name="acme", credits="20")
        secret = re.search(r"fx_live_\w+", page)
        assert secret
        async with person(house, secret[0]) as ada:
            assert (await ada.http.get("/api/v1/auth")).json()["workspace"] == "acme"
        again = await filled(browser, WORKSPACES, WORKSPACES, name="acme")
        assert again.status_code == 409 and "Choose another name" in again.text
        wrong = await filled(browser, WORKSPACES, WORKSPACES, name="other", credits="lots")
        assert wrong.status_code == 400 and "is no amount" in wrong.text


async def test_a_workspace_is_approved_and_no_longer(guarded: House) -> None:
    assert guarded.app.services is not None
    made = await guarded.http.post("/api/v1/workspaces", json={"name": "acme", "approved": False})
    one = f"{WORKSPACES}/{made.json()['workspace']['id']}/approved"
    async with signed_in(guarded) as browser, person(guarded, made.json()["key"]) as ada:
        assert "Waits for approval" in (await browser.get(WORKSPACES)).text
        assert (await ada.http.get("/api/v1/models")).status_code == 403
        assert (await browser.post(one, {"approved": "yes"})).status_code == 204
        assert (await ada.http.get("/api/v1/models")).status_code == 200
        await browser.post(one, {"approved": "no"})
        assert (await ada.http.get("/api/v1/models")).status_code == 403


async def test_nobody_else_sees_workspaces_or_makes_them(house: House) -> None:
    async with tenant(house, "acme") as other, signed_in(house, other.key) as browser:
        assert WORKSPACES not in (await browser.get("/dashboard")).text
        for answer in (
            await browser.get(WORKSPACES),
            await browser.post(WORKSPACES, {"name": "evil"}),
            await browser.post(f"{WORKSPACES}/invites", {"valid": "7d"}),
            await browser.post(f"{WORKSPACES}/{other.workspace}/approved", {"approved": "yes"}),
        ):
            assert answer.status_code == 403
