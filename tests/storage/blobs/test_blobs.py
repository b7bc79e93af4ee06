"""Blobs, wherever they are: kept once, whole or not at all, removed only when nobody stores them anew."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from buckets_house import FilePlace
from flexura.domain.errors import PayloadTooLarge
from flexura.ports.blobs import SHELVES, Blobs
from flexura.services.clock import now_ms
from uploads_house import Broken, broken_after

pytestmark = pytest.mark.anyio
LATER = 10_000_000


async def stream(*chunks: bytes) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


async def content_of(blobs: Blobs, sha256: str) -> bytes | None:
    async with blobs.local(sha256) as path:
        return None if path is None else path.read_bytes()


async def read(blobs: Blobs, sha256: str, start: int, stop: int) -> bytes | None:
    found = await blobs.read(sha256, start, stop)
    return None if found is None else b"".join([piece async for piece in found])


async def test_a_stream_is_kept_by_its_content_for_every_process(place: FilePlace) -> None:
    content = os.urandom(3_000_000)
    blob = await place.blobs().put(stream(content[:1_500_000], b"", content[1_500_000:]), 3_000_000)
    assert (blob.sha256, blob.bytes) == (hashlib.sha256(content).hexdigest(), 3_000_000)
    assert await content_of(place.blobs(), blob.sha256) == content
    assert place.named() == [blob.sha256] and place.left() == []


async def test_a_file_of_many_parts_comes_back_whole(place: FilePlace, tmp_path: Path) -> None:
    content = os.urandom(20_000_000)
    made = tmp_path / "made.bin"
    made.write_bytes(content)
    blob = await place.blobs().take(made)
    other = place.blobs()
    assert await read(other, blob.sha256, 0, len(content)) == content
    assert await read(other, blob.sha256, 9_999_990, 10_000_010) == content[9_999_990:10_000_010]
    assert await content_of(other, blob.sha256) == content


async def test_nothing_is_a_blob_too(place: FilePlace) -> None:
    blob = await place.blobs().put(stream(), 10)
    assert (blob.bytes, blob.sha256) == (0, hashlib.sha256(b"").hexdigest())
    assert await content_of(place.blobs(), blob.sha256) == b""
    assert await read(place.blobs(), blob.sha256, 0, 0) == b""


async def test_a_stream_over_the_limit_leaves_nothing(place: FilePlace) -> None:
    with pytest.raises(PayloadTooLarge):
        await place.blobs().put(stream(b"x" * 600_000, b"x" * 600_000), 1_000_000)
    assert place.named() == [] and place.left() == []


async def test_a_stream_that_breaks_off_leaves_nothing(place: FilePlace) -> None:
    with pytest.raises(Broken):
        await place.blobs().put(broken_after(os.urandom(3_000_000)), 10_000_000)
    assert place.named() == [] and place.left() == []


async def test_a_file_that_is_taken_goes_or_stays(place: FilePlace, tmp_path: Path) -> None:
    made, blobs = tmp_path / "made.bin", place.blobs()
    for keep in (True, False, True, True):
        if not made.exists():
            made.write_bytes(b"same")
        blob = await blobs.take(made, keep=keep)
        assert await content_of(blobs, blob.sha256) == b"same"
        assert made.exists() is keep
    assert place.named() == [blob.sha256] and place.left() == []


async def test_what_is_not_there_is_none(place: FilePlace) -> None:
    blobs, unknown = place.blobs(), hashlib.sha256(b"never stored").hexdigest()
    assert await content_of(blobs, unknown) is None
    assert await blobs.read(unknown, 0, 5) is None
    assert await blobs.delete(unknown, now_ms() + LATER)


async def test_what_was_stored_just_now_is_not_deleted(place: FilePlace) -> None:
    blobs = place.blobs()
    blob = await blobs.put(stream(b"fresh"), 10)
    assert not await blobs.delete(blob.sha256, now_ms() - LATER)
    assert await content_of(blobs, blob.sha256) == b"fresh"
    assert await blobs.delete(blob.sha256, now_ms() + LATER)
    assert await content_of(blobs, blob.sha256) is None
    assert await blobs.delete(blob.sha256, now_ms() + LATER), "gone already is gone"
    assert place.named() == [] and place.left() == []


async def test_what_was_deleted_can_be_stored_again(place: FilePlace) -> None:
    blobs = place.blobs()
    for _ in range(2):
        blob = await blobs.put(stream(b"again"), 10)
        assert await content_of(place.blobs(), blob.sha256) == b"again"
        assert await blobs.delete(blob.sha256, now_ms() + LATER)
    assert place.named() == []


async def test_many_who_store_and_read_the_same_at_once_get_the_same(place: FilePlace) -> None:
    content, both = os.urandom(400_000), (place.blobs(), place.blobs())
    stored = await asyncio.gather(*(b.put(stream(content), 500_000) for b in both * 4))
    assert len(set(stored)) == 1
    found = await asyncio.gather(*(content_of(b, stored[0].sha256) for b in both * 4))
    assert set(found) == {content}
    assert place.named() == [stored[0].sha256] and place.left() == []


async def test_every_shelf_together_holds_everything_that_is_old_enough(place: FilePlace) -> None:
    blobs = place.blobs()
    digests = {(await blobs.put(stream(bytes([n])), 10)).sha256 for n in range(12)}
    found = [d for shelf in range(SHELVES) for d in await blobs.stored(shelf, now_ms() + LATER)]
    assert sorted(found) == sorted(digests)
    shelves = {int(digest[:2], 16) for digest in digests}
    assert [d for s in shelves for d in await blobs.stored(s, now_ms() - LATER)] == []


async def test_tidying_leaves_every_blob_alone(place: FilePlace) -> None:
    blobs = place.blobs()
    blob = await blobs.put(stream(b"kept"), 10)
    await blobs.tidy(now_ms() + LATER)
    assert await content_of(place.blobs(), blob.sha256) == b"kept"
