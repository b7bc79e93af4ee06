"""What a folder alone has to mind: hard links, renames, locks, threads."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from flexura.domain.errors import Conflict
from flexura.services.clock import now_ms
from flexura.storage import files
from flexura.storage.files import FileBlobs, on_disk
from flexura.storage.parts import FileParts

pytestmark = pytest.mark.anyio
LATER = 10_000_000


async def stream(*chunks: bytes) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


async def first() -> int:
    return 1


@pytest.fixture
def blobs(tmp_path: Path) -> FileBlobs:
    return FileBlobs(tmp_path / "artifacts")


async def test_a_file_is_read_where_it_lies(blobs: FileBlobs) -> None:
    blob = await blobs.put(stream(b"here"), 10)
    async with blobs.local(blob.sha256) as path:
        assert path == blobs.local_path(blob.sha256)
    assert not blobs.remote and await blobs.link(blob.sha256, 60) is None


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


async def test_what_never_became_a_blob_is_tidied_away(blobs: FileBlobs, tmp_path: Path) -> None:
    await blobs.put(stream(b"kept"), 10)
    left = tmp_path / "artifacts" / "0123.part"
    left.write_bytes(b"half")
    await blobs.tidy(now_ms() - LATER)
    assert left.exists()
    await blobs.tidy(now_ms() + LATER)
    assert not left.exists()


async def test_a_part_has_one_writer_over_all_processes(tmp_path: Path) -> None:
    parts = FileParts(tmp_path)
    async with parts.growing("art_1", 0, first):
        with pytest.raises(Conflict):
            async with FileParts(tmp_path).growing("art_1", 0, first):
                pass
    async with FileParts(tmp_path).growing("art_1", 0, first):
        pass


async def test_who_may_not_write_does_not_take_the_place_of_who_does(tmp_path: Path) -> None:
    asked: list[int] = []

    async def second() -> int:
        asked.append(2)
        return 2

    async with FileParts(tmp_path).growing("art_1", 0, first):
        with pytest.raises(Conflict):
            async with FileParts(tmp_path).growing("art_1", 0, second):
                pass
    assert asked == []


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
