"""Blobs and parts on the disk: kept once, whole or not at all, removed only when nobody stores them anew."""

from __future__ import annotations

import asyncio
import hashlib
import os
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from flexura.domain.errors import Conflict, PayloadTooLarge
from flexura.ports.blobs import SHELVES
from flexura.services.clock import now_ms
from flexura.storage import files
from flexura.storage.files import FileBlobs, on_disk
from flexura.storage.parts import FileParts

pytestmark = pytest.mark.anyio
LATER = 10_000_000


async def stream(*chunks: bytes) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


@pytest.fixture
def blobs(tmp_path: Path) -> FileBlobs:
    return FileBlobs(tmp_path / "artifacts")


def everything(folder: Path) -> list[Path]:
    return [p for p in folder.rglob("*") if p.is_file()]


async def test_a_stream_is_kept_by_its_content(blobs: FileBlobs, tmp_path: Path) -> None:
    content = os.urandom(3_000_000)
    blob = await blobs.put(stream(content[:1_500_000], b"", content[1_500_000:]), 3_000_000)
    assert (blob.sha256, blob.bytes) == (hashlib.sha256(content).hexdigest(), 3_000_000)
    place = blobs.local_path(blob.sha256)
    assert place is not None and place.read_bytes() == content
    assert everything(tmp_path) == [place]


async def test_nothing_is_a_blob_too(blobs: FileBlobs) -> None:
    blob = await blobs.put(stream(), 10)
    assert (blob.bytes, blob.sha256) == (0, hashlib.sha256(b"").hexdigest())


async def test_a_stream_over_the_limit_leaves_nothing(blobs: FileBlobs, tmp_path: Path) -> None:
    with pytest.raises(PayloadTooLarge):
        await blobs.put(stream(b"x" * 600_000, b"x" * 600_000), 1_000_000)
    assert everything(tmp_path) == []


async def test_a_file_that_is_taken_goes_or_stays(blobs: FileBlobs, tmp_path: Path) -> None:
    for keep in (True, False, True):
        made = tmp_path / "made.bin"
        if not made.exists():
            made.write_bytes(b"same")
        blob = await blobs.take(made, keep=keep)
        place = blobs.local_path(blob.sha256)
        assert place is not None and place.read_bytes() == b"same"
        assert made.exists() is keep
    # The second name of a file that is here already goes by itself.
    await blobs.take(made, keep=True)
    assert sorted(p.name for p in everything(tmp_path)) == sorted(["made.bin", place.name])


async def test_without_hard_links_a_kept_file_is_copied(
    blobs: FileBlobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*names: object) -> None:
        raise OSError(1, "Operation not permitted")

    monkeypatch.setattr(files.os, "link", refuse)
    (tmp_path / "made.bin").write_bytes(b"copied")
    blob = await blobs.take(tmp_path / "made.bin", keep=True)
    place = blobs.local_path(blob.sha256)
    assert place is not None and place.read_bytes() == b"copied"
    assert (tmp_path / "made.bin").exists()


async def test_what_was_stored_just_now_is_not_deleted(blobs: FileBlobs) -> None:
    blob = await blobs.put(stream(b"fresh"), 10)
    assert not await blobs.delete(blob.sha256, now_ms() - LATER)
    assert blobs.local_path(blob.sha256) is not None
    assert await blobs.delete(blob.sha256, now_ms() + LATER)
    assert blobs.local_path(blob.sha256) is None
    assert await blobs.delete(blob.sha256, now_ms() + LATER), "gone already is gone"


async def test_storing_the_same_again_makes_it_fresh(blobs: FileBlobs) -> None:
    blob = await blobs.put(stream(b"again"), 10)
    place = blobs.local_path(blob.sha256)
    assert place is not None
    os.utime(place, (1000, 1000))
    await blobs.put(stream(b"again"), 10)
    assert not await blobs.delete(blob.sha256, now_ms() - LATER)


async def test_bytes_stored_in_the_middle_of_a_delete_stay(
    blobs: FileBlobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    blob = await blobs.put(stream(b"race"), 10)
    place = blobs.local_path(blob.sha256)
    assert place is not None
    os.utime(place, (1000, 1000))
    rename: Callable[[Path, Path], Path] = Path.rename

    def after_a_store(self: Path, target: Path) -> Path:
        # Somebody stores the same bytes between the look and the rename.
        os.utime(self)
        return rename(self, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", after_a_store)
        assert not await blobs.delete(blob.sha256, now_ms() - LATER)
    assert place.read_bytes() == b"race"
    assert [p.name for p in place.parent.iterdir()] == [place.name]


async def test_every_shelf_together_holds_everything_that_is_old_enough(
    blobs: FileBlobs, tmp_path: Path
) -> None:
    digests = {(await blobs.put(stream(bytes([n])), 10)).sha256 for n in range(30)}
    found = [d for shelf in range(SHELVES) for d in await blobs.stored(shelf, now_ms() + LATER)]
    assert sorted(found) == sorted(digests)
    assert [d for s in range(SHELVES) for d in await blobs.stored(s, now_ms() - LATER)] == []


async def test_what_never_became_a_blob_is_tidied_away(blobs: FileBlobs, tmp_path: Path) -> None:
    blob = await blobs.put(stream(b"kept"), 10)
    left = tmp_path / "artifacts" / "0123.part"
    left.write_bytes(b"half")
    await blobs.tidy(now_ms() - LATER)
    assert left.exists()
    await blobs.tidy(now_ms() + LATER)
    assert not left.exists() and blobs.local_path(blob.sha256) is not None


async def test_a_part_grows_and_is_cut_to_what_counts(tmp_path: Path) -> None:
    parts = FileParts(tmp_path / "parts")
    async with parts.growing("art_1", 0) as part:
        await part.write(b"hello, torn")
        await part.sync()
    async with parts.growing("art_1", 5) as part:
        await part.write(b" world")
    assert parts.path("art_1").read_bytes() == b"hello world"
    await parts.remove("art_1")
    await parts.remove("art_1")
    assert not parts.path("art_1").exists()


async def test_a_part_has_one_writer_over_all_processes(tmp_path: Path) -> None:
    parts = FileParts(tmp_path)
    async with parts.growing("art_1", 0):
        with pytest.raises(Conflict):
            async with FileParts(tmp_path).growing("art_1", 0):
                pass
    async with FileParts(tmp_path).growing("art_1", 0):
        pass


async def test_a_cancelled_caller_waits_for_the_disk() -> None:
    began, may_end, ended = threading.Event(), threading.Event(), threading.Event()

    def work() -> None:
        began.set()
        may_end.wait(10)
        ended.set()

    task = asyncio.create_task(on_disk(work))
    await asyncio.to_thread(began.wait, 10)
    task.cancel()
    await asyncio.sleep(0)
    assert not task.done()
    may_end.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended.is_set()
