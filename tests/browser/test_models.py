"""The models pages in Chromium: found, tried, priced, ordered; with the keyboard alone; every look."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from acceptance.gateway_process import Served, served
from browser_house import at, browser, check_looks, look, needs_chromium
from doubles import png

__all__ = ["browser"]
pytestmark = needs_chromium


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("home")) as found:
        with found.client() as http:
            for number in range(4):
                body = {
                    "prompt": f"a harbour at dawn {number}",
                    "model": "embedded:canvas",
                    "options": {"size": f"{64 + 16 * number}x64"},
                }
                made = http.post("/api/generate/image?wait=30", json=body)
                assert made.status_code == 200, made.text
        yield found


def test_one_finds_a_model_fills_in_its_form_sees_the_price_and_orders(
    browser: Browser, gateway: Served
) -> None:
    with at(browser, gateway, "/dashboard/models?prompt=a+lighthouse") as page:
        page.fill("#q", "canvas")
        expect(page.locator("#models tbody tr")).to_have_count(1)
        assert "q=canvas" in page.url
        page.locator("#models tbody a").first.click()
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert page.input_value("#prompt") == "a lighthouse"
        expect(page.locator("#price")).to_contain_text("Free")
        page.fill("#n", "2")
        assert page.input_value("[data-slides=n]") == "2"
        for key in ("width", "height"):
            page.locator(f'[name="o.{key}"]').fill("64")
        page.get_by_role("button", name="Make it").click()
        page.wait_for_url(re.compile(r"/dashboard/jobs/job_"))


def test_a_value_that_the_model_does_not_take_is_told_before_and_after(
    browser: Browser, gateway: Served
) -> None:
    with at(browser, gateway, "/dashboard/models/embedded:canvas") as page:
        page.fill("#prompt", "a fox")
        page.locator('[name="o.width"]').fill("999999")
        page.get_by_role("button", name="Make it").click()
        assert page.locator('[name="o.width"]:invalid').count() == 1
        page.evaluate("() => { document.getElementById('try').noValidate = true; }")
        page.get_by_role("button", name="Make it").click()
        expect(page.get_by_role("alert")).to_contain_text("Nothing was ordered")
        assert page.input_value('[name="o.width"]') == "999999"
        assert page.input_value("#prompt") == "a fox"


def test_an_input_is_chosen_from_the_latest_or_uploaded(
    browser: Browser, gateway: Served, tmp_path: Path
) -> None:
    with at(browser, gateway, "/dashboard/models/embedded:retouch") as page:
        page.get_by_role("button", name="Choose from the latest").first.click()
        expect(page.locator("#picker .latest img").first).to_be_visible()
        look(page, "models-picker")
        page.locator(".latest-one").first.click()
        field = page.locator(".slot textarea").first
        assert field.input_value().startswith("art_")
        mine = tmp_path / "mine.png"
        mine.write_bytes(png(8, 8))
        page.set_input_files("#upload", [])
        with page.expect_file_chooser() as chooser:
            page.get_by_role("button", name="Upload").first.click()
        chooser.value.set_files(mine)
        expect(page.locator(".slot-says").first).to_contain_text("is uploaded")
        wrong = tmp_path / "wrong.png"
        wrong.write_text("no picture")
        with page.expect_file_chooser() as chooser:
            page.get_by_role("button", name="Upload").first.click()
        chooser.value.set_files(wrong)
        expect(page.locator(".slot-says").first).not_to_contain_text("Uploading")
        assert "uploaded" not in page.locator(".slot-says").first.inner_text()


def test_a_model_is_tried_with_the_keyboard_alone(browser: Browser, gateway: Served) -> None:
    with at(browser, gateway, "/dashboard/models?q=canvas") as page:
        link = page.locator("#models tbody a").first
        link.focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**/dashboard/models/embedded:canvas")
        page.locator("#prompt").focus()
        page.keyboard.type("a boat")
        for _ in range(60):
            page.keyboard.press("Tab")
            if page.evaluate("() => document.activeElement.id") == "order":
                break
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile(r"/dashboard/jobs/job_"))


def test_the_models_look_well_everywhere(browser: Browser, gateway: Served) -> None:
    check_looks(browser, gateway, "/dashboard/models", "models")


def test_a_model_looks_well_everywhere(browser: Browser, gateway: Served) -> None:
    check_looks(browser, gateway, "/dashboard/models/embedded:canvas?prompt=a+fox", "model")
