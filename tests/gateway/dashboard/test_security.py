"""Every page of the dashboard against strangers, other workspaces, forged forms and hostile texts.

The pages are those of the table of routes: a new one is looked at without a word here.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest

from flexura.domain.access_rules import AccessRules
from flexura.gateway.dashboard.opening import DASHBOARD
from flexura.gateway.dashboard.routes import PAGES
from flexura.gateway.dashboard.sign_in import own_path
from flexura.gateway.dashboard.visit import COOKIE
from flexura.services import sessions
from flexura.settings import Settings
from gateway.dashboard.attacker import (
    SECRET,
    Browser,
    Hostile,
    World,
    browser_of,
    everything,
    path_of,
    state,
)
from gateway.dashboard.signed_in import browsing, sign_in
from gateway_house import House, opened

pytestmark = pytest.mark.anyio
GET = [page for page in PAGES if page.method == "GET"]
POST = [page for page in PAGES if page.method == "POST"]


def test_the_table_of_pages_is_as_it_should_be() -> None:
    assert {page.method for page in PAGES} == {"GET", "POST"}
    assert len({(page.method, page.path) for page in PAGES}) == len(PAGES)
    assert all(page.path == DASHBOARD or page.path.startswith(f"{DASHBOARD}/") for page in PAGES)
    assert {page.scope for page in PAGES} <= {"read", "generate", "admin"}


async def test_without_a_session_every_page_leads_to_the_sign_in_and_does_nothing(
    world: World,
) -> None:
    before = await state(world.house)
    for nobody in (Browser(world.house), world.first.but(cookie="x" * 43)):
        for page in PAGES:
            path = path_of(page, world.ids)
            answer = await nobody.ask(page.method, path, everything(world.ids))
            assert answer.status == 303, (page, answer.status)
            assert answer.header("location").startswith("/dashboard/sign-in?next="), page
            assert SECRET not in answer.text
            part = await nobody.ask(page.method, path, hx_request="true")
            assert (part.status, part.text) == (204, ""), page
            assert part.header("hx-redirect").startswith("/dashboard/sign-in"), page
    assert await state(world.house) == before


async def test_another_workspace_sees_nothing_and_changes_nothing(world: World) -> None:
    before = await state(world.house, world.workspace)
    for page in PAGES:
        path = path_of(page, world.ids)
        asked = path.replace(SECRET, "")
        answer = await world.second.ask(page.method, path, everything(world.ids))
        shown = answer.text.replace(asked, "")
        # A name that was asked for may be told back; nothing else of theirs may.
        assert "in the reeds" not in shown, page
        for name in ("job_id", "artifact_id", "key_id", "webhook_id"):
            if f"{{{name}" not in page.path and page.method == "GET":
                assert world.ids[name] not in shown, (page, name)
        assert answer.status < 500, (page, answer.text[:300])
    assert await state(world.house, world.workspace) == before


async def test_looking_changes_nothing(world: World) -> None:
    before = await state(world.house)
    for page in GET:
        path = path_of(page, world.ids)
        for method in ("GET", "HEAD"):
            answer = await world.first.ask(method, path)
            assert answer.status < 500, (page, answer.text[:300])
        assert (await world.first.ask("GET", path, hx_request="true")).status < 500, page
    assert await state(world.house) == before


FORGED: dict[str, dict[str, str]] = {
    "without a token": {"x_flexura_token": ""},
    "with a token of nobody": {"x_flexura_token": "A" * 32},
    "from another site": {"sec_fetch_site": "cross-site"},
    "from another port of this machine": {"sec_fetch_site": "same-site"},
    "typed into the address bar": {"sec_fetch_site": "none"},
    "from a foreign page": {"origin": "https://evil.example"},
    "from a page without an origin": {"origin": "null"},
    "from a name that begins like ours": {"origin": "http://localhost:3000.evil.example"},
    "from another port, by an old browser": {"origin": "http://localhost:3001"},
    "from another name of this machine": {"origin": "http://127.0.0.1:3000"},
    "under a foreign name": {"host": "evil.example"},
    "under a name that begins like ours": {"host": "localhost.evil.example:3000"},
    "as JSON": {"content_type": "application/json", "x_flexura_token": ""},
    "as plain text": {"content_type": "text/plain", "x_flexura_token": ""},
    "as a form with parts": {
        "content_type": "multipart/form-data; boundary=x",
        "x_flexura_token": "",
    },
}


async def test_a_form_that_is_not_from_our_page_is_refused_and_changes_nothing(
    world: World,
) -> None:
    before = await state(world.house)
    for name, headers in FORGED.items():
        for page in POST:
            # The token of the URL counts for nothing.
            path = f"{path_of(page, world.ids)}?token={world.first.token}"
            answer = await world.first.ask("POST", path, everything(world.ids), **headers)
            assert answer.status in (403, 415), (name, page, answer.status)
            assert answer.header("content-security-policy") or name.startswith("under"), page
    assert await state(world.house) == before


async def test_a_token_of_another_session_is_refused(world: World) -> None:
    before = await state(world.house)
    forged = world.first.but(token=world.second.token)
    for page in POST:
        fields = {**everything(world.ids), "token": world.second.token}
        answer = await forged.ask("POST", path_of(page, world.ids), fields)
        assert answer.status == 403, page
    assert await state(world.house) == before


async def test_the_right_token_opens_what_all_of_these_were_refused(world: World) -> None:
    """Else the refusals above would prove nothing."""
    taken = 0
    for page in POST:
        answer = await world.first.ask(
            "POST", path_of(page, world.ids), everything(world.ids), sec_fetch_site="same-origin"
        )
        assert answer.status < 500, (page, answer.text[:300])
        taken += "came from another page" not in answer.text
    assert taken == len(POST)


async def test_a_key_may_do_on_a_page_what_it_may_do_and_no_more(world: World) -> None:
    http = world.house.http
    made = await http.post("/api/v1/keys", json={"name": "eyes", "scopes": ["read"]})
    async with browser_of(world.house, made.json()["key"]) as eyes:
        before = await state(world.house)
        for page in PAGES:
            answer = await eyes.ask(page.method, path_of(page, world.ids), everything(world.ids))
            if page.scope != "read":
                assert answer.status == 403, page
            assert answer.status < 500, page
        assert await state(world.house) == before


async def test_every_answer_has_the_headers_that_guard_it(world: World) -> None:
    asked = [(page.method, path_of(page, world.ids)) for page in PAGES]
    asked += [(method, path_of(page, {})) for method in ("GET", "HEAD") for page in GET]
    asked += [("GET", "/dashboard/nothing"), ("PUT", "/dashboard"), ("DELETE", "/dashboard/keys")]
    asked += [
        ("GET", "/dashboard/sign-in"),
        ("POST", "/dashboard/sign-in"),
        ("POST", "/dashboard/sign-out"),
    ]
    asked += [("GET", "/dashboard/static/app.css"), ("GET", "/dashboard/static/../x")]
    nobody = Browser(world.house)
    for who in (world.first, nobody):
        for method, path in asked:
            answer = await who.but(token="").ask(method, path)
            policy = answer.header("content-security-policy")
            if answer.header("content-type").startswith("image/"):
                assert policy.startswith("sandbox"), path
                continue
            assert policy.startswith("default-src 'none'"), (method, path, answer.status)
            assert "unsafe" not in policy and "*" not in policy
            assert "frame-ancestors 'none'" in policy and "base-uri 'none'" in policy
            assert answer.header("x-content-type-options") == "nosniff", (method, path)
            assert answer.header("referrer-policy") == "same-origin", (method, path)
            if "/static/" not in path and not path.endswith(("/peaks", "/sheet")):
                assert answer.header("cache-control") == "no-store", (method, path)


async def test_the_session_is_a_cookie_for_our_pages_alone(quick: Settings, tmp_path: Path) -> None:
    for public_url, secure in (("", False), ("https://localhost", True)):
        settings = replace(quick, public_url=public_url)
        async with opened(settings, Hostile(tmp_path)) as house, browsing(house) as http:
            form = await http.get("/dashboard/sign-in")
            assert secure == ("secure" in form.headers["set-cookie"].lower())
            # The browser of a test keeps no secure cookie for a plain address.
            if secure:
                continue
            done = await sign_in(http, house.key)
            (cookie,) = [
                c
                for c in done.headers.get_list("set-cookie")
                if c.startswith(f"{COOKIE}=") and "Max-Age=0" not in c
            ]
            parts = {part.strip().lower() for part in cookie.split(";")[1:]}
            assert {"httponly", "samesite=strict", "path=/dashboard"} <= parts
            assert not [part for part in parts if part.startswith("domain")]
            assert ("secure" in parts) == secure


ELSEWHERE = (
    "https://evil.example/", "http:evil.example", "//evil.example/dashboard", "///evil.example",
    "/\\evil.example", "\\\\evil.example", "/dashboard\\@evil.example", "/dashboard.evil.example",
    "/dashboardx", "/dashboard@evil.example", "javascript:alert(1)", "JaVaScRiPt:alert(1)",
    "data:text/html,x", "/api/v1/keys", "/", "", " /dashboard", "\t//evil.example",
    "/dashboard/\r\nLocation: //evil.example", "/dashboard/\x00", "/dashboard/\u2028x",
    "%2f%2fevil.example", "/%2fevil.example", "/dashboard/sign-in", "/dashboard/sign-in?next=//evil.example",
    "/dashboard/\u202egnp.exe", "?next=/dashboard", "#/dashboard", "/dashboard" + "/a" * 3000 + "\n",
)  # fmt: skip
OURS = (
    "/dashboard", "/dashboard/jobs?state=failed", "/dashboard/models/fake:one", "/dashboard?x=//evil.example",
    "/dashboard/../..//evil.example", "/dashboard/%2e%2e//evil.example", "/dashboard//evil.example",
)  # fmt: skip


@pytest.mark.parametrize("wanted", [*ELSEWHERE, *OURS])
def test_after_signing_in_one_is_at_a_page_of_ours(wanted: str) -> None:
    found = own_path(wanted)
    assert found == (wanted if wanted in OURS else "/dashboard")
    landed = urlsplit(urljoin("http://localhost:3000/dashboard/sign-in", found))
    assert (landed.scheme, landed.netloc) == ("http", "localhost:3000")


async def test_a_code_opens_one_session_though_two_bring_it_at_once(world: World) -> None:
    answer = await world.house.http.post("/api/v1/sign-in-links")
    code = urlsplit(answer.json()["url"]).fragment.removeprefix("code=")
    async with browsing(world.house) as one, browsing(world.house) as two:
        for http in (one, two):
            await http.get("/dashboard/sign-in")
        done = await asyncio.gather(sign_in(one, code), sign_in(two, code))
        assert sorted(answer.status_code for answer in done) == [303, 401]


async def test_a_code_and_a_session_die_with_their_key(world: World) -> None:
    http = world.house.http
    made = (await http.post("/api/v1/keys", json={"name": "short"})).json()
    mine = {"Authorization": f"Bearer {made['key']}"}
    answer = await http.post("/api/v1/sign-in-links", headers=mine)
    code = urlsplit(answer.json()["url"]).fragment.removeprefix("code=")
    async with browser_of(world.house, made["key"]) as person, browsing(world.house) as late:
        await http.delete(f"/api/v1/keys/{made['id']}")
        await sign_in(late, code)
        assert (await late.get("/dashboard")).status_code == 303
        for page in PAGES:
            answer = await person.ask(page.method, path_of(page, world.ids), everything(world.ids))
            assert answer.status == 303, page


async def test_nobody_s_cookie_becomes_a_session_by_signing_in(house: House) -> None:
    async with browsing(house) as http:
        http.cookies.set(COOKIE, "planted-by-an-attacker-before-sign-in", path="/dashboard")
        done = await sign_in(http, house.key)
        assert done.status_code == 303
        assert "planted" not in done.headers["set-cookie"]
        planted = Browser(house, "planted-by-an-attacker-before-sign-in")
        assert (await planted.ask("GET", "/dashboard")).status == 303


async def test_what_is_kept_of_a_session_opens_none(house: House) -> None:
    """Who reads the database, or a backup of it, is not signed in by that."""
    async with browser_of(house, house.key) as person:
        records = house.app.services.records  # type: ignore[union-attr]
        (kept,) = await records.find(sessions.Session)
        assert person.cookie not in repr(kept)
        assert (await person.but(cookie=kept.id).ask("GET", "/dashboard")).status == 303


async def test_wrong_codes_from_one_address_are_bounded_and_right_keys_are_not_told_apart(
    gateway_settings: Settings, tmp_path: Path
) -> None:
    settings = replace(gateway_settings, access=AccessRules(failed_keys_per_minute=5))
    async with opened(settings, Hostile(tmp_path)) as house, browsing(house) as http:
        told = [
            (await sign_in(http, secret)).status_code
            for secret in ("fx_code_x", "x", "fx_live_x", "", "y", "z")
        ]
        assert told == [401] * 5 + [429]
        refused = await sign_in(http, house.key)
        assert refused.status_code == 429 and int(refused.headers["retry-after"]) > 0
        assert COOKIE not in refused.headers.get("set-cookie", "")


async def test_large_and_strange_forms_are_refused(world: World) -> None:
    before = await state(world.house)
    for body in (
        b"a=" + b"x" * 300_000,
        b"&".join(b"a%d=1" % n for n in range(5000)),
        b"\xff\xfe%%%=\x00",
    ):
        for page in POST[:6]:
            answer = await world.first.ask("POST", path_of(page, {}), body=body)
            assert answer.status in (400, 402, 403, 404, 409, 413, 415, 204), (page, answer.status)
    assert {k: v for k, v in (await state(world.house)).items() if k in before} == before
