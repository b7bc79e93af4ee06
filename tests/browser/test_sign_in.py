"""The dashboard in Chromium: in by a link, a key, the keyboard; every look; nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from acceptance.gateway_process import Served, served
from browser_house import at, browser, check_looks, faults, look, needs_chromium

__all__ = ["browser"]
pytestmark = needs_chromium


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("home")) as found:
        yield found


def test_a_link_of_flexura_open_signs_in_without_a_word_and_leaves_no_trace(
    browser: Browser, gateway: Served
) -> None:
    with gateway.client() as http:
        url = http.post("/api/v1/sign-in-links").json()["url"]
    asked: list[str] = []
    context = browser.new_context()
    page = context.new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.goto(url)
    page.wait_for_url("**/dashboard")
    code = url.partition("code=")[2]
    assert page.get_by_role("heading", name="Overview").is_visible()
    assert not [one for one in asked if code in one.partition("#")[0]]
    assert code not in page.evaluate("() => JSON.stringify([location.href, document.cookie])")
    context.close()


def test_every_request_of_a_page_goes_to_the_gateway(browser: Browser, gateway: Served) -> None:
    with at(browser, gateway) as page:
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.reload()
        assert asked
        assert all(one.startswith(gateway.url) for one in asked), asked


def test_one_signs_in_looks_around_and_leaves_with_the_keyboard_alone(
    browser: Browser, gateway: Served
) -> None:
    # A key of its own: signing out ends the session that the other tests share.
    with gateway.client() as http:
        made = http.post("/api/v1/keys", json={"name": "keyboard"}).json()["key"]
    with at(browser, gateway, key=made) as page:
        page.keyboard.press("Tab")
        assert page.evaluate("() => document.activeElement.textContent") == "Skip to the content"
        page.keyboard.press("Enter")
        assert page.evaluate("() => document.activeElement.id") == "main"
        page.get_by_role("button", name="Sign out").focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**/dashboard/sign-in")
        assert page.evaluate("() => document.activeElement.id") == "secret"
        page.keyboard.type("wrong")
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_be_visible()
        page.locator("#secret").focus()
        page.keyboard.type(gateway.key)
        page.keyboard.press("Enter")
        page.wait_for_url("**/dashboard")


def test_light_and_dark_are_kept_for_the_next_page(browser: Browser, gateway: Served) -> None:
    with at(browser, gateway) as page:
        page.get_by_role("button", name="Switch between light and dark").click()
        assert page.evaluate("() => document.documentElement.dataset.theme") == "dark"
        page.reload()
        assert (
            page.evaluate("() => getComputedStyle(document.documentElement).colorScheme") == "dark"
        )


def test_the_menu_of_a_phone_opens_closes_and_leads_somewhere(
    browser: Browser, gateway: Served
) -> None:
    with at(browser, gateway, size=(390, 844)) as page:
        button = page.get_by_role("button", name="Menu")
        assert not page.get_by_role("link", name="API keys").is_visible()
        button.click()
        expect(page.get_by_role("link", name="API keys")).to_be_visible()
        page.keyboard.press("Escape")
        assert button.get_attribute("aria-expanded") == "false"
        assert page.evaluate("() => document.activeElement.dataset.menu") == ""


def test_the_overview_looks_well_everywhere(browser: Browser, gateway: Served) -> None:
    check_looks(browser, gateway, "/dashboard", "overview")


def test_the_sign_in_and_the_errors_look_well(browser: Browser, gateway: Served) -> None:
    context = browser.new_context(base_url=gateway.url, color_scheme="dark")
    page = context.new_page()
    for path, name in (("/dashboard/sign-in", "sign-in"), ("/dashboard/nothing", "error")):
        page.goto(path)
        look(page, name)
        assert faults(page) == []
    context.close()


def test_the_script_of_others_is_the_one_that_they_publish() -> None:
    node = Path(__file__).parents[1] / "node" / "node_modules"
    static = Path(__file__).parents[2] / "src/flexura/gateway/dashboard/static"
    if not (node / "htmx.org").exists():
        pytest.skip("htmx is not installed; run `npm ci --prefix tests/node`.")
    for ours, theirs in (
        ("htmx.min.js", "htmx.org/dist/htmx.min.js"),
        ("htmx-sse.min.js", "htmx-ext-sse/dist/sse.min.js"),
    ):
        assert (static / ours).read_bytes() == (node / theirs).read_bytes()
