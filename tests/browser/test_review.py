"""Reviewing in Debian's Chromium: side by side, one over the other, in step; picked, the rest put away."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from acceptance.gateway_process import Served, served
from browser_house import PHONE, at, browser, check_looks, faults, look, needs_chromium, overflow

__all__ = ["browser"]
pytestmark = needs_chromium
REVIEW = "/dashboard/review"


@dataclass
class Made:
    gateway: Served
    pictures: str
    sounds: str
    films: str


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    with served(tmp_path_factory.mktemp("home")) as gateway, gateway.client() as http:

        def order(kind: str, prompt: str, **options: Any) -> str:
            body = {"prompt": prompt, "n": options.pop("n", 2), "options": options}
            answer = http.post(f"/api/generate/{kind}?wait=60", json=body)
            assert answer.json()["status"] == "completed", answer.text
            return str(answer.json()["job_id"])

        pictures = order("image", "a paper boat on a pond", n=3, size="320x200")
        sounds = order("audio", "a short bell", seconds=1)
        yield Made(gateway, pictures, sounds, order("video", "waves", size="256x144", seconds=1))


def test_two_are_laid_one_over_the_other_and_all_are_zoomed_together(
    browser: Browser, made: Made
) -> None:
    with at(browser, made.gateway, f"{REVIEW}/{made.pictures}") as page:
        page.locator(".variant .viewer[data-ready]").first.focus()
        page.keyboard.press("+")
        page.keyboard.press("ArrowLeft")
        moved = "() => new Set([...document.querySelectorAll('.variant img')]"
        moved += ".map((one) => one.style.transform)).size"
        assert page.evaluate(moved) == 1
        expect(page.locator("[data-zoom-told]")).to_have_text("125 %")
        page.keyboard.press("s")
        slider = page.get_by_role("slider", name="How much of the left one is seen")
        slider.focus()
        clip = "() => document.querySelector('#swipe .over').style.clipPath"
        before = page.evaluate(clip)
        page.keyboard.press("ArrowRight")
        assert page.evaluate(clip) != before
        page.select_option('[data-side="b"]', "3")
        box = page.locator("#swipe .stage").bounding_box()
        assert box is not None and box["height"] > 100
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 50)
        page.mouse.down()
        page.mouse.move(box["x"] + box["width"] / 4, box["y"] + 50)
        page.mouse.up()
        assert 20 <= int(slider.input_value()) <= 30
        assert faults(page) == []
        look(page, "review-swipe")
        page.get_by_role("button", name="Side by side").click()
        expect(page.locator("#swipe")).to_be_hidden()


def test_one_is_picked_by_its_number_and_the_rest_goes_and_comes_back(
    browser: Browser, made: Made
) -> None:
    with at(browser, made.gateway, REVIEW) as page:
        page.get_by_role("link", name="a paper boat").click()
        page.wait_for_selector(".variant .viewer[data-ready]")
        page.keyboard.press("2")
        expect(page.locator(".variant.picked .number")).to_have_text("2")
        look(page, "review-picked")
        page.get_by_role("button", name="The rest to the trash").click()
        expect(page.locator(".variant.away")).to_have_count(2)
        look(page, "review-away")
        page.get_by_role("button", name="Restore").first.click()
        expect(page.locator(".variant.away")).to_have_count(1)
        page.get_by_role("button", name="Restore").first.click()
        expect(page.locator(".variant.away")).to_have_count(0)
        with page.context.expect_page() as opened:
            page.get_by_role("link", name="One sheet").click()
        opened.value.wait_for_load_state()
        assert opened.value.url.endswith("/sheet")


def test_sounds_go_on_where_the_other_one_was(browser: Browser, made: Made) -> None:
    with at(browser, made.gateway, f"{REVIEW}/{made.sounds}") as page:
        page.wait_for_selector(".player .wave path.all", state="attached")
        ready = "() => [...document.querySelectorAll('[data-player]')].every((b) => b.audio?.readyState > 0)"
        page.wait_for_function(ready)
        page.keyboard.press("s")
        playing = "(n) => !document.querySelectorAll('[data-player]')[n].audio.paused"
        page.wait_for_function(playing, arg=0)
        page.keyboard.press("s")
        page.wait_for_function(playing, arg=1)
        assert page.evaluate("() => document.querySelectorAll('[data-player]')[0].audio.paused")
        assert faults(page) == []
        look(page, "review-audio")


def test_films_run_together(browser: Browser, made: Made) -> None:
    with at(browser, made.gateway, f"{REVIEW}/{made.films}") as page:
        page.keyboard.press("k")
        page.wait_for_function(
            "() => [...document.querySelectorAll('.variant video')].every((v) => !v.paused)"
        )
        page.keyboard.press("k")
        apart = "() => { const [a, b] = document.querySelectorAll('.variant video');"
        apart += " return Math.abs(a.currentTime - b.currentTime) }"
        assert page.evaluate(apart) < 0.5
        look(page, "review-video")


def test_every_look_of_reviewing(browser: Browser, made: Made) -> None:
    check_looks(browser, made.gateway, f"{REVIEW}/{made.pictures}", "review-one")
    with at(browser, made.gateway, REVIEW) as page:
        check(page, "review-list")
    with at(browser, made.gateway, REVIEW, scheme="dark", size=PHONE) as page:
        check(page, "review-list-dark-phone")


def check(page: Page, name: str) -> None:
    look(page, name)
    assert faults(page) == [] and overflow(page) <= 0
