"""A gateway whose files lie in a bucket does with them what one with a folder does."""

from __future__ import annotations

import io
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path

import httpx2
import pytest

from buckets_house import BucketOfFiles
from doubles import FakeProvider, png
from files_house import gone, uploaded
from flexura.domain.errors import InvalidRequest
from flexura.settings import Settings
from gateway_house import House, opened
from marked_files import media_in
from uploads_house import film_of

pytestmark = pytest.mark.anyio
PART = {"Content-Type": "application/offset+octet-stream"}


def forget_copies(house: House) -> None:
    """As on a machine that has never seen the files."""
    shutil.rmtree(house.settings.home / "cache", ignore_errors=True)


async def test_what_a_job_made_is_served_from_the_bucket(
    team: House, bucket: BucketOfFiles
) -> None:
    job = await team.ended(await team.order(options={"seed": 7}))
    (asset,) = job["assets"]
    assert bucket.named() == [asset["sha256"]]
    assert not (team.settings.home / "artifacts").exists()
    forget_copies(team)
    answer = await team.http.get(asset["url"])
    assert answer.status_code == 200 and media_in(answer.content) == media_in(png(grey=7))
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["content-length"] == str(len(answer.content))
    assert answer.headers["x-content-type-options"] == "nosniff"
    again = await team.http.get(asset["url"], headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304


@pytest.mark.parametrize(
    ("asked", "status", "told"),
    [
        ("bytes=0-9", 206, "bytes 0-9/100000"),
        ("bytes=99990-", 206, "bytes 99990-99999/100000"),
        ("bytes=-5", 206, "bytes 99995-99999/100000"),
        ("bytes=99990-200000", 206, "bytes 99990-99999/100000"),
        ("bytes=100000-", 416, "bytes */100000"),
        ("bytes=9-3", 200, None),
        ("frames=1-2", 200, None),
    ],
)
async def test_a_range_of_a_file_is_fetched_alone(
    team: House, asked: str, status: int, told: str | None
) -> None:
    film = film_of(100_000)
    stored = await uploaded(team, film)
    forget_copies(team)
    answer = await team.http.get(stored["url"], headers={"Range": asked})
    assert (answer.status_code, answer.headers.get("content-range")) == (status, told)
    if told and status == 206:
        first, last = told.removeprefix("bytes ").partition("/")[0].split("-")
        assert answer.content == film[int(first) : int(last) + 1]
    if status == 200:
        assert answer.content == film


async def test_a_head_request_tells_without_sending(team: House) -> None:
    stored = await uploaded(team, film_of(2_000_000))
    forget_copies(team)
    answer = await team.http.head(stored["url"])
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-length"] == "2000000"


async def test_a_stored_file_is_an_input_and_has_other_forms(
    team: House,
) -> None:
    stored = await uploaded(team, png(40, 20))
    forget_copies(team)
    listed = await team.http.get("/api/v1/models?task=image-to-image&provider=embedded")
    body = {"model": listed.json()["models"][0]["id"], "inputs": [stored["artifact_id"]]}
    job = await team.ended(await team.order("rotate it by 90 degrees", **body))
    assert job["status"] == "completed", job
    forget_copies(team)
    small = await team.http.get(f"/api/v1/artifacts/{stored['artifact_id']}?format=webp&width=16")
    assert small.status_code == 200 and small.content[8:12] == b"WEBP"


async def test_an_export_brings_the_files_from_the_bucket(team: House) -> None:
    job_id = await team.order(options={"seed": 3})
    await team.ended(job_id)
    forget_copies(team)
    answer = await team.http.get(f"/api/v1/jobs/{job_id}/export")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert media_in(archive.read(f"{job_id}-1.png")) == media_in(png(grey=3))


async def test_an_upload_in_parts_goes_through_two_gateways(
    team: House, team_settings: Settings, bucket: BucketOfFiles, tmp_path: Path
) -> None:
    film = film_of(700_000)
    async with opened(team_settings, FakeProvider(tmp_path)) as other:
        begun = await team.http.post("/v1/upload", headers={"Upload-Length": str(len(film))})
        path, key = begun.headers["location"], {"Authorization": f"Bearer {team.key}"}
        at = 0
        for number, size in enumerate([300_000, 1, 250_000, 149_999]):
            house = (team, other)[number % 2]
            headers = {**PART, **key, "Upload-Offset": str(at)}
            answer = await house.http.patch(path, content=film[at : at + size], headers=headers)
            assert answer.status_code == 200, answer.text
            at += size
        assert answer.json()["complete"] is True
    assert not [path for path in bucket.left() if path.startswith("uploads/")]
    forget_copies(team)
    found = await team.http.get(f"/api/v1/artifacts/{begun.json()['fileId']}")
    assert found.content == film


async def test_an_expired_file_is_410(team: House) -> None:
    stored = await uploaded(team, png())
    await gone(team, stored["artifact_id"])
    assert (await team.http.get(stored["url"])).status_code == 410


async def test_bytes_that_somebody_removed_are_a_404(team: House, bucket: BucketOfFiles) -> None:
    stored = await uploaded(team, png())
    forget_copies(team)
    bucket.client.delete_object(
        Bucket=bucket.bucket,
        Key=f"team/a/blobs/{stored['sha256'][:2]}/{stored['sha256'][2:]}",
    )
    answer = await team.http.get(stored["url"])
    assert answer.status_code == 404 and answer.json()["error"]["next_step"]


async def test_a_bucket_that_is_away_is_503_with_retry_after(
    team: House, bucket: BucketOfFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = await uploaded(team, png())
    forget_copies(team)
    away = bucket.opened("http://127.0.0.1:9", retries=0)
    assert team.app.services is not None
    monkeypatch.setattr(team.app.services.blobs, "_bucket", away)
    answer = await team.http.get(stored["url"])
    assert answer.status_code == 503 and answer.headers["retry-after"] == "5"
    error = answer.json()["error"]
    assert error["code"] == "overloaded" and error["next_step"]
    assert "127.0.0.1" not in answer.text


async def test_a_bucket_that_is_not_there_ends_the_start_with_the_next_step(
    team_settings: Settings, server: str, tmp_path: Path
) -> None:
    settings = replace(team_settings, artifact_store=f"s3://no-such-bucket/a?endpoint={server}")
    with pytest.raises(InvalidRequest, match="NoSuchBucket") as told:
        async with opened(settings, FakeProvider(tmp_path)):
            raise AssertionError("it must not start")
    assert "create it" in told.value.next_step


async def test_a_large_file_is_fetched_from_where_it_lies(linking: House) -> None:
    film = film_of(1 << 20)
    stored = await uploaded(linking, film)
    for url in (stored["url"], stored["signed_url"], f"/api/v1/artifacts/{stored['artifact_id']}"):
        answer = await linking.http.get(url)
        assert answer.status_code == 307 and answer.headers["cache-control"] == "private, no-store"
        assert answer.headers["etag"] == f'"{stored["sha256"]}"'
        async with httpx2.AsyncClient() as stranger:
            found = await stranger.get(answer.headers["location"])
        assert found.content == film and found.headers["content-type"] == "video/mp4"
        named = f'inline; filename="{stored["sha256"][:16]}.mp4"'
        assert found.headers["content-disposition"] == named
        assert linking.key not in answer.headers["location"]


async def test_a_small_file_passes_through(linking: House) -> None:
    stored = await uploaded(linking, film_of((1 << 20) - 1))
    assert (await linking.http.get(stored["url"])).status_code == 200


async def test_without_an_address_for_others_nobody_is_sent_there(team: House) -> None:
    stored = await uploaded(team, film_of(1 << 20))
    assert (await team.http.get(stored["url"])).status_code == 200
