"""Uploads, inputs and downloads."""

from __future__ import annotations

import base64
import hashlib

import pytest

from doubles import model, png
from gateway_house import House

pytestmark = pytest.mark.anyio
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


async def upload(house: House, content: bytes) -> dict[str, str]:
    answer = await house.http.post("/api/v1/uploads", content=content)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def test_an_upload_is_sniffed_hashed_and_can_be_fetched_again(house: House) -> None:
    stored = await upload(house, png(grey=3))
    assert stored["mime"] == "image/png"
    assert stored["sha256"] == hashlib.sha256(png(grey=3)).hexdigest()
    fetched = await house.http.get(f"/api/v1/artifacts/{stored['artifact_id']}")
    assert fetched.content == png(grey=3) and fetched.headers["x-content-type-options"] == "nosniff"
    part = await house.http.get(
        f"/api/v1/artifacts/{stored['artifact_id']}", headers={"Range": "bytes=0-7"}
    )
    assert part.status_code == 206 and part.content == b"\x89PNG\r\n\x1a\n"


@pytest.mark.parametrize("content", [b"", b"hello", b"<html></html>", b"MZ\x90\x00"])
async def test_what_is_no_media_file_is_refused(house: House, content: bytes) -> None:
    answer = await house.http.post("/api/v1/uploads", content=content)
    assert (answer.status_code, answer.json()["error"]["code"]) == (415, "unsupported_media_type")


async def test_an_upload_over_the_limit_is_refused_before_it_is_read(house: House) -> None:
    headers = {"Content-Length": str(10**9)}
    answer = await house.http.post("/api/v1/uploads", content=b"x", headers=headers)
    assert answer.status_code == 413


async def test_svg_comes_as_a_download_in_a_sandbox(house: House) -> None:
    stored = await upload(house, SVG)
    fetched = await house.http.get(f"/api/assets/{stored['name']}")
    assert fetched.headers["content-disposition"].startswith("attachment")
    assert "sandbox" in fetched.headers["content-security-policy"]


async def test_an_unchanged_file_is_304(house: House) -> None:
    stored = await upload(house, png())
    tag = {"If-None-Match": f'"{stored["sha256"]}"'}
    assert (await house.http.get(f"/api/assets/{stored['name']}", headers=tag)).status_code == 304


async def test_inputs_come_from_uploads_jobs_and_data_uris(house: House) -> None:
    house.fake.offered.append(model("edit", tasks=("image-to-image",)))
    stored = await upload(house, png(grey=9))
    first = await house.order()
    await house.ended(first)
    encoded = base64.b64encode(png(grey=5)).decode()
    sources = [stored["artifact_id"], first, f"data:image/png;base64,{encoded}"]
    job = await house.ended(await house.order(model="fake:edit", inputs=sources))
    assert job["status"] == "completed"


async def test_an_input_that_is_given_without_a_model_picks_one_that_takes_it(
    house: House,
) -> None:
    stored = await upload(house, png())
    body = {"prompt": "make it grey", "inputs": [stored["artifact_id"]], "dry_run": True}
    answer = await house.http.post("/api/generate/image", json=body)
    assert answer.json()["model"] != "fake:one"


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1/x.png", "https://localhost/x.png", "https://169.254.169.254/latest"]
)
async def test_an_input_url_on_a_private_network_is_not_fetched(house: House, url: str) -> None:
    body = {"prompt": "x", "model": "fake:one", "inputs": [url]}
    answer = await house.http.post("/api/generate/image", json=body)
    assert answer.status_code == 400 and answer.json()["error"]["code"] == "invalid_request"


async def test_a_signed_link_stays_good_after_a_restart_and_bad_ones_are_refused(
    house: House,
) -> None:
    job = await house.ended(await house.order())
    link = job["assets"][0]["signed_url"]
    del house.http.headers["authorization"]
    assert (await house.http.get(link)).status_code == 200
    for bad in (link.replace("sig=", "sig=x"), link.replace("exp=1", "exp=2"), link.split("?")[0]):
        assert (await house.http.get(bad)).status_code == 401


async def test_the_same_bytes_are_kept_once(house: House) -> None:
    first, second = await upload(house, png(grey=1)), await upload(house, png(grey=1))
    assert first["artifact_id"] != second["artifact_id"]
    kept = [p for p in (house.settings.home / "artifacts").rglob("*") if p.is_file()]
    assert len(kept) == 1
