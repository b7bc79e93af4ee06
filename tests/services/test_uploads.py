"""Uploads that break off, hang, are overtaken or meet a crash: what was told to be here is here."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flexura.domain.artifact import Artifact
from flexura.domain.errors import (
    Conflict,
    NotFound,
    PayloadTooLarge,
    UnsupportedMediaType,
)
from flexura.domain.upload import Upload
from flexura.ports.blobs import Blob
from flexura.services.clock import now_ms
from flexura.services.receiving import Receiving
from flexura.services.uploads import KEPT
from stores_house import Clock, Stores, stores
from uploads_house import PICTURE, Broken, broken_after, film_of, hanging_after, pieces

pytestmark = pytest.mark.anyio
MEBI = 1 << 20


@pytest.fixture
async def kept(tmp_path: Path) -> AsyncIterator[Stores]:
    async with stores(tmp_path, Clock(now_ms())) as found:
        yield found


async def finished(kept: Stores, upload_id: str, content: bytes) -> None:
    artifact = await kept.uploads.get("ws_1", upload_id)
    assert isinstance(artifact, Artifact) and artifact.bytes == len(content)
    assert artifact.sha256 == hashlib.sha256(content).hexdigest()
    path = kept.blobs.local_path(artifact.sha256)
    assert path is not None and path.read_bytes() == content
    assert await kept.records.get(Upload, upload_id) is None
    assert not kept.parts.path(upload_id).exists()


async def test_what_came_before_the_connection_broke_is_kept(kept: Stores) -> None:
    content = film_of(3 * MEBI + 17)
    upload = await kept.uploads.begin("ws_1", len(content))
    cut = 2 * MEBI + 4321
    with pytest.raises(Broken):
        await kept.uploads.append("ws_1", upload.id, 0, broken_after(content[:cut], 10_000))
    found = await kept.restarted().uploads.get("ws_1", upload.id)
    assert isinstance(found, Upload) and found.received == cut
    done = await kept.uploads.append("ws_1", upload.id, cut, pieces(content[cut:]))
    assert isinstance(done, Artifact)
    await finished(kept, upload.id, content)


@settings(max_examples=8)
@given(cuts=st.lists(st.integers(0, 300_000), max_size=5), size=st.integers(1, 70_000))
async def test_any_cuts_and_restarts_give_the_same_file(
    tmp_path_factory: pytest.TempPathFactory, cuts: list[int], size: int
) -> None:
    content = film_of(300_000)
    async with stores(tmp_path_factory.mktemp("cuts"), Clock(now_ms())) as kept:
        upload = await kept.uploads.begin("ws_1", len(content))
        at = 0
        for cut in sorted(cuts):
            if at == len(content):
                break
            with pytest.raises(Broken):
                await kept.uploads.append(
                    "ws_1", upload.id, at, broken_after(content[at:cut], size)
                )
            kept = kept.restarted()
            told = await kept.uploads.get("ws_1", upload.id)
            at = told.received if isinstance(told, Upload) else told.bytes
            assert at == cut
        await kept.uploads.append("ws_1", upload.id, at, pieces(content[at:], size))
        await finished(kept, upload.id, content)


async def test_bytes_after_the_last_durable_mark_are_sent_again_after_a_crash(
    kept: Stores,
) -> None:
    content = film_of(100_000)
    upload = await kept.uploads.begin("ws_1", len(content))
    await kept.uploads.append("ws_1", upload.id, 0, pieces(content[:60_000]))
    # A kill -9 leaves bytes in the file that the row does not count, perhaps torn ones.
    with kept.parts.path(upload.id).open("ab") as file:
        file.write(b"torn" * 100)
    kept = kept.restarted()
    found = await kept.uploads.get("ws_1", upload.id)
    assert isinstance(found, Upload) and found.received == 60_000
    await kept.uploads.append("ws_1", upload.id, 60_000, pieces(content[60_000:]))
    await finished(kept, upload.id, content)


async def test_a_long_part_is_marked_on_the_way(
    kept: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    content, hangs = film_of(34 * MEBI), asyncio.Event()
    upload = await kept.uploads.begin("ws_1", len(content))
    task = asyncio.create_task(
        kept.uploads.append("ws_1", upload.id, 0, hanging_after(content[: 33 * MEBI], hangs))
    )
    await hangs.wait()
    found = await kept.uploads.get("ws_1", upload.id)
    assert isinstance(found, Upload) and 32 * MEBI <= found.received <= 33 * MEBI
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    after = await kept.restarted().uploads.get("ws_1", upload.id)
    assert isinstance(after, Upload) and after.received == 33 * MEBI


async def test_a_request_that_hangs_is_overtaken_by_who_goes_on(kept: Stores) -> None:
    content, hangs = film_of(200_000), asyncio.Event()
    upload = await kept.uploads.begin("ws_1", len(content))
    hanging = asyncio.create_task(
        kept.uploads.append("ws_1", upload.id, 0, hanging_after(content[:90_000], hangs))
    )
    await hangs.wait()
    with pytest.raises(Conflict) as refused:
        await kept.uploads.append("ws_1", upload.id, 0, pieces(content))
    assert refused.value.details["offset"] == 90_000
    with pytest.raises(Conflict, match="another request goes on"):
        await hanging
    await kept.uploads.append("ws_1", upload.id, 90_000, pieces(content[90_000:]))
    await finished(kept, upload.id, content)


async def test_two_who_send_the_same_part_at_once_make_one_file(kept: Stores) -> None:
    content = film_of(500_000)
    upload = await kept.uploads.begin("ws_1", len(content))
    outcomes = await asyncio.gather(
        *(kept.uploads.append("ws_1", upload.id, 0, pieces(content)) for _ in range(4)),
        return_exceptions=True,
    )
    assert all(isinstance(one, Artifact | Conflict) for one in outcomes), outcomes
    at = await kept.uploads.get("ws_1", upload.id)
    if isinstance(at, Upload):
        await kept.uploads.append("ws_1", upload.id, at.received, pieces(content[at.received :]))
    await finished(kept, upload.id, content)


async def test_silence_ends_a_request() -> None:
    hangs = asyncio.Event()
    came: list[bytes] = []
    with pytest.raises(Conflict, match="nothing more came"):
        async for chunk in Receiving(silence=0.01).of(hanging_after(b"abc", hangs)):
            came.append(chunk)
    assert came == [b"abc"]


async def test_a_crash_between_the_file_and_its_row_costs_nothing(
    kept: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = film_of(50_000)
    upload = await kept.uploads.begin("ws_1", len(content))

    take = kept.blobs.take

    async def crash(path: Path, *, keep: bool = False) -> Blob:
        await take(path, keep=keep)
        raise Broken

    with monkeypatch.context() as patched, pytest.raises(Broken):
        patched.setattr(kept.blobs, "take", crash)
        await kept.uploads.append("ws_1", upload.id, 0, pieces(content))
    # Nothing but a look is needed: a client that is told that all is here sends no more.
    found = await kept.restarted().uploads.get("ws_1", upload.id)
    assert isinstance(found, Artifact) and found.id == upload.id
    await finished(kept, upload.id, content)


async def test_bytes_that_were_lost_are_told(kept: Stores) -> None:
    upload = await kept.uploads.begin("ws_1", 100_000)
    await kept.uploads.append("ws_1", upload.id, 0, pieces(film_of(60_000)))
    os.truncate(kept.parts.path(upload.id), 10_000)
    with pytest.raises(NotFound, match="gone"):
        await kept.uploads.append("ws_1", upload.id, 60_000, pieces(film_of(40_000)))


async def test_another_process_that_holds_the_file_is_told_apart(kept: Stores) -> None:
    upload = await kept.uploads.begin("ws_1", 100_000)

    async def claim() -> int:
        return 1

    async with kept.parts.growing(upload.id, 0, claim):
        with pytest.raises(Conflict, match="Another gateway"):
            await kept.restarted().uploads.append("ws_1", upload.id, 0, pieces(film_of(9)))


async def test_another_workspace_sees_nothing_of_it(kept: Stores) -> None:
    upload = await kept.uploads.begin("ws_1", 100)
    for attempt in (
        kept.uploads.get("ws_2", upload.id),
        kept.uploads.append("ws_2", upload.id, 0, pieces(film_of(100))),
        kept.uploads.forget("ws_2", upload.id),
    ):
        with pytest.raises(NotFound):
            await attempt
    await kept.uploads.append("ws_1", upload.id, 0, pieces(film_of(100)))
    with pytest.raises(NotFound):
        await kept.uploads.get("ws_2", upload.id)


async def test_junk_is_refused_before_all_of_it_is_read(kept: Stores) -> None:
    read = 0

    async def junk() -> AsyncIterator[bytes]:
        nonlocal read
        for _ in range(100):
            read += 65_536
            yield b"MZ" * 32_768

    with pytest.raises(UnsupportedMediaType):
        await kept.uploads.whole("ws_1", junk())
    assert read == 65_536
    read, upload = 0, await kept.uploads.begin("ws_1", 100 * 65_536)
    with pytest.raises(UnsupportedMediaType):
        await kept.uploads.append("ws_1", upload.id, 0, junk())
    assert read <= 17 * 65_536
    assert await kept.records.get(Upload, upload.id) is None


async def test_a_stream_over_the_limit_is_cut_off(kept: Stores, tmp_path: Path) -> None:
    with pytest.raises(PayloadTooLarge):
        await kept.uploads.whole("ws_1", pieces(film_of(300_000)), most=200_000)
    assert [p for p in (tmp_path / "artifacts").rglob("*") if p.is_file()] == []


async def test_each_part_puts_the_end_of_the_upload_off(kept: Stores) -> None:
    upload = await kept.uploads.begin("ws_1", len(PICTURE))
    assert upload.expires_at == kept.clock.now + KEPT
    kept.clock.now += 1000
    after = await kept.uploads.append("ws_1", upload.id, 0, pieces(PICTURE[:20]))
    assert isinstance(after, Upload) and after.expires_at == kept.clock.now + KEPT
