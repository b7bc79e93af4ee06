"""The sweep: rows first, then bytes; what is shared or in use stays; who listens is told once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from doubles import png
from flexura.domain.artifact import Artifact
from flexura.domain.errors import ArtifactExpired, DiskFull
from flexura.domain.job import Job
from flexura.domain.upload import Upload
from flexura.services.clock import now_ms
from flexura.services.retention import check_kept
from stores_house import DAY, HOUR, Clock, Stores, stores
from uploads_house import film_of, pieces

pytestmark = pytest.mark.anyio
WINDOW = 10 * DAY


@pytest.fixture
async def kept(tmp_path: Path) -> AsyncIterator[Stores]:
    async with stores(tmp_path, Clock(now_ms()), days=10) as found:
        yield found


async def stored(kept: Stores, grey: int = 1) -> Artifact:
    return await kept.uploads.whole("ws_1", pieces(png(grey=grey)))


async def has_bytes(kept: Stores, artifact: Artifact) -> bool:
    return kept.blobs.local_path(artifact.sha256) is not None


async def insert(kept: Stores, **changes: Any) -> Job:
    fields: dict[str, Any] = {
        "id": "job_1",
        "workspace_id": "ws_1",
        "kind": "image",
        "state": "running",
        "provider": "fake",
        "model_id": "fake:one",
        "prompt": "a fox",
        "request": {},
        "call": {},
        "created_at": 1,
        "updated_at": 1,
    }
    job = Job(**fields | changes)
    await kept.records.transact(lambda tx: tx.insert_job(job))
    return job


async def test_when_its_time_is_over_bytes_go_and_the_row_stays(kept: Stores) -> None:
    artifact = await stored(kept)
    assert artifact.expires_at == kept.clock.now + WINDOW
    kept.clock.now += WINDOW - 1
    await kept.sweeper.sweep()
    check_kept(await kept.artifact(artifact.id))
    assert await has_bytes(kept, artifact)
    kept.clock.now += 1
    await kept.sweeper.sweep()
    after = await kept.artifact(artifact.id)
    assert after.expired_at == kept.clock.now and after.sha256 == artifact.sha256
    assert not await has_bytes(kept, artifact)
    assert kept.converter.forgotten == [artifact.sha256]
    with pytest.raises(ArtifactExpired) as told:
        check_kept(after)
    assert told.value.details["expired_at"].endswith("Z")


async def test_bytes_that_two_files_share_stay_until_the_last_of_them_goes(kept: Stores) -> None:
    first = await stored(kept)
    kept.clock.now += DAY
    second = await stored(kept)
    assert first.sha256 == second.sha256
    kept.clock.now += WINDOW - DAY
    await kept.sweeper.sweep()
    assert (await kept.artifact(first.id)).expired_at and await has_bytes(kept, second)
    assert kept.converter.forgotten == []
    kept.clock.now += DAY
    await kept.sweeper.sweep()
    assert not await has_bytes(kept, second)


async def test_what_an_unfinished_job_starts_from_or_made_stays_until_it_ends(
    kept: Stores,
) -> None:
    given, made, step = [await stored(kept, grey) for grey in (1, 2, 3)]
    await insert(kept, call={"inputs": [{"artifact": given.id, "role": "image"}]})
    await insert(kept, id="job_2", state="awaiting_approval")
    await insert(kept, id="job_3", state="completed", parent_id="job_2", step="draw")
    for artifact, maker in ((made, "job_2"), (step, "job_3")):
        await kept.records.transact(
            lambda tx, a=artifact, m=maker: tx.change(Artifact, a.id, job_id=m)
        )
    kept.clock.now += WINDOW
    await kept.sweeper.sweep()
    for artifact in (given, made, step):
        assert (await kept.artifact(artifact.id)).expired_at is None
        assert await has_bytes(kept, artifact)
    for job_id in ("job_1", "job_2"):
        await kept.records.transact(lambda tx, j=job_id: tx.update_job(j, state="completed"))
    await kept.sweeper.sweep()
    for artifact in (given, made, step):
        assert (await kept.artifact(artifact.id)).expired_at == kept.clock.now
        assert not await has_bytes(kept, artifact)


async def test_a_crash_between_row_and_bytes_is_made_good(kept: Stores) -> None:
    artifact, other = await stored(kept), await stored(kept, 2)
    kept.clock.now += WINDOW
    await kept.records.transact(
        lambda tx: tx.change(Artifact, artifact.id, expired_at=kept.clock.now)
    )
    kept = kept.restarted()
    await kept.sweeper.collect()
    assert not await has_bytes(kept, artifact)
    assert await has_bytes(kept, other)


async def test_bytes_that_came_in_just_now_are_left_alone(kept: Stores) -> None:
    blob = await kept.blobs.put(pieces(png(grey=9)), 10_000)
    await kept.sweeper.collect()
    assert kept.blobs.local_path(blob.sha256) is not None
    kept.clock.now += 7 * HOUR
    await kept.sweeper.collect()
    assert kept.blobs.local_path(blob.sha256) is None


async def test_who_listens_is_told_a_day_before_and_once(kept: Stores) -> None:
    first = await stored(kept, 1)
    kept.clock.now += HOUR
    second = await stored(kept, 2)
    kept.clock.now += WINDOW - DAY - HOUR - 1
    await kept.sweeper.sweep()
    assert kept.events.told == []
    kept.clock.now += 1
    for _ in range(3):
        await kept.sweeper.sweep()
    assert kept.events.told == [first.id]
    # What was told before a restart is not told again.
    kept = kept.restarted()
    kept.clock.now += HOUR
    await kept.sweeper.sweep()
    assert kept.events.told == [first.id, second.id]


async def test_many_that_go_at_once_are_all_told_of(
    kept: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("flexura.services.retention._BATCH", 3)
    ids = [(await stored(kept, grey)).id for grey in range(8)]
    kept.clock.now += 1
    ids.append((await stored(kept, 9)).id)
    kept.clock.now += WINDOW - DAY
    await kept.sweeper.sweep()
    assert sorted(kept.events.told) == sorted(ids)


async def test_what_is_kept_for_less_than_a_day_is_told_of_at_once(tmp_path: Path) -> None:
    async with stores(tmp_path, Clock(now_ms()), days=0.5) as kept:
        artifact = await stored(kept)
        assert kept.events.told == [artifact.id]
        await kept.sweeper.sweep()
        assert kept.events.told == [artifact.id]


async def test_an_upload_that_nobody_goes_on_with_is_forgotten(kept: Stores) -> None:
    upload = await kept.uploads.begin("ws_1", 100_000)
    await kept.uploads.append("ws_1", upload.id, 0, pieces(film_of(50_000)))
    kept.clock.now += DAY - 1
    await kept.sweeper.sweep()
    assert await kept.records.get(Upload, upload.id) is not None
    kept.clock.now += 1
    await kept.sweeper.sweep()
    assert await kept.records.get(Upload, upload.id) is None
    assert not kept.parts.path(upload.id).exists()


async def test_a_full_disk_ends_no_sweeper(kept: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    swept = asyncio.Event()
    sweeps = 0

    async def sweep() -> None:
        nonlocal sweeps
        sweeps += 1
        if sweeps == 2:
            swept.set()
        raise DiskFull

    monkeypatch.setattr(kept.sweeper, "sweep", sweep)
    task = asyncio.create_task(kept.sweeper.run(every=0))
    await swept.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
