"""Hostile texts on every page of the dashboard in Chromium: nothing runs, nothing is asked elsewhere."""

from __future__ import annotations

import contextlib
import json
import socket
from collections.abc import Iterator
from urllib.parse import quote

import httpx2
import pytest
from playwright.sync_api import Browser, Page

from acceptance.gateway_process import Served, served
from browser_house import at, browser, needs_chromium
from flexura.gateway.dashboard.routes import PAGES
from gateway.dashboard.attacker import path_of
from gateway.dashboard.hostile import MARK, PAYLOADS
from template_house import document

__all__ = ["browser"]
pytestmark = needs_chromium
JOINED = " ".join(PAYLOADS)
_ONE_BY_ONE = PAYLOADS[:1] + PAYLOADS[3:9] + PAYLOADS[28:34]
"""Those that break out of different places."""
_NO_PAGES = ("/live", "/file", "/peaks", "/sheet", ".csv")
LISTENS = f"window.{MARK} = () => {{ window.__ran = true; }};"


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("home")) as found:
        yield found


@pytest.fixture(scope="module")
def ids(gateway: Served) -> dict[str, str]:
    """Something of everything, called what an attacker would call it."""
    with gateway.client() as http:
        for words in (*_ONE_BY_ONE, JOINED):
            job = drawn(http, words)
        files = http.get(f"/api/v1/jobs/{job}").json()
        key = http.post("/api/v1/keys", json={"name": PAYLOADS[2]}).json()["id"]
        hook = {"url": f"https://hooks.invalid/{quote(PAYLOADS[3])}", "events": ["job.completed"]}
        webhook = http.post("/api/v1/webhooks", json=hook).json()["id"]
        template = document(slug="hostile", name=PAYLOADS[3][:80])
        made = http.post("/api/v1/templates", json={**template, "description": PAYLOADS[5]})
        assert made.status_code == 201, made.text
        artifact = str(files).partition("art_")[2][:26]
    return {
        "job_id": job,
        "artifact_id": f"art_{artifact}",
        "key_id": key,
        "webhook_id": webhook,
        "name": "hostile",
        "model_id": "embedded:canvas",
    }


def drawn(http: httpx2.Client, words: str) -> str:
    """A small picture with that prompt; its job."""
    order = {"prompt": words, "model": "embedded:canvas", "n": 2, "options": {"size": "16x16"}}
    made = http.post("/api/generate/image?wait=30", json=order)
    assert made.status_code == 200, made.text
    return made.json()["job_id"]


def quiet(page: Page, gateway: Served) -> list[str]:
    """What must stay empty while pages are looked at: dialogs, and requests to elsewhere."""
    heard: list[str] = []

    def asked(url: str) -> None:
        if not url.startswith((gateway.url, "data:", "blob:")):
            heard.append(url)

    page.on("dialog", lambda dialog: heard.append(dialog.message))
    page.on("request", lambda request: asked(request.url))
    page.on("popup", lambda popup: heard.append(popup.url))
    page.add_init_script(LISTENS)
    return heard


def test_nothing_of_what_strangers_wrote_runs_on_any_page(
    browser: Browser, gateway: Served, ids: dict[str, str]
) -> None:
    paths = {
        path_of(page, ids)
        for page in PAGES
        if page.method == "GET" and not page.path.endswith(_NO_PAGES)
    }
    with at(browser, gateway) as page:
        heard = quiet(page, gateway)
        for path in sorted(paths):
            page.goto(path, wait_until="domcontentloaded")
            page.evaluate(
                "() => document.querySelectorAll('details').forEach((d) => { d.open = true; })"
            )
            assert not page.evaluate("() => window.__ran"), path
            assert not page.evaluate(
                f"() => document.querySelectorAll('[{MARK}], {MARK}-element').length"
            ), path
        assert heard == []


def test_nothing_of_what_a_link_brings_along_runs(
    browser: Browser, gateway: Served, ids: dict[str, str]
) -> None:
    words = quote(JOINED[:3000])
    with at(browser, gateway) as page:
        heard = quiet(page, gateway)
        for path in (
            f"/dashboard/models?q={words}",
            f"/dashboard/models/embedded:canvas?prompt={words}",
            f"/dashboard/gallery?q={words}",
            f"/dashboard/jobs?state={words}",
            f"/dashboard/nothing/{quote(PAYLOADS[3], safe='')}",
            f"/dashboard/sign-in?next={words}",
        ):
            page.goto(path, wait_until="domcontentloaded")
            assert not page.evaluate("() => window.__ran"), path
        assert heard == []


def test_what_is_told_in_passing_is_text(browser: Browser, gateway: Served) -> None:
    with at(browser, gateway) as page:
        heard = quiet(page, gateway)
        page.reload()
        for words in _ONE_BY_ONE:
            detail = json.dumps({"text": words, "tone": "bad"})
            page.evaluate(
                f"() => document.dispatchEvent(new CustomEvent('toast', {{detail: {detail}}}))"
            )
        told = page.locator(".toast p").all_inner_texts()
        assert [" ".join(one.split()) for one in told] == [" ".join(w.split()) for w in _ONE_BY_ONE]
        assert not page.evaluate("() => window.__ran")
        assert heard == []


def test_the_policy_holds_where_everything_else_would_fail(
    browser: Browser, gateway: Served
) -> None:
    """Somebody who gets markup onto a page still runs nothing and reaches nobody."""
    context = browser.new_context(base_url=gateway.url)
    page = context.new_page()
    page.add_init_script(LISTENS)
    page.goto("/dashboard/sign-in")
    elsewhere = socket.create_server(("127.0.0.1", 0))
    elsewhere.setblocking(False)
    page.evaluate(
        """async ([mark, elsewhere]) => {
          window.__said = new Set();
          document.addEventListener('securitypolicyviolation', (e) => __said.add(e.effectiveDirective));
          document.body.insertAdjacentHTML('beforeend', `
            <img src=x onerror=${mark}(1)><svg onload=${mark}(2)></svg>
            <img src="${elsewhere}/leak"><iframe src="${elsewhere}/leak"></iframe>
            <style>body { color: red }</style><p style="color:red">x</p>
            <form id=f action="${elsewhere}/leak"><button>x</button></form>
            <base href="${elsewhere}/">`);
          const script = document.createElement('script');
          script.textContent = `${mark}(3)`;
          document.body.append(script);
          document.getElementById('f').requestSubmit();
          await fetch(`${elsewhere}/leak`).catch(() => 0);
        }""",
        [MARK, f"http://127.0.0.1:{elsewhere.getsockname()[1]}"],
    )
    wanted = {
        "script-src-attr",
        "script-src-elem",
        "img-src",
        "style-src-elem",
        "form-action",
        "connect-src",
    }
    told = "(wanted) => wanted.every((one) => __said.has(one))"
    page.wait_for_function(told, arg=list(wanted), timeout=5000)
    assert not page.evaluate("() => window.__ran")
    assert told_to(elsewhere) == b""
    context.close()


def told_to(elsewhere: socket.socket) -> bytes:
    """What came to a listener. Chromium may connect before it knows whether it may go there."""
    told = b""
    with elsewhere, contextlib.suppress(BlockingIOError):
        while True:
            connection, _ = elsewhere.accept()
            connection.setblocking(False)
            with connection, contextlib.suppress(BlockingIOError):
                told += connection.recv(1000)
    return told
