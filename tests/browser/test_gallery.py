"""The gallery in Debian's Chromium: scrolled, searched, walked by keyboard, played, thrown away."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from acceptance.gateway_process import Served, served
from browser_house import PHONE, at, browser, check_looks, faults, look, needs_chromium, overflow
from gallery_house import filled

__all__ = ["browser"]
pytestmark = needs_chromium
GALLERY = "/dashboard/gallery"
MANY = 130
MEAN = '"><img src=x onerror=alert(1)><script>alert(2)</script>'


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    home = tmp_path_factory.mktemp("home")
    with served(home) as found:
        with found.client() as http:
            for prompt in ("a lighthouse at dusk", "a heron in the reeds"):
                order(http, "image", prompt, {"size": "256x160"})
            order(http, "audio", "rain on a tin roof", {"seconds": 2})
            order(http, "video", "a red kite over the hills", {"size": "256x144", "seconds": 1})
            order(http, "image", MEAN, {"size": "64x64"})
        filled(home / "flexura.db", MANY)
        yield found


def order(http: object, kind: str, prompt: str, options: dict[str, object]) -> None:
    answer = http.post(  # type: ignore[attr-defined]
        f"/api/generate/{kind}?wait=60",
        json={"prompt": prompt, "options": options},
    )
    assert answer.status_code == 200 and answer.json()["status"] == "completed", answer.text


def shown(page: Page) -> int:
    return page.locator("#tiles .tile").count()


def current(page: Page) -> int:
    """Which tile has the focus, from 0 on."""
    return int(
        page.evaluate(
            "() => [...document.querySelectorAll('#tiles .tile')]"
            ".indexOf(document.activeElement.closest('.tile'))"
        )
    )


def test_scrolling_brings_more_until_all_are_there(browser: Browser, gateway: Served) -> None:
    with at(browser, gateway, f"{GALLERY}?q=meadow") as page:
        assert shown(page) == 48
        height = page.evaluate(
            "() => document.querySelector('.tile').getBoundingClientRect().height"
        )
        for _ in range(12):
            page.mouse.wheel(0, 6000)
            page.wait_for_timeout(120)
            if shown(page) == MANY:
                break
        expect(page.locator("#tiles .tile")).to_have_count(MANY)
        after = page.evaluate(
            "() => document.querySelector('.tile').getBoundingClientRect().height"
        )
        assert height == after, "a tile jumped"
        assert page.locator("#more a").count() == 0


def test_search_finds_while_one_types_and_stays_in_the_address(
    browser: Browser, gateway: Served
) -> None:
    with at(browser, gateway, GALLERY) as page:
        page.keyboard.press("/")
        page.keyboard.type("HERO")
        expect(page.locator("#tiles .tile")).to_have_count(1)
        assert page.url.endswith("/dashboard/gallery?q=HERO")
        assert page.evaluate("() => document.activeElement.id") == "f-q"
        page.reload()
        expect(page.locator("#tiles .caption")).to_have_text("a heron in the reeds")
        page.fill("#f-q", "img onerror")
        expect(page.locator("#tiles .caption")).to_contain_text("<script>")
        page.fill("#f-q", "")
        page.select_option("#f-kind", "video")
        expect(page.locator("#count")).to_have_text("1 file")
        page.fill("#f-q", "nothing like this")
        expect(page.get_by_role("heading", name="Nothing found")).to_be_visible()
        page.locator("summary").click()
        page.select_option("#f-origin", "upload")
        expect(page.locator("#count")).to_have_text("0 files")
        look(page, "gallery-nothing")
        assert faults(page) == []


def test_everything_is_done_with_the_keyboard_alone(browser: Browser, gateway: Served) -> None:
    with at(browser, gateway, f"{GALLERY}?q=meadow") as page:
        page.locator("#tiles .open").first.focus()
        wide = page.evaluate(
            "() => { const t = [...document.querySelectorAll('.tile')];"
            " return t.findIndex((one) => one.offsetTop !== t[0].offsetTop) }"
        )
        for key, place in (("ArrowRight", 1), ("j", wide + 1), ("h", wide), ("k", 0), ("l", 1)):
            page.keyboard.press(key)
            assert current(page) == place, key
        assert page.locator('#tiles .open[tabindex="0"]').count() == 1
        page.keyboard.press("Space")
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowRight")
        page.keyboard.press("Shift+Space")
        expect(page.locator("#selected-count")).to_have_text("3 selected")
        assert page.locator('.cell[aria-selected="true"]').count() == 3
        look(page, "gallery-selected")
        assert faults(page) == []
        page.keyboard.press("Escape")
        expect(page.locator("#selected")).to_be_hidden()
        page.keyboard.press("?")
        expect(page.locator("#keys")).to_be_visible()
        look(page, "gallery-keys")
        page.keyboard.press("Escape")
        page.keyboard.press("x")
        gone = page.locator(".tile.on").get_attribute("data-id") or ""
        page.keyboard.press("d")
        expect(page.locator(f"#t-{gone}")).to_have_count(0)
        assert current(page) == 3, "the focus is lost"
        page.get_by_role("button", name="Undo").press("Enter")
        expect(page.locator(".toast")).to_contain_text("restored")
        page.goto(f"{GALLERY}?q=meadow")
        expect(page.locator(f"#t-{gone}")).to_have_count(1)
        page.locator("#tiles .open").first.focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**/gallery/art_*")
        page.keyboard.press("n")
        page.wait_for_function("() => document.querySelector('#newer')")
        page.keyboard.press("Escape")
        page.wait_for_url("**/gallery?q=meadow")
        page.wait_for_function("() => document.activeElement.matches('#tiles .open')")
        assert current(page) == 1, "it goes on at the file that was left"


def test_files_are_chosen_by_click_downloaded_and_deleted_for_ever(
    browser: Browser, gateway: Served, tmp_path: Path
) -> None:
    with at(browser, gateway, f"{GALLERY}?q=meadow", accept_downloads=True) as page:
        boxes = page.locator("#tiles .pick input")
        boxes.nth(0).check()
        boxes.nth(3).click(modifiers=["Shift"])
        expect(page.locator("#selected-count")).to_have_text("4 selected")
        with page.expect_download() as download:
            page.get_by_role("button", name="Download").click()
        download.value.save_as(tmp_path / "all.zip")
        assert len(zipfile.ZipFile(tmp_path / "all.zip").namelist()) == 5
        page.get_by_role("button", name="Trash").click()
        expect(page.locator(".toast")).to_contain_text("4 files in the trash.")
        page.get_by_role("link", name="Trash").click()
        expect(page.locator("#tiles .tile")).to_have_count(4)
        page.locator("#tiles .open").first.focus()
        page.keyboard.press("x")
        page.get_by_role("button", name="Delete for ever").click()
        page.locator("#confirm-yes").click()
        expect(page.locator(".toast")).to_contain_text("1 file deleted for ever.")
        page.locator("#tiles .open").first.press("x")
        page.keyboard.press("r")
        expect(page.locator("#tiles .tile")).to_have_count(2)
        look(page, "trash")


def test_films_and_sounds_play_where_they_are(browser: Browser, gateway: Served) -> None:
    with at(browser, gateway, f"{GALLERY}?kind=video") as page:
        page.locator(".tile").hover()
        page.wait_for_function(
            "() => { const v = document.querySelector('.tile video'); return v && v.readyState > 1 }"
        )
        page.goto(f"{GALLERY}?kind=audio")
        page.wait_for_selector(".tile svg.wave path.all", state="attached")
        page.get_by_role("button", name=re.compile("^Play Sound")).click()
        expect(page.locator(".listen")).to_have_attribute("aria-pressed", "true")
        look(page, "gallery-audio")
        page.locator(".tile .open").click()
        page.wait_for_selector(".player .wave path.all", state="attached")
        slider = page.get_by_role("slider", name="Position")
        slider.focus()
        page.wait_for_function("() => document.querySelector('.player').audio.readyState > 0")
        page.keyboard.press("End")
        expect(slider).to_have_attribute("aria-valuenow", re.compile("[1-9]"))
        page.keyboard.press("Home")
        expect(slider).to_have_attribute("aria-valuenow", "0")
        look(page, "one-audio")
        assert faults(page) == []


def test_a_picture_is_looked_at_closely_and_handed_on(browser: Browser, gateway: Served) -> None:
    with at(browser, gateway, f"{GALLERY}?q=lighthouse") as page:
        page.locator(".tile .open").click()
        viewer = page.locator(".viewer[data-ready]")
        viewer.focus()
        page.keyboard.press("+")
        page.keyboard.press("ArrowRight")
        expect(page.locator("[data-zoom-told]")).to_have_text("125 %")
        page.keyboard.press("0")
        viewer.dblclick()
        expect(page.locator("[data-zoom-told]")).to_have_text("300 %")
        page.get_by_role("button", name="Fit").click()
        page.get_by_role("button", name="Get a link").click()
        expect(page.locator("#link code")).to_contain_text("/api/assets/")
        page.get_by_role("button", name="Select").click()
        expect(page.locator("#decision .badge")).to_have_text("Selected")
        assert page.get_by_role("link", name="Use as input").get_attribute("href")
        page.get_by_role("button", name="Trash").click()
        page.wait_for_url("**/gallery?q=lighthouse")
        page.get_by_role("button", name="Undo").click()
        expect(page.locator(".toast")).to_contain_text("restored")


def test_every_look_of_the_gallery_and_of_a_file(browser: Browser, gateway: Served) -> None:
    check_looks(browser, gateway, GALLERY, "gallery")
    with at(browser, gateway, f"{GALLERY}?q=heron") as page:
        one = page.locator(".tile .open").get_attribute("href") or ""
        video = page.goto(f"{GALLERY}?kind=video") and page.locator(".tile .open").get_attribute(
            "href"
        )
    check_looks(browser, gateway, one, "one")
    with at(browser, gateway, GALLERY, size=PHONE) as page:
        page.get_by_role("button", name="Menu").click()
        menu = page.locator("#nav").bounding_box()
        assert menu and menu["width"] == PHONE[0] and menu["height"] > PHONE[1] * 0.9
        look(page, "gallery-menu-phone")
    with at(browser, gateway, str(video), size=PHONE) as page:
        assert faults(page) == [] and overflow(page) <= 0
        look(page, "one-video-phone")
    with at(browser, gateway, f"{GALLERY}/trash", scheme="dark", size=PHONE) as page:
        assert faults(page) == [] and overflow(page) <= 0
        look(page, "trash-dark-phone")
