"""Signing in to the dashboard and out again."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from flexura.gateway.dashboard.assets import content
from flexura.services import sessions
from gateway.dashboard.signed_in import browsing, sign_in, signed_in, token_of
from gateway_house import House

pytestmark = pytest.mark.anyio


async def code_of(house: House) -> str:
    """What `flexura open` asks for."""
    answer = await house.http.post("/api/v1/sign-in-links")
    assert answer.status_code == 201, answer.text
    assert answer.headers["cache-control"] == "no-store"
    return urlsplit(answer.json()["url"]).fragment.removeprefix("code=")


async def test_the_first_page_leads_to_the_sign_in_and_back_to_where_one_wanted(
    house: House,
) -> None:
    async with browsing(house) as http:
        assert (await http.get("/")).headers["location"] == "/dashboard"
        answer = await http.get("/dashboard?state=failed")
        assert answer.status_code == 303
        target = answer.headers["location"]
        assert target == "/dashboard/sign-in?next=%2Fdashboard%3Fstate%3Dfailed"
        done = await sign_in(http, house.key, "/dashboard?state=failed")
        assert (done.status_code, done.headers["location"]) == (303, "/dashboard?state=failed")


async def test_a_session_is_a_cookie_that_scripts_and_other_sites_do_not_get(house: House) -> None:
    async with browsing(house) as http:
        done = await sign_in(http, house.key)
        cookie = next(c for c in done.headers.get_list("set-cookie") if "flexura_session" in c)
        for flag in ("HttpOnly", "SameSite=strict", "Path=/dashboard"):
            assert flag.lower() in cookie.lower()
        assert house.key not in cookie


async def test_a_link_of_flexura_open_signs_in_once(house: House) -> None:
    code = await code_of(house)
    async with browsing(house) as first, browsing(house) as second:
        assert (await sign_in(first, code)).status_code == 303
        assert "Overview" in (await first.get("/dashboard")).text
        again = await sign_in(second, code)
        assert again.status_code == 401
        assert "neither an API key nor a code that is still good" in again.text
        assert code not in again.text


async def test_a_code_is_good_for_minutes_only(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "CODE_SECONDS", -1)
    code = await code_of(house)
    async with browsing(house) as http:
        assert (await sign_in(http, code)).status_code == 401


async def test_a_session_ends_with_its_time(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "SESSION_SECONDS", -1)
    async with browsing(house) as http:
        assert (await sign_in(http, house.key)).status_code == 303
        assert (await http.get("/dashboard")).status_code == 303


async def test_a_session_ends_with_its_key(house: House) -> None:
    made = (await house.http.post("/api/v1/keys", json={"name": "short"})).json()
    async with signed_in(house, made["key"]) as person:
        assert (await person.get("/dashboard")).status_code == 200
        await house.http.delete(f"/api/v1/keys/{made['id']}")
        assert (await person.get("/dashboard")).status_code == 303
        part = await person.get("/dashboard", **{"HX-Request": "true"})
        assert (part.status_code, part.headers["hx-redirect"][:18]) == (204, "/dashboard/sign-in")


async def test_signing_out_ends_the_session_for_whoever_kept_the_cookie(house: House) -> None:
    async with signed_in(house) as person, browsing(house) as thief:
        thief.cookies.update(person.http.cookies)
        assert (await thief.get("/dashboard")).status_code == 200
        answer = await person.http.post("/dashboard/sign-out", data={"token": person.token})
        assert answer.headers["location"] == "/dashboard/sign-in"
        assert (await thief.get("/dashboard")).status_code == 303


async def test_only_our_own_form_signs_in_and_out(house: House) -> None:
    async with browsing(house) as http:
        bare = await http.post("/dashboard/sign-in", data={"secret": house.key})
        assert bare.status_code == 403
        assert "from another page" in bare.text
        form = token_of((await http.get("/dashboard/sign-in")).text)
        foreign = await http.post(
            "/dashboard/sign-in",
            data={"secret": house.key, "token": form},
            headers={"Sec-Fetch-Site": "same-site"},
        )
        assert foreign.status_code == 403
    async with signed_in(house) as person:
        assert (await person.http.post("/dashboard/sign-out")).status_code == 403
        assert (await person.get("/dashboard")).status_code == 200


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example/",
        "//evil.example/dashboard",
        "/dashboard.evil.example",
        "/dashboard\\..\\..\\evil",
        "/api/v1/jobs",
        "javascript:alert(1)",
        "/dashboard/sign-in?next=/dashboard",
        "/dashboard/\r\nSet-Cookie: a=b",
    ],
)
async def test_no_link_leads_anywhere_else_after_signing_in(house: House, wanted: str) -> None:
    async with browsing(house) as http:
        done = await sign_in(http, house.key, wanted)
        assert (done.status_code, done.headers["location"]) == (303, "/dashboard")


async def test_wrong_tries_from_one_address_are_bounded(house: House) -> None:
    async with browsing(house) as http:
        answers = [(await sign_in(http, f"fx_code_{n}")).status_code for n in range(62)]
        assert 429 in answers
        assert set(answers) <= {401, 429}


async def test_fifty_browsers_are_signed_in_with_a_key_and_the_oldest_goes(house: House) -> None:
    async with browsing(house) as first:
        await sign_in(first, house.key)
        for _ in range(50):
            async with browsing(house) as http:
                assert (await sign_in(http, house.key)).status_code == 303
        assert (await first.get("/dashboard")).status_code == 303


async def test_every_answer_carries_the_policy_also_errors_and_refusals(house: House) -> None:
    async with signed_in(house) as person:
        for path in ("/dashboard", "/dashboard/nothing", "/dashboard/static/nothing.css"):
            answer = await person.get(path)
            assert answer.headers["content-security-policy"].startswith("default-src 'none'")
            assert "unsafe" not in answer.headers["content-security-policy"]
            assert answer.headers["x-content-type-options"] == "nosniff"
        missing = await person.get("/dashboard/nothing")
        assert missing.status_code == 404
        assert "There is no such page." in missing.text
        part = await person.get("/dashboard/nothing", **{"HX-Request": "true"})
        assert (part.status_code, part.headers["hx-retarget"]) == (404, "#toasts")


async def test_static_files_are_kept_for_ever_under_the_name_of_their_content(
    house: House,
) -> None:
    async with browsing(house) as http:
        page = (await http.get("/dashboard/sign-in")).text
        url = page.partition('href="/dashboard/static/app.css')[2].partition('"')[0]
        answer = await http.get(f"/dashboard/static/app.css{url}")
        assert answer.content == content("app.css")
        assert "immutable" in answer.headers["cache-control"]
        assert answer.headers["content-encoding"] == "gzip"
        plain = await http.get("/dashboard/static/app.css", headers={"accept-encoding": "identity"})
        assert plain.content == content("app.css") and "content-encoding" not in plain.headers
        for name in ("..%2Frender.py", "layout.html", "%2e%2e", "x.css"):
            assert (await http.get(f"/dashboard/static/{name}")).status_code == 404


async def test_no_page_names_anything_from_elsewhere(house: House) -> None:
    async with signed_in(house) as person:
        page = (await person.get("/dashboard")).text
        for mark in ('src="http', 'href="http', "url(", "@import", "<style", "javascript:"):
            assert mark not in page
