"""What ships works for real, without any provider's key."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import pytest
from PIL import Image, ImageDraw

from doubles import FakeProvider
from flexura.settings import Settings
from gateway_house import House, opened
from search_double import ROWS, search_double

pytestmark = pytest.mark.anyio


@pytest.fixture
async def keyless(gateway_settings: Settings, tmp_path: Path) -> AsyncIterator[House]:
    """A gateway that only has what comes with it, and a search engine."""
    nobody = FakeProvider(tmp_path)
    nobody.offered = []
    with search_double(ROWS) as engine:
        environment = {"TAVILY_BASE_URL": engine.url}
        async with opened(replace(gateway_settings, environment=environment), nobody) as found:
            yield found


async def run(house: House, slug: str, inputs: dict[str, Any]) -> dict[str, Any]:
    """The job of a template when it has ended, in the words of the agent surface."""
    answer = await house.http.post(f"/api/v1/templates/{slug}/runs", json={"inputs": inputs})
    assert answer.status_code == 202, answer.text
    job = await house.ended(answer.json()["job_id"])
    assert job["status"] == "completed", job
    return job


def sizes(job: dict[str, Any]) -> list[tuple[int, int]]:
    """Width and height of each file."""
    return [(a["width"], a["height"]) for a in job["assets"]]


async def product(house: House) -> str:
    """A red product before plain white, uploaded."""
    picture, file = Image.new("RGB", (320, 240), "white"), io.BytesIO()
    ImageDraw.Draw(picture).ellipse((90, 50, 230, 190), fill=(200, 30, 40))
    picture.save(file, "PNG")
    headers = {"Content-Type": "image/png"}
    answer = await house.http.post("/api/v1/uploads", content=file.getvalue(), headers=headers)
    assert answer.status_code == 201, answer.text
    return answer.json()["artifact_id"]


async def content(house: House, asset: dict[str, Any]) -> bytes:
    """The bytes of a file."""
    answer = await house.http.get(f"/api/v1/artifacts/{asset['artifact_id']}")
    assert answer.status_code == 200
    return answer.content


async def test_a_subject_becomes_three_cards_side_by_side(keyless: House) -> None:
    job = await run(keyless, "social-set", {"title": "Ship it"})
    assert sizes(job) == [(1200, 630), (1080, 1080), (1500, 500)]


async def test_a_product_loses_its_background_and_stands_on_a_colour(keyless: House) -> None:
    photo = await product(keyless)
    job = await run(keyless, "product-cutout", {"photo": photo, "color": "#0000ff"})
    assert not job["warnings"]
    cut, placed = [
        Image.open(io.BytesIO(await content(keyless, asset))).convert("RGBA")
        for asset in job["assets"]
    ]
    assert cut.getpixel((2, 2))[3] == 0 and cut.getpixel((160, 120))[3] == 255  # type: ignore[index]
    assert placed.size == (1080, 1080) and placed.getpixel((2, 2)) == (0, 0, 255, 255)


async def test_a_portrait_is_twice_as_large(keyless: House) -> None:
    job = await run(keyless, "portrait-enhancer", {"input_image": await product(keyless)})
    assert sizes(job) == [(640, 480)]


async def test_a_batch_is_one_picture_for_each_item_up_to_its_cap(keyless: House) -> None:
    job = await run(
        keyless, "review-batch-a", {"items": ["icon of a fox", {"prompt": "icon of a cup"}]}
    )
    assert len(job["assets"]) == 2
    body = {"inputs": {"items": ["x"] * 11}}
    refused = await keyless.http.post("/api/v1/templates/review-batch-a/runs", json=body)
    assert refused.status_code == 400
    assert "1 to 10" in refused.json()["error"]["next_step"]


async def test_the_picked_variant_is_enlarged_and_publishing_is_skipped(keyless: House) -> None:
    inputs = {"subject": "icon of a rocket", "variants": 2}
    path = "/api/v1/templates/variants-pick-one/runs?wait=60"
    waits = (await keyless.http.post(path, json={"inputs": inputs})).json()
    job_id = waits["job_id"]
    approved = await keyless.http.post(f"/api/v1/jobs/{job_id}/approve", json={"pick": [2]})
    assert approved.status_code == 200, approved.text
    job = await keyless.ended(job_id)
    assert job["status"] == "completed", job
    assert sizes(job)[0] == (2048, 2048)
    steps = (await keyless.http.get(f"/api/v1/jobs/{job_id}/steps")).json()["steps"]
    assert [s["status"] for s in steps] == ["done", "done", "done", "skipped"]


async def test_a_picture_is_moved_and_gets_music(keyless: House) -> None:
    inputs = {"subject": "plain blue gradient", "seconds": 2}
    job = await run(keyless, "image-to-film-with-music", inputs)
    assert not job["warnings"]
    with av.open(io.BytesIO(await content(keyless, job["assets"][0]))) as film:
        assert film.streams.video and film.streams.audio
        assert (film.streams.video[0].width, film.streams.video[0].height) == (1280, 720)
        assert 1.8 < float(film.duration or 0) / av.time_base < 2.3


async def test_what_is_found_goes_into_the_picture_s_prompt(keyless: House) -> None:
    job = await run(keyless, "searched-illustration", {"topic": "httpx"})
    steps = (await keyless.http.get(f"/api/v1/jobs/{job['job_id']}/steps")).json()["steps"]
    drawn = (await keyless.http.get(f"/api/jobs/{steps[1]['jobs'][0]}")).json()
    assert "httpx" in drawn["prompt"] and ROWS[0]["title"] in drawn["prompt"]


async def test_a_slide_stands_while_a_voice_reads(keyless: House) -> None:
    pipelines = (await keyless.http.get("/api/v1/pipelines")).json()["pipelines"]
    if "text-to-speech" not in {p["id"] for p in pipelines}:
        pytest.skip("the extra flexura[speech] is not installed")
    job = await run(keyless, "narrated-slide", {"title": "News", "text": "This is the news."})
    with av.open(io.BytesIO(await content(keyless, job["assets"][0]))) as film:
        assert film.streams.video and film.streams.audio
