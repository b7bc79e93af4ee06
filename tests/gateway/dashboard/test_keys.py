"""API keys on the dashboard: made and shown once, rotated, revoked, never wider than one's own."""

from __future__ import annotations

import re
from typing import Any

import httpx2
import pytest

from flexura.domain.workspace import well_formed
from gateway.dashboard.signed_in import Person, signed_in
from gateway_house import BASE, House
from tenants_house import person, tenant

pytestmark = pytest.mark.anyio
KEYS = "/dashboard/keys"
_SECRET = re.compile(r"fx_live_\w{38}")
_ONCE = re.compile(r'name="once" value="([\w-]+)"')


async def filled(browser: Person, form: str, to: str, **fields: Any) -> httpx2.Response:
    """Load the page of a form and send it as a browser does."""
    page = await browser.get(form)
    assert page.status_code == 200, page.text
    once = _ONCE.search(page.text)
    assert once
    sent = {"token": browser.token, "once": once[1], **fields}
    return await browser.http.post(to, data=sent)


async def made(browser: Person, **fields: Any) -> httpx2.Response:
    """A new key by the form."""
    return await filled(
        browser, f"{KEYS}/new", KEYS, **{"name": "robot", "scopes": ["read"], **fields}
    )


async def listed(house: House) -> dict[str, dict[str, Any]]:
    answer = await house.http.get("/api/v1/keys")
    return {key["name"]: key for key in answer.json()["keys"]}


async def test_a_key_is_made_with_its_terms_and_shown_with_the_lines_to_use_it(
    house: House,
) -> None:
    async with signed_in(house) as browser:
        answer = await made(
            browser,
            scopes=["read", "generate"],
            credits="500",
            period="month",
            expires="30d",
            requests_per_minute="90",
        )
        assert answer.status_code == 201, answer.text
        secret = _SECRET.search(answer.text)
        assert secret and well_formed(secret[0])
        assert f"curl -fsSL {BASE}/api/install/flexura-skill | bash" in answer.text
        assert f"FLEXURA_URL={BASE} flexura login" in answer.text
        assert f'data-copy="{secret[0]}"' in answer.text
        # The key stands in no address.
        assert all(
            secret[0] not in url for url in re.findall(r'(?:href|src)="([^"]*)"', answer.text)
        )
        assert answer.headers["cache-control"] == "no-store"
        key = (await listed(house))["robot"]
        assert (key["scopes"], key["requests_per_minute"]) == (["generate", "read"], 90)
        assert key["expires_at"]
        page = await browser.get(KEYS)
        assert secret[0] not in page.text and "robot" in page.text
        assert "<strong>500</strong> of 500 left this month" in page.text
        async with person(house, secret[0]) as robot:
            assert (await robot.http.get("/api/v1/auth")).json()["scopes"] == ["generate", "read"]


async def test_the_page_loaded_again_shows_no_key_and_makes_none(house: House) -> None:
    async with signed_in(house) as browser:
        page = await browser.get(f"{KEYS}/new")
        once = _ONCE.search(page.text)
        assert once
        sent = {"token": browser.token, "once": once[1], "name": "robot", "scopes": "read"}
        assert (await browser.http.post(KEYS, data=sent)).status_code == 201
        again = await browser.http.post(KEYS, data=sent)
        assert (again.status_code, again.headers["location"]) == (303, KEYS)
        other = await browser.http.post(KEYS, data={**sent, "name": "another"})
        assert other.status_code == 409 and "This form was sent before" in other.text
        assert sorted(await listed(house)) == ["first key", "robot"]


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"scopes": []}, "Choose at least one thing"),
        ({"credits": "many"}, "is no number"),
        ({"credits": "-1"}, "greater than or equal to 0"),
        ({"credits": "1e400"}, "is no number"),
        ({"credits": "nan"}, "is no number"),
        ({"requests_per_minute": "0"}, "greater than or equal to 1"),
        ({"requests_per_minute": "1.5"}, "requests_per_minute"),
        ({"expires": "for ever"}, "expires"),
        ({"scopes": ["read", "root"]}, "scopes"),
    ],
)
async def test_what_is_wrong_is_told_and_what_was_typed_stays(
    house: House, fields: dict[str, Any], told: str
) -> None:
    async with signed_in(house) as browser:
        answer = await made(browser, name='<img src=x onerror="alert(1)">', **fields)
        assert answer.status_code == 400, answer.text
        assert told in answer.text and 'role="alert"' in answer.text
        assert "<img src=x" not in answer.text
        assert "&lt;img src=x onerror=&#34;alert(1)&#34;&gt;" in answer.text
        assert list(await listed(house)) == ["first key"]


async def test_the_field_that_is_wrong_is_marked(house: House) -> None:
    async with signed_in(house) as browser:
        answer = await made(browser, credits="many")
        field = re.search(r'<input id="f-credits"[^>]*>', answer.text)
        assert field and 'aria-invalid="true"' in field[0] and "refusal" in field[0]


async def test_a_key_hands_on_no_more_than_it_has(house: House) -> None:
    secret = (await house.http.post("/api/v1/keys", json={"scopes": ["admin", "read"]})).json()
    async with signed_in(house, secret["key"]) as browser:
        form = (await browser.get(f"{KEYS}/new")).text
        assert 'value="read"' in form and 'value="generate"' not in form
        answer = await made(browser, scopes=["generate"])
        assert answer.status_code == 403 and "Your own key lacks" in answer.text


async def test_without_admin_there_are_no_keys_to_see_or_make(house: House) -> None:
    secret = (await house.http.post("/api/v1/keys", json={"scopes": ["read"]})).json()
    async with signed_in(house, secret["key"]) as browser:
        assert (await browser.get(KEYS)).status_code == 403
        assert (await browser.post(KEYS, {"name": "x", "scopes": "read"})).status_code == 403
        assert 'href="/dashboard/keys"' not in (await browser.get("/dashboard")).text


async def test_a_rotated_key_is_followed_by_one_that_is_shown_once(house: House) -> None:
    old = (await house.http.post("/api/v1/keys", json={"name": "robot", "scopes": ["read"]})).json()
    one = f"{KEYS}/{old['id']}"
    async with signed_in(house) as browser:
        answer = await filled(browser, one, f"{one}/rotate", overlap="1h")
        assert answer.status_code == 201
        secret = _SECRET.search(answer.text)
        assert secret and secret[0] != old["key"]
        page = (await browser.get(one)).text
        assert "Rotated" in page and "Followed by" in page and secret[0] not in page
        for key in (old["key"], secret[0]):
            async with person(house, key) as robot:
                assert (await robot.http.get("/api/v1/auth")).status_code == 200
        again = await browser.http.post(
            f"{one}/rotate", data={"token": browser.token, "overlap": "1h"}
        )
        assert again.status_code == 409 and "rotated before" in again.text


async def test_a_revoked_key_opens_nothing_and_stands_among_the_ended(house: House) -> None:
    old = (await house.http.post("/api/v1/keys", json={"name": "robot"})).json()
    async with signed_in(house) as browser:
        answer = await browser.post(f"{KEYS}/{old['id']}/revoke")
        assert (answer.status_code, answer.headers["hx-redirect"]) == (204, KEYS)
        page = (await browser.get(KEYS)).text
        assert "Ended keys (1)" in page and "Revoked" in page
        assert (await browser.post(f"{KEYS}/{old['id']}/revoke")).status_code == 404
        assert "Revoke this key" not in (await browser.get(f"{KEYS}/{old['id']}")).text
    async with person(house, old["key"]) as robot:
        assert (await robot.http.get("/api/v1/auth")).status_code == 401


async def test_ending_the_key_of_the_session_is_warned_of_and_signs_out(house: House) -> None:
    own = (await house.http.post("/api/v1/keys", json={"name": "mine"})).json()
    async with signed_in(house, own["key"]) as browser:
        assert "signs you out" in (await browser.get(f"{KEYS}/{own['id']}")).text
        answer = await browser.post(f"{KEYS}/{own['id']}/revoke")
        assert answer.headers["hx-redirect"] == "/dashboard/sign-in"
        assert (await browser.get("/dashboard")).status_code == 303


async def test_a_form_without_its_token_changes_nothing(house: House) -> None:
    old = (await house.http.post("/api/v1/keys", json={"name": "robot"})).json()
    async with signed_in(house) as browser:
        for path in (KEYS, f"{KEYS}/{old['id']}/revoke", f"{KEYS}/{old['id']}/rotate"):
            sent = {"name": "evil", "scopes": "read"}
            assert (await browser.http.post(path, data=sent)).status_code == 403
            far = await browser.post(path, sent, **{"Sec-Fetch-Site": "cross-site"})
            assert far.status_code == 403
        assert sorted(await listed(house)) == ["first key", "robot"]
        assert not (await listed(house))["robot"]["revoked_at"]


async def test_keys_of_another_workspace_are_not_there(house: House) -> None:
    mine = (await house.http.post("/api/v1/keys", json={"name": "secret plan"})).json()
    async with tenant(house, "acme") as other, signed_in(house, other.key) as browser:
        assert "secret plan" not in (await browser.get(KEYS)).text
        for answer in (
            await browser.get(f"{KEYS}/{mine['id']}"),
            await browser.post(f"{KEYS}/{mine['id']}/revoke"),
            await browser.post(f"{KEYS}/{mine['id']}/rotate", {"overlap": "0m"}),
        ):
            assert answer.status_code == 404
    async with person(house, mine["key"]) as owner:
        assert (await owner.http.get("/api/v1/auth")).status_code == 200


async def test_a_key_is_given_a_budget_and_relieved_of_it(house: House) -> None:
    key = (await house.http.post("/api/v1/keys", json={"name": "robot"})).json()
    one = f"{KEYS}/{key['id']}"
    async with signed_in(house) as browser:
        for amount in ("20", "30"):
            sent = {"token": browser.token, "credits": amount, "period": "day"}
            answer = await browser.http.post(f"{one}/budgets", data=sent)
            assert (answer.status_code, answer.headers["location"]) == (303, one)
        page = (await browser.get(one)).text
        assert "<strong>30</strong> of 30 left today" in page and "of 20" not in page
        for wrong in ({"credits": ""}, {"credits": "-1", "period": "day"}, {"credits": "1"}):
            sent = {"token": browser.token, **wrong}
            assert (await browser.http.post(f"{one}/budgets", data=sent)).status_code == 400
        found = re.search(rf'hx-post="({one}/budgets/\w+/remove)"', page)
        assert found
        async with tenant(house, "acme") as other, signed_in(house, other.key) as stranger:
            assert (await stranger.post(found[1])).status_code == 404
            assert (await stranger.post(f"{one}/budgets", {"credits": "1"})).status_code == 404
        await browser.post(found[1])
        assert "no limit" in (await browser.get(one)).text


async def test_the_name_of_a_key_is_text_wherever_it_stands(house: House) -> None:
    mean = "\"><script>alert(1)</script>' onfocus='alert(2)"
    assert house.app.services is not None
    # As the command line makes it: the API takes markup out of names.
    _, key = await house.app.services.keys.create(mean)
    async with signed_in(house) as browser:
        for path in (KEYS, f"{KEYS}/{key.id}"):
            page = (await browser.get(path)).text
            assert "<script>alert" not in page and "' onfocus='" not in page
            assert "alert(1)" in page
