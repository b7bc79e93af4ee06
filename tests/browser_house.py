"""Debian's Chromium at the dashboard: started once, signed in, looked at in light and dark, wide and narrow.

A test asks for the fixtures `browser` (one Chromium for the file's worker) and opens what it needs with `at`.
What a page says on its console, a refused policy among it, fails the test that opened it.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from acceptance.gateway_process import Served

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or ""
AXE = Path(__file__).parent / "node" / "node_modules" / "axe-core" / "axe.min.js"
needs_chromium = pytest.mark.skipif(
    not CHROMIUM, reason="Chromium is not installed (Debian: apt install chromium)"
)
WIDE, PHONE = (1280, 860), (390, 844)
Scheme = Literal["light", "dark"]
SCREENSHOTS = os.environ.get("SCREENSHOTS", "")
"""A folder to put pictures of the pages into, for looking at them."""
EVERY_LOOK: tuple[tuple[Scheme, tuple[int, int]], ...] = (
    ("light", WIDE),
    ("dark", PHONE),
    ("dark", WIDE),
    ("light", PHONE),
)
LOOKS = EVERY_LOOK if os.environ.get("LONG") == "1" or SCREENSHOTS else EVERY_LOOK[:2]
"""Both colours and both widths; every pair of them with LONG=1."""
_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_SERIOUS = ("serious", "critical")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for the tests of a file."""
    with sync_playwright() as play:
        found = play.chromium.launch(executable_path=CHROMIUM, args=list(_ARGUMENTS))
        yield found
        found.close()


class Complaints(list[str]):
    """What pages said on their consoles."""

    def hear(self, page: Page) -> None:
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.append(f"{page.url}: {error}"))

    def _console(self, message: ConsoleMessage) -> None:
        # An answer of 4xx is told there too; the pages show it themselves.
        if message.type in ("error", "warning") and "Failed to load resource" not in message.text:
            self.append(f"{message.location.get('url', '')}: {message.text}")


@contextmanager
def at(
    browser: Browser,
    gateway: Served,
    path: str = "/dashboard",
    *,
    scheme: Scheme = "light",
    size: tuple[int, int] = WIDE,
    key: str = "",
    **more: Any,
) -> Iterator[Page]:
    """A page of the dashboard, signed in with the gateway's key or another; it must not complain."""
    width, height = size
    context = browser.new_context(
        color_scheme=scheme,
        viewport={"width": width, "height": height},
        base_url=gateway.url,
        reduced_motion="reduce",
        **more,
    )
    context.set_default_timeout(15_000)
    complaints = Complaints()
    context.on("page", complaints.hear)
    try:
        sign_in(context, gateway.url, key or gateway.key)
        page = context.new_page()
        page.goto(path)
        yield page
        assert not complaints, "\n".join(complaints)
    finally:
        context.close()


_cookies: dict[tuple[str, str], list[Any]] = {}
"""Of whoever signed in before: address and key."""


def sign_in(context: BrowserContext, url: str, key: str) -> None:
    """As a person does: the form, with a key; once for each gateway."""
    if (url, key) in _cookies:
        context.add_cookies(_cookies[url, key])
        return
    page = context.new_page()
    page.goto("/dashboard/sign-in")
    page.fill("#secret", key)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/dashboard")
    _cookies[url, key] = context.cookies()
    page.close()


def look(page: Page, name: str) -> None:
    """Keep a picture of the whole page, where somebody wants to look (SCREENSHOTS=folder)."""
    if SCREENSHOTS:
        Path(SCREENSHOTS).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(SCREENSHOTS) / f"{name}.png", full_page=True)


def faults(page: Page) -> list[str]:
    """What axe-core finds that is serious: rule and place."""
    if not page.evaluate("() => 'axe' in window"):
        # Through the debugger, which the page's policy does not bind.
        page.evaluate(AXE.read_text())
    found = page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{one['id']} ({one['impact']}): {node['html'][:160]}: {node['failureSummary'][:200]}"
        for one in found["violations"]
        if one["impact"] in _SERIOUS
        for node in one["nodes"]
    ]


def overflow(page: Page) -> int:
    """By how many pixels the page is wider than its window: on a phone it must not scroll sideways."""
    return int(
        page.evaluate(
            "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
    )


def check_looks(browser: Browser, gateway: Served, path: str, name: str) -> None:
    """A page in light and dark, wide and narrow: accessible, not too wide, without complaints."""
    with at(browser, gateway, path) as page:
        check_page(page, name)


def check_page(page: Page, name: str) -> None:
    """The same for a page that is open already, as one that is shown once."""
    for scheme, (width, height) in LOOKS:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        page.set_viewport_size({"width": width, "height": height})
        look(page, f"{name}-{scheme}-{'wide' if width == WIDE[0] else 'phone'}")
        found = faults(page)
        assert not found, "\n".join((f"{page.url} {scheme} {width}", *found))
        assert overflow(page) <= 0, f"{page.url} is too wide for {width} px"
