"""The models page, one model, and the form that tries it: price first, then the order."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from doubles import FakeProvider, model, png
from flexura.domain.credit_rules import CreditRules
from flexura.domain.model import Price
from flexura.settings import Settings
from gateway.dashboard.signed_in import Person, signed_in
from gateway_house import House, opened
from tenants_house import tenant

pytestmark = pytest.mark.anyio

RICH: dict[str, Any] = {
    "type": "object",
    "properties": {
        "prompt": {"type": "string"},
        "image_url": {"type": "string", "description": "The picture to begin with."},
        "aspect_ratio": {"type": "string", "enum": ["1:1", "16:9", "9:16"], "default": "1:1"},
        "steps": {"type": "integer", "minimum": 1, "maximum": 50, "default": 20},
        "raw": {"type": "boolean", "default": False},
        "seed": {"type": "integer"},
        "extra": {"type": "object"},
    },
    "required": ["prompt"],
}


async def rich(house: House, *more: Any) -> None:
    """Another catalog of the fake provider."""
    house.fake.offered = [model("one", "fake"), *more]
    await house.app.services.catalog.refresh(force=True)  # type: ignore[union-attr]


async def price_of(person: Person, model_id: str, **fields: str) -> str:
    answer = await person.post(f"/dashboard/model-price/{model_id}", fields)
    assert answer.status_code == 200, answer.text
    return answer.text


async def test_the_list_shows_prices_and_what_was_measured_here(house: House) -> None:
    await house.ended(await house.order("a fox"))
    async with signed_in(house) as person:
        page = (await person.get("/dashboard/models?provider=fake")).text
        assert "$0.02 per image" in page
        assert 'href="/dashboard/models/fake:one"' in page
        assert "0 %" in page


async def test_filters_find_and_sort_and_only_the_list_is_sent_to_htmx(house: House) -> None:
    await rich(
        house,
        model("dear", price=Price(unit="image", amount=2, source="t")),
        model("cheap", price=Price(unit="image", amount=0.001, source="t")),
        model("unknown", price=None),
    )
    part = {"HX-Request": "true", "HX-Target": "models"}
    async with signed_in(house) as person:

        async def named(query: str) -> list[str]:
            text = (await person.get(f"/dashboard/models?provider=fake&{query}", **part)).text
            assert "<html" not in text
            return re.findall(r'models/fake:(\w+)"', text)

        assert await named("sort=price") == ["cheap", "one", "dear", "unknown"]
        assert await named("sort=name") == ["cheap", "dear", "one", "unknown"]
        assert "unknown" not in await named("priced=1")
        assert await named("q=dear") == ["dear"]
        assert await named("kind=video") == []
        strange = await person.get("/dashboard/models?kind=smell")
        assert strange.status_code == 200 and "The kind" in strange.text


async def test_thousands_of_models_come_in_pages_and_fast(house: House) -> None:
    await rich(house, *(model(f"m{n:04d}") for n in range(5000)))
    async with signed_in(house) as person:
        await person.get("/dashboard/models?provider=fake")
        began = time.perf_counter()
        page = (await person.get("/dashboard/models?provider=fake&page=50&q=m")).text
        assert time.perf_counter() - began < 2
        assert page.count("model-cell") == 50
        assert "page 50 of 101" in page


async def test_a_model_whose_id_has_slashes_colons_and_marks_has_its_page(house: House) -> None:
    strange = "acme/v1.5:turbo@2/ünï'\"<b>"
    await rich(house, model(strange).model_copy(update={"name": "Strange"}))
    async with signed_in(house) as person:
        page = (await person.get("/dashboard/models?q=strange")).text
        found = re.search(r'href="(/dashboard/models/fake:acme[^"]*)"', page)
        assert found
        one = await person.get(found[1])
        assert one.status_code == 200
        assert "<b>" not in one.text
        action = re.search(r'<form class="card try"[^>]* action="([^"]*)"', one.text)
        assert action
        sent = await person.post(action[1], {"prompt": "a fox"})
        assert sent.status_code == 204, sent.text


async def test_a_provider_that_gave_no_list_is_told_of(house: House) -> None:
    async def broken() -> list[Any]:
        raise RuntimeError("down")

    house.fake.models = broken  # type: ignore[method-assign]
    await house.app.services.catalog.refresh(force=True)  # type: ignore[union-attr]
    async with signed_in(house) as person:
        page = (await person.get("/dashboard/models")).text
        assert "<strong>fake</strong>" in page


async def test_the_form_is_made_from_the_models_own_schema(house: House) -> None:
    await rich(house, model("rich", input_schema=RICH))
    async with signed_in(house) as person:
        page = (await person.get("/dashboard/models/fake:rich?prompt=a+%3Cfox%3E&input=art_1")).text
        assert "a &lt;fox&gt;" in page
        assert 'name="o.aspect_ratio" value="&#34;16:9&#34;"' in page
        assert 'name="o.steps"' in page and 'max="50"' in page
        assert 'name="o.raw"' in page and 'name="o.extra"' in page
        assert "o.prompt" not in page and "o.seed" not in page and "o.image_url" not in page
        assert re.search(r'name="in:image"[^>]*>\s*art_1</textarea>', page)
        assert "The picture to begin with." in page
        # The gateway's own table of options has all of them.
        assert "<code>image_url</code>" in page


async def test_the_price_is_shown_before_anything_is_ordered(house: House) -> None:
    async with signed_in(house) as person:
        assert "$0.02" in await price_of(person, "fake:one", prompt="a fox")
        assert "$0.08" in await price_of(person, "fake:one", prompt="a fox", n="4")
        wrong = await price_of(person, "fake:one", prompt="a fox", **{"o.width": "7"})
        assert "$0.02 per image" in wrong
        await rich(house, model("mystery", price=None))
        assert "Price unknown" in await price_of(person, "fake:mystery", prompt="a fox")
    assert house.fake.submitted == []
    assert (await house.http.get("/api/v1/jobs")).json()["jobs"] == []


async def test_an_order_goes_the_way_of_the_api_and_leads_to_its_job(house: House) -> None:
    fields = {"prompt": "a fox", "n": "2", "seed": "7", "o.mood": '"wild"', "o.width": "64"}
    async with signed_in(house) as person:
        answer = await person.post("/dashboard/models/fake:one", fields)
        assert answer.status_code == 204, answer.text
        path = answer.headers["hx-redirect"]
        job_id = path.removeprefix("/dashboard/jobs/")
        await house.ended(job_id)
    (job,) = (await house.http.get("/api/v1/jobs")).json()["jobs"]
    assert (job["job_id"], job["model"]) == (job_id, "fake:one"), job


async def test_a_second_click_is_the_same_order_and_another_order_is_another(house: House) -> None:
    async with signed_in(house) as person:
        page = (await person.get("/dashboard/models/fake:one")).text
        once = re.search(r'name="once" value="([^"]+)"', page)
        assert once
        sent = [
            await person.post("/dashboard/models/fake:one", {"prompt": prompt, "once": once[1]})
            for prompt in ("a fox", "a fox", "a bear")
        ]
        paths = [one.headers["hx-redirect"] for one in sent]
        assert paths[0] == paths[1] != paths[2]


async def test_what_was_typed_stays_when_the_form_is_refused(house: House) -> None:
    async with signed_in(house) as person:
        fields = {"once": "x", "prompt": "a <fox>", "o.width": "99999", "o.mood": '"wild"'}
        answer = await person.post("/dashboard/models/fake:one", fields)
        assert answer.status_code == 400
        assert "a &lt;fox&gt;" in answer.text and 'value="99999"' in answer.text
        assert 'aria-invalid="true"' in answer.text and "16 to 4096" in answer.text
        assert re.search(r'value="&#34;wild&#34;"[^>]* checked', answer.text)
        empty = await person.post("/dashboard/models/fake:one", {"once": "x", "prompt": " "})
        assert "Say what to make." in empty.text
    assert house.fake.submitted == []


async def test_an_expensive_order_is_agreed_to_first(
    gateway_settings: Settings, tmp_path: Path
) -> None:
    settings = replace(gateway_settings, credits=CreditRules(confirm_above=0.05))
    async with opened(settings, FakeProvider(tmp_path)) as house, signed_in(house) as person:
        fields = {"prompt": "a fox", "n": "4", "once": "x"}
        assert "asked once more" in await price_of(person, "fake:one", **fields)
        asked = await person.post("/dashboard/models/fake:one", fields)
        assert asked.status_code == 402 and "Agree and make it" in asked.text
        token = re.search(r'name="confirm" value="(yes_[^"]+)"', asked.text)
        assert token
        # Another order with that token is asked about again.
        other = {**fields, "prompt": "a bear", "confirm": token[1]}
        assert (await person.post("/dashboard/models/fake:one", other)).status_code == 402
        done = await person.post("/dashboard/models/fake:one", {**fields, "confirm": token[1]})
        assert done.status_code == 204, done.text


async def test_who_has_too_little_left_is_told_before_and_refused_after(house: House) -> None:
    async with tenant(house, "acme", credits=1) as acme, signed_in(house, acme.key) as person:
        assert "Over budget." in await price_of(person, "fake:one", prompt="a fox")
        refused = await person.post("/dashboard/models/fake:one", {"prompt": "a fox"})
        assert refused.status_code == 402
        assert "credits" in refused.text


async def test_a_key_that_may_only_look_sees_no_way_to_order(house: House) -> None:
    made = await house.http.post("/api/v1/keys", json={"name": "eyes", "scopes": ["read"]})
    async with signed_in(house, made.json()["key"]) as person:
        page = (await person.get("/dashboard/models/fake:one")).text
        assert "may look, not order" in page and "data-upload" not in page
        answer = await person.post("/dashboard/models/fake:one", {"prompt": "a fox"})
        assert answer.status_code == 403
        refused = await person.http.post(
            "/dashboard/model-inputs",
            content=png(),
            headers={"X-Flexura-Token": person.token, "HX-Request": "true"},
        )
        assert refused.status_code == 403


async def test_an_upload_and_the_latest_pictures_can_be_started_from(house: House) -> None:
    await rich(house, model("rich", input_schema=RICH))
    await house.ended(await house.order("a fox"))
    async with signed_in(house) as person:
        latest = (await person.get("/dashboard/model-inputs?role=image&media=image")).text
        made = re.search(r'data-choose="([^"]+)"', latest)
        assert made and 'src="/api/assets/' in latest
        bare = await person.http.post("/dashboard/model-inputs", content=png())
        assert bare.status_code == 403
        sent = await person.http.post(
            "/dashboard/model-inputs", content=png(), headers={"X-Flexura-Token": person.token}
        )
        assert sent.status_code == 201, sent.text
        for artifact in (made[1], sent.json()["id"]):
            fields = {"prompt": "brighter", "in:image": artifact}
            done = await person.post("/dashboard/models/fake:rich", fields)
            assert done.status_code == 204, done.text
        gone = {"prompt": "brighter", "in:image": "art_nobody", "once": "x"}
        refused = await person.post("/dashboard/models/fake:rich", gone)
        assert refused.status_code == 404 and "art_nobody" in refused.text


async def test_a_model_that_is_not_there_names_the_nearest(house: House) -> None:
    async with signed_in(house) as person:
        answer = await person.get("/dashboard/models/fake:onee")
        assert answer.status_code == 404
        assert "fake:one" in answer.text
