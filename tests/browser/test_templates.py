"""Templates in Debian's Chromium: filled in, priced, run, written and deleted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from acceptance.gateway_process import Served, served
from browser_house import at, browser, check_looks, check_page, look, needs_chromium
from doubles import png

__all__ = ["browser"]
pytestmark = needs_chromium
TEMPLATES = "/dashboard/templates"
SMALL = {"options": {"size": "64x64"}}
POSTER: dict[str, Any] = {
    "slug": "poster",
    "name": "Poster of an animal",
    "description": "A picture in a mood, from words.",
    "inputs": [
        {"id": "subject", "type": "TEXT", "description": "What it shows."},
        {"id": "mood", "type": "CHOICE", "choices": ["calm", "wild"], "default": "calm"},
        {"id": "amount", "type": "NUMBER", "minimum": 1, "maximum": 4, "default": 1},
        {"id": "photo", "type": "IMAGE_URL", "required": False},
    ],
    "steps": [{"id": "draw", "uses": "image", "prompt": "{{inputs.subject}}", **SMALL}],
}
CARDS: dict[str, Any] = {
    "slug": "cards",
    "name": "Cards",
    "inputs": [{"id": "items", "type": "TEXT", "many": True, "most": 5}],
    "steps": [
        {
            "id": "draw",
            "uses": "image",
            "prompt": "{{item.title}}, {{item.ground}}",
            "each": "{{inputs.items}}",
            **SMALL,
        }
    ],
}


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    home = tmp_path_factory.mktemp("home")
    with served(home, FLEXURA_OFFLINE="1") as found, found.client() as http:
        for document in (POSTER, CARDS):
            assert http.post("/api/v1/templates", json=document).status_code == 201
        sent = {"prompt": "a heron to choose", "model": "embedded:canvas", **SMALL}
        made = http.post("/api/generate/image?wait=60", json=sent)
        assert made.json()["status"] == "completed", made.text
        yield found


def test_a_form_is_filled_in_priced_and_run(
    browser: Browser, gateway: Served, tmp_path: Path
) -> None:
    with at(browser, gateway, TEMPLATES) as page:
        expect(page.locator("#price-poster")).to_have_text("free")
        page.get_by_role("link", name="Poster of an animal").click()
        expect(page.locator("#price")).to_contain_text("Fill in what is needed")
        page.get_by_label("Subject").fill("a stork")
        expect(page.locator("#price")).to_contain_text("Free")
        page.get_by_label("wild").check()
        page.get_by_role("button", name="Choose from the latest").click()
        page.locator("#picker [data-choose]").first.click()
        assert page.get_by_label("Photo").input_value().startswith("art_")
        chosen = page.get_by_label("Photo").input_value()
        picture = tmp_path / "one.png"
        picture.write_bytes(png(32, 32))
        with page.expect_file_chooser() as chooser:
            page.get_by_role("button", name="Upload").click()
        chooser.value.set_files(picture)
        expect(page.locator(".slot-says")).to_contain_text("is uploaded")
        assert page.get_by_label("Photo").input_value() not in ("", chosen)
        look(page, "template-filled")
        page.get_by_role("button", name="Run", exact=True).click()
        page.wait_for_url("**/dashboard/jobs/job_*")
        expect(page.locator("#job-state")).to_contain_text("Completed")
        expect(page.locator("#job-outputs img")).to_be_visible()


def test_what_is_wrong_is_told_at_the_field(browser: Browser, gateway: Served) -> None:
    with at(browser, gateway, f"{TEMPLATES}/poster") as page:
        page.get_by_label("Subject").fill("a stork")
        page.get_by_label("Photo").fill("art_that_is_not_there")
        expect(page.locator("#price .bad")).to_be_visible()
        page.get_by_role("button", name="Run", exact=True).click()
        expect(page.get_by_role("alert").first).to_be_visible()
        assert page.get_by_label("Photo").get_attribute("aria-invalid") == "true"
        assert page.get_by_label("Subject").input_value() == "a stork"
        check_page(page, "template-refused")


def test_lines_are_added_by_keyboard_and_each_is_made(browser: Browser, gateway: Served) -> None:
    with at(browser, gateway, f"{TEMPLATES}/cards") as page:
        page.locator("input[name='v.items.0.ground']").focus()
        page.keyboard.type("snow")
        page.keyboard.press("Tab")
        page.keyboard.type("fox")
        for _ in range(8):
            page.keyboard.press("Tab")
            if page.evaluate("() => 'addRow' in document.activeElement.dataset"):
                break
        page.keyboard.press("Enter")
        page.keyboard.type("moss")
        page.keyboard.press("Tab")
        page.keyboard.type("owl")
        page.keyboard.press("Enter")
        page.wait_for_url("**/dashboard/jobs/job_*")
        expect(page.locator("#job-outputs img")).to_have_count(2)
        expect(page.locator("#job-steps .step-jobs li")).to_have_count(2)


def test_a_template_is_written_changed_and_deleted(browser: Browser, gateway: Served) -> None:
    with at(browser, gateway, TEMPLATES) as page:
        page.get_by_role("link", name="New template").click()
        page.get_by_label("Template").fill("slug: [x")
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_role("alert")).to_be_visible()
        assert page.get_by_label("Template").input_value() == "slug: [x"
        check_page(page, "template-write")
        text = "slug: mine\nname: Mine\nsteps:\n- id: draw\n  uses: image\n  prompt: a fox\n"
        page.get_by_label("Template").fill(text)
        page.get_by_role("button", name="Save").click()
        page.wait_for_url(f"**{TEMPLATES}/mine")
        page.get_by_role("link", name="Edit").click()
        page.get_by_label("Template").fill(text.replace("a fox", "an owl"))
        page.get_by_role("button", name="Save").click()
        page.wait_for_url(f"**{TEMPLATES}/mine")
        expect(page.get_by_role("heading", name="Versions")).to_be_visible()
        page.get_by_text("YAML", exact=True).click()
        expect(page.locator("pre").first).to_contain_text("an owl")
        page.get_by_role("button", name="Delete").click()
        page.locator("#confirm").get_by_role("button", name="Delete").click()
        page.wait_for_url(f"**{TEMPLATES}")
        expect(page.get_by_role("link", name="Mine", exact=True)).to_have_count(0)


def test_the_list_looks_right(browser: Browser, gateway: Served) -> None:
    check_looks(browser, gateway, TEMPLATES, "templates")
