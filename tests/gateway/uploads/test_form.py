"""`POST /v1/upload` with a form: the file is streamed and sniffed, everything else is bounded."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from gateway_house import House
from uploads_house import BOUNDARY, FORM_TYPE, PICTURE, film_of, form, pieces

pytestmark = pytest.mark.anyio


async def sent(house: House, body: bytes, size: int = 65_536, **headers: str) -> httpx2.Response:
    return await house.http.post(
        "/v1/upload", content=pieces(body, size), headers={**FORM_TYPE, **headers}
    )


async def test_a_video_gives_a_file_id_that_is_an_artifact(house: House) -> None:
    answer = await house.http.post(
        "/v1/upload", files={"file": ("clip.mp4", film_of(300_000), "video/mp4")}
    )
    assert answer.status_code == 201, answer.text
    told = answer.json()
    assert next(iter(told)) == "fileId" and told["type"] == "video/mp4" and told["bytes"] == 300_000
    stored = await house.http.get(f"/api/v1/artifacts/{told['fileId']}")
    assert stored.content == film_of(300_000)


@pytest.mark.parametrize("size", [1, 7, 4096])
async def test_a_form_may_come_in_pieces_of_any_size(house: House, size: int) -> None:
    body = form(("note", "", b"hello"), ("file", "a.png", PICTURE), ("more", "", b"x" * 100))
    answer = await sent(house, body, size)
    assert answer.status_code == 201, answer.text
    stored = await house.http.get(f"/api/v1/artifacts/{answer.json()['fileId']}")
    assert stored.content == PICTURE


@pytest.mark.parametrize(
    ("body", "status", "told"),
    [
        (form(("note", "", b"hello")), 400, "no field `file`"),
        (form(), 400, "no field `file`"),
        (form(("file", "a.png", PICTURE), ("file", "b.png", PICTURE)), 400, "more than one file"),
        (form(("file", "a.png", PICTURE), end=False), 400, "too early"),
        (form(("file", "a.png", PICTURE))[:-30], 400, "too early"),
        (b"no form at all", 400, "cannot be read"),
        (b"", 400, "too early"),
        (form(("file", "a.exe", b"MZ\x90\x00" * 300)), 415, "none of the media types"),
        (form(("file", "a.png", b"")), 415, "none of the media types"),
        (form(("note", "", b"x" * 70_000), ("file", "a.png", PICTURE)), 413, "other fields"),
    ],
)
async def test_a_form_that_cannot_be_used_is_refused_and_leaves_nothing(
    house: House, body: bytes, status: int, told: str
) -> None:
    answer = await sent(house, body)
    error = answer.json()["error"]
    assert (answer.status_code, told in error["message"]) == (status, True), answer.text
    assert error["next_step"]
    kept = [p for p in (house.settings.home / "artifacts").rglob("*") if p.is_file()]
    assert kept == []


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("application/json", 415),
        ("", 415),
        ("multipart/form-data", 400),
        ("multipart/mixed; boundary=x", 415),
        (f"multipart/form-data; boundary={'x' * 300}", 400),
    ],
)
async def test_another_content_type_is_refused(house: House, kind: str, status: int) -> None:
    body = form(("file", "a.png", PICTURE))
    answer = await house.http.post("/v1/upload", content=body, headers={"Content-Type": kind})
    assert answer.status_code == status, answer.text


async def test_over_500_mb_is_refused_before_it_is_read(house: House) -> None:
    async def never() -> Any:
        raise AssertionError("the body was read")
        yield b""

    length = str(501 * 2**20)
    answer = await house.http.post(
        "/v1/upload", content=never(), headers={**FORM_TYPE, "Content-Length": length}
    )
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "payload_too_large")


async def test_the_boundary_may_be_quoted(house: House) -> None:
    kind = f'multipart/form-data; boundary="{BOUNDARY}"'
    body = form(("file", "ünï;code.png", PICTURE))
    answer = await house.http.post("/v1/upload", content=body, headers={"Content-Type": kind})
    assert answer.status_code == 201


async def test_an_upload_wants_a_key_with_its_scope(house: House) -> None:
    del house.http.headers["authorization"]
    assert (await sent(house, form(("file", "a.png", PICTURE)))).status_code == 401


async def test_the_same_file_under_the_same_key_is_stored_once(house: House) -> None:
    body, key = form(("file", "a.png", PICTURE)), {"Idempotency-Key": "k1"}
    first = await sent(house, body, **key)
    again = await sent(house, form(("file", "b.png", PICTURE)), **key)
    assert again.json() == first.json() and again.headers["idempotent-replayed"] == "true"
    other = await sent(house, form(("file", "a.mp4", film_of(9000))), **key)
    assert (other.status_code, other.json()["error"]["code"]) == (422, "idempotency_mismatch")
    long = await sent(house, body, **{"Idempotency-Key": "k" * 256})
    assert long.status_code == 400


async def test_the_plain_upload_knows_the_key_too(house: House) -> None:
    key = {"Idempotency-Key": "k1"}
    first = await house.http.post("/api/v1/uploads", content=PICTURE, headers=key)
    again = await house.http.post("/api/v1/uploads", content=PICTURE, headers=key)
    assert again.json()["artifact_id"] == first.json()["artifact_id"]
    assert again.headers["idempotent-replayed"] == "true"
    assert (await house.http.get(again.json()["signed_url"])).content == PICTURE


async def test_the_plain_upload_says_where_a_form_goes(house: House) -> None:
    body = form(("file", "a.png", PICTURE))
    answer = await house.http.post("/api/v1/uploads", content=body, headers=FORM_TYPE)
    assert answer.status_code == 415
    assert "POST /v1/upload" in answer.json()["error"]["next_step"]
