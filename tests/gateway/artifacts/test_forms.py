"""A file in another format or a smaller size: converted in the child, once, never enlarged."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from PIL import ImageChops

from doubles import png
from files_house import animation, average, film, opened, photo_with_place, picture, uploaded
from flexura.provenance.reading import record_in
from gateway_house import House

pytestmark = pytest.mark.anyio
MIME = {"PNG": "image/png", "WEBP": "image/webp"}


async def fetched(house: House, artifact_id: str, query: str = "", **headers: str) -> bytes:
    answer = await house.http.get(f"/api/v1/artifacts/{artifact_id}{query}", headers=headers)
    assert answer.status_code == 200, answer.text
    kind = opened(answer.content).format
    assert kind is not None and answer.headers["content-type"] == MIME[kind]
    assert answer.headers["x-content-type-options"] == "nosniff"
    return answer.content


async def test_every_picture_comes_as_png_and_as_webp(house: House) -> None:
    for stored in ("PNG", "JPEG", "WEBP", "GIF", "AVIF"):
        original = picture(stored)
        artifact = await uploaded(house, original)
        for wanted in ("png", "webp"):
            content = await fetched(house, artifact["artifact_id"], f"?format={wanted}")
            made = opened(content)
            assert (made.format, made.size) == (wanted.upper(), (96, 64)), stored
            assert average(content) == pytest.approx(average(original), abs=3), stored


async def test_the_format_that_it_has_already_is_the_file_itself(house: House) -> None:
    original = picture("PNG")
    artifact = await uploaded(house, original)
    assert await fetched(house, artifact["artifact_id"], "?format=png") == original
    assert await fetched(house, artifact["artifact_id"], "?width=96") == original
    assert await fetched(house, artifact["artifact_id"], "?format=png&width=4000") == original


@pytest.mark.parametrize(("stored", "format"), [("PNG", "PNG"), ("JPEG", "WEBP"), ("GIF", "WEBP")])
async def test_a_preview_keeps_its_shape_and_is_never_enlarged(
    house: House, stored: str, format: str
) -> None:
    artifact = await uploaded(house, picture(stored))
    small = opened(await fetched(house, artifact["artifact_id"], "?width=48"))
    assert (small.format, small.size) == (format, (48, 32))
    large = opened(await fetched(house, artifact["artifact_id"], "?width=400&format=webp"))
    assert (large.format, large.size) == ("WEBP", (96, 64))


async def test_a_photo_stands_upright_and_tells_neither_place_nor_camera(house: House) -> None:
    artifact = await uploaded(house, photo_with_place())
    content = await fetched(house, artifact["artifact_id"], "?format=webp")
    made = opened(content)
    assert made.size == (64, 96)
    assert b"Secret Camera" not in content and not made.getexif()


async def test_what_flexura_made_still_says_from_what(house: House, tmp_path: Path) -> None:
    body = {"prompt": "a red fox", "options": {"width": 64, "height": 64, "format": "png"}}
    first = await house.http.get("/api/v1/models?provider=embedded&task=text-to-image")
    body["model"] = first.json()["models"][0]["id"]
    job = await house.http.post("/api/generate/image", json=body)
    made = await house.ended(job.json()["job_id"])
    artifact_id = made["assets"][0]["artifact_id"]
    copy = tmp_path / "copy.webp"
    copy.write_bytes(await fetched(house, artifact_id, "?format=webp&width=32"))
    found = record_in(copy)
    assert found is not None and found.prompt == "a red fox" and found.seed == made["seed"]


async def test_an_animation_gives_its_first_frame(house: House) -> None:
    artifact = await uploaded(house, animation())
    content = await fetched(house, artifact["artifact_id"], "?format=png")
    assert average(content) == pytest.approx((255, 0, 0), abs=3)
    assert getattr(opened(content), "n_frames", 1) == 1


async def test_a_video_gives_its_first_frame_in_the_size_that_is_asked(
    house: House, tmp_path: Path
) -> None:
    artifact = await uploaded(house, film(tmp_path))
    whole = opened(await fetched(house, artifact["artifact_id"], "?format=png"))
    small = await fetched(house, artifact["artifact_id"], "?width=32")
    assert (whole.format, whole.size) == ("PNG", (64, 48))
    assert (opened(small).format, opened(small).size) == ("WEBP", (32, 24))
    # The frames grow brighter from 40 on, by two each.
    assert average(small) == pytest.approx((40, 40, 40), abs=4)


@pytest.mark.parametrize(
    ("content", "step"),
    [
        (b"ID3\x04" + bytes(600), "Download it without format and width."),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "it scales by itself"),
        (b"\xff\xd8\xff" + bytes(600), "Download it without"),
        (b"\x00\x00\x00\x18ftypisom" + bytes(600), "Download it without"),
    ],
)
async def test_what_has_no_picture_is_refused_with_a_next_step(
    house: House, content: bytes, step: str
) -> None:
    artifact = await uploaded(house, content)
    for query in ("?format=png", "?width=64"):
        answer = await house.http.get(f"/api/v1/artifacts/{artifact['artifact_id']}{query}")
        assert answer.status_code == 400, answer.content
        error = answer.json()["error"]
        assert error["code"] == "invalid_request" and step in error["next_step"]


@pytest.mark.parametrize(
    "query", ["?format=jpeg", "?format=PNG", "?width=15", "?width=4097", "?width=", "?width=ten"]
)
async def test_a_form_that_does_not_exist_is_refused(house: House, query: str) -> None:
    artifact = await uploaded(house, picture("PNG"))
    for path in (f"/api/v1/artifacts/{artifact['artifact_id']}", f"/api/assets/{artifact['name']}"):
        answer = await house.http.get(path + query)
        assert answer.status_code == 400
        assert answer.json()["error"]["next_step"].startswith("Allowed: ")


async def test_an_asset_has_forms_too(house: House) -> None:
    artifact = await uploaded(house, picture("JPEG"))
    answer = await house.http.get(f"/api/assets/{artifact['name']}?format=png&width=48")
    assert opened(answer.content).size == (48, 32)
    stem = artifact["name"].rpartition(".")[0]
    assert answer.headers["content-disposition"] == f'inline; filename="{stem}.png"'


async def test_each_form_has_a_tag_of_its_own_and_ranges(house: House) -> None:
    artifact = await uploaded(house, picture("PNG"))
    path = f"/api/v1/artifacts/{artifact['artifact_id']}"
    answers = [await house.http.get(path + q) for q in ("", "?width=48", "?width=48&format=webp")]
    tags = [a.headers["etag"] for a in answers]
    assert len(set(tags)) == 3
    for answer, query in zip(answers, ("", "?width=48", "?width=48&format=webp"), strict=True):
        tag = answer.headers["etag"]
        for told in (tag, f"W/{tag}", f'"other", {tag}', "*"):
            again = await house.http.get(path + query, headers={"If-None-Match": told})
            assert (again.status_code, again.content) == (304, b"")
        part = await house.http.get(path + query, headers={"Range": "bytes=4-9"})
        assert (part.status_code, part.content) == (206, answer.content[4:10])


@pytest.mark.parametrize(
    "range", ["bytes=9-4", "bytes=-", "lines=1-2", "bytes=a-b", "bytes=0-1,3-4", "x"]
)
async def test_a_range_that_makes_no_sense_is_ignored(house: House, range: str) -> None:
    artifact = await uploaded(house, png())
    path = f"/api/v1/artifacts/{artifact['artifact_id']}"
    answer = await house.http.get(path, headers={"Range": range})
    assert (answer.status_code, answer.content) == (200, png())


async def test_a_range_beyond_the_end_is_416(house: House) -> None:
    artifact = await uploaded(house, png())
    path = f"/api/v1/artifacts/{artifact['artifact_id']}"
    answer = await house.http.get(path, headers={"Range": "bytes=99999-"})
    assert answer.status_code == 416
    assert answer.headers["content-range"] == f"bytes */{len(png())}"


async def test_those_who_ask_at_once_share_the_work(house: House) -> None:
    artifact = await uploaded(house, picture("PNG", 900, 600))
    path = f"/api/v1/artifacts/{artifact['artifact_id']}?format=webp&width=640"
    answers = await asyncio.gather(*(house.http.get(path) for _ in range(20)))
    assert {a.status_code for a in answers} == {200}
    assert len({a.content for a in answers}) == 1
    kept = list((house.settings.home / "variants").iterdir())
    assert [p.name for p in kept] == [f"{artifact['sha256']}-640.webp"]
    assert not list((house.settings.home / "staging" / "scratch").rglob("variant-*"))


async def test_the_same_picture_in_another_workspace_is_not_found_by_its_id(house: House) -> None:
    answer = await house.http.get("/api/v1/artifacts/art_of_somebody_else?format=png")
    assert answer.status_code == 404


async def test_a_converted_picture_is_the_same_picture(house: House) -> None:
    original = picture("PNG", 200, 100)
    artifact = await uploaded(house, original)
    webp = opened(await fetched(house, artifact["artifact_id"], "?format=webp")).convert("RGB")
    difference = ImageChops.difference(opened(original).convert("RGB"), webp)
    assert max(high for _, high in difference.getextrema()) < 48
