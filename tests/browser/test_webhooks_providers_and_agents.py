"""Webhooks, providers and agents in Chromium: every action once, every page in every look."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from acceptance.gateway_process import Served, served
from browser_house import at, browser, check_page, needs_chromium
from flexura_installer.__main__ import main as run_installer

__all__ = ["browser"]
pytestmark = needs_chromium
WEBHOOKS = "/dashboard/webhooks"


class Receiver(http.server.BaseHTTPRequestHandler):
    """Refuses what comes to /bad, with markup in its answer; takes everything else."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        bad = self.path == "/bad"
        self.send_response(410 if bad else 204)
        body = b"<img src=x onerror=alert(1)>gone" if bad else b""
        if bad:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Quiet."""


@pytest.fixture(scope="module")
def receiver() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory, receiver: str) -> Iterator[Served]:
    home = tmp_path_factory.mktemp("home")
    launcher = home / "flexura"
    launcher.write_text("#!/bin/sh\n")
    launcher.chmod(0o755)
    (home / ".codex").mkdir()
    (home / ".cursor").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(home))
        for name in ("XDG_STATE_HOME", "XDG_CONFIG_HOME", "CODEX_HOME"):
            patch.delenv(name, raising=False)
        words = ["--target", "codex", "--launcher", str(launcher), "--json"]
        assert run_installer(["install", *words]) == 0
        (home / "config.toml").write_text(f'[webhooks]\nallow_origins = ["{receiver}"]\n')
        with served(home, FAL_KEY="") as found:
            yield found


def test_a_webhook_is_made_with_the_keyboard_tested_changed_and_removed(
    browser: Browser, gateway: Served, receiver: str
) -> None:
    with at(browser, gateway, f"{WEBHOOKS}/new") as page:
        page.keyboard.type("http://169.254.169.254/latest")
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_be_visible()
        expect(page.get_by_label("Address")).to_have_attribute("aria-invalid", "true")
        check_page(page, "webhook-form-refused")
        page.get_by_label("Address").fill(f"{receiver}/hook")
        page.get_by_label("Description").fill("studio site")
        page.get_by_label("job.completed").check()
        page.get_by_role("button", name="Make the webhook").click()
        expect(page.get_by_role("heading", name="studio site")).to_be_visible()
        page.get_by_role("button", name="Send a test").click()
        expect(page.get_by_text("A test message is on its way.")).to_be_visible()
        # The log looks again by itself until it has arrived.
        row = page.locator("#deliveries tr", has_text="webhook.test")
        expect(row.get_by_text("Delivered")).to_be_visible()
        check_page(page, "webhook")
        page.get_by_role("link", name="webhook.test").click()
        expect(page.get_by_role("heading", name="Payload")).to_be_visible()
        check_page(page, "delivery")
        page.get_by_role("button", name="Send again").click()
        expect(page.locator("dd", has_text="204")).to_be_visible()
        page.get_by_role("link", name=f"{receiver}/hook").click()
        page.get_by_role("button", name="Turn off").click()
        expect(page.get_by_text("Turned off by its workspace.")).to_be_visible()
        expect(page.get_by_role("button", name="Send a test")).to_be_disabled()
        page.get_by_role("button", name="Turn on").click()
        expect(page.get_by_text("Turned off by its workspace.")).to_be_hidden()
        page.get_by_role("link", name="Change").click()
        page.get_by_label("job.failed").check()
        page.get_by_role("button", name="Save").click()
        expect(page.locator(".facts .tag")).to_have_text(["job.completed", "job.failed"])
        page.get_by_role("button", name="Remove").click()
        page.get_by_role("dialog").get_by_role("button", name="Remove").click()
        page.wait_for_url(f"**{WEBHOOKS}")
        expect(page.get_by_text("No webhook yet")).to_be_visible()


def test_what_failed_is_filtered_read_as_text_and_sent_again(
    browser: Browser, gateway: Served, receiver: str
) -> None:
    with gateway.client() as http:
        made = http.post("/api/v1/webhooks", json={"url": f"{receiver}/bad"}).json()
        http.post(f"/api/v1/webhooks/{made['id']}/test")
    with at(browser, gateway, f"{WEBHOOKS}/{made['id']}") as page:
        expect(page.locator("#deliveries").get_by_text("Failed").nth(1)).to_be_visible()
        page.reload()
        expect(page.get_by_text("It answered 410 (gone).")).to_be_visible()
        page.get_by_role("button", name="Turn on").click()
        expect(page.get_by_role("button", name="Turn off")).to_be_visible()
        with gateway.client() as http:
            http.patch(f"/api/v1/webhooks/{made['id']}", json={"url": f"{receiver}/good"})
        page.get_by_role("navigation", name="Which deliveries").get_by_role(
            "link", name="Failed"
        ).click()
        expect(page.get_by_role("heading", name="Deliveries")).to_be_visible()
        page.get_by_role("link", name="webhook.test").click()
        expect(page.get_by_text("It answered 410: gone")).to_be_visible()
        check_page(page, "delivery-failed")
        page.go_back()
        page.get_by_role("button", name="Send failed again").click()
        page.get_by_role("dialog").get_by_role("button", name="Send again").click()
        expect(page.get_by_text("1 delivery is sent again.")).to_be_visible()
        page.goto(WEBHOOKS)
        page.get_by_role("button", name="Show it").click()
        expect(page.locator(".secret code")).to_have_count(1)
        page.get_by_role("button", name="Rotate").click()
        page.get_by_role("dialog").get_by_role("button", name="Rotate").click()
        expect(page.locator(".secret code")).to_have_count(2)
        check_page(page, "webhooks")


def test_providers_are_looked_at_and_asked_again(browser: Browser, gateway: Served) -> None:
    with at(browser, gateway, "/dashboard/providers") as page:
        page.get_by_role("button", name="Ask all again").focus()
        page.keyboard.press("Enter")
        expect(page.get_by_text("Every provider was asked.")).to_be_visible()
        embedded = page.locator(".provider", has=page.get_by_role("heading", name="embedded"))
        expect(embedded.get_by_text("Ok")).to_be_visible()
        page.get_by_text("Not set up (").first.click()
        expect(page.get_by_text("flexura providers add FAL_KEY")).to_be_visible()
        check_page(page, "providers")


def test_agents_tell_what_is_installed_and_how(browser: Browser, gateway: Served) -> None:
    with at(
        browser, gateway, "/dashboard/agents", permissions=["clipboard-read", "clipboard-write"]
    ) as page:
        codex = page.locator(".agent", has=page.get_by_role("heading", name="Codex"))
        expect(codex.get_by_text("Installed")).to_have_count(1)
        expect(codex.get_by_text("~/.codex/config.toml")).to_be_visible()
        expect(page.locator(".agent", has_text="Cursor").get_by_text("Found here")).to_be_visible()
        codex.get_by_role("button", name="Copy").click()
        told = page.evaluate("() => navigator.clipboard.readText()")
        assert told == "flexura install --target codex"
        check_page(page, "agents")
        page.get_by_role("link", name="By HTTP").click()
        expect(codex.get_by_text("--transport http --url")).to_be_visible()


def test_a_stranger_to_the_machine_sees_the_commands_alone(
    browser: Browser, gateway: Served
) -> None:
    with gateway.client() as http:
        key = http.post("/api/v1/workspaces", json={"name": "acme"}).json()["key"]
    with at(browser, gateway, "/dashboard/agents", key=key) as page:
        expect(page.get_by_role("heading", name="On your machine")).to_be_visible()
        assert "config.toml" in page.content() and "Installed" not in page.inner_text("main")
        check_page(page, "agents-shared")


def test_the_empty_page_of_webhooks_looks_well(browser: Browser, gateway: Served) -> None:
    with gateway.client() as http:
        key = http.post("/api/v1/workspaces", json={"name": "empty"}).json()["key"]
    with at(browser, gateway, WEBHOOKS, key=key) as page:
        check_page(page, "webhooks-empty")
