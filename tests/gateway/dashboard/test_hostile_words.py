"""Hostile texts in everything that the dashboard shows: they stay text on every page of the table."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import pytest

from doubles import model
from flexura.gateway.dashboard.assets import content
from flexura.gateway.dashboard.routes import PAGES
from flexura.settings import Settings
from gateway.dashboard.attacker import Hostile, World, browser_of, everything, furnished, path_of
from gateway.dashboard.hostile import MARK, PAYLOADS, Page
from gateway_house import House, opened
from tenants_house import Person as Tenant
from tenants_house import tenant

pytestmark = pytest.mark.anyio
GET = [page for page in PAGES if page.method == "GET"]
POST = [page for page in PAGES if page.method == "POST"]


async def words_everywhere(house: House, person: Tenant, number: int, words: str) -> dict[str, str]:
    """These words wherever somebody may write some."""
    assert isinstance(house.fake, Hostile)
    house.fake.words = words
    return await furnished(house, person, words, f"t{number}")


async def test_what_strangers_write_is_text_on_every_page(quick: Settings, tmp_path: Path) -> None:
    provider = Hostile(tmp_path)
    provider.offered = [
        model("one"),
        *(
            model(f"x{n}").model_copy(update={"name": words, "description": words, "tasks": ()})
            for n, words in enumerate(PAYLOADS)
        ),
        *(
            model(words.replace(" ", "/")[:150]).model_copy(update={"name": f"id {n}"})
            for n, words in enumerate(PAYLOADS)
        ),
    ]
    seen = ""
    async with (
        opened(quick, provider) as house,
        tenant(house, "first") as person,
        browser_of(house, person.key) as browser,
    ):
        made = [await words_everywhere(house, person, n, words) for n, words in enumerate(PAYLOADS)]
        shown: set[str] = set()
        for page in GET:
            several = made if page.path.count("{") and "model_id" not in page.path else made[:1]
            for ids in several:
                shown.add(path_of(page, ids))
        shown |= {
            path_of("/dashboard/models/{model_id}", {"model_id": f"fake:x{n}"})
            for n in range(len(PAYLOADS))
        }
        shown |= {f"/dashboard/models?page={n}" for n in (2, 3)}
        assert len(shown) > 500
        for path in sorted(shown):
            answer = await browser.ask("GET", path)
            assert answer.status < 500, (path, answer.text[:300])
            if answer.header("content-type").startswith("text/html"):
                parsed = Page(answer.text)
                assert parsed.faults == [], (path, parsed.faults)
                seen += parsed.words
    assert f"49{MARK}" not in seen
    missing = [
        words for words in PAYLOADS if " ".join(words.split())[:60] not in " ".join(seen.split())
    ]
    assert missing == []


async def test_what_a_link_brings_along_is_text_on_every_page(world: World) -> None:
    names = "q query text prompt input kind state model page days of sort provider task role media before"
    joined = " ".join(PAYLOADS)[:6000]
    for page in GET:
        path = path_of(page, world.ids)
        for words in (joined, *PAYLOADS[3:7]):
            query = "&".join(f"{name}={quote(words)}" for name in names.split())
            for headers in ({}, {"hx_request": "true"}):
                answer = await world.first.ask("GET", f"{path}?{query}", **headers)
                assert answer.status < 500, (page, answer.text[:300])
                if answer.header("content-type").startswith("text/html"):
                    assert Page(answer.text).faults == [], (page, Page(answer.text).faults)
                for name, value in answer.headers:
                    assert "\n" not in value and "\r" not in value, (page, name)


async def test_what_a_form_brings_along_is_text_in_every_refusal(world: World) -> None:
    for page in POST:
        for words in (" ".join(PAYLOADS)[:6000], PAYLOADS[3], PAYLOADS[5]):
            fields = {name: words for name in everything(world.ids)}
            ids = (
                {name: words[:80] for name in world.ids} if "model" not in page.path else world.ids
            )
            for headers in ({}, {"hx_request": "true"}):
                answer = await world.first.ask("POST", path_of(page, ids), fields, **headers)
                assert answer.status < 500, (page, answer.text[:300])
                if answer.header("content-type").startswith("text/html"):
                    assert Page(answer.text).faults == [], (page, Page(answer.text).faults)


@pytest.mark.parametrize("words", PAYLOADS)
def test_the_reader_of_pages_sees_a_payload_that_is_not_escaped(words: str) -> None:
    """The corpus and its reader are good for something: those that break out of a place are noticed there."""
    places = (
        f"<p>{words}</p>",
        f'<a href="{words}">',
        f"<p title='{words}'>",
        f'<p title="{words}">',
        f"<p x=`{words}`>",
        f"<!-- {words}",
        f"<textarea>{words}</textarea>",
        f"<title>{words}</title>",
        f"<style>{words}</style>",
    )
    harmless = ("{{", "{%", "${", "&lt;", "&#60;", "\uff1c", "<\ufffd", '{"toast')
    noticed = any(Page(place).faults for place in places)
    assert noticed or words.startswith(harmless)


WRITES_HTML = (
    "innerHTML",
    "outerHTML",
    "insertAdjacentHTML",
    "document.write",
    "eval(",
    "Function(",
)
RENDERED_HERE = "parsed.innerHTML = html;"
"""Parts of pages that the gateway rendered, into a template: what htmx does with them too."""


def test_our_own_scripts_write_text_and_no_html() -> None:
    static = Path(__file__).parents[3] / "src/flexura/gateway/dashboard/static"
    for script in static.glob("*.js"):
        if not script.name.startswith("htmx"):
            text = content(script.name).decode().replace(RENDERED_HERE, "", 1)
            assert not [word for word in WRITES_HTML if word in text], script.name
