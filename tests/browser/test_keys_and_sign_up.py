"""Keys, sign-up and workspaces in Chromium: made, copied, shown once, rotated, revoked, looked at."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from acceptance.gateway_process import Served, served
from browser_house import at, browser, check_page, needs_chromium

__all__ = ["browser"]
pytestmark = needs_chromium
KEYS = "/dashboard/keys"


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    home = tmp_path_factory.mktemp("home")
    with served(home, HOME=str(home), FLEXURA_SIGNUP="open") as found:
        yield found


def shown(page: Page) -> str:
    """The secret that the page shows."""
    return page.locator(".secret code").inner_text()


def test_a_key_is_made_with_the_keyboard_copied_and_never_shown_again(
    browser: Browser, gateway: Served
) -> None:
    with at(browser, gateway, KEYS, permissions=["clipboard-read", "clipboard-write"]) as page:
        page.get_by_role("link", name="New key").focus()
        page.keyboard.press("Enter")
        page.wait_for_url(f"**{KEYS}/new")
        assert page.evaluate("() => document.activeElement.id") == "f-name"
        page.keyboard.type("studio laptop")
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        page.keyboard.press("Space")
        page.get_by_label("Budget in credits").fill("250")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Your new key")).to_be_visible()
        secret = shown(page)
        assert re.fullmatch(r"fx_live_\w{38}", secret)
        page.get_by_role("button", name="Copy the key").click()
        expect(page.get_by_role("button", name="Copied")).to_be_visible()
        assert page.evaluate("() => navigator.clipboard.readText()") == secret
        page.get_by_text("For scripts, CI and other programs").click()
        check_page(page, "key-made")
        page.reload()
        page.wait_for_url(f"**{KEYS}")
        assert secret not in page.content()
        expect(page.get_by_role("link", name="studio laptop")).to_have_count(1)
        row = page.locator("tr", has=page.get_by_role("link", name="studio laptop"))
        expect(row.locator("td[data-label=May]")).to_have_text("read search")
        expect(row.locator("td[data-label=Budget]")).to_contain_text("250 of 250 left this month")


def test_a_form_that_is_refused_keeps_what_was_typed(browser: Browser, gateway: Served) -> None:
    with at(browser, gateway, f"{KEYS}/new") as page:
        page.get_by_label("Name").fill("<b>bold</b>")
        for scope in ("read", "generate", "search"):
            page.locator(f"input[value={scope}]").uncheck()
        page.get_by_role("button", name="Make the key").click()
        expect(page.get_by_role("alert")).to_contain_text("Choose at least one")
        expect(page.get_by_label("Name")).to_have_value("<b>bold</b>")
        check_page(page, "key-form-refused")


def test_a_key_is_rotated_and_revoked_after_a_question(browser: Browser, gateway: Served) -> None:
    with gateway.client() as http:
        old = http.post("/api/v1/keys", json={"name": "build robot"}).json()
    with at(browser, gateway, f"{KEYS}/{old['id']}") as page:
        page.get_by_label("Credits", exact=True).fill("40")
        page.get_by_role("button", name="Set the budget").click()
        expect(page.locator(".facts")).to_contain_text("40 of 40 left this month")
        check_page(page, "key")
        page.get_by_role("button", name="Remove the budget for a month").click()
        page.get_by_role("dialog").get_by_role("button", name="Remove").click()
        expect(page.locator(".facts")).to_contain_text("no limit")
        page.get_by_label("The old key ends").select_option("1h")
        page.get_by_role("button", name="Make the new key").click()
        expect(page.get_by_role("heading", name="The new key")).to_be_visible()
        assert shown(page) != old["key"]
        page.get_by_role("link", name="I have copied it").click()
        expect(page.get_by_text("Rotated")).to_be_visible()
        page.goto(f"{KEYS}/{old['id']}")
        page.get_by_role("button", name="Revoke this key").click()
        dialog = page.get_by_role("dialog")
        expect(dialog).to_contain_text("Revoke build robot?")
        page.keyboard.press("Escape")
        expect(dialog).to_be_hidden()
        page.get_by_role("button", name="Revoke this key").click()
        dialog.get_by_role("button", name="Revoke it").click()
        page.wait_for_url(f"**{KEYS}")
        page.get_by_text("Ended keys (1)").click()
        expect(page.get_by_text("Revoked")).to_be_visible()
        check_page(page, "keys")
    with gateway.client() as http:
        headers = {"Authorization": f"Bearer {old['key']}"}
        assert http.get("/api/v1/auth", headers=headers).status_code == 401


def test_revoking_the_key_of_the_session_warns_and_leads_to_the_sign_in(
    browser: Browser, gateway: Served
) -> None:
    with gateway.client() as http:
        own = http.post("/api/v1/keys", json={"name": "mine"}).json()
    with at(browser, gateway, f"{KEYS}/{own['id']}", key=own["key"]) as page:
        page.get_by_role("button", name="Revoke this key").click()
        expect(page.get_by_role("dialog")).to_contain_text("signs you out here")
        page.get_by_role("dialog").get_by_role("button", name="Revoke it").click()
        page.wait_for_url("**/dashboard/sign-in**")


def test_a_stranger_signs_up_from_the_sign_in_and_comes_in_with_the_key(
    browser: Browser, gateway: Served
) -> None:
    context = browser.new_context(base_url=gateway.url, reduced_motion="reduce")
    try:
        page = context.new_page()
        page.goto("/dashboard/sign-in")
        page.get_by_role("link", name="Make a workspace").click()
        page.get_by_label("Workspace").fill("default")
        page.get_by_role("button", name="Make my workspace").click()
        expect(page.get_by_role("alert")).to_contain_text("Choose another name")
        check_page(page, "signup-refused")
        page.get_by_label("Workspace").fill("acme-studio")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="acme-studio is yours")).to_be_visible()
        check_page(page, "signup-done")
        secret = shown(page)
        page.get_by_role("link", name="Sign in with it").click()
        page.fill("#secret", secret)
        page.keyboard.press("Enter")
        page.wait_for_url("**/dashboard")
        assert "acme-studio" in (page.locator(".who").text_content() or "")
    finally:
        context.close()


def test_the_operator_invites_makes_and_looks_at_workspaces(
    browser: Browser, gateway: Served
) -> None:
    with at(browser, gateway, "/dashboard/workspaces") as page:
        page.get_by_label("Credits to begin with").first.fill("5usd")
        page.get_by_role("button", name="Make a code").click()
        assert shown(page).startswith("fx_invite_")
        check_page(page, "invited")
        page.get_by_role("link", name="I have copied it").click()
        page.get_by_label("Name").fill("film-crew")
        page.get_by_role("button", name="Make the workspace").click()
        assert shown(page).startswith("fx_live_")
        page.get_by_role("link", name="I have copied it").click()
        expect(page.get_by_role("cell", name="film-crew")).to_be_visible()
        check_page(page, "workspaces")


def test_a_second_click_does_not_lose_the_key(browser: Browser, gateway: Served) -> None:
    with at(browser, gateway, f"{KEYS}/new") as page:
        page.get_by_label("Name").fill("twice")
        page.get_by_role("button", name="Make the key").dblclick()
        expect(page.get_by_role("heading", name="Your new key")).to_be_visible()
        assert shown(page).startswith("fx_live_")
        page.goto(KEYS)
        expect(page.get_by_role("link", name="twice")).to_have_count(1)
