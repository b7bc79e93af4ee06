"""An upload in parts over HTTP: by the headers of tus 1.0, in the answers that its clients expect."""

from __future__ import annotations

from email.utils import parsedate_to_datetime

import httpx2
import pytest

from flexura.services.uploads import MAX_UPLOAD, MOST_OPEN
from gateway_house import House
from uploads_house import PICTURE, film_of

pytestmark = pytest.mark.anyio
PART = {"Content-Type": "application/offset+octet-stream"}


async def begun(house: House, length: int, **headers: str) -> str:
    answer = await house.http.post(
        "/v1/upload", headers={"Upload-Length": str(length), **headers}, content=b""
    )
    assert answer.status_code == 201, answer.text
    told = answer.json()
    assert (told["offset"], told["length"], told["complete"]) == (0, length, False)
    assert answer.headers["location"] == f"/v1/upload/{told['fileId']}"
    assert answer.headers["tus-resumable"] == "1.0.0"
    return told["fileId"]


async def part(
    house: House, file_id: str, offset: int | str, content: bytes, **headers: str
) -> httpx2.Response:
    return await house.http.patch(
        f"/v1/upload/{file_id}",
        content=content,
        headers={**PART, "Upload-Offset": str(offset), **headers},
    )


async def test_parts_become_one_file_under_the_id_of_the_upload(house: House) -> None:
    content = film_of(100_000)
    file_id = await begun(house, len(content))
    first = await part(house, file_id, 0, content[:40_000])
    assert first.status_code == 200 and first.json()["complete"] is False
    assert first.headers["upload-offset"] == "40000" and first.headers["upload-complete"] == "?0"
    last = await part(house, file_id, 40_000, content[40_000:])
    assert last.json() == {
        "fileId": file_id,
        "offset": 100_000,
        "length": 100_000,
        "complete": True,
        "type": "video/mp4",
    }
    stored = await house.http.get(f"/api/v1/artifacts/{file_id}")
    assert stored.content == content
    assert list((house.settings.home / "staging" / "uploads").iterdir()) == []


async def test_head_tells_how_far_it_is_before_and_after_the_end(house: House) -> None:
    content = film_of(3000)
    file_id = await begun(house, len(content))
    await part(house, file_id, 0, content[:1000])
    head = await house.http.head(f"/v1/upload/{file_id}")
    assert (head.status_code, head.headers["upload-offset"]) == (200, "1000")
    assert head.headers["upload-length"] == "3000" and head.headers["cache-control"] == "no-store"
    assert parsedate_to_datetime(head.headers["upload-expires"]).year >= 2024
    await part(house, file_id, 1000, content[1000:])
    head = await house.http.head(f"/v1/upload/{file_id}")
    assert (head.headers["upload-offset"], head.headers["upload-complete"]) == ("3000", "?1")


async def test_a_wrong_offset_is_409_with_the_right_one(house: House) -> None:
    content = film_of(3000)
    file_id = await begun(house, len(content))
    await part(house, file_id, 0, content[:1000])
    for wrong in (0, 999, 1001, 3000):
        answer = await part(house, file_id, wrong, content[:10])
        assert answer.status_code == 409
        error = answer.json()["error"]
        assert error["offset"] == 1000 and "Upload-Offset: 1000" in error["next_step"]
    assert (await part(house, file_id, 1000, content[1000:])).json()["complete"]


async def test_the_last_part_may_be_sent_again(house: House) -> None:
    file_id = await begun(house, len(PICTURE))
    done = await part(house, file_id, 0, PICTURE)
    assert done.json()["complete"]
    assert (await part(house, file_id, len(PICTURE), b"")).json() == done.json()
    assert (await part(house, file_id, 0, PICTURE)).status_code == 409


async def test_a_tus_client_gets_204(house: House) -> None:
    file_id = await begun(house, len(PICTURE), **{"Tus-Resumable": "1.0.0"})
    answer = await part(house, file_id, 0, PICTURE, **{"Tus-Resumable": "1.0.0"})
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["upload-offset"] == str(len(PICTURE))


async def test_what_is_no_media_is_415_and_gone(house: House) -> None:
    file_id = await begun(house, 2000)
    answer = await part(house, file_id, 0, b"MZ" + bytes(998))
    assert answer.status_code == 415
    assert (await house.http.head(f"/v1/upload/{file_id}")).status_code == 404
    short = await begun(house, 5)
    assert (await part(house, short, 0, b"hello")).status_code == 415
    assert (await house.http.head(f"/v1/upload/{short}")).status_code == 404
    assert list((house.settings.home / "staging" / "uploads").iterdir()) == []


async def test_more_than_was_announced_is_refused(house: House) -> None:
    file_id = await begun(house, 100)
    assert (await part(house, file_id, 0, film_of(101))).status_code == 413
    assert (await part(house, file_id, 0, film_of(100))).json()["complete"]


@pytest.mark.parametrize("length", ["0", str(MAX_UPLOAD + 1), "ten", "-1", "1.5", "", "9" * 20])
async def test_a_length_that_cannot_be_is_refused(house: House, length: str) -> None:
    answer = await house.http.post("/v1/upload", headers={"Upload-Length": length}, content=b"")
    assert answer.status_code in (400, 413), answer.text


async def test_an_upload_begins_without_a_body(house: House) -> None:
    answer = await house.http.post("/v1/upload", headers={"Upload-Length": "5"}, content=b"hello")
    assert answer.status_code == 400 and "PATCH" in answer.json()["error"]["next_step"]


@pytest.mark.parametrize("offset", ["", "x", "-1", "1e3"])
async def test_an_offset_that_is_no_number_is_refused(house: House, offset: str) -> None:
    file_id = await begun(house, 100)
    assert (await part(house, file_id, offset, b"x")).status_code == 400


async def test_another_content_type_is_refused(house: House) -> None:
    file_id = await begun(house, 100)
    answer = await part(house, file_id, 0, b"{}", **{"Content-Type": "application/json"})
    assert answer.status_code == 415


async def test_an_upload_can_be_given_up(house: House) -> None:
    file_id = await begun(house, 3000)
    await part(house, file_id, 0, film_of(1000))
    assert (await house.http.delete(f"/v1/upload/{file_id}")).status_code == 204
    assert (await house.http.delete(f"/v1/upload/{file_id}")).status_code == 404
    assert (await part(house, file_id, 1000, b"x")).status_code == 404
    assert list((house.settings.home / "staging" / "uploads").iterdir()) == []


async def test_a_complete_upload_is_not_given_up(house: House) -> None:
    file_id = await begun(house, len(PICTURE))
    await part(house, file_id, 0, PICTURE)
    assert (await house.http.delete(f"/v1/upload/{file_id}")).status_code == 409
    assert (await house.http.get(f"/api/v1/artifacts/{file_id}")).content == PICTURE


async def test_an_idempotency_key_begins_one_upload(house: House) -> None:
    first = await begun(house, 100, **{"Idempotency-Key": "k1"})
    assert await begun(house, 100, **{"Idempotency-Key": "k1"}) == first
    other = await house.http.post(
        "/v1/upload", headers={"Upload-Length": "101", "Idempotency-Key": "k1"}, content=b""
    )
    assert other.status_code == 422


async def test_unfinished_uploads_are_bounded(house: House) -> None:
    for _ in range(MOST_OPEN):
        await begun(house, 100)
    answer = await house.http.post("/v1/upload", headers={"Upload-Length": "5"}, content=b"")
    assert answer.status_code == 409 and "DELETE" in answer.json()["error"]["next_step"]


async def test_a_job_made_file_is_no_upload(house: House) -> None:
    job = await house.ended(await house.order())
    artifact_id = job["assets"][0]["artifact_id"]
    assert (await house.http.head(f"/v1/upload/{artifact_id}")).status_code == 404
    assert (await house.http.head("/v1/upload/art_none")).status_code == 404
