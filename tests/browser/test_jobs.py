"""Jobs in Debian's Chromium: live, decided, ordered again, by mouse and by keyboard alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from acceptance.gateway_process import Served, served
from browser_house import at, browser, check_looks, check_page, faults, look, needs_chromium

__all__ = ["browser"]
pytestmark = needs_chromium
JOBS = "/dashboard/jobs"
LONG = "An unusually long prompt about a lighthouse: " + "waves, wind, light, " * 12
MEAN = '"><img src=x onerror=alert(1)><script>alert(2)</script>'
PICK = {
    "slug": "pick",
    "inputs": [{"id": "subject", "type": "TEXT"}],
    "steps": [
        {
            "id": "draw",
            "uses": "image",
            "prompt": "{{inputs.subject}}",
            "options": {"size": "64x64"},
            "n": 3,
        },
        {"id": "choose", "uses": "approve"},
    ],
}
CANVAS = {"model": "embedded:canvas", "options": {"size": "64x64"}}


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    home = tmp_path_factory.mktemp("home")
    (home / "press").mkdir()
    (home / "config.toml").write_text(
        f'[destinations.press]\ntype = "folder"\npath = "{home / "press"}"\n'
    )
    with served(home, FLEXURA_OFFLINE="1") as found:
        with found.client() as http:
            assert http.post("/api/v1/templates", json=PICK).status_code == 201
        for prompt in (LONG, MEAN, "a fox in the snow"):
            made(found, prompt)
        made(found, "rain on a roof", "audio", options={"kind": "sfx", "seconds": 1})
        yield found


def ordered(gateway: Served, prompt: str, kind: str = "image", **body: Any) -> str:
    with gateway.client() as http:
        sent = {"prompt": prompt, **(body or CANVAS)}
        answer = http.post(f"/api/generate/{kind}", json=sent)
        assert answer.status_code == 202, answer.text
        return answer.json()["job_id"]


def made(gateway: Served, prompt: str, kind: str = "image", **body: Any) -> str:
    job_id = ordered(gateway, prompt, kind, **body)
    with gateway.client() as http:
        assert http.get(f"/api/jobs/{job_id}?wait=60").json()["status"] == "completed"
    return job_id


def asking(gateway: Served, **body: Any) -> str:
    """A run whose candidates wait for somebody."""
    with gateway.client() as http:
        sent = {"inputs": {"subject": "a fox"}, "wait": 60, **body}
        answer = http.post("/api/v1/templates/pick/runs", json=sent)
        assert answer.json()["phase"] == "awaiting_approval", answer.text
        return answer.json()["job_id"]


def slow(gateway: Served) -> str:
    """A job that takes some seconds."""
    options = {"seconds": 12, "size": "640x360", "fps": 30}
    return ordered(gateway, "a slow film", "video", model="embedded:motion", options=options)


def mark(page: Page) -> None:
    """So that a page that is loaded again is known."""
    page.evaluate("() => { window.untouched = true; }")


def untouched(page: Page) -> bool:
    return bool(page.evaluate("() => window.untouched === true"))


def yes(page: Page, name: str) -> None:
    """Agree in our own dialog."""
    dialog = page.locator("#confirm")
    expect(dialog).to_be_visible()
    dialog.get_by_role("button", name=name, exact=True).click()


def test_an_order_appears_on_the_open_page_and_completes_there(
    browser: Browser, gateway: Served
) -> None:
    with at(browser, gateway, JOBS) as page:
        mark(page)
        expect(page.locator("[data-live-state=on]")).to_be_attached()
        job_id = ordered(gateway, "an owl that nobody expected")
        row = page.locator(f"tr#{job_id}")
        expect(row).to_contain_text("an owl that nobody expected")
        expect(row).to_contain_text("Completed")
        expect(row.locator("img")).to_be_visible()
        assert page.locator("tbody tr").first.get_attribute("id") == job_id
        assert untouched(page)
        assert page.locator("img[src=x]").count() == 0
        page.get_by_role("link", name="Failed", exact=True).click()
        expect(page.get_by_text("Nothing failed")).to_be_visible()
    with at(browser, gateway) as page:
        mark(page)
        expect(page.locator("[data-live-state=on]")).to_be_attached()
        job_id = ordered(gateway, "a heron for the first page")
        expect(page.locator(f"tr#{job_id}")).to_contain_text("Completed")
        expect(page.locator("#latest").get_by_title("a heron for the first page")).to_be_visible()
        assert untouched(page)


def test_a_running_job_moves_and_is_canceled_and_ordered_again(
    browser: Browser, gateway: Served
) -> None:
    job_id = slow(gateway)
    with at(browser, gateway, JOBS) as page:
        mark(page)
        row = page.locator(f"tr#{job_id}")
        expect(row).to_contain_text("Running")
        expect(row.locator("progress")).to_be_visible()
        row.get_by_role("button", name="Cancel").click()
        page.locator("#confirm").get_by_role("button", name="Cancel", exact=True).click()
        expect(row).to_contain_text("Running")
        row.get_by_role("button", name="Cancel").click()
        yes(page, "Cancel the job")
        expect(row).to_contain_text("Canceled")
        assert untouched(page)
        row.get_by_role("button", name="Order again").click()
        dialog = page.locator("#job-dialog")
        expect(dialog).to_contain_text("Order the same again?")
        look(page, "again")
        dialog.get_by_role("button", name="Order", exact=False).click()
        page.wait_for_url(f"**{JOBS}/job_*")
        assert job_id not in page.url
        mark(page)
        page.get_by_role("button", name="Cancel").first.click()
        yes(page, "Cancel the job")
        expect(page.locator("#job-state")).to_contain_text("Canceled")
        assert untouched(page)


def test_candidates_are_picked_and_the_page_follows_to_the_end(
    browser: Browser, gateway: Served
) -> None:
    with at(browser, gateway, f"{JOBS}/{asking(gateway, publish=['press'])}") as page:
        mark(page)
        page.get_by_label("Number 2").check()
        page.get_by_role("button", name="Approve the ticked ones").click()
        expect(page.locator("#job-state")).to_contain_text("Published")
        expect(page.locator("#job-outputs img")).to_have_count(3)
        expect(page.locator("#job-steps .step.done")).to_have_count(3)
        expect(page.locator("#job-approval")).not_to_contain_text("Which of these")
        assert untouched(page)
    with at(browser, gateway, f"{JOBS}/{asking(gateway)}") as page:
        page.get_by_role("button", name="Approve all 3").click()
        yes(page, "Approve all")
        expect(page.locator("#job-state")).to_contain_text("Completed")
    with at(browser, gateway, f"{JOBS}/{asking(gateway)}") as page:
        page.get_by_role("button", name="Reject all").click()
        yes(page, "Reject all")
        expect(page.locator("#job-state")).to_contain_text("Canceled")


def test_a_publish_time_is_set_and_taken_back(browser: Browser, gateway: Served) -> None:
    with at(browser, gateway, f"{JOBS}/{asking(gateway, publish=['press'])}") as page:
        page.get_by_role("button", name="Set a publish time").click()
        page.get_by_label("Day and time").fill("2040-05-01T09:00")
        page.get_by_role("button", name="Set", exact=True).click()
        expect(page.get_by_role("button", name="Change the publish time")).to_be_visible()
        page.get_by_label("Number 1").check()
        page.get_by_role("button", name="Approve the ticked ones").click()
        expect(page.locator("#job-state")).to_contain_text("Scheduled")
        page.get_by_role("button", name="Change the publish time").click()
        assert page.get_by_label("Day and time").input_value() == "2040-05-01T09:00"
        page.get_by_role("button", name="Take the time back").click()
        page.get_by_role("button", name="Publish now").click()
        yes(page, "Publish now")
        expect(page.locator("#job-state")).to_contain_text("Published")


def test_a_result_is_published_and_its_order_kept(browser: Browser, gateway: Served) -> None:
    job_id = made(gateway, "a kite to keep")
    with at(browser, gateway, f"{JOBS}/{job_id}") as page:
        page.get_by_role("button", name="Publish").click()
        page.get_by_label("press").check()
        look(page, "publish")
        page.locator("#job-dialog").get_by_role("button", name="Publish").click()
        page.wait_for_url(f"**{JOBS}/job_*")
        expect(page.locator("#job-state")).to_contain_text("Published")
        page.goto(f"{JOBS}/{job_id}")
        page.get_by_role("button", name="Save as template").click()
        page.get_by_label("Name", exact=True).fill("")
        page.get_by_label("Short name").fill("kite")
        page.get_by_label("Name", exact=True).fill("Kite")
        page.locator("#job-dialog").get_by_role("button", name="Save").click()
        page.wait_for_url("**/dashboard/templates/kite")


def test_the_keyboard_alone_is_enough(browser: Browser, gateway: Served) -> None:
    job_id = made(gateway, "a hare by keyboard")
    with at(browser, gateway, JOBS) as page:
        for _ in range(60):
            page.keyboard.press("Tab")
            if page.evaluate("() => document.activeElement.id") == f"open-{job_id}":
                break
        page.keyboard.press("Enter")
        page.wait_for_url(f"**{JOBS}/{job_id}")
        page.locator("#main").focus()
        for _ in range(20):
            page.keyboard.press("Tab")
            if page.evaluate("() => document.activeElement.id") == "act-again":
                break
        page.keyboard.press("Enter")
        dialog = page.locator("#job-dialog")
        expect(dialog).to_be_visible()
        page.keyboard.press("Escape")
        expect(dialog).to_be_hidden()
        assert page.evaluate("() => document.activeElement.id") == "act-again"
        page.keyboard.press("Enter")
        expect(dialog.locator(".primary")).to_be_focused()
        page.keyboard.press("Enter")
        page.wait_for_function(f"() => !location.pathname.endsWith('{job_id}')")
        expect(page.locator("#job-state")).to_contain_text("Completed")


def test_every_page_looks_right(browser: Browser, gateway: Served) -> None:
    asked = asking(gateway)
    check_looks(browser, gateway, JOBS, "jobs")
    check_looks(browser, gateway, f"{JOBS}/{asked}", "job-asking")
    film = made(
        gateway, "a film", "video", model="embedded:motion",
        options={"seconds": 1, "size": "256x144"},
    )  # fmt: skip
    with at(browser, gateway, f"{JOBS}/{film}") as page:
        page.locator("video").evaluate("video => { video.muted = true; return video.play(); }")
        look(page, "job-film")
        assert faults(page) == []
    with at(browser, gateway) as page:
        expect(page.get_by_text("Waits for an approval.").first).to_be_visible()
        check_page(page, "overview")
