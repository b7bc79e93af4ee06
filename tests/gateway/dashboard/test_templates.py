"""The pages of templates, without a browser: the list, the form, the price, the run."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from flexura.services.workspaces import WorkspaceTerms
from gateway.dashboard.signed_in import Person, signed_in
from gateway_house import House, opened
from runs_house import BATCH, FILM, VARIANTS, Atelier, with_press

pytestmark = pytest.mark.anyio
SHEET = {
    "slug": "sheet",
    "name": "Sheet <b>of</b> many",
    "description": "<script>alert(1)</script>",
    "inputs": [
        {"id": "subject", "type": "TEXT", "description": "What it shows."},
        {"id": "mood", "type": "CHOICE", "choices": ["calm", "wild"], "default": "calm"},
        {"id": "amount", "type": "NUMBER", "minimum": 1, "maximum": 4, "default": 2},
        {"id": "photo", "type": "IMAGE_URL", "required": False},
    ],
    "steps": [
        {"id": "draw", "uses": "image", "prompt": "{{inputs.subject}}, {{inputs.mood}}", "n": 2},
    ],
}
CARDS = {
    "slug": "cards",
    "name": "Cards",
    "inputs": [{"id": "items", "type": "TEXT", "many": True, "most": 4}],
    "steps": [
        {
            "id": "draw",
            "uses": "image",
            "prompt": "{{item.title}} on {{item.ground}}",
            "each": "{{inputs.items}}",
        }
    ],
}
PRESET = {"name": "Wide", "slug": "wide", "kind": "image", "options": {"mood": "wild"}}


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with opened(with_press(tmp_path), Atelier(tmp_path)) as found:
        for document in (FILM, VARIANTS, BATCH, SHEET, CARDS):
            assert (await found.http.post("/api/v1/templates", json=document)).status_code == 201
        assert (await found.http.post("/api/v1/presets", json=PRESET)).status_code == 201
        yield found


@pytest.fixture
async def me(house: House) -> AsyncIterator[Person]:
    async with signed_in(house) as person:
        yield person


async def filled(me: Person, name: str, **fields: Any) -> str:
    """Send the form of a template; where it leads to."""
    page = (await me.get(f"/dashboard/templates/{name}")).text
    once = re.search(r'name="once" value="([^"]+)"', page)
    assert once
    answer = await me.post(f"/dashboard/templates/{name}", {"once": once[1], **fields})
    assert answer.status_code == 204, answer.text
    return answer.headers["HX-Redirect"].rpartition("/")[2]


async def job(house: House, job_id: str) -> Any:
    services = house.app.services
    assert services is not None
    workspace = (await services.records.workspaces())[0].id
    return await services.jobs.get(workspace, job_id)


async def test_the_list_tells_what_each_needs_gives_and_costs(house: House, me: Person) -> None:
    page = (await me.get("/dashboard/templates")).text
    for told in ("Film", "Variants", "Social set", "Wide", 'id="price-film"'):
        assert told in page, told
    assert page.index("Cards") < page.index("Social set"), "one's own come first"
    assert "<b>of</b>" not in page and "<script>alert" not in page
    prices = (await me.get("/dashboard/template-prices")).text
    assert re.search(r'id="price-film"[^>]*>\s*\$0\.06', prices)
    assert re.search(r'id="price-sheet"[^>]*>\s*\$0\.04', prices)
    only = (await me.get("/dashboard/templates?view=preset")).text
    assert "Wide" in only and "Film" not in only


async def test_the_form_has_a_control_for_each_input(house: House, me: Person) -> None:
    page = (await me.get("/dashboard/templates/sheet")).text
    assert re.search(r'<textarea id="v-subject"[^>]* required', page)
    assert re.search(r'type="radio" name="v.mood" value="calm" checked', page)
    assert re.search(r'id="v-amount" name="v.amount" value="2"[^>]* min="1.0" max="4.0"', page)
    assert 'data-pick="v-photo"' in page and 'data-upload="v-photo"' in page
    assert "[subject], [mood]" in page and "Makes 2 pictures" in page
    assert "flexura run sheet@1 --input subject=…" in page and "slug: sheet" in page
    cards = (await me.get("/dashboard/templates/cards")).text
    assert 'name="v.items.0.title"' in cards and "data-add-row" in cards


async def test_the_price_stands_before_the_button(house: House, me: Person) -> None:
    path = "/dashboard/template-price/sheet"
    assert "Fill in" in (await me.post(path, {})).text
    told = (await me.post(path, {"v.subject": "a fox", "n": "4"})).text
    assert "$0.08" in told
    assert "9 variants" in (await me.post(path, {"v.subject": "a fox", "n": "9"})).text
    steps = (await me.post("/dashboard/template-price/film", {"v.subject": "a fox"})).text
    assert "$0.06" in steps and "draw: image" in steps and "sound: audio" in steps
    assert house.fake.submitted == []


async def test_a_run_takes_what_was_typed_and_leads_to_its_job(house: House, me: Person) -> None:
    fields = {"v.subject": "a fox", "v.mood": "wild", "v.amount": "3", "publish": ["press", "gone"]}
    made = await job(house, await filled(me, "variants", **{"v.subject": "a fox"}))
    assert (made.template, made.prompt, made.tool) == ("variants@1", "a fox", "dashboard")
    made = await job(house, await filled(me, "sheet", **fields, staging="yes"))
    assert made.request["inputs"]["mood"] == "wild" and made.request["inputs"]["amount"] == 3
    assert made.publish == ("press", "gone") and made.staging
    items = {"v.items.0.title": "Fox", "v.items.0.ground": "snow", "v.items.2.title": "Owl"}
    made = await job(house, await filled(me, "cards", **items, **{"v.items.2.ground": "moss"}))
    assert made.request["inputs"]["items"][1] == {"title": "Owl", "ground": "moss"}
    made = await job(house, await filled(me, "batch", **{"v.items": "one\n\ntwo\n"}))
    assert made.request["inputs"]["items"] == ["one", "two"]


async def test_the_same_form_twice_is_one_run(house: House, me: Person) -> None:
    page = (await me.get("/dashboard/templates/film")).text
    once = re.search(r'name="once" value="([^"]+)"', page)
    assert once
    fields = {"once": once[1], "v.subject": "a fox"}
    first = await me.post("/dashboard/templates/film", fields)
    again = await me.post("/dashboard/templates/film", fields)
    assert first.headers["HX-Redirect"] == again.headers["HX-Redirect"]
    other = await me.post("/dashboard/templates/film", {**fields, "v.subject": "an owl"})
    assert other.headers["HX-Redirect"] != first.headers["HX-Redirect"]


async def test_what_is_refused_keeps_what_was_typed_and_marks_the_field(
    house: House, me: Person
) -> None:
    for fields, control, told in (
        ({"v.subject": ""}, "v-subject", "is missing"),
        ({"v.subject": "a fox", "v.amount": "9"}, "v-amount", "at most 4"),
        ({"v.subject": "a fox", "v.amount": "many"}, "v-amount", "not a number"),
        ({"v.subject": "a fox", "v.photo": "art_none"}, "v-photo", "photo"),
        ({"v.subject": "a fox", "n": "99"}, "n", "variants"),
        ({"v.subject": "a fox", "max_cost": "-1"}, "max_cost", "no amount of money"),
    ):
        answer = await me.post("/dashboard/templates/sheet", {**fields, "v.mood": "wild"})
        assert answer.status_code in (400, 402, 422), (control, fields)
        assert told in answer.text and 'value="wild" checked' in answer.text
        if control.startswith("v-"):
            assert f'id="e-{control}"' in answer.text or told != "not a number", control
        assert 'aria-invalid="true"' in answer.text, control
    assert house.fake.submitted == []


async def test_above_the_limit_it_asks_first(tmp_path: Path) -> None:
    settings = with_press(tmp_path)
    settings = replace(settings, credits=replace(settings.credits, confirm_above=0.05))
    async with (
        opened(settings, Atelier(tmp_path)) as house,
        signed_in(house) as me,
    ):
        assert (await house.http.post("/api/v1/templates", json=FILM)).status_code == 201
        fields = {"v.subject": "a fox"}
        price = await me.post("/dashboard/template-price/film", fields)
        assert "asked once more" in price.text
        asked = await me.post("/dashboard/templates/film", fields)
        assert asked.status_code == 402 and "Agree and run" in asked.text
        token = re.search(r'name="confirm" value="([^"]+)"', asked.text)
        assert token
        changed = {"v.subject": "an owl", "confirm": token[1]}
        assert (await me.post("/dashboard/templates/film", changed)).status_code == 402
        agreed = await me.post("/dashboard/templates/film", {**fields, "confirm": token[1]})
        assert agreed.status_code == 204, agreed.text


async def test_a_preset_makes_something_from_a_prompt(house: House, me: Person) -> None:
    assert "$0.02" in (await me.post("/dashboard/template-price/wide", {"prompt": "a fox"})).text
    assert (await me.post("/dashboard/templates/wide", {"prompt": ""})).status_code == 400
    made = await job(house, await filled(me, "wide", prompt="a fox"))
    assert (made.preset, made.call["options"]["mood"]) == ("wide", "wild")


async def test_a_template_is_written_changed_and_deleted(house: House, me: Person) -> None:
    text = "slug: mine\nsteps:\n- id: draw\n  uses: image\n  prompt: a fox\n"
    wrong = await me.post("/dashboard/template-text", {"document": "slug: [x"})
    assert wrong.status_code == 400 and "slug: [x" in wrong.text and "line" in wrong.text
    first = await me.post("/dashboard/template-text", {"document": text})
    assert first.headers["HX-Redirect"] == "/dashboard/templates/mine"
    shown = (await me.get("/dashboard/template-text?from=mine")).text
    assert "uses: image" in shown
    await me.post("/dashboard/template-text", {"document": text.replace("a fox", "an owl")})
    page = (await me.get("/dashboard/templates/mine")).text
    assert "mine@2" in page and "/dashboard/templates/mine%401" in page
    assert "a fox" in (await me.get("/dashboard/templates/mine@1")).text
    assert (await me.post("/dashboard/templates/mine/delete")).status_code == 204
    assert (await me.get("/dashboard/templates/mine")).status_code == 404
    assert (await me.post("/dashboard/templates/social-set/delete")).status_code == 409


async def test_who_may_only_look_runs_and_deletes_nothing(house: House) -> None:
    services = house.app.services
    assert services is not None
    secret = (await services.keys.create("reader", frozenset({"read"})))[0]
    async with signed_in(house, secret) as me:
        page = (await me.get("/dashboard/templates/film")).text
        assert "may look, not order" in page and "/delete" not in page
        for path in ("templates/film", "templates/film/delete", "template-text"):
            assert (await me.post(f"/dashboard/{path}", {})).status_code == 403, path
        assert (await me.get("/dashboard/template-text")).status_code == 403


async def test_another_workspace_and_another_page_reach_nothing(house: House, me: Person) -> None:
    refused = {"X-Flexura-Token": "wrong"}
    for path in ("templates/film", "templates/film/delete", "template-text", "template-price/film"):
        assert (await me.post(f"/dashboard/{path}", {}, **refused)).status_code == 403, path
    services = house.app.services
    assert services is not None
    other = await services.workspaces.create("other", WorkspaceTerms())
    async with signed_in(house, other.first.secret) as stranger:
        assert "Film" not in (await stranger.get("/dashboard/templates")).text
        assert (await stranger.get("/dashboard/templates/film")).status_code == 404
        assert (await stranger.post("/dashboard/templates/film/delete")).status_code == 404
        assert (await stranger.get("/dashboard/template-text?from=film")).status_code == 404
    assert (await me.get("/dashboard/templates/film")).status_code == 200
