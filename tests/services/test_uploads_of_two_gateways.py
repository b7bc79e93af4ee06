"""An upload that two gateways on one database complete at the same moment."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from flexura.domain.artifact import Artifact
from flexura.domain.upload import Upload
from flexura.services.clock import now_ms
from stores_house import Clock, stores
from uploads_house import film_of, pieces

pytestmark = pytest.mark.anyio


async def test_both_give_the_same_file(tmp_path: Path) -> None:
    film = film_of(100_000)
    async with stores(tmp_path, Clock(now_ms())) as kept:
        upload = await kept.uploads.begin("ws_1", len(film))
        await kept.uploads.append("ws_1", upload.id, 0, pieces(film[:-1]))
        kept.parts.path(upload.id).write_bytes(film)
        # Every byte was there when the gateway that took them stopped.
        await kept.records.transact(lambda tx: tx.change(Upload, upload.id, received=len(film)))
        both = (kept.uploads, kept.restarted().uploads)
        one, other = await asyncio.gather(*(u.get("ws_1", upload.id) for u in both))
        assert isinstance(one, Artifact)
        assert one == other
        assert await kept.records.find(Artifact, job_id="") == [one]
