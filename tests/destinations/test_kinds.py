"""What only one kind of destination does."""

from __future__ import annotations

import errno
import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks import Webhook as Verifier

from destinations_house import SIGNING, BucketPlace, FolderPlace, Receiver, made, parcel
from flexura.domain.errors import DiskFull, ProviderError, ProviderUnavailable

pytestmark = pytest.mark.anyio


async def test_a_folder_tells_no_path_unless_it_is_served_somewhere(
    folder: FolderPlace, tmp_path: Path
) -> None:
    sent = parcel(tmp_path, b"first")
    assert await folder.destination.publish(sent) == "folder://press/job_01ABC-1.mp4"
    served = made(
        "press",
        {"type": "folder", "path": str(folder.path), "public_url": "https://tv.example.com/new/"},
    )
    assert await served.publish(sent) == "https://tv.example.com/new/job_01ABC-1.mp4"


async def test_a_link_in_the_folder_does_not_lead_out_of_it(
    folder: FolderPlace, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    outside.write_text("precious")
    (folder.path / "job_01ABC-1.mp4").symlink_to(outside)
    await folder.destination.publish(parcel(tmp_path, b"first"))
    assert outside.read_text() == "precious"
    assert folder.arrived() == {"job_01ABC-1.mp4": b"first"}


async def test_what_a_stopped_gateway_left_half_written_goes_with_the_next_try(
    folder: FolderPlace, tmp_path: Path
) -> None:
    (folder.path / ".job_01ABC-1.mp4.00ff.part").write_bytes(b"fi")
    await folder.destination.publish(parcel(tmp_path, b"first"))
    assert sorted(p.name for p in folder.path.iterdir()) == ["job_01ABC-1.mp4", "job_01ABC.json"]


async def test_a_full_disk_is_told_as_one(
    folder: FolderPlace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = parcel(tmp_path, b"first")

    def full(_file: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DiskFull):
        await folder.destination.publish(sent)
    assert list(folder.path.iterdir()) == []


async def test_files_in_a_bucket_have_their_media_type_and_an_address(
    bucket: BucketPlace, tmp_path: Path
) -> None:
    url = await bucket.destination.publish(parcel(tmp_path, b"first"))
    assert bucket.mime("job_01ABC-1.mp4") == "video/mp4"
    assert url.startswith("s3://press-") and url.endswith("/film/new/job_01ABC-1.mp4")


async def test_a_webhook_is_signed_as_standard_webhooks_says(
    receiver: Receiver, tmp_path: Path
) -> None:
    await receiver.destination.publish(parcel(tmp_path, b"first"))
    ((headers, body),) = receiver.got
    told = Verifier(SIGNING).verify(body, headers)
    assert list(told) == ["job_id", "title", "caption", "hashtags", "files"]
    assert told["files"][0]["url"] == "https://media.example.com/unguessable0.mp4?sig=x"


async def test_a_webhook_has_the_same_id_each_time_and_another_for_another_job(
    receiver: Receiver, tmp_path: Path
) -> None:
    for job_id in ("job_01ABC", "job_01ABC", "job_02XYZ"):
        await receiver.destination.publish(parcel(tmp_path, b"first", job_id=job_id))
    first, again, other = (headers["webhook-id"] for headers, _ in receiver.got)
    assert first == again != other
    assert "." not in first


async def test_without_links_the_receiver_is_told_so(receiver: Receiver, tmp_path: Path) -> None:
    await receiver.destination.publish(replace(parcel(tmp_path, b"first"), links=()))
    assert json.loads(receiver.got[0][1])["files"][0]["url"] is None


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (b'{"url": "https://tv.example.com/watch/1"}', "https://tv.example.com/watch/1"),
        (b'{"url": "javascript:alert(1)"}', ""),
        (b'{"url": 7}', ""),
        (b"[]", ""),
        (b"thanks", ""),
        (b"x" * 100_000, ""),
    ],
)
async def test_a_receiver_may_say_where_the_result_is_now(
    receiver: Receiver, tmp_path: Path, answer: bytes, told: str
) -> None:
    receiver.answer = answer
    assert await receiver.destination.publish(parcel(tmp_path, b"first")) == told


async def test_a_redirect_is_a_refusal_and_is_not_followed(
    receiver: Receiver, tmp_path: Path
) -> None:
    receiver.status, receiver.headers = 307, {"Location": receiver.url}
    with pytest.raises(ProviderError, match="307") as told:
        await receiver.destination.publish(parcel(tmp_path, b"first"))
    assert len(receiver.got) == 1 and "Redirects" in told.value.next_step


async def test_a_busy_receiver_says_when_to_come_again(receiver: Receiver, tmp_path: Path) -> None:
    receiver.status, receiver.headers = 429, {"Retry-After": "7"}
    with pytest.raises(ProviderUnavailable) as told:
        await receiver.destination.publish(parcel(tmp_path, b"first"))
    details: dict[str, Any] = told.value.details
    assert details["retry_after"] == 7
