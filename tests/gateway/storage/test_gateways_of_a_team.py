"""Two gateways that share nothing but PostgreSQL and a bucket: each takes what the other began."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from buckets_house import BucketOfFiles
from doubles import FakeProvider, png
from flexura.domain.artifact import Artifact
from flexura.domain.errors import Conflict
from flexura.domain.upload import Upload
from flexura.services.retention import DAY, Retention, Sweeper
from flexura.services.uploads import Uploads
from flexura.settings import Settings
from gateway_house import House, opened
from marked_files import media_in
from stores_house import Forgetful, Listener
from uploads_house import film_of, hanging_after, pieces

pytestmark = pytest.mark.anyio


@pytest.fixture
async def both(
    team_settings: Settings, postgres_url: str, tmp_path: Path
) -> AsyncIterator[tuple[House, House]]:
    settings = replace(team_settings, database_url=postgres_url)
    async with AsyncExitStack() as stack:
        houses: list[House] = []
        for name in ("one", "two"):
            (tmp_path / name).mkdir()
            own = replace(settings, home=tmp_path / name)
            opening = opened(own, FakeProvider(tmp_path))
            houses.append(await stack.enter_async_context(opening))
        key = next(house.key for house in houses if house.key)
        for house in houses:
            house.http.headers["Authorization"] = f"Bearer {key}"
        yield houses[0], houses[1]


async def test_what_one_made_the_other_serves(both: tuple[House, House]) -> None:
    one, other = both
    job = await one.ended(await one.order(options={"seed": 5}))
    answer = await other.http.get(job["assets"][0]["url"])
    assert answer.status_code == 200 and media_in(answer.content) == media_in(png(grey=5))


async def test_an_upload_that_hangs_at_one_goes_on_at_the_other(
    both: tuple[House, House], bucket: BucketOfFiles
) -> None:
    assert both[0].app.services is not None and both[1].app.services is not None
    slow, quick = both[0].app.services.uploads, both[1].app.services.uploads
    workspace = (await both[0].app.services.keys.list())[0].workspace_id
    film, hangs = film_of(20 << 20), asyncio.Event()
    upload = await slow.begin(workspace, len(film))
    stuck = asyncio.create_task(
        slow.append(workspace, upload.id, 0, hanging_after(film[: 17 << 20], hangs))
    )
    await asyncio.wait([stuck, asyncio.create_task(hangs.wait())], return_when="FIRST_COMPLETED")
    counted = await quick.get(workspace, upload.id)
    assert isinstance(counted, Upload) and counted.received == 16 << 20
    rest = pieces(film[counted.received :])
    made = await quick.append(workspace, upload.id, counted.received, rest)
    assert isinstance(made, Artifact)
    # What was overtaken ends when it is told so; nothing of it counts any more.
    again = slow.append(workspace, upload.id, 0, pieces(film))
    with pytest.raises(Conflict):
        await again
    with pytest.raises(Conflict):
        await stuck
    async with both[0].app.services.blobs.local(made.sha256) as path:
        assert path is not None and path.read_bytes() == film
    assert bucket.named() == [made.sha256]


async def test_a_sweep_removes_the_bytes_that_had_their_time(
    both: tuple[House, House], bucket: BucketOfFiles
) -> None:
    services = both[0].app.services
    assert services is not None
    workspace = (await services.keys.list())[0].workspace_id
    retention, now = Retention(Listener(), 1.0), [0]
    parts = bucket.parts()
    uploads = Uploads(services.records, services.blobs, parts, retention)
    made = await uploads.whole(workspace, pieces(png(3, 3)))
    now[0] = made.created_at + 2 * DAY
    sweeper = Sweeper(
        services.records, services.blobs, parts, Forgetful(), Listener(), lambda: now[0]
    )
    assert bucket.named() == [made.sha256]
    await sweeper.sweep()
    await sweeper.collect()
    assert bucket.named() == []
    answer = await both[1].http.get(f"/api/v1/artifacts/{made.id}")
    assert answer.status_code == 410
