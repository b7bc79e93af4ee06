"""Signing up: by JSON and by a page whose form needs no script."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import httpx2
import pytest

from doubles import FakeProvider
from flexura.domain.access_rules import AccessRules, SignupRules
from flexura.domain.workspace import well_formed
from flexura.settings import Settings
from gateway_house import BASE, House, opened
from tenants_house import code, person

pytestmark = pytest.mark.anyio
PAGE = "/dashboard/signup"


@pytest.fixture
def door(gateway_settings: Settings, tmp_path: Path) -> Any:
    """A gateway with these sign-up rules, and a stranger in front of it."""

    @asynccontextmanager
    async def opened_door(mode: Any, **rules: Any) -> AsyncIterator[tuple[House, Any]]:
        access = AccessRules(signup=SignupRules(mode, **rules))
        settings = replace(gateway_settings, access=access)
        async with (
            opened(settings, FakeProvider(tmp_path)) as house,
            person(house, "") as stranger,
        ):
            yield house, stranger.http

    return opened_door


class Form(HTMLParser):
    """What a browser sees of the page: its fields, and what it would load from elsewhere or run inline."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self.foreign: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "input":
            self.fields[given["name"]] = given.get("value", "")
        named = [given[a] for a in ("src", "href") if a in given]
        self.foreign += [url for url in named if not url.startswith("/dashboard/")]
        self.foreign += [
            a for a in given if a.startswith("on") or a in ("style", "hx-on", "hx-vals")
        ]
        if tag in ("iframe", "style") or (tag == "script" and "src" not in given):
            self.foreign.append(tag)


async def fill(http: httpx2.AsyncClient, **fields: str) -> httpx2.Response:
    """Load the page and send its form."""
    page = await http.get(PAGE)
    assert page.status_code == 200
    return await http.post(PAGE, data=Form(page.text).fields | fields)


async def test_sign_up_is_off_by_default(house: House) -> None:
    async with person(house, "") as stranger:
        for answer in (
            await stranger.http.get(PAGE),
            await stranger.http.post(PAGE, data={"workspace": "acme"}),
            await stranger.http.post("/api/v1/signup", json={"workspace": "acme"}),
            await stranger.http.post("/api/v1/signup", content=b"nonsense"),
        ):
            assert code(answer) == (404, "not_found")


async def test_a_stranger_gets_a_workspace_and_a_key_by_json(door: Any) -> None:
    async with door("open", credits=5.0) as (house, http):
        made = await http.post("/api/v1/signup", json={"name": "Ada", "workspace": "acme"})
        assert made.status_code == 201 and made.headers["cache-control"] == "no-store"
        assert made.json()["api_key"]["name"] == "Ada"
        async with person(house, made.json()["key"]) as ada:
            assert (await ada.http.get("/api/v1/auth")).json()["workspace"] == "acme"
            more = await ada.http.post("/api/v1/workspaces", json={"name": "more"})
            assert code(more) == (403, "forbidden")


async def test_a_code_is_needed_where_the_door_is_for_guests(door: Any) -> None:
    async with door("invite") as (house, http):
        assert house.app.services is not None
        invite, _ = await house.app.services.sign_ups.invite()
        refused = await http.post("/api/v1/signup", json={"workspace": "acme"})
        assert code(refused) == (403, "forbidden")
        body = {"workspace": "acme", "invite": invite}
        assert (await http.post("/api/v1/signup", json=body)).status_code == 201
        again = await http.post("/api/v1/signup", json={**body, "workspace": "evil"})
        assert code(again) == (403, "forbidden")


async def test_the_page_loads_nothing_from_elsewhere_and_runs_nothing_of_its_own(
    door: Any,
) -> None:
    async with door("open") as (_, http):
        page = await http.get(PAGE)
        assert Form(page.text).foreign == []
        policy = page.headers["content-security-policy"]
        assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy and "form-action 'self'" in policy
        assert page.headers["x-content-type-options"] == "nosniff"
        assert page.headers["cache-control"] == "no-store"
        cookie = page.headers["set-cookie"].lower()
        assert "httponly" in cookie and "samesite=strict" in cookie and f"path={PAGE}" in cookie


async def test_the_form_gives_a_key_that_works_and_shows_it_once(door: Any) -> None:
    async with door("open") as (house, http):
        made = await fill(http, name="Ada", workspace="acme")
        assert made.status_code == 201 and made.headers["cache-control"] == "no-store"
        found = re.search(r"fx_live_\w+", made.text)
        assert found is not None and well_formed(found[0])
        assert BASE in made.text and "FLEXURA_URL" in made.text
        async with person(house, found[0]) as ada:
            assert (await ada.http.get("/api/v1/auth")).status_code == 200


async def test_a_form_of_another_page_is_refused(door: Any) -> None:
    async with door("open") as (house, http):
        token = Form((await http.get(PAGE)).text).fields["token"]
        async with person(house, "") as victim:
            await victim.http.get(PAGE)
            for forged in ({"token": token}, {"token": ""}, {}):
                answer = await victim.http.post(PAGE, data={"workspace": "evil", **forged})
                assert answer.status_code == 403 and "another page" in answer.text
        without_cookie = await http.post(
            PAGE, data={"workspace": "evil", "token": token}, headers={"Cookie": ""}
        )
        assert without_cookie.status_code == 403
        assert house.app.services is not None
        assert [w.name for w in await house.app.services.workspaces.list()] == ["default"]


async def test_what_was_filled_in_comes_back_escaped_with_what_is_wrong(door: Any) -> None:
    async with door("open") as (_, http):
        mean = '"><script>alert(1)</script>'
        answer = await fill(http, name=mean, workspace=mean, invite=mean)
        assert answer.status_code == 400
        assert answer.headers["content-type"].startswith("text/html")
        assert "<script>" not in answer.text
        seen = Form(answer.text)
        assert seen.fields["name"] == mean and seen.foreign == []


async def test_a_taken_name_shows_the_form_again(door: Any) -> None:
    async with door("open") as (_, http):
        answer = await fill(http, workspace="default")
        assert answer.status_code == 409 and "Choose another name" in answer.text


async def test_too_many_tries_from_one_address_are_told_to_wait(door: Any) -> None:
    async with door("invite", attempts_per_hour=2) as (_, http):
        for _ in range(2):
            assert (await fill(http, workspace="acme", invite="guess")).status_code == 403
        page = await fill(http, workspace="acme", invite="guess")
        assert page.status_code == 429 and int(page.headers["retry-after"]) > 0
        sent = await http.post("/api/v1/signup", json={"workspace": "a", "invite": "guess"})
        assert code(sent) == (429, "rate_limited")


@pytest.mark.parametrize("content", [b"\xff\xfe", b"a=1&" * 50, b"%zz", b"workspace=%00&token=x"])
async def test_junk_in_the_form_is_refused_with_a_page(door: Any, content: bytes) -> None:
    async with door("open") as (_, http):
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = await http.post(PAGE, content=content, headers=headers)
        assert answer.status_code in (400, 403)
        assert answer.headers["content-type"].startswith("text/html")


async def test_another_content_type_is_told_where_json_goes(door: Any) -> None:
    async with door("open") as (_, http):
        answer = await http.post(PAGE, json={"workspace": "acme"})
        assert answer.status_code == 415 and "/api/v1/signup" in answer.text


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"workspace": "No Slug"},
        {"workspace": "acme", "plan": "big"},
        {"workspace": "a\ud800"},
        {"workspace": "acme", "invite": "\ud800"},
    ],
)
async def test_a_bad_sign_up_is_refused(door: Any, body: dict[str, Any]) -> None:
    async with door("open") as (_, http):
        sent = json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        answer = await http.post("/api/v1/signup", content=sent, headers=headers)
        assert code(answer) == (400, "invalid_request")
