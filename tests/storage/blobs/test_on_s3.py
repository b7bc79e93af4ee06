"""What a bucket alone has to mind: copies, strangers, races of removal and storing, trouble on the way."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import ClassVar

import pytest

from buckets_house import BucketOfFiles
from destinations_house import ACCESS, SECRET, free_port
from flexura.domain.errors import InternalError, Overloaded
from flexura.runtime.files import described
from flexura.services.clock import now_ms
from flexura.storage import s3_blobs, s3_parts
from flexura.storage.s3_blobs import S3Blobs
from flexura.storage.s3_bucket import Bucket
from uploads_house import PICTURE, film_of

pytestmark = pytest.mark.anyio
LATER = 10_000_000


async def stream(*chunks: bytes) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


Gate = Callable[[str], Awaitable[None]]


class Watched(Bucket):
    """A bucket that notes what it is asked, and lets tests step in before it is done."""

    asked: ClassVar[list[tuple[str, str]]] = []
    gates: ClassVar[dict[str, Gate]] = {}

    async def _step(self, what: str, key: str) -> None:
        self.asked.append((what, key))
        if (gate := self.gates.get(what)) is not None:
            await gate(key)

    async def put(
        self, key: str, what: Path | bytes, attributes: Mapping[str, str] | None = None
    ) -> None:
        await self._step("put", key)
        await super().put(key, what, attributes)

    async def stream(
        self, key: str, part: tuple[int, int] | None = None
    ) -> AsyncIterator[bytes] | None:
        await self._step("stream", key)
        return await super().stream(key, part)

    async def delete(self, keys: Sequence[str]) -> None:
        await self._step("delete", keys[0])
        await super().delete(keys)


@pytest.fixture(autouse=True)
def unwatched() -> None:
    Watched.asked.clear()
    Watched.gates.clear()


def watched(bucket: BucketOfFiles) -> S3Blobs:
    opened = bucket.opened()
    return S3Blobs(Watched(opened.store, opened.where), bucket.cache(), described)


async def test_bytes_are_fetched_once_however_many_want_them(
    bucket: BucketOfFiles,
) -> None:
    content = os.urandom(300_000)
    blob = await bucket.blobs().put(stream(content), 300_000)
    blobs = watched(bucket)

    async def read() -> bytes:
        async with blobs.local(blob.sha256) as path:
            assert path is not None
            return path.read_bytes()

    assert set(await asyncio.gather(*(read() for _ in range(20)))) == {content}
    assert [what for what, _ in Watched.asked] == ["stream"]


async def test_what_was_stored_here_is_not_fetched(
    bucket: BucketOfFiles,
) -> None:
    blobs = watched(bucket)
    blob = await blobs.put(stream(b"here"), 10)
    async with blobs.local(blob.sha256) as path:
        assert path is not None and path.read_bytes() == b"here"
    assert "stream" not in [what for what, _ in Watched.asked]


async def test_other_bytes_under_a_name_are_never_served(
    bucket: BucketOfFiles, caplog: pytest.LogCaptureFixture
) -> None:
    content = os.urandom(5_000_000)
    blob = await bucket.blobs().put(stream(content), len(content))
    for foreign in (content[:4_999_999], os.urandom(5_000_000)):
        bucket.overwrite(blob.sha256, foreign)
        blobs = bucket.blobs()
        with caplog.at_level(logging.ERROR), pytest.raises(InternalError, match="other bytes"):
            async with blobs.local(blob.sha256):
                raise AssertionError("it must not be given")
        found = await blobs.read(blob.sha256, 0, len(foreign))
        assert found is not None
        came = bytearray()
        with pytest.raises(InternalError, match="other bytes"):
            async for piece in found:
                came += piece
        assert len(came) < len(foreign), "whoever counts the bytes sees that some are missing"
    assert bucket.left() == []


async def test_a_store_that_is_cut_off_leaves_nothing_that_is_named_as_a_blob(
    bucket: BucketOfFiles, tmp_path: Path
) -> None:
    made = tmp_path / "made.bin"
    made.write_bytes(os.urandom(30_000_000))
    for moment in (0.001, 0.05, 0.1):
        storing = asyncio.create_task(bucket.blobs().take(made, keep=True))
        await asyncio.wait([storing], timeout=moment)
        storing.cancel()
        await asyncio.gather(storing, return_exceptions=True)
        assert made.exists() and set(bucket.named()) <= {
            hashlib.sha256(made.read_bytes()).hexdigest()
        }
        for key in bucket.paths():
            head = bucket.client.head_object(Bucket=bucket.bucket, Key=f"team/a/{key}")
            assert head["ContentLength"] == 30_000_000, "an object is whole or not there"


async def test_bytes_stored_in_the_middle_of_a_removal_stay(
    bucket: BucketOfFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(s3_blobs, "_PAUSE", 0.01)
    remover, storer, waits = watched(bucket), watched(bucket), asyncio.Event()
    blob = await storer.put(stream(b"race"), 10)
    storing: list[asyncio.Task[object]] = []

    async def waiting(key: str) -> None:
        if key.startswith("looking/"):
            waits.set()

    async def meanwhile(key: str) -> None:
        # The age has been looked at; the removal is on its way.
        if key.startswith("blobs/"):
            storing.append(asyncio.create_task(storer.put(stream(b"race"), 10)))
            await asyncio.wait(
                [*storing, asyncio.create_task(waits.wait())], return_when="FIRST_COMPLETED"
            )

    Watched.gates |= {"delete": meanwhile, "put": waiting}
    assert await remover.delete(blob.sha256, now_ms() + LATER)
    await asyncio.gather(*storing)
    assert waits.is_set() and bucket.named() == [blob.sha256] and bucket.left() == []


async def test_a_removal_that_died_stops_nobody_for_long(
    bucket: BucketOfFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(s3_blobs, "_PAUSE", 0.001)
    monkeypatch.setattr(s3_blobs, "_LOOKS", 3)
    digest = hashlib.sha256(b"again").hexdigest()
    await bucket.opened().put(f"deleting/{digest}/dead", b"")
    with pytest.raises(Overloaded, match="being removed"):
        await bucket.blobs().put(stream(b"again"), 10)
    monkeypatch.setattr(s3_blobs, "_DEAD", -LATER)
    await bucket.blobs().put(stream(b"again"), 10)
    await bucket.blobs().tidy(now_ms() + LATER)
    assert bucket.left() == []


async def test_the_cache_stays_within_its_bound_but_never_loses_what_is_read(
    bucket: BucketOfFiles,
) -> None:
    bucket.most = 1_000_000
    contents = [os.urandom(300_000) for _ in range(6)]
    digests = [(await bucket.blobs().put(stream(c), 300_000)).sha256 for c in contents]
    blobs = bucket.blobs()
    async with blobs.local(digests[0]) as first:
        assert first is not None
        for digest in digests[1:]:
            async with blobs.local(digest) as path:
                assert path is not None
        assert first.read_bytes() == contents[0]
        there = [p for p in first.parent.parent.rglob("*") if p.is_file()]
        assert sum(p.stat().st_size for p in there) <= 1_200_000 and first in there


async def test_a_picture_is_a_picture_to_whoever_opens_the_bucket(bucket: BucketOfFiles) -> None:
    for content, mime, way in (
        (PICTURE, "image/png", "inline"),
        (film_of(1000), "video/mp4", "inline"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "image/svg+xml", "attachment"),
        (b"<html>", "application/octet-stream", "attachment"),
    ):
        blob = await bucket.blobs().put(stream(content), 10_000)
        key = f"team/a/blobs/{blob.sha256[:2]}/{blob.sha256[2:]}"
        head = bucket.client.head_object(Bucket=bucket.bucket, Key=key)
        assert head["ContentType"] == mime
        assert head["ContentDisposition"].startswith(f"{way}; filename=")


async def test_trouble_says_what_to_do_and_no_secret(bucket: BucketOfFiles) -> None:
    away = bucket.opened(f"http://127.0.0.1:{free_port()}", retries=0)
    with pytest.raises(Overloaded) as told:
        await away.head("x")
    assert told.value.details["retry_after"] and told.value.next_step
    missing = bucket.opened(bucket="no-such-bucket", retries=0)
    with pytest.raises(InternalError, match="NoSuchBucket") as refused:
        await missing.below("blobs")
    assert "create it" in refused.value.next_step
    for error in (told.value, refused.value):
        text = f"{error.message} {error.next_step} {error.__cause__}"
        assert SECRET not in text and ACCESS not in text and "127.0.0.1" not in text


async def test_a_write_that_failed_counts_nothing(
    bucket: BucketOfFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(s3_parts, "SEGMENT", 10)
    opened = bucket.opened()
    parts = s3_parts.S3Parts(Watched(opened.store, opened.where), bucket.path / "staging")

    async def first() -> int:
        return 1

    async def broken(key: str) -> None:
        raise Overloaded("away")

    async with parts.growing("art_1", 0, first) as part:
        await part.write(b"abcd")
        Watched.gates["put"] = broken
        with pytest.raises(Overloaded):
            await part.write(b"efghijkl")
        del Watched.gates["put"]
        await part.write(b"EF")
        await part.sync()
    async with parts.whole("art_1", 6) as path:
        assert path.read_bytes() == b"abcdEF"


async def test_a_later_writer_wins_over_what_was_not_counted(bucket: BucketOfFiles) -> None:
    parts = bucket.parts()

    async def first() -> int:
        return 1

    async def second() -> int:
        return 2

    async with parts.growing("art_1", 0, first) as slow, parts.growing("art_1", 0, second) as quick:
        await quick.write(b"counts")
        await quick.sync()
        await slow.write(b"too late")
        await slow.sync()
    async with bucket.parts().whole("art_1", 6) as path:
        assert path.read_bytes() == b"counts"
