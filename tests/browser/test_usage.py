"""The usage page in Chromium: plots that tell, also by arrow keys; every look."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from acceptance.gateway_process import Served, served
from browser_house import at, browser, check_looks, needs_chromium
from storage_house import fill

__all__ = ["browser"]
pytestmark = needs_chromium
DAY = 86_400_000
JOBS = 1500


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    home = tmp_path_factory.mktemp("home")
    with served(home) as found:
        history(home / "flexura.db", found)
        yield found


def history(path: Path, gateway: Served) -> None:
    """Some weeks of orders, as the ledger has them, and two budgets."""
    with gateway.client() as http:
        key = http.get("/api/v1/keys").json()["keys"][0]["id"]
        assert http.post("/api/v1/budgets", json={"period": "month", "credits": 40000}).is_success
        spent = {"period": "day", "credits": 50, "key_id": key}
        assert http.post("/api/v1/budgets", json=spent).is_success
    with closing(sqlite3.connect(path)) as reader:
        (workspace,) = reader.execute("SELECT id FROM workspaces").fetchone()
    now = int(time.time() * 1000)
    models = "atelier:brush-4 studio:lumen/large studio:lumen/small foundry:reel-2-with-a-long-name"
    names = " ".join(f"WHEN {i} THEN '{name}'" for i, name in enumerate(models.split()))
    fill(
        path,
        JOBS,
        workspace_id=f"'{workspace}'",
        created_at=f"{now} - (n * n * 7919 % 33) * {DAY} - n * 1000",
        model_id=f"CASE n % 7 % 4 {names} END",
        key_id=f"CASE n % 3 WHEN 0 THEN '' ELSE '{key}' END",
        project="CASE n % 4 WHEN 0 THEN '' ELSE 'prj_' || (n % 4) END",
    )
    with closing(sqlite3.connect(path)) as writer, writer:
        writer.execute(
            "INSERT INTO credit_entries (id, workspace_id, kind, at, granted, reserved, spent, job_id,"
            " key_id, note, budgets) SELECT 'cr_' || id, workspace_id, 'settle', finished_at, 0, 0,"
            " (1 + length(model_id) % 5) * 4000000, id, key_id, '', '[]' FROM jobs"
            " WHERE state = 'completed'"
        )


def test_a_bar_tells_its_day_by_pointer_and_by_arrow_keys(
    browser: Browser, gateway: Served
) -> None:
    with at(browser, gateway, "/dashboard/usage") as page:
        says = page.locator(".plot-says").first
        whole = says.inner_text()
        assert "in 30 days" in whole
        bars = page.locator(".plot").first.locator(".plot-bar")
        bars.nth(20).hover()
        expect(says).not_to_have_text(whole)
        bars.last.focus()
        last = says.inner_text()
        page.keyboard.press("ArrowLeft")
        expect(says).not_to_have_text(last)
        page.keyboard.press("Home")
        assert page.evaluate("() => document.activeElement.matches(':first-of-type')")


def test_the_time_is_changed_and_the_csv_comes(browser: Browser, gateway: Served) -> None:
    with at(browser, gateway, "/dashboard/usage") as page:
        page.get_by_role("link", name="90 days").click()
        expect(page.get_by_role("link", name="90 days")).to_have_attribute("aria-current", "page")
        page.get_by_text("By day, as a table").click()
        expect(page.locator(".days .table")).to_be_visible()
        page.get_by_role("link", name="All workspaces").click()
        expect(page.get_by_role("heading", name="By workspace")).to_be_visible()
        with page.expect_download() as download:
            page.get_by_role("link", name="Download CSV").click()
        assert download.value.suggested_filename.endswith("-90d.csv")


def test_the_usage_looks_well_everywhere(browser: Browser, gateway: Served) -> None:
    check_looks(browser, gateway, "/dashboard/usage", "usage")
